"""What was turned away, counted: calls without the secret, updates of a strange shape, forged buttons, strange links.

* Counts alone: by whom, when and with what it was tried is kept nowhere.
* A count is a fact of the installation, and only ever grows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage import installation
from storage.database import Tx
from storage.records import Entry, Writer


class What(StrEnum):
    """What it was."""

    UNKNOWN_PATH = "unknown_path"  # a call to the web surface for which there is nothing
    WRONG_SECRET = "wrong_secret"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"  # no update at all
    STRANGE = "strange"  # an update of a shape that nobody promised us
    REPEATED = "repeated"  # an update that was stored already
    FORGED_BUTTON = "forged_button"  # with data that no button of ours carries
    STALE_BUTTON = "stale_button"  # of a conversation that is over, or not of this chat
    FORBIDDEN_BUTTON = "forbidden_button"  # for what the member of staff may not do
    UNKNOWN_LINK = "unknown_link"
    SPENT_LINK = "spent_link"
    LINK_OF_ANOTHER = "link_of_another"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A step refused this."""

    what: What


async def count(tx: Tx, times: Mapping[What, int]) -> None:
    """Add to the counts."""
    known = {what: await _told(tx, what) for what, number in times.items() if number}
    if known:
        await installation.remember(tx, {_name(what): str(before + times[what]) for what, before in known.items()})


async def counted(tx: Tx) -> dict[What, int]:
    """How often each was turned away since the store was made; what never was, is left out."""
    found = {what: await _told(tx, what) for what in What}
    return {what: number for what, number in found.items() if number}


async def _told(tx: Tx, what: What) -> int:
    return int(await installation.recall(tx, _name(what)) or 0)


def _name(what: What) -> str:
    return f"turned_away_{what}"


async def _turned_away(tx: Tx, entries: Sequence[Entry[TurnedAway]]) -> None:
    await count(tx, Counter(entry.record.what for entry in entries))


WRITERS: dict[type, Writer] = {TurnedAway: _turned_away}
