"""What the shipped instruments promise: how they begin, how long they are, how they speak, what they lead to.

* Every way through an instrument is walked: each choice of what routes, every set of ticks, and no answer at all.
* That nothing is asked about the past that brought her in is held by words that no text may say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import pytest

from conversations import interpret
from conversations.answers import Answer, AnswerStatus, Money, Period, Value
from conversations.effects import CaseOpened, OutcomesChanged
from conversations.instrument import Instrument, Question, QuestionType, Text
from conversations.reading.result import Clear
from conversations.walk import Way, cases
from locales.address import tu_forms
from locales.previews import giveaways
from scheduler.calendar import Slot
from scheduler.plan import SHIPPED_PLAN, read_plan
from storage.imports.participants import COLUMNS
from storage.outcomes import scoring
from storage.outcomes.work import NO_WORK, UNSPECIFIED, Position, Status, Support, employments, incomes, status, support
from storage.preferences import Trato
from tests.support.instruments import shipped
from tests.support.interview import AT
from tests.unit.test_work_outcomes import check_consistency

SHIPPED = {instrument.name: instrument for instrument in shipped()}
CHAT = ("llegada", "seguimiento")
"""Those that the shipped plan asks in a chat; the others are asked by staff."""
SCORED = ("bienestar", "valoracion")
"""Our own that are scored; a plan may ask them."""
MOST_ASKED = {"llegada": 4, "seguimiento": 6}

SPANISH, USTED, ENGLISH = "es", "es-usted", "en"
MOST_WORDS_OF_A_SENTENCE, MOST_WORDS_OF_A_NAME, MOST_CHOICES = 15, 3, 8

REFUSED = Answer(AnswerStatus.REFUSED)
PAID = Money(Decimal(1500), Period.FORTNIGHT)
ALIKE: dict[str, Value] = {"necesita": ("trabajo",), "apoyo": "ambas"}
"""After every answer to these the way goes on alike: one of them will do."""

NEVER_ASKED = re.compile(
    r"delit|senten|conden|tortur|reinci|reingres|arrest|deten|cárcel|prisi|penal|reclus|\bpres[ao]s?\b|juez|juicio|culpa"
    r"|crim|offen[cs]|prison|jail|inmate|convict|guilt|court|relapse|re-?arrest",
    re.IGNORECASE,
)


def each_question() -> Iterator[tuple[str, Question]]:
    return ((instrument.name, question) for instrument in SHIPPED.values() for question in instrument.questions)


ASKED = [pytest.param(question, id=f"{name}.{question.name}") for name, question in each_question() if question.waits]
CHOSEN = [
    pytest.param(question, id=f"{name}.{question.name}") for name, question in each_question() if question.choices
]


# --- how they begin


@pytest.mark.parametrize("instrument", SHIPPED.values(), ids=SHIPPED)
def test_each_opens_by_asking_what_she_needs(instrument: Instrument) -> None:
    first = instrument.questions[0]
    assert (first.name, first.type, first.relevant) == ("necesita", QuestionType.SELECT_MULTIPLE, ())
    assert first.label[SPANISH] == "¿Necesitas algo hoy?"
    *needs, nothing = first.choices
    assert (nothing.exclusive, nothing.case) == (True, None)
    for need in needs:
        assert cases(first, Answer(AnswerStatus.GIVEN, (need.name,))) == (CaseOpened("ayuda", "necesita"),)


def test_all_that_the_plan_asks_is_shipped() -> None:
    assert set(SHIPPED) == {*CHAT, "linea_base", *SCORED}
    asked = {name for point in read_plan(SHIPPED_PLAN).points for name in point.instruments}
    assert asked == set(CHAT)


# --- how they speak


def texts_of(question: Question) -> list[Text]:
    told = [question.label, question.hint, question.short, question.constraint_message]
    return [text for text in (*told, *(choice.label for choice in question.choices)) if text]


@pytest.mark.parametrize("question", ASKED)
def test_every_text_is_there_in_both_languages_and_fits_usted(question: Question) -> None:
    assert question.short, "what she sees in the summary"
    for text in texts_of(question):
        assert {SPANISH, ENGLISH} <= set(text) <= {SPANISH, USTED, ENGLISH}
        assert text[SPANISH] == "De tú" or tu_forms(text.get(USTED, text[SPANISH])) == []
        assert text.get(USTED) != text[SPANISH], "usted holds only what differs"


@pytest.mark.parametrize("question", ASKED)
def test_every_text_is_short(question: Question) -> None:
    assert len(question.choices) <= MOST_CHOICES
    assert question.short
    assert all(len(name.split()) <= MOST_WORDS_OF_A_NAME for name in question.short.values())
    for text in texts_of(question):
        for sentence in (part for language in text.values() for part in re.split(r"[.!?…]", language)):
            assert len(sentence.split()) <= MOST_WORDS_OF_A_SENTENCE


@pytest.mark.parametrize("question", CHOSEN)
def test_every_choice_can_be_typed_as_it_stands(question: Question) -> None:
    for choice in question.choices:
        for label in choice.label.values():
            reading = interpret.read(question, label, today=AT.date())
            many = question.type is QuestionType.SELECT_MULTIPLE
            assert reading == Clear((choice.name,) if many else choice.name), label


@pytest.mark.parametrize("question", ASKED)
def test_nothing_gives_her_away_or_asks_about_her_past(question: Question) -> None:
    said = [one for text in texts_of(question) for one in text.values()]
    assert not [one for one in said if NEVER_ASKED.search(one)]
    assert not [word for one in question.label.values() for word in giveaways(one)]


def test_the_words_never_asked_are_found() -> None:
    assert NEVER_ASKED.search("¿Por qué delito fue?")
    assert NEVER_ASKED.search("Were you in prison?")
    assert not NEVER_ASKED.search("¿Con quién vives? ¿Te sientes bien?")


# --- every way through


@dataclass(frozen=True)
class Walked:
    """One way to the end: what was asked in this order, what was answered, and the outcomes at the end."""

    asked: tuple[str, ...]
    answers: dict[str, Answer]
    outcomes: dict[str, Answer]

    @property
    def answered_all(self) -> bool:
        return all(self.answers[name].status is AnswerStatus.GIVEN for name in self.asked)


def tries(question: Question) -> Iterator[Value | None]:
    """Every answer that may lead on differently; None is no answer."""
    names = [choice.name for choice in question.choices if not choice.exclusive]
    if question.name in ALIKE:
        yield ALIKE[question.name]
        return
    yield None
    match question.type:
        case QuestionType.SELECT_ONE:
            yield from names
        case QuestionType.SELECT_MULTIPLE:
            yield from ((choice.name,) for choice in question.choices if choice.exclusive)
            yield from (some for count in range(1, len(names) + 1) for some in combinations(names, count))
        case QuestionType.INTEGER:
            yield 0
        case QuestionType.TEXT:
            yield PAID if question.money else "algo"
        case _:
            raise AssertionError(question.type)


def walk(instrument: Instrument, *purposes: str) -> Iterator[Walked]:
    way = Way(instrument, purposes, AT)
    waiting: list[tuple[tuple[str, ...], dict[str, Answer]]] = [((), {})]
    while waiting:
        asked, answers = waiting.pop()
        standing = way.walked(answers)
        if (question := standing.open) is None:
            yield Walked(asked, standing.answers, outcomes_of(way, standing.answers))
            continue
        for value in tries(question):
            answer = REFUSED if value is None else Answer(AnswerStatus.GIVEN, value)
            waiting.append(((*asked, question.name), {**standing.answers, question.name: answer}))


def outcomes_of(way: Way, answers: dict[str, Answer]) -> dict[str, Answer]:
    (changed,) = [c for c in way.changes({}, answers) if isinstance(c, OutcomesChanged)] or [OutcomesChanged({})]
    return dict(changed.values)


@pytest.fixture(scope="module")
def ways() -> list[Walked]:
    """Every way through `seguimiento`, with and without consent to the question about income."""
    found = [*walk(SHIPPED["seguimiento"], "ingresos"), *walk(SHIPPED["seguimiento"])]
    assert len(found) > 2_000, "the ways were walked"
    return found


def test_no_sitting_is_longer_than_six_questions(ways: list[Walked]) -> None:
    arrivals = list(walk(SHIPPED["llegada"], "ingresos"))
    assert max(len(walked.asked) for walked in ways) == MOST_ASKED["seguimiento"]
    assert max(len(walked.asked) for walked in arrivals) <= MOST_ASKED["llegada"]
    assert all(walked.asked[0] == "necesita" for walked in (*ways, *arrivals))
    assert all(walked.asked[-1] == "apoyo" for walked in ways), "support is asked whatever came before"
    assert not any("ingreso" in walked.asked for walked in arrivals)


def test_all_questions_are_reached(ways: list[Walked]) -> None:
    asked = {name for walked in ways for name in walked.asked}
    assert asked == {question.name for question in SHIPPED["seguimiento"].questions if question.waits}


def test_the_outcomes_of_every_way_agree(ways: list[Walked]) -> None:
    for walked in ways:
        check_consistency(walked.outcomes)
        occupied = status(walked.outcomes) is Status.OCCUPIED
        assert (incomes(walked.outcomes) == []) or occupied
        assert ("seguro" in walked.asked) + ("posicion" in walked.asked) <= 1
        assert occupied <= ("disponible" not in walked.asked)
    assert {status(walked.outcomes) for walked in ways} == {*Status, None}


def test_who_answers_everything_is_known_in_full(ways: list[Walked]) -> None:
    found = set()
    for walked in (walked for walked in ways if walked.answered_all):
        jobs, now = employments(walked.outcomes), status(walked.outcomes)
        assert now is not None
        found |= {(job.kind, job.position) for job in jobs}
        for job in jobs:
            assert job.kind not in (UNSPECIFIED, "empleo_externo") or job.social_security == "no_se"
            unsettled = job.kind in (NO_WORK, "otro") or (job.kind == "autoempleo" and "seguro" in walked.asked)
            assert (job.position is None) <= unsettled
        assert support(walked.outcomes) in (Support(given, received) for given in (0, 1) for received in (0, 1))
    assert {position for _, position in found} == {*Position, None}
    assert {"empleo_externo_formal", "empleo_externo_informal", "produccion_la_cana", NO_WORK} <= {k for k, _ in found}


def test_a_refusal_leaves_what_hangs_on_it_open(ways: list[Walked]) -> None:
    for walked in ways:
        if walked.answers["trabajo_semana"].value is None or walked.answers.get("rescate") == REFUSED:
            assert status(walked.outcomes) is None
            assert employments(walked.outcomes) == []


# --- asked by staff


def test_the_baseline_names_what_the_participants_file_names() -> None:
    baseline = SHIPPED["linea_base"]
    fed = {question.outcome for question in baseline.questions}
    assert {"schooling", "trato", *(name for name in COLUMNS if name.startswith("dependants_"))} <= fed & set(COLUMNS)
    assert {choice.name for choice in baseline.by_name["trato"].choices} == set(Trato)
    assert {choice.name for choice in baseline.by_name["horas_seguras"].choices} == set(Slot)
    amounts = [question for question in baseline.questions if question.money]
    assert [question.outcome for question in amounts] == ["income_pre_detencion", "income_pre_taller"]
    assert {question.purpose for question in amounts} == {"ingresos"}


def test_the_baseline_is_asked_to_its_end() -> None:
    baseline = SHIPPED["linea_base"]
    way, asked = Way(baseline, ("ingresos",), AT), list[str]()
    answers: dict[str, Answer] = {}
    while (question := (standing := way.walked(answers)).open) is not None:
        asked.append(question.name)
        first = next(value for value in tries(question) if value is not None)
        answers = {**standing.answers, question.name: Answer(AnswerStatus.GIVEN, first)}
    assert asked == [question.name for question in baseline.questions]


# --- scored


@pytest.mark.parametrize("name", SCORED)
def test_what_is_scored_fits_its_pack_and_goes_by_what_she_consents_to(name: str) -> None:
    form, pack = SHIPPED[name], scoring.pack(name)
    assert pack is not None
    assert scoring.misfits(pack, form) == []
    assert (pack.validated, "not validated" in pack.title) == (False, True)
    needed = {question.purpose for question in form.questions if pack.knows(question.name)}
    assert needed == ({"bienestar"} if name == "bienestar" else {None})
