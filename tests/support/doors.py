"""Every button of the staff's desk, pressed on purpose: what reaches a room, and what a press changes in the store.

* A room that is watched does its own work; who entered it by which verb is noted.
* A dump leaves out only what any tap leaves: the mail, the conversation's own state, and when a member was last seen.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from bot.desk import Desk, staff_rooms
from bot.library import Library
from bot.participant.notice import Notice
from bot.staff import permissions
from bot.staff.desk import StaffDesk
from bot.staff.room import Act, Room, Turn
from conversations.codec import Tagged
from scheduler.applied import Plans
from scheduler.dialogue import Facts
from storage.members import Member
from storage.records import Need
from tests.support.chat import Chat
from tests.support.world import Store

ANY_TAP = ("inbox", "outbox", "sessions", "timers", "messages")
SEEN_AT = "seen_at"

SPARED = (
    "team.revoke",
    "team.revoked",
    "team.again",
    "team.become",
    "team.pin",
    "cases.to",
    "cases.until",
    "woman.save",
)
"""What a walk leaves alone: she would shut somebody out, or give a case or a woman to whoever presses after her."""


class Watched:
    """A room that notes who comes in."""

    def __init__(self, room: Room, entered: list[str]) -> None:
        self._room = room
        self._entered = entered
        self.name = room.name
        self.states: Tagged[Any] = room.states

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The room's."""
        return self._room.needs(held, act, member=member)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """The room's, noted."""
        self._entered.append(f"{act.room}.{act.verb}")
        return self._room.step(held, act, facts)

    def until(self, held: Any) -> datetime | None:
        """The room's."""
        return self._room.until(held)


class WatchedDesk(Desk):
    """The desk of everybody, whose staff's rooms note who comes in."""

    def __init__(self, shelf: Library, plans: Plans, *, entered: list[str]) -> None:
        super().__init__(shelf, plans=plans, notice=Notice("1", "h"))
        self._staff = StaffDesk([Watched(room, entered) for room in staff_rooms(shelf, plans, notice=Notice("1", ""))])
        self._by_name[self._staff.name] = self._staff


def dump(store: Store, *, about: Collection[int] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """What the store holds, table by table, but for how much was turned away; with `about`, only rows that name one of
    these ids, mail included."""
    ids = {*about, *map(str, about)}
    with closing(sqlite3.connect(store.home / "hilo.sqlite3")) as open_file:
        names = [name for (name,) in open_file.execute("select name from sqlite_master where type = 'table'")]
        kept = [name for name in names if about or name not in ANY_TAP]
        rows = {name: _rows(open_file, name) for name in kept if name not in ("inbox", "sessions", "timers")}
    return {name: [row for row in found if not about or ids & set(row)] for name, found in rows.items()}


def _rows(open_file: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    found = open_file.execute(f"select * from {table}")
    shown = [place for place, column in enumerate(found.description) if (table, column[0]) != ("staff", SEEN_AT)]
    rows = (tuple(row[place] for place in shown) for row in found)
    return sorted((row for row in rows if not str(row[0]).startswith("turned_away_")), key=repr)


def action_of(data: str) -> str:
    """What a button does, of all that it carries."""
    return data.split(".", 2)[2]


def verb_of(data: str) -> str:
    """The room and what is done there."""
    return ".".join(action_of(data).split(".")[:2])


async def walked(chat: Chat, *, words: Sequence[str], times: int = 2, of_questions: int = 8) -> list[str]:
    """She gives every command that she may, bare and with these words, and taps all that is ever offered to her,
    breadth first, each verb so many times; returns what was offered, as it was carried."""
    for command in permissions.commands_of(_role(chat)):
        for said in (command, *(f"{command} {word}" for word in words)):
            await chat.say(f"/{said}")
    taken: Counter[str] = Counter()
    known: set[str] = set()
    for _, data in chat.offered:  # which grows meanwhile
        verb = verb_of(data)
        most = times if verb in permissions.MAY else of_questions
        if taken[verb] < most and verb not in SPARED and action_of(data) not in known:
            known.add(action_of(data))
            taken[verb] += 1
            await chat.tap_data(data)
    return list(dict.fromkeys(data for _, data in chat.offered))


def _role(chat: Chat) -> Any:
    return next(role for role in permissions.EVERY if permissions.commands_of(role) == chat.commands)
