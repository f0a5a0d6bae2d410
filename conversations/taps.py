"""What tapping an answer does: the choices of a question, its ticks and pages, the parts of a date, the bands of money.

* Only what is offered can be chosen: a tap on anything else is rejected and changes nothing.
* The same tap once more changes nothing either: she has been answered or told already.
"""

from __future__ import annotations

import re
from datetime import date

from conversations import events
from conversations.answers import Answer, AnswerStatus, Value
from conversations.effects import ChoicesShown, DatePartAsked
from conversations.errors import EventRejected, Rejection
from conversations.income import BANDS
from conversations.instrument import CHOICES_A_PAGE, QuestionType
from conversations.reading.result import Unreadable
from conversations.scene import InterviewSprint, Pending, Scene, Sprint, consider, reject, take

DEFAULT = "="
"""The choice that stands for a question's default."""

OLDEST_YEAR = 1900
"""Nobody alive has a date before it to tell."""

_DATE_PART = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_YEARS_BEFORE = re.compile(r"\.\.(?P<newest>[0-9]{4})")


def choice_selected(scene: Scene, event: events.ChoiceSelected) -> InterviewSprint:
    """One choice of a select_one, the OK of an acknowledge, a number on a button, or the default."""
    question = scene.question
    if question.type is QuestionType.ACKNOWLEDGE:
        return take(scene, question, answer=Answer(AnswerStatus.GIVEN, "ok"))
    if event.choice == DEFAULT and question.default is not None and _may_be_chosen(scene, question.default):
        return _tapped(scene, question.default, raw=event.choice)
    if event.choice in map(str, question.quick):
        return _tapped(scene, int(event.choice), raw=event.choice)
    if question.type is not QuestionType.SELECT_ONE or not _is_offered(scene, event.choice):
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    return _tapped(scene, event.choice, raw=event.choice)


def _is_offered(scene: Scene, name: str) -> bool:
    offered = scene.offered(scene.question)
    return scene.question.choice(name) is not None and (offered is None or name in offered)


def _may_be_chosen(scene: Scene, value: Value) -> bool:
    names = value if isinstance(value, tuple) else (value,)
    return not scene.question.choices or all(_is_offered(scene, str(name)) for name in names)


def _tapped(scene: Scene, value: Value, *, raw: str) -> InterviewSprint:
    session, pending, question = scene.session, scene.session.pending, scene.question.name
    asked = None if pending is None else (pending.question, pending.raw, pending.taken_in)
    if asked == (question, raw, None) or session.unread == raw:
        raise EventRejected(Rejection.STALE)  # tapped twice: she has been told already
    return consider(scene, Pending(question, value, raw))


def choice_marked(scene: Scene, event: events.ChoiceMarked) -> InterviewSprint:
    """A tick, set or taken away, of what stands or waits; an exclusive choice and the others untick each other."""
    session, question = scene.session, scene.question
    choice = question.choice(event.choice)
    if question.type is not QuestionType.SELECT_MULTIPLE or choice is None or not _is_offered(scene, event.choice):
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    said = session.about(question.name)
    before = said.value if said is not None and isinstance(said.value, tuple) else session.marked
    exclusive = {other.name for other in question.choices if other.exclusive}
    kept = () if choice.exclusive else tuple(name for name in before if name not in exclusive)
    wanted = {*kept, choice.name} if event.on else {*before} - {choice.name}
    marked = tuple(other.name for other in question.choices if other.name in wanted)
    return _shown(scene.having(marked=marked, waiting=session.waiting_beside(question.name), unread=None))


def page_turned(scene: Scene, event: events.PageTurned) -> InterviewSprint:
    """Another page of the choices."""
    offered = scene.offered(scene.question)
    count = len(scene.question.choices if offered is None else offered)
    if not 0 <= event.page * CHOICES_A_PAGE < count:
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    return _shown(scene.having(page=event.page))


def _shown(scene: Scene) -> InterviewSprint:
    session, question = scene.session, scene.question
    offered = scene.offered(question)
    return Sprint(session, (ChoicesShown(question.name, session.asked_in, session.marked, session.page, offered),))


def choices_done(scene: Scene, event: events.ChoicesDone) -> InterviewSprint:
    """*Listo*: the ticks are the answer."""
    if scene.question.type is not QuestionType.SELECT_MULTIPLE:
        raise EventRejected(Rejection.NOT_ACCEPTED)
    if not scene.session.marked:
        if scene.session.unread == "":
            raise EventRejected(Rejection.STALE)
        return reject(scene, scene.question, reason=Unreadable.EMPTY, text="")
    return _tapped(scene, scene.session.marked, raw=" ".join(scene.session.marked))


def date_part_given(scene: Scene, event: events.DatePartGiven) -> InterviewSprint:
    """A year, a month, or the day; or nine years before those shown."""
    if scene.question.type is not QuestionType.DATE:
        raise EventRejected(Rejection.NOT_ACCEPTED)
    newest, part = event.at.year + 1, event.part
    if before := _YEARS_BEFORE.fullmatch(part):
        newest, part = int(before["newest"]), ""
    first_day = _first_day(part or f"{newest}")
    if len(part) == len("2026-05-12"):
        return _tapped(scene, first_day, raw=part)
    return Sprint(scene.session, (DatePartAsked(scene.question.name, scene.session.asked_in, part, newest),))


def _first_day(part: str) -> date:
    """The first day of a year, a month or a day."""
    try:
        day = date.fromisoformat(f"{part}-01-01"[:10]) if _DATE_PART.fullmatch(part) else date.min
    except ValueError:
        day = date.min
    if day.year < OLDEST_YEAR:
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    return day


def band_selected(scene: Scene, event: events.BandSelected) -> InterviewSprint:
    """About so much money."""
    if not scene.question.money or not 0 <= event.band < len(BANDS):
        raise EventRejected(Rejection.UNKNOWN_CHOICE)
    band = BANDS[event.band]
    return _tapped(scene, band, raw=f"{band.amount}-{band.high}")
