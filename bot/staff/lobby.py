"""Where staff come in: what they can do, and how things stand in numbers, without a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.staff import permissions
from bot.staff.room import Act, Rows, Turn, View, button, in_rows, member_of
from conversations.codec import Tagged
from conversations.speech import Phrase
from scheduler.dialogue import Facts
from storage.lookups import CountsNow
from storage.members import Member
from storage.records import Need

A_ROW = 2
"""Buttons beside each other in the menu."""


class Lobby:
    """The menu, and the numbers."""

    name = "lobby"
    states: Tagged[Any] = Tagged()

    def until(self, held: Any) -> datetime | None:
        """Nothing waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """How things stand, where that is asked."""
        return (CountsNow(member),) if act.verb == "counts" else ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show the numbers where they are asked for, else the menu."""
        if act.verb == "counts" and (counts := facts.get(CountsNow(member_of(facts)))) is not None:
            numbers: dict[str, str | int] = {
                "women": counts.enrolled,
                "open": counts.open_checkins,
                "completed": counts.completed,
                "missed": counts.not_completed,
                "waiting": counts.waiting_cases,
            }
            back = ((button("lobby.menu", "staff.menu_button"), button("lobby.counts", "staff.summary_button")),)
            return Turn(None, View(Phrase("staff.summary", numbers), back))
        return Turn(None, View(Phrase("staff.menu"), _menu(member_of(facts))))


def _menu(member: Member) -> Rows:
    """One button for each command that she may give, but for the menu itself."""
    commands = [name for name in permissions.commands_of(member.role) if name != "menu"]
    buttons = [button(permissions.COMMANDS[name], f"command.{name}") for name in commands]
    return in_rows(buttons, A_ROW)
