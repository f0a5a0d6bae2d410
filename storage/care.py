"""What a woman in danger is shown and told of, as the organisation has it: the lines, the policy, when somebody reads.

* `hilo run` writes it down from the settings and the file of lines, as it does with the office.
* Coordinators learn of lines that nobody has called for too long, in working hours and no more than once a week.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import select

from conversations.office import Office
from conversations.risk import helplines
from conversations.risk.helplines import Helpline
from conversations.risk.kinds import Kind
from conversations.speech import Phrase
from storage import cases_alerts, cases_office, installation
from storage.database import Tx
from storage.fates import CheckinState
from storage.imports.centres import state_of
from storage.mail import post
from storage.members import SEES_ALL
from storage.phones import alert, phones
from storage.schema import checkins, participants, preferences, sessions, staff

LINES, POLICY, WARNED = "helplines", "imminent_danger_policy", "helplines_warned_at"

WARNED_AGAIN = timedelta(days=7)


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

    def lines_for(self, kinds: Collection[Kind]) -> tuple[Helpline, ...]:
        """Whom she can call in these kinds of danger; days to come were refused where the file was read."""
        return helplines.lines_for(self.lines, kinds, region=self.region, on=date.max, guessed=self.by_centre)


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
        imminent, office = await is_told_of_imminent(tx), await cases_office.office(tx)
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


async def is_told_of_imminent(tx: Tx) -> bool:
    """Whether the organisation has signed that staff are told of imminent danger whatever she agreed to."""
    return await installation.recall(tx, POLICY) == "on"


async def lines(tx: Tx) -> tuple[Helpline, ...]:
    """The lines that were written down, or those that come with Hilo."""
    return _read(await installation.recall(tx, LINES))


@lru_cache(maxsize=4)
def _read(source: str | None) -> tuple[Helpline, ...]:
    text = helplines.shipped() if source is None else source
    return helplines.read_helplines(text, file=helplines.FILE_NAME, today=date.max)


async def warn(tx: Tx) -> int:
    """Tell coordinators how many of the lines that are shown somebody should call again; returns how many phones were
    told."""
    before = await installation.recall(tx, WARNED)
    if before is not None and tx.now - datetime.fromisoformat(before) < WARNED_AGAIN:
        return 0
    old = {line.number for line in helplines.stale(await lines(tx), on=tx.now.date())}
    if not old or cases_alerts.when_read(await cases_office.office(tx), now=tx.now) is not None:
        return 0
    told, phrase = await phones(tx, staff.c.role.in_(SEES_ALL)), Phrase("staff.lines_old", {"count": len(old)})
    if told:
        await installation.remember(tx, {WARNED: tx.now.isoformat()})
        origin = f"lines:{tx.ids.random():x}"
        await post(tx, [alert(tx, phone, phrase, origin=origin) for phone in told])
    return len(told)
