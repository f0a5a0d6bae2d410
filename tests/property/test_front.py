"""A chat without a sitting over any sequence of what she may do: one menu at most, and a stop ends all that waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.participant import actions
from bot.participant.front import AtTheDoor, Front
from bot.participant.menus import MenuKind
from conversations.speech import ButtonsRemoved, Said, TapAnswered
from scheduler.calendar import Slot
from scheduler.dialogue import Event, Facts, Tapped, TimeIsUp, Wrote
from storage.facts import Person, Who
from storage.pauses import PauseAsked, Resumed
from storage.preferences import SlotChosen
from storage.stops import StopAsked

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
SESSION = 77

WISHES = ("ya no me escriban", "ya no me hablen", "pausa", "voy de viaje", "en un mes", "horario", "ya no me recuerden")
WORDS = (
    *WISHES,
    "seguir",
    "quiero volver",
    "sí",
    "no",
    "en la tarde",
    "entre semana",
    "31/02",
    "hola",
    "tengo una duda",
)
BUTTONS = ("yes", "no", "week", "month", "three_months", "other", "manana", "todos", "nada")

EVENTS = st.one_of(
    st.sampled_from(WORDS).map(lambda text: Wrote(AT, text)),
    st.tuples(st.sampled_from(BUTTONS), st.integers(0, 3)).map(
        lambda tap: Tapped(AT, "t", SESSION, tap[1], actions.WISH + tap[0])  # so many sprints ago
    ),
    st.just(TimeIsUp(AT)),
)


@given(st.lists(EVENTS, max_size=25), st.booleans(), st.booleans())
def test_one_menu_stands_at_most_and_a_stop_leaves_nothing(events: list[Event], stopped: bool, resting: bool) -> None:
    front, state = Front(), None
    person = Person(1, "es", "America/Mexico_City", "manana", "Rosa", ("seguimiento",), enrolled=True)
    who = Who(replace(person, stopped=stopped, resting=resting))
    for sprint, event in enumerate(events, start=1):
        event = replace(event, at=AT + timedelta(minutes=sprint))
        if isinstance(event, Tapped):
            event = replace(event, sprint=sprint - event.sprint)
        stepped = front.step(state, event, Facts(who, SESSION, sprint))
        _hears(event, stepped.effects)
        _puts_away(state, stepped.session, stepped.effects)
        assert all(e.slot in set(Slot) for e in stepped.effects if isinstance(e, SlotChosen))
        records = {type(effect) for effect in stepped.effects}
        assert not (StopAsked in records and stepped.session is not None)
        assert Resumed not in records or (resting and not stopped)
        assert all(e.until_on > event.at.date() for e in stepped.effects if isinstance(e, PauseAsked))
        state = None if stepped.session is None else front.load(front.dump(stepped.session))
        assert state is None or front.expires_at(state) is not None


def _hears(event: Event, effects: tuple[Any, ...]) -> None:
    said = [effect for effect in effects if isinstance(effect, Said)]
    answered = [effect for effect in effects if isinstance(effect, TapAnswered)]
    if isinstance(event, Wrote):
        assert said
    if isinstance(event, Tapped):
        assert len(answered) == 1
        assert said or answered[0].phrase is not None


def _puts_away(before: AtTheDoor | None, after: AtTheDoor | None, effects: tuple[Any, ...]) -> None:
    """A menu that stands no more has lost its buttons, if it had any."""
    menu = None if before is None else before.menu
    if menu is None or menu.kind is MenuKind.DATE or (after is not None and after.menu == menu):
        return
    assert ButtonsRemoved(SESSION, menu.shown_in) in effects
