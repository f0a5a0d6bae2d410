"""An interview to try things on: the pure engine, driven in the words of a test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conversations import events
from conversations.effects import Effect
from conversations.errors import EventRejected, Rejection
from conversations.events import Event
from conversations.instrument import Instrument
from conversations.session import Session, resume, start
from tests.support.instruments import EVERYTHING_READ

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)

Effects = tuple[Effect, ...]


class Interview:
    """One interview in progress, with all its effects."""

    def __init__(self, instrument: Instrument, *purposes: str, at: datetime = AT) -> None:
        self.instrument = instrument
        self.at = at
        first = start(instrument, at, purposes=purposes)
        self.session: Session = first.session
        self.effects: Effects = first.effects

    def take(self, event: Event) -> Effects:
        sprint = resume(self.instrument, self.session, event)
        self.session, self.effects = sprint.session, sprint.effects
        return sprint.effects

    def says(self, text: str, *, about: int | None = None) -> Effects:
        return self.take(events.MsgReceived(self.at, text, about))

    def edits(self, text: str, *, taken_in: int) -> Effects:
        return self.take(events.MsgEdited(self.at, text, taken_in))

    def taps(self, choice: str) -> Effects:
        return self.take(events.ChoiceSelected(self.at, self.session.asked_in, choice))

    def marks(self, choice: str, *, on: bool = True) -> Effects:
        return self.take(events.ChoiceMarked(self.at, self.session.asked_in, choice, on))

    def done(self) -> Effects:
        return self.take(events.ChoicesDone(self.at, self.session.asked_in))

    def turns(self, page: int) -> Effects:
        return self.take(events.PageTurned(self.at, self.session.asked_in, page))

    def dates(self, part: str) -> Effects:
        return self.take(events.DatePartGiven(self.at, self.session.asked_in, part))

    def confirms(self, *, right: bool = True) -> Effects:
        return self.take(events.ConfirmationGiven(self.at, self.session.waiting_since, right))

    def details(self, detail: str) -> Effects:
        return self.take(events.DetailGiven(self.at, self.session.waiting_since, detail))

    def corrects(self, question: str) -> Effects:
        return self.take(events.CorrectionAsked(self.at, self.session.asked_in, question))

    def speaks(self) -> Effects:
        return self.take(events.VoiceReceived(self.at, "ref", 7))

    def back(self) -> Effects:
        return self.take(events.BackAsked(self.at))

    def refused(self, event: Event) -> Rejection:
        """Why the event is not taken; it must change nothing."""
        before = self.session
        with pytest.raises(EventRejected) as rejected:
            self.take(event)
        assert self.session == before
        return rejected.value.reason


def of(kind: type, effects: Effects) -> list[Effect]:
    """The effects of one kind."""
    return [effect for effect in effects if isinstance(effect, kind)]


def working(*purposes: str) -> Interview:
    """At the question about kinds of work, in sprint 3."""
    interview = Interview(EVERYTHING_READ, *(purposes or ("ingresos",)))
    interview.taps("ok")
    interview.taps("si")
    return interview


def at_money() -> Interview:
    """At the question about pay, in sprint 5."""
    interview = working()
    interview.says("tejido")
    interview.says("40")
    assert interview.session.current == "pago"
    return interview


def arrived(question: str) -> Interview:
    """At a question after those about work, all of them passed over."""
    interview = Interview(EVERYTHING_READ)
    interview.taps("ok")
    interview.taps("no")
    while interview.session.current != question:
        assert interview.session.current is not None, f"{question} is never asked"
        if interview.session.current == "zona":
            interview.taps("norte")
        else:
            interview.take(events.SkipAsked(interview.at))
    return interview
