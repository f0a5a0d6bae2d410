"""Work and income derived from answers: one row for each kind of work or for having none, and her pay."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from conversations.answers import Answer, AnswerStatus, Money, Period, Value, Voice
from storage.outcomes.work import (
    FOR_OTHERS,
    NO_WORK,
    UNSPECIFIED,
    Employment,
    Income,
    Position,
    Status,
    Support,
    employments,
    incomes,
    status,
    support,
)

MISSING = [Answer(status) for status in AnswerStatus if status is not AnswerStatus.GIVEN]
REFUSED = Answer(AnswerStatus.REFUSED)
KINDS = (*FOR_OTHERS, "autoempleo", "ayuda_sin_pago", "otro")


def given(value: Value) -> Answer:
    return Answer(AnswerStatus.GIVEN, value)


SI, NO = given("si"), given("no")


# --- her pay


@pytest.mark.parametrize("money", [Money(Decimal(800)), Money(Decimal(250), Period.DAY)])
def test_what_cannot_be_compared_has_no_monthly_figure(money: Money) -> None:
    assert incomes({"income": given(money)}) == [Income("actual", "en_libertad", money)]


def test_each_income_has_its_moment_and_its_place() -> None:
    pay = Money(Decimal(100), Period.MONTH)
    told = {name: given(pay) for name in ("income_pre_taller", "income", "income_pre_detencion")}
    assert {(one.moment, one.scope, one.monthly) for one in incomes(told)} == {
        ("actual", "en_libertad", 100),
        ("pre_detencion", "en_libertad", 100),
        ("pre_taller", "dentro", 100),
    }


@pytest.mark.parametrize("missing", MISSING, ids=lambda answer: answer.status.name.lower())
def test_why_an_income_or_a_support_is_not_known_is_kept_as_its_code(missing: Answer) -> None:
    code = missing.status.missing_code
    assert code is not None
    assert incomes({"income": missing}) == [Income("actual", "en_libertad", status=code)]
    assert support({"support_given": missing, "support_received": SI}) == Support(code, 1)


def test_what_she_said_aloud_is_no_amount_until_somebody_writes_it_down() -> None:
    assert incomes({"income": given(Voice("ref", 5))}) == []


def test_support_goes_two_ways() -> None:
    assert support({"support_given": SI, "support_received": NO}) == Support(1, 0)
    assert support({"support_given": NO}) == Support(0, None)


# --- where she stands


@pytest.mark.parametrize(
    ("looked", "available", "expected"),
    [
        (SI, SI, Status.UNEMPLOYED),
        (NO, SI, Status.PNEA_AVAILABLE),
        (SI, NO, Status.PNEA_UNAVAILABLE),
        (NO, NO, Status.PNEA_UNAVAILABLE),
        (None, NO, Status.PNEA_UNAVAILABLE),
        (None, SI, None),
        (SI, None, None),
    ],
)
def test_out_of_work_she_is_what_she_looked_for_and_could_begin(
    looked: Answer | None, available: Answer | None, expected: Status | None
) -> None:
    told = {"employed": NO, "looked": looked, "available": available}
    outcomes = {name: answer for name, answer in told.items() if answer is not None}
    assert status(outcomes) == expected
    assert employments(outcomes) == [Employment(NO_WORK, expected)]


@pytest.mark.parametrize("missing", MISSING, ids=lambda answer: answer.status.name.lower())
def test_a_missing_answer_is_never_taken_for_a_no(missing: Answer) -> None:
    assert status({"employed": missing}) is None
    assert employments({"employed": missing}) == []
    assert status({"employed": NO, "looked": missing, "available": SI}) is None
    assert status({"employed": NO, "looked": SI, "available": missing}) is None
    assert employments({"employed": SI, "work_kinds": missing}) == [Employment(UNSPECIFIED, Status.OCCUPIED)]
    (job,) = employments({"employed": SI, "work_kinds": given("con_patron"), "social_security": missing})
    assert job == Employment("empleo_externo", Status.OCCUPIED, Position.SUBORDINATE)
    (own,) = employments({"employed": SI, "work_kinds": given("autoempleo"), "position": missing})
    assert own == Employment("autoempleo", Status.OCCUPIED)


def test_no_answer_is_no_row() -> None:
    assert (status({}), employments({}), incomes({}), support({})) == (None, [], [], None)


# --- her jobs


@pytest.mark.parametrize(
    ("security", "kind"),
    [(SI, "empleo_externo_formal"), (NO, "empleo_externo_informal")]
    + [(other, "empleo_externo") for other in (given("no_se"), REFUSED, None)],
)
def test_social_security_tells_a_formal_job(security: Answer | None, kind: str) -> None:
    answers = {"employed": SI, "work_kinds": given(("autoempleo", "con_patron", "empresa_aliada"))}
    answers |= {} if security is None else {"social_security": security}
    own, employed, allied = employments(answers)
    assert own == Employment("autoempleo", Status.OCCUPIED)
    said = None if security is None else security.value
    assert said is None or isinstance(said, str)
    assert employed == Employment(kind, Status.OCCUPIED, Position.SUBORDINATE, said)
    assert allied.social_security is None, "one question is about one job"


@pytest.mark.parametrize(
    ("kind", "said", "position"),
    [
        *((kind, None, Position.SUBORDINATE) for kind in ("empresa_aliada", "produccion_la_cana")),
        ("autoempleo", "cuenta_propia", Position.OWN_ACCOUNT),
        ("autoempleo", "empleadora", Position.EMPLOYER),
        ("autoempleo", "otra_cosa", None),
        ("ayuda_sin_pago", None, Position.UNPAID),
        ("otro", "cuenta_propia", None),
    ],
)
def test_each_job_has_its_position(kind: str, said: str | None, position: Position | None) -> None:
    answers = {"employed": SI, "work_kinds": given((kind,))} | ({"position": given(said)} if said else {})
    assert employments(answers) == [Employment(kind, Status.OCCUPIED, position)]


def test_kinds_that_a_calculation_joined_are_kinds() -> None:
    joined, marked = given("autoempleo otro"), given(("autoempleo", "otro"))
    assert employments({"work_kinds": joined}) == employments({"work_kinds": marked})
    assert [job.kind for job in employments({"work_kinds": joined})] == ["autoempleo", "otro"]


# --- whatever a coordinator's own instrument may ask


def answers_of(*values: Value) -> st.SearchStrategy[Answer | None]:
    return st.none() | st.sampled_from([*map(given, values), *MISSING])


OUTCOMES = st.fixed_dictionaries(
    {name: answers_of("si", "no", "no_se") for name in ("employed", "looked", "available", "social_security")}
    | {"position": answers_of(*Position, "otra"), "work_kinds": answers_of(*KINDS, KINDS, "autoempleo con_patron")}
)


@over(OUTCOMES)
def test_the_rows_never_contradict_each_other(told: Mapping[str, Answer | None]) -> None:
    check_consistency({name: answer for name, answer in told.items() if answer is not None})


def check_consistency(outcomes: Mapping[str, Answer]) -> None:
    """What must hold of the rows that come of any answers."""
    jobs, now = employments(outcomes), status(outcomes)
    said = {name: answer.value for name, answer in outcomes.items()}
    assert {job.status for job in jobs} <= {now}
    assert (now is Status.OCCUPIED) == any(job.kind != NO_WORK for job in jobs), "occupied or not, never both"
    assert not any(job.kind == NO_WORK for job in jobs) or len(jobs) == 1
    assert (now in (None, Status.OCCUPIED)) or said["employed"] == "no"
    if now is Status.UNEMPLOYED:
        assert (said["looked"], said["available"]) == ("si", "si")
    if now is Status.PNEA_AVAILABLE:
        assert (said["looked"], said["available"]) == ("no", "si")
    if now is Status.PNEA_UNAVAILABLE:
        assert said["available"] == "no"
    assert sum(job.social_security is not None for job in jobs) <= 1
    for job in jobs:
        external = job.kind in FOR_OTHERS or job.kind.startswith("empleo_externo")
        assert (job.position is Position.SUBORDINATE) == external
        assert (job.kind == "empleo_externo_formal") <= (job.social_security == "si")
        assert (job.kind == "empleo_externo_informal") <= (job.social_security == "no")


def test_the_check_of_consistency_sees_all_statuses() -> None:
    told = [{"employed": e, "looked": s, "available": d} for e, s, d in product((SI, NO), repeat=3)]
    assert {status(outcomes) for outcomes in told} == set(Status)
