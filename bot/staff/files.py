"""What a file is that somebody sends while no room waits for one: a questionnaire, or a roster.

* Where its name leaves it open, and she may do both, she is asked; nothing is fetched before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from bot.staff import permissions
from bot.staff.room import Act, Turn, View, button, stale
from conversations.codec import Tagged
from conversations.speech import Phrase
from scheduler.dialogue import Attached, Facts, FileSent
from storage.members import Member
from storage.records import Need

QUESTIONNAIRE, ROSTER = "instruments", "roster_file"
DECIDED_WITHIN = timedelta(hours=1)

CHOICE = (
    (button("files.roster", "staff.file_roster_button"),),
    (button("files.questionnaire", "staff.file_questionnaire_button"),),
)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A file as it stands with the channel, of which she has not said what it is."""

    file_id: str
    size: int | None
    name: str
    until: datetime


class FilesRoom:
    """Where it is asked what a file is."""

    name = "files"
    states: Tagged[Any] = Tagged(Undecided)

    def until(self, held: Any) -> datetime | None:
        """A file of which nothing is said is let go."""
        return None if held is None else held.until

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Nothing."""
        return ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask, or hand it to the room that it is for."""
        match act.verb:
            case permissions.SENT:
                return _sent(act)
            case "roster" | "questionnaire" if isinstance(held, Undecided) and act.fresh:
                file = FileSent(held.file_id, held.size, held.name)
                return _onward(ROSTER if act.verb == "roster" else QUESTIONNAIRE, Attached(act.at, "document", file))
            case permissions.LATE:
                return Turn(over=True)
            case _:
                return stale(held)


def _sent(act: Act) -> Turn | None:
    sent = act.sent
    if sent is None:
        return None
    kind = "" if sent.file is None else PurePath(sent.file.name).suffix.lower()
    if sent.file is None or kind != ".xlsx":
        return _onward(ROSTER if kind in (".csv", ".tsv", ".txt") else QUESTIONNAIRE, sent)
    undecided = Undecided(sent.file.file_id, sent.file.size, sent.file.name, act.at + DECIDED_WITHIN)
    return Turn(undecided, View(Phrase("staff.file_what", {"file": sent.file.name}), CHOICE), stays=False)


def _onward(room: str, sent: Attached) -> Turn:
    return Turn(over=True, onward=Act(room, permissions.SENT, "", sent))
