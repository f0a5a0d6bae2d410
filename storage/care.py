"""What a woman in danger is shown and told of, as the organisation has it: the lines, the policy, when somebody reads.

* `hilo run` writes it down from the settings and the file of lines, as it does with the office.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import select

from conversations.office import Office
from conversations.risk import helplines
from conversations.risk.helplines import Helpline
from storage import cases_office, installation
from storage.database import Tx
from storage.fates import CheckinState
from storage.imports.centres import state_of
from storage.schema import checkins, participants, preferences, sessions

LINES, POLICY = "helplines", "imminent_danger_policy"


@dataclass(frozen=True, slots=True)
class Care:
    """The lines in their file's order; whether staff are told of imminent danger though she did not agree to alerts
    (`imminent`); the office; whether a sitting of hers is open. `region` is her state by ISO 3166-2:MX; `by_centre`: it
    is not known, and that of her centre stands for it."""

    lines: tuple[Helpline, ...]
    imminent: bool
    office: Office
    sitting: bool
    region: str | None = None
    by_centre: bool = False


@dataclass(frozen=True, slots=True)
class CareFor:
    """The same for this woman, or for somebody whom nobody knows."""

    participant: int | None

    async def find(self, tx: Tx) -> Care:
        """As it is now."""
        sitting = (
            select(checkins.c.id)
            .join(sessions, (sessions.c.checkin_id == checkins.c.id) & sessions.c.closed_at.is_(None))
            .where(checkins.c.participant_id == self.participant, checkins.c.state == CheckinState.STARTED)
        )
        sits = self.participant is not None and (await tx.run(sitting)).first() is not None
        lives, centre = await self._lives(tx)
        imminent, office = await installation.recall(tx, POLICY) == "on", await cases_office.office(tx)
        return Care(await lines(tx), imminent, office, sits, lives or state_of(centre), by_centre=lives is None)

    async def _lives(self, tx: Tx) -> tuple[str | None, str | None]:
        """The state that is known of her, and her centre."""
        hers = (
            select(preferences.c.region, participants.c.centre)
            .join(participants, participants.c.id == preferences.c.participant_id)
            .where(participants.c.id == self.participant)
        )
        found = None if self.participant is None else (await tx.run(hers)).first()
        return (None, None) if found is None else (found.region, found.centre)


async def keep(tx: Tx, source: str, *, imminent: bool) -> None:
    """Write down the text of a sound file of lines, and whether the organisation has signed such a policy."""
    await installation.remember(tx, {LINES: source, POLICY: "on" if imminent else "off"})


async def lines(tx: Tx) -> tuple[Helpline, ...]:
    """The lines that were written down, or those that come with Hilo."""
    return _read(await installation.recall(tx, LINES))


@lru_cache(maxsize=4)
def _read(source: str | None) -> tuple[Helpline, ...]:
    text = helplines.shipped() if source is None else source
    return helplines.read_helplines(text, file=helplines.FILE_NAME, today=date.max)


def to_be_called(lines: Sequence[Helpline], *, on: date) -> tuple[Helpline, ...]:
    """The lines that somebody should call: nobody has made sure of them, or too long ago."""
    old = helplines.stale(lines, on=on)
    return tuple(line for line in lines if line.verified_on is None or line in old)
