"""Every form that loads can also be asked to its end, by somebody who answers the first thing that comes to mind."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversations import events
from conversations.effects import SessionStatus
from conversations.events import Event
from conversations.instrument import Instrument, Question, QuestionType
from conversations.session import Session, resume, start
from conversations.xlsform import read_instrument
from tests.xlsforms.workbooks import FOLDER, KOBO, KOBO_AUTONAMED, ODK, written

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
FORMS = sorted(FOLDER.glob("*.md"))

TYPED = {
    QuestionType.INTEGER: "3",
    QuestionType.DECIMAL: "2.5",
    QuestionType.DATE: "1/2/2026",
    QuestionType.TEXT: "AB123",
}


def answer(question: Question, session: Session) -> list[Event]:
    """What she does when this question is open."""
    match question.type:
        case QuestionType.ACKNOWLEDGE:
            return [events.ChoiceSelected(AT, session.asked_in, "ok")]
        case QuestionType.SELECT_ONE:
            return [events.ChoiceSelected(AT, session.asked_in, question.choices[0].name)]
        case QuestionType.SELECT_MULTIPLE:
            first = question.choices[0].name
            return [events.ChoiceMarked(AT, session.asked_in, first, True), events.ChoicesDone(AT, session.asked_in)]
        case QuestionType.AUDIO:
            return [events.VoiceReceived(AT, "voice-1", 5)]
        case _ if question.money:
            return [events.MsgReceived(AT, "1500 a la quincena")]
        case _:
            return [events.MsgReceived(AT, TYPED[question.type])]


def played(form: Instrument) -> Session:
    purposes = tuple({question.purpose for question in form.questions if question.purpose is not None})
    session = start(form, AT, purposes=purposes).session
    for _ in form.questions:
        if session.current is None:
            break
        for event in answer(form.by_name[session.current], session):
            session = resume(form, session, event).session
        if session.pending is not None:
            session = resume(form, session, events.ConfirmationGiven(AT, session.waiting_since, True)).session
    return session


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_can_be_asked_to_its_end(path: Path) -> None:
    form = read_instrument(path)
    session = played(form)
    assert session.status is SessionStatus.COMPLETED
    answers = {name: answer.value for name, answer in session.answers.items() if answer.value is not None}
    waited_for = {question.name for question in form.questions if question.waits}
    relevant = {name for name in waited_for if all(each.holds(answers, at=AT) for each in form.by_name[name].relevant)}
    assert relevant == waited_for & set(answers)
    assert answers


@pytest.mark.parametrize(
    ("name", "sheets"),
    [("kobo", KOBO), ("kobo_autonamed", KOBO_AUTONAMED), ("odk", ODK)],
    ids=["kobo", "kobo_autonamed", "odk"],
)
def test_a_workbook_can_be_asked_to_its_end(tmp_path: Path, name: str, sheets: dict[str, list[list[object]]]) -> None:
    session = played(read_instrument(written(tmp_path / f"{name}.xlsx", sheets)))
    assert session.status is SessionStatus.COMPLETED
    assert len(session.answers) >= 3


def test_there_is_something_to_play() -> None:
    assert len(FORMS) >= 9
