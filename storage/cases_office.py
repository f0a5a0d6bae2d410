"""When staff read, whom of them an alert reaches beside their phones, and after how long nobody's case is everybody's.

* `hilo run` writes it down from the settings, so that whatever opens a case counts by the same clock.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import TypeAdapter

from conversations.office import Office
from storage import installation, lanes
from storage.database import Tx

OFFICE, GROUP, ESCALATE_AFTER = "office", "staff_group", "escalate_after_hours"

ESCALATES_AFTER = timedelta(hours=4)
"""Working time after which coordinators are told of a case that nobody has taken, where nothing else is set."""

_OFFICE: TypeAdapter[Office] = TypeAdapter(Office)


async def keep(tx: Tx, office: Office, *, group: int | None, escalate_after: timedelta = ESCALATES_AFTER) -> None:
    """Write down how the organisation works from now on; `group` is the chat of its staff."""
    hours = str(escalate_after // timedelta(hours=1))
    await installation.remember(tx, {OFFICE: _OFFICE.dump_json(office).decode(), ESCALATE_AFTER: hours})
    await installation.remember_sealed(tx, GROUP, "" if group is None else str(group))


async def office(tx: Tx) -> Office:
    """The office; where nothing is set, Mexico City's hours without rest days."""
    kept = await installation.recall(tx, OFFICE)
    return Office() if kept is None else _OFFICE.validate_json(kept)


async def escalates_after(tx: Tx) -> timedelta:
    """After how much working time coordinators are told of what nobody has taken."""
    kept = await installation.recall(tx, ESCALATE_AFTER)
    return ESCALATES_AFTER if kept is None else timedelta(hours=int(kept))


async def group(tx: Tx) -> tuple[str, int] | None:
    """The lane and id of the staff's group, if there is one and the bot is known."""
    kept, bot = await installation.recall_sealed(tx, GROUP), await installation.recall(tx, installation.BOT_ID)
    if not kept or not bot:
        return None
    names = await lanes.named(tx, int(bot), [int(kept)])
    return names[int(kept)], int(kept)
