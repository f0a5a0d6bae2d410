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
from tests.support.instruments import EVERYTHING_READ, shipped

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
LLEGADA, SEGUIMIENTO = sorted(shipped(), key=lambda instrument: instrument.name)


class Interview:
    """One interview in progress, with all its effects."""

    def __init__(self, instrument: Instrument, *purposes: str, at: datetime = AT) -> None:
        self.instrument = instrument
        self.at = at
        first = start(instrument, at, purposes=purposes)
        self.session: Session = first.session
        self.effects: tuple[Effect, ...] = first.effects

    def take(self, event: Event) -> tuple[Effect, ...]:
        sprint = resume(self.instrument, self.session, event)
        self.session, self.effects = sprint.session, sprint.effects
        return sprint.effects

    def says(self, text: str) -> tuple[Effect, ...]:
        return self.take(events.MsgReceived(self.at, text))

    def taps(self, choice: str) -> tuple[Effect, ...]:
        return self.take(events.ChoiceSelected(self.at, self.session.asked_in, choice))

    def marks(self, choice: str, *, on: bool = True) -> tuple[Effect, ...]:
        return self.take(events.ChoiceMarked(self.at, self.session.asked_in, choice, on))

    def done(self) -> tuple[Effect, ...]:
        return self.take(events.ChoicesDone(self.at, self.session.asked_in))

    def confirms(self, *, right: bool = True) -> tuple[Effect, ...]:
        return self.take(events.ConfirmationGiven(self.at, self.session.waiting_since, right))

    def details(self, detail: str) -> tuple[Effect, ...]:
        return self.take(events.DetailGiven(self.at, self.session.waiting_since, detail))

    def back(self) -> tuple[Effect, ...]:
        return self.take(events.BackAsked(self.at))

    def refused(self, event: Event) -> Rejection:
        """Why the event is not taken; it must change nothing."""
        before = self.session
        with pytest.raises(EventRejected) as rejected:
            self.take(event)
        assert self.session == before
        return rejected.value.reason


def of(kind: type, effects: tuple[Effect, ...]) -> list[Effect]:
    """The effects of one kind."""
    return [effect for effect in effects if isinstance(effect, kind)]


def working() -> Interview:
    """At the question about kinds of work."""
    interview = Interview(EVERYTHING_READ, "ingresos")
    interview.taps("ok")
    interview.taps("si")
    return interview


def at_money() -> Interview:
    """At the question about pay."""
    interview = working()
    interview.says("tejido")
    interview.says("40")
    assert interview.session.current == "pago"
    return interview
