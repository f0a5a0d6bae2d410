"""Work and income derived from answers: one row for each kind of work, one comparable figure for each amount."""

from decimal import Decimal

import pytest

from conversations.answers import Answer, AnswerStatus, Money, Period, Value
from storage.outcomes.work import Employment, Income, employments, income, monthly
from tests.support.instruments import shipped

REFUSED = Answer(AnswerStatus.REFUSED)


def given(value: Value) -> Answer:
    return Answer(AnswerStatus.GIVEN, value)


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (Money(Decimal(1500), Period.MONTH), "1500.00"),
        (Money(Decimal(1500), Period.FORTNIGHT), "3000.00"),
        (Money(Decimal(1000), Period.FOURTEEN_DAYS), "2174.00"),
        (Money(Decimal(1000), Period.WEEK), "4348.00"),
        (Money(Decimal(250), Period.DAY, days_per_week=5), "5435.00"),
        (Money(Decimal(500), Period.WEEK, high=Decimal(700)), "2608.80"),
        (Money(Decimal("0.01"), Period.WEEK), "0.04"),
        (Money(Decimal(0)), "0.00"),
    ],
)
def test_an_amount_a_month(money: Money, expected: str) -> None:
    assert monthly(money) == Decimal(expected)


@pytest.mark.parametrize("money", [Money(Decimal(800)), Money(Decimal(250), Period.DAY)])
def test_what_cannot_be_compared_has_no_monthly_figure(money: Money) -> None:
    assert monthly(money) is None
    assert income({"income": given(money)}) == Income(money, None)


@pytest.mark.parametrize(
    ("security", "kind"),
    [(given("si"), "empleo_externo_formal"), (given("no"), "empleo_externo_informal")]
    + [(other, "empleo_externo") for other in (given("no_se"), REFUSED, None)],
)
def test_social_security_tells_a_formal_job(security: Answer | None, kind: str) -> None:
    answers = {"work_kinds": given(("autoempleo", "con_patron"))}
    answers |= {} if security is None else {"social_security": security}
    own, employed = employments(answers)
    assert own == Employment("autoempleo", None)
    said = None if security is None else security.value
    assert said is None or isinstance(said, str)
    assert employed == Employment(kind, said)


@pytest.mark.parametrize("answers", [{}, {"work_kinds": REFUSED, "income": REFUSED}])
def test_no_answer_is_no_row(answers: dict[str, Answer]) -> None:
    assert employments(answers) == []
    assert income(answers) is None


def test_the_shipped_instruments_feed_what_is_derived() -> None:
    fed = {question.outcome for instrument in shipped() for question in instrument.questions}
    assert {"work_kinds", "income", "social_security"} <= fed
