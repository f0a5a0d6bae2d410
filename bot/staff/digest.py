"""The weekly message: who wants it says so here; and what it says.

* Counts and shares alone: nobody's name, and no percentage that would tell a few women apart.
* The chart is made of characters: it costs no data, shows on any phone, and is read aloud by those that read aloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.staff.room import Act, Turn, View, button, member_of
from conversations.codec import Tagged
from conversations.speech import Phrase
from locales.catalog import SPANISH, long_date, money
from scheduler.dialogue import Facts
from storage.digest import Digest, DigestWished, Share, WantsDigest
from storage.fates import Fate
from storage.funnel import Funnel, Rate
from storage.members import Member
from storage.records import Need

FULL, EMPTY = "▓", "░"
"""Of one width in most letters, so that bars can be compared."""

BAR = 10
BAR_KEYS = (
    *("staff.digest_bar_turn", "staff.digest_bar_invited"),
    *("staff.digest_bar_started", "staff.digest_bar_completed"),
)
ONE_DAY = timedelta(days=1)


class DigestRoom:
    """Where a coordinator says whether she wants the weekly message."""

    name = "digest"
    states: Tagged[Any] = Tagged()

    def until(self, held: Any) -> datetime | None:
        """Nothing waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Whether she wants it now."""
        return (WantsDigest(member),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show how it stands, or change it."""
        me = member_of(facts)
        wants = bool(facts.get(WantsDigest(me)))
        if act.verb not in ("show", "on", "off"):
            return None
        wanted = wants if act.verb == "show" else act.verb == "on"
        records = () if wanted == wants else (DigestWished(me.staff, wanted),)
        return Turn(None, _wanted() if wanted else _unwanted(), records, stays=False)


def _wanted() -> View:
    return View(Phrase("staff.digest_on"), ((button("digest.off", "staff.digest_off_button"),),))


def _unwanted() -> View:
    return View(Phrase("staff.digest_off"), ((button("digest.on", "staff.digest_on_button"),),))


# --- what it says


def told(digest: Digest, zone: ZoneInfo) -> Phrase:
    """The message."""
    first, last = digest.since.astimezone(zone).date(), digest.until.astimezone(zone).date() - ONE_DAY
    span: dict[str, str | int] = {"since": long_date(first, SPANISH), "until": long_date(last, SPANISH)}
    return Phrase("staff.digest", span, tuple(_lines(digest)))


def _lines(digest: Digest) -> Iterator[Phrase]:
    yield Phrase("staff.digest_week", {"count": digest.week.expected}, tuple(_fates(digest.week)))
    yield from _rates(digest.week)
    yield Phrase("staff.digest_all", lines=tuple(_bars(digest.all)))
    yield from _rates(digest.all)
    yield Phrase("staff.digest_cases", {"open": digest.open_cases, "overdue": digest.overdue, "calls": digest.calls})
    if digest.waited is not None:
        yield Phrase("staff.digest_waited", {"count": digest.closed, "hours": _hours(digest.waited)})
    if digest.rights.open:
        rights = digest.rights
        yield Phrase("staff.digest_rights", {"open": rights.open, "soon": rights.soon, "late": rights.late})
    yield Phrase("staff.digest_shares", lines=tuple(_shares(digest)))
    yield Phrase("staff.digest_caveat")


def _fates(week: Funnel) -> Iterator[Phrase]:
    if week.expected:
        told: dict[str, str | int] = {
            "completed": week.fates[Fate.COMPLETED],
            "partial": week.fates[Fate.PARTIAL],
            "refused": week.fates[Fate.REFUSED],
            "unreachable": week.fates[Fate.UNREACHABLE],
            "paused": week.fates[Fate.PAUSED],
            "missed": week.fates[Fate.MISSED_BY_US],
        }
        yield Phrase("staff.digest_fates", told)


def _rates(found: Funnel) -> Iterator[Phrase]:
    """AAPOR's response rates 1 and 2, by name."""
    if found.rr1.denominator:
        yield Phrase("staff.digest_rr1", _rate(found.rr1))
        yield Phrase("staff.digest_rr2", _rate(found.rr2))


def _rate(rate: Rate) -> dict[str, str | int]:
    return {"percent": f"{rate.percent:.0f}", "count": rate.numerator, "base": rate.denominator}


def _bars(found: Funnel) -> Iterator[Phrase]:
    """How far those came whose turn has come, as bars below each other."""
    counts = (found.expected, found.invited, found.started, found.fates[Fate.COMPLETED])
    for key, count in zip(BAR_KEYS, counts, strict=True):
        yield Phrase(key, {"bar": bar(count, found.expected), "number": count})


def bar(count: int, of: int) -> str:
    """A share as a bar of BAR characters; what is not nothing shows."""
    filled = min(BAR, max(round(BAR * count / of), count > 0)) if of else 0
    return FULL * filled + EMPTY * (BAR - filled)


def _hours(waited: timedelta) -> int:
    return round(waited / timedelta(hours=1))


def _shares(digest: Digest) -> Iterator[Phrase]:
    yield Phrase("staff.digest_works", {"share": percent(digest.works), "base": digest.works.base})
    if digest.income is None:
        yield Phrase("staff.digest_income_few", {"base": digest.with_income})
    else:
        amount = money(digest.income.quantize(1), SPANISH)
        yield Phrase("staff.digest_income", {"amount": amount, "base": digest.with_income})
    yield Phrase("staff.digest_more", {"share": percent(digest.earns_more), "base": digest.earns_more.base})


def percent(share: Share) -> str:
    """The share as it is told; a dash where it would tell too much of too few."""
    return "—" if share.percent is None else f"{share.percent} %"
