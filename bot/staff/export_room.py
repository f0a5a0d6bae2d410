"""Tables as a file, from the chat: for whom, in which format, why; then the file, which leaves the chat after a day.

* Under pseudonyms or in sums alone: what tells who a woman is, is made on the server, and never comes this way.
* Where rows would single women out it is said of how many, and either that is left out or she says why it stays.
* She has one at a time. It is made beside all else (`bot/exporting.py`), and her message shows how far it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.staff import export_views, permissions
from bot.staff.room import Act, Rows, Turn, View, button, in_rows, member_of, stale
from conversations.codec import Tagged
from conversations.speech import ButtonsRemoved, Phrase
from scheduler.dialogue import Facts
from storage.exports.exporting import COMMA, FORMATS, PUBLIC, TEAM
from storage.exports.jobs import (
    SEMICOLON,
    ExportCancelled,
    ExportFollowed,
    ExportOrdered,
    Job,
    JobState,
    Order,
    Progress,
    Risk,
    RiskNow,
    UnderWay,
)
from storage.members import Member
from storage.records import Need

CSV = "csv"
MOST_LETTERS = 300
"""Of a reason, or of the name of whoever gets it."""

FORMAT_KEYS = (
    *("staff.export_csv_button", "staff.export_xlsx_button", "staff.export_sav_button"),
    *("staff.export_dta_button", "staff.export_parquet_button", "staff.export_jsonl_button"),
)
_FORMATS = dict(zip(FORMATS, FORMAT_KEYS, strict=True))
SEPARATOR_KEYS = ("staff.export_comma_button", "staff.export_semicolon_button")
_SEPARATORS = dict(zip((COMMA, SEMICOLON), SEPARATOR_KEYS, strict=True))
_BACK = ((button("export.menu", "staff.export_back_button"),),)


@dataclass(frozen=True, slots=True)
class Asking:
    """What she has chosen, and what is asked in words: why it goes whole (`whole`, no `reason` yet), or for whom."""

    format: str
    separator: str
    audience: str
    whole: bool = False
    reason: str | None = None

    @property
    def order(self) -> Order:
        """It, without anybody to receive it."""
        return Order(self.format, self.separator, self.audience, self.reason)

    def __str__(self) -> str:
        """As a button carries it."""
        return f"{self.audience}.{self.format}.{self.separator}"


def chosen(about: str) -> Asking | None:
    """The choice that a button carries; None for anything else."""
    audience, _, rest = about.partition(".")
    format_, _, separator = rest.partition(".")
    if audience not in (TEAM, PUBLIC) or format_ not in FORMATS or separator not in _SEPARATORS:
        return None
    return Asking(format_, separator, audience)


class ExportRoom:
    """Where a file of tables is asked for."""

    name = "export"
    states: Tagged[Any] = Tagged(Asking)

    def until(self, held: Any) -> datetime | None:
        """Nothing that is over by itself waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """What she has under way; before rows of women are asked for, whom they would single out."""
        choice = chosen(act.about) if act.verb == "as" else None
        risk = (RiskNow(),) if choice is not None and choice.audience == TEAM else ()
        return (UnderWay(member.staff), *risk)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Take her to the next question, or begin."""
        under_way = facts.get(UnderWay(member_of(facts).staff))
        if act.verb == "stop":
            return _stopped(held, under_way, facts=facts)
        if act.verb == permissions.HEARD:
            return _heard(held, act, under_way=under_way, facts=facts)
        if under_way is not None:
            return _followed(under_way, facts=facts)
        match act.verb:
            case "menu":
                return Turn(None, _for_whom(), stays=False)
            case "named":
                return Turn(held, View(Phrase("staff.export_named"), _BACK), stays=False)
            case "for" if act.about in (TEAM, PUBLIC):
                return Turn(held, _formats(act.about), stays=False)
            case "us" if isinstance(held, Asking) and (held.reason or not held.whole):
                return _ordered(held.order, facts=facts)
            case _:
                return _chosen(held, act, facts=facts)


# --- choosing


def _for_whom() -> View:
    choices = (
        button(f"export.for.{TEAM}", "staff.export_team_button"),
        button(f"export.for.{PUBLIC}", "staff.export_public_button"),
    )
    return View(Phrase("staff.export"), (choices, (button("export.named", "staff.export_named_button"),)))


def _formats(audience: str) -> View:
    buttons = [
        button(f"export.{'parts' if name == CSV else 'as'}.{audience}.{name}.{COMMA}", key)
        for name, key in _FORMATS.items()
    ]
    return View(Phrase("staff.export_format"), (*in_rows(buttons, 2), *_BACK))


def _chosen(held: Any, act: Act, *, facts: Facts) -> Turn:
    choice = chosen(act.about)
    if choice is None:
        return stale(held)
    match act.verb:
        case "parts":
            return Turn(held, _separators(choice), stays=False)
        case "as":
            risk = facts.get(RiskNow())
            return _asked(choice) if risk is None or not risk.few else Turn(held, _risk(choice, risk), stays=False)
        case "less":
            return _asked(choice)
        case "whole" if choice.audience == TEAM:
            return Turn(replace(choice, whole=True), View(Phrase("staff.export_why"), _BACK))
        case _:
            return stale(held)


def _separators(choice: Asking) -> View:
    buttons = tuple(
        button(f"export.as.{replace(choice, separator=separator)}", key) for separator, key in _SEPARATORS.items()
    )
    return View(Phrase("staff.export_separator"), (buttons, *_BACK))


def _risk(choice: Asking, risk: Risk) -> View:
    told: dict[str, str | int] = {"count": risk.few, "women": risk.women, "alone": risk.alone}
    less = button(f"export.less.{choice}", "staff.export_less_button")
    whole = button(f"export.whole.{choice}", "staff.export_whole_button")
    return View(Phrase("staff.export_risk", told), ((less,), (whole,), *_BACK))


# --- in words


_US: Rows = ((button("export.us", "staff.export_us_button"),),)


def _asked(asking: Asking) -> Turn:
    """Who gets it, in words, or by a button that it stays with the team."""
    return Turn(asking, View(Phrase("staff.export_to_whom"), (*_US, *_BACK)))


def _heard(held: Any, act: Act, *, under_way: Job | None, facts: Facts) -> Turn | None:
    if not isinstance(held, Asking) or not act.words or under_way is not None:
        return None
    if len(act.words) > MOST_LETTERS:
        return Turn(held, View(Phrase("staff.export_too_long", {"most": MOST_LETTERS})))
    if held.whole and held.reason is None:
        return _asked(replace(held, reason=act.words))
    return _ordered(replace(held.order, recipient=act.words), facts=facts)


# --- begun, and stopped


def _ordered(order: Order, *, facts: Facts) -> Turn:
    """From here on the message shows how far it is, and so is one of its own."""
    wanted = ExportOrdered(order, member_of(facts).staff, facts.sprint)
    view = export_views.under_way(JobState.WAITING, Progress())
    return Turn(None, view, (wanted,), anew=True, stays=False, over=True)


def _followed(job: Job, *, facts: Facts) -> Turn:
    """It is shown at the end of the chat from now on."""
    view = export_views.under_way(job.state, job.progress)
    if job.state is JobState.HANDING:
        return Turn(None, view, anew=True, stays=False)
    followed = ExportFollowed(job.member, facts.sprint)
    return Turn(None, view, (ButtonsRemoved(job.session, job.sprint), followed), anew=True, stays=False)


def _stopped(held: Any, under_way: Job | None, *, facts: Facts) -> Turn:
    if under_way is None:
        return stale(held)
    if under_way.state is JobState.HANDING:
        return Turn(held, toast=Phrase("staff.export_leaving"))
    cancelled = ExportCancelled(member_of(facts).staff)
    return Turn(held, View(Phrase("staff.export_stopped")), (cancelled,), stays=False)
