"""The staff's desk: one conversation with several rooms, of which each keeps what it holds while she is in another.

* Nothing is done that the table of permissions does not allow her at this moment; of what she may not do she is told
  what she would be told of what does not exist.
* A room in which names are shown opens only to whoever has just given her PIN, or has been at work since.
* What is tapped changes in place; what is asked for in words, or below an alert, is shown anew.
* A message that she changes is only ever an answer, in the room that asks her now; words that nothing takes are told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.participant import invitation
from bot.staff import permissions
from bot.staff.pin import is_open
from bot.staff.room import Act, Room, Turn, member_of, tapped_in
from conversations.reading.courtesies import read_courtesy
from conversations.session import Sprint
from conversations.speech import ButtonsRemoved, Changed, CommandsListed, Interviewed, Phrase, Said, TapAnswered
from scheduler.dialogue import Attached, Event, Facts, FileArrived, Started, Tapped, TimeIsUp, Wrote
from storage.facts import Who
from storage.files import FileWanted
from storage.instruments import DraftDiscarded
from storage.members import Member, MemberSeen
from storage.records import Need
from storage.turned_away import TurnedAway, What

LOBBY, PIN, INSTRUMENTS, FILES = "lobby", "pin", "instruments", "files"

_NO_BUTTONS = frozenset({permissions.HEARD, permissions.SENT, permissions.ARRIVED})
"""What comes of what she writes or sends, and never of a button: one that says so is forged."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a room holds, and the sprint of the message that shows it."""

    state: Any = None
    shown_in: int = 0


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Where she stands: whose her next words are, what each room holds, which of them waits for a file, and which has
    asked a question of a questionnaire last."""

    room: str = LOBBY
    rooms: Mapping[str, Held] = field(default_factory=dict)
    awaits: str = ""
    asks: str = ""

    def held(self, room: str) -> Held:
        """What this room holds."""
        return self.rooms.get(room, Held())


class StaffDesk:
    """The dialogue of a member of staff. `rooms` are the kinds of work that can be done here."""

    name = "staff"

    def __init__(self, rooms: Sequence[Room]) -> None:
        self._rooms = {room.name: room for room in rooms}

    def load(self, data: bytes) -> AtDesk:
        """The state that `dump` wrote."""
        kept = json.loads(data)
        rooms = {
            name: Held(None if held is None else self._rooms[name].states.from_dict(held), shown_in)
            for name, (held, shown_in) in kept["rooms"].items()
            if name in self._rooms
        }
        return AtDesk(kept["room"], rooms, kept["awaits"], kept["asks"])

    def dump(self, state: AtDesk) -> bytes:
        """The state as bytes."""
        rooms = {
            name: (None if held.state is None else self._rooms[name].states.to_dict(held.state), held.shown_in)
            for name, held in state.rooms.items()
        }
        beside = {"room": state.room, "awaits": state.awaits, "asks": state.asks}
        return json.dumps({**beside, "rooms": rooms}).encode()

    def expires_at(self, state: AtDesk) -> datetime | None:
        """When the first of what waits in a room has waited long enough; the desk itself stays."""
        return min((until for _, until in self._waiting(state)), default=None)

    def _waiting(self, state: AtDesk) -> list[tuple[str, datetime]]:
        rooms = ((name, held.state) for name, held in state.rooms.items() if held.state is not None)
        return [(name, until) for name, held in rooms if (until := self._rooms[name].until(held)) is not None]

    def needs(self, state: AtDesk | None, event: Event, *, who: Who) -> Sequence[Need[Any]]:
        """What the room wants to know; the invitation where a link was pressed."""
        act = self._act(state or AtDesk(), event)
        member = who.staff
        if act is None or member is None or not permissions.may(member.role, f"{act.room}.{act.verb}"):
            return invitation.pressed(event)
        held = (state or AtDesk()).held(act.room).state
        return (*invitation.pressed(event), *self._rooms[act.room].needs(held, act, member=member))

    def step(self, state: AtDesk | None, event: Event, facts: Facts) -> Sprint[AtDesk | None, Any]:
        """Do what she asks for where she may, or show what she can do; for whoever has left, nothing."""
        if facts.who.staff is None:
            return Sprint(None, (DraftDiscarded(event.file),) if isinstance(event, FileArrived) else ())
        before = state or AtDesk()
        if invitation.is_of_another(event, facts):
            return Sprint(before, (*invitation.turned_away(event, facts), Said(Phrase("enrolment.other_phone"))))
        act = self._act(before, event)
        if act is None:
            return Sprint(before, _edit_told(event, facts))
        act = replace(act, fresh=act.fresh and tapped_in(event, facts) is not None)
        if isinstance(event, TimeIsUp):  # and not whoever forged a button that says so
            return self._late(before, act, facts=facts)
        member = member_of(facts)
        if not permissions.may(member.role, f"{act.room}.{act.verb}"):
            return self._unknown(before, act, facts=facts)
        nameless = {act.room, f"{act.room}.{act.verb}"} & permissions.NAMELESS
        if not nameless and not is_open(member, event.at):
            act = Act(PIN, "ask", f"{act.room}.{act.verb}.{act.about}", event)
        sprint = self._taken(before, act, facts=facts)
        first = (_commands(member),) if state is None or isinstance(event, Started) else ()
        seen = (MemberSeen(member.staff),) if is_open(member, event.at) else ()
        return replace(sprint, effects=(*first, *seen, *sprint.effects))

    def _act(self, state: AtDesk, event: Event) -> Act | None:
        """What the event means here; None where it means nothing."""
        match event:
            case Started():
                return Act(LOBBY, "menu", "", event)
            case Wrote(edited=True):
                return Act(state.room, permissions.HEARD, "", event) if state.room == state.asks else None
            case Wrote(text=text) if text.startswith("/"):
                command, _, about = text[1:].strip().partition(" ")
                verb = permissions.COMMANDS.get(command.partition("@")[0].casefold(), "lobby.menu")
                room, _, what = verb.partition(".")
                return Act(room, what, about.strip(), event)
            case Wrote():
                return Act(state.room, permissions.HEARD, "", event)
            case Attached():
                takes = f"{state.room}.{permissions.SENT}" in permissions.MAY
                return Act(state.room if takes else FILES, permissions.SENT, "", event)
            case FileArrived():
                return Act(state.awaits or INSTRUMENTS, permissions.ARRIVED, "", event)
            case Tapped(action=action) if state.asks and action.partition(".")[0] not in self._rooms:
                return Act(state.asks, permissions.ANSWERED, "", event)  # the buttons of a question are its own
            case Tapped(action=action):
                room, _, rest = action.partition(".")
                verb, _, about = rest.partition(".")
                verb = "" if verb in _NO_BUTTONS else verb
                return Act(room, verb, about, event, fresh=event.sprint == state.held(room).shown_in)
            case TimeIsUp():
                late = [name for name, until in self._waiting(state) if until <= event.at]
                return Act(late[0], permissions.LATE, "", event) if late else None
            case _:
                return None

    def _late(self, state: AtDesk, act: Act, *, facts: Facts) -> Sprint[AtDesk | None, Any]:
        """What has waited long enough is put away, whatever she may do by now."""
        turn = self._rooms[act.room].step(state.held(act.room).state, act, facts) or Turn()
        after = replace(
            state,
            room=LOBBY if act.room == state.room and not turn.stays else state.room,
            rooms={**state.rooms, act.room: Held(shown_in=state.held(act.room).shown_in)},
            asks="" if act.room == state.asks else state.asks,
        )
        gone = _gone(state.held(act.room), turn, facts=facts)
        shown = _shown(turn, facts, here=None)
        return Sprint(after, (*gone, *turn.effects, *shown))

    def _unknown(self, state: AtDesk, act: Act, *, facts: Facts) -> Sprint[AtDesk | None, Any]:
        if isinstance(act.event, Tapped):
            away = What.FORBIDDEN_BUTTON if act.event.session else What.FORGED_BUTTON
            return Sprint(state, (TurnedAway(away), TapAnswered(act.event.tap, Phrase("rejected.stale"))))
        lost = act.verb in (permissions.HEARD, permissions.SENT)
        return self._taken(state, Act(LOBBY, permissions.HEARD if lost else "menu", "", act.event), facts=facts)

    def _taken(self, state: AtDesk, act: Act, *, facts: Facts) -> Sprint[AtDesk | None, Any]:
        """Let the room take it, and show what it returns; what it can do nothing with shows what she can do."""
        held = state.held(act.room)
        turn = self._rooms[act.room].step(held.state, act, facts)
        if turn is None:
            return self._unknown(state, act, facts=facts)
        turn = _lost_told(turn, act)
        tapped = act.event if isinstance(act.event, Tapped) else None
        if turn.onward is not None:
            left = replace(state, rooms={**state.rooms, act.room: Held(turn.held, held.shown_in)})
            taken = self._taken(left, turn.onward, facts=facts)
            answered = () if tapped is None else (TapAnswered(tapped.tap, turn.toast),)
            return replace(taken, effects=(*answered, *_gone(held, turn, facts=facts), *taken.effects))
        here = None if turn.anew else tapped_in(act.event, facts)
        sprint = facts.sprint if here is None else here
        shown = Held(turn.held, held.shown_in if turn.view is None else sprint)
        after = AtDesk(
            room=act.room if turn.stays else LOBBY,
            rooms={**state.rooms, act.room: shown},
            awaits=act.room if any(isinstance(effect, FileWanted) for effect in turn.effects) else state.awaits,
            asks=_asks(state, act, turn=turn),
        )
        answered = () if tapped is None else (TapAnswered(tapped.tap, turn.toast),)
        gone = _gone(held, turn, facts=facts)
        return Sprint(after, (*answered, *gone, *turn.effects, *_shown(turn, facts, here=here)))


def _asks(state: AtDesk, act: Act, *, turn: Turn) -> str:
    """Which room has asked a question last; none, once it holds nothing any more."""
    if turn.held is None and state.asks == act.room:
        return ""
    return act.room if any(isinstance(effect, Interviewed) for effect in turn.effects) else state.asks


def _edit_told(event: Event, facts: Facts) -> tuple[Said, ...]:
    """A message that she changed, and that answers nothing here, stays with whoever got it as it was."""
    if not isinstance(event, Wrote):
        return ()
    return (Said(Phrase("staff.edit_not_taken"), (), facts.session, facts.sprint),)


def _lost_told(turn: Turn, act: Act) -> Turn:
    """Words that nothing here waits for are not passed over in silence; a greeting is no such words."""
    if (act.room, act.verb) != (LOBBY, permissions.HEARD) or turn.view is None or read_courtesy(act.words) is not None:
        return turn
    return replace(turn, view=replace(turn.view, phrase=Phrase("staff.words_not_taken", lines=(turn.view.phrase,))))


def _commands(member: Member) -> CommandsListed:
    return CommandsListed(permissions.commands_of(member.role))


def _gone(held: Held, turn: Turn, *, facts: Facts) -> tuple[ButtonsRemoved, ...]:
    return (ButtonsRemoved(facts.session, held.shown_in),) if turn.over and held.shown_in else ()


def _shown(turn: Turn, facts: Facts, *, here: int | None) -> tuple[Said | Changed, ...]:
    """The view in place of what stands in that sprint, or (None) anew."""
    if turn.view is None:
        return ()
    kind, sprint = (Said, facts.sprint) if here is None else (Changed, here)
    return (kind(turn.view.phrase, turn.view.rows, facts.session, sprint),)
