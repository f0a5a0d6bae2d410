"""How a broadcast shows once it is handed in: what it says, how far it is, and what can be done about it now.

* The same view is shown at her tap and by the tick while it is being sent.
* Who must say yes sees the text, the number and the mark of the list; buttons carry the mark of what was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.staff.broadcast_lint import to_review
from bot.staff.broadcast_when import told
from bot.staff.broadcast_whom import described, excluded
from bot.staff.permissions import LEAD
from bot.staff.room import Rows, View, button
from bot.staff.wording import in_words
from conversations.office import Office
from conversations.speech import Button, Phrase
from locales.catalog import SPANISH, weekday
from scheduler.mailings import PER_SECOND
from storage.broadcast_desk import Broadcast
from storage.broadcasts import BroadcastState, Definition, Rules
from storage.composing import mark_of
from storage.imports.catalogue import SHIPPED, Catalogue
from storage.members import Member
from storage.mentions import Mentions
from storage.notices import Content
from storage.recipients import RecipientState
from storage.segments import MaySend, at_any_hour

CELLS = 10
FULL, EMPTY = "▓", "░"

SHORT = timedelta(minutes=2)
"""What goes on later than this waits for somebody's hours, and the estimate says when."""

MOST_OF_TEXT = 1500
"""Characters of what it says in a card: with all that stands below well within Telegram's 4096."""

SHORT_TEXT = 30
"""Characters of it on a button."""

STATE_KEYS = (
    "staff.broadcast_is_draft",
    "staff.broadcast_is_waiting",
    "staff.broadcast_is_scheduled",
    "staff.broadcast_is_sending",
    "staff.broadcast_is_paused",
    "staff.broadcast_is_cancelled",
    "staff.broadcast_is_done",
)
OVER = (BroadcastState.CANCELLED, BroadcastState.DONE)
BY_STATE = dict(zip(BroadcastState, STATE_KEYS, strict=True))

TALLY_KEYS = (
    "staff.broadcast_waiting",
    "staff.broadcast_posted",
    "staff.broadcast_sent",
    "staff.broadcast_failed",
    "staff.broadcast_blocked",
    "staff.broadcast_unknown",
    "staff.broadcast_skipped",
)
BY_TALLY = dict(zip(RecipientState, TALLY_KEYS, strict=True))

MEDIA_KEYS = ("staff.broadcast_photo", "staff.broadcast_document", "staff.broadcast_voice")
_BY_KIND = dict(zip(("photo", "document", "voice"), MEDIA_KEYS, strict=True))


@dataclass(frozen=True, slots=True)
class Terms:
    """What the organisation has set: who must approve and when, the telephone numbers that may be given, the zone of
    its office, how many leave in a second, when something unasked may reach a woman, and the names of its centres and
    workshops."""

    rules: Rules = field(default_factory=Rules)
    phones: tuple[str, ...] = ()
    zone: str = Office.zone
    per_second: float = PER_SECOND
    may_send: MaySend = at_any_hour
    catalogue: Catalogue = SHIPPED

    def wall(self, at: datetime) -> datetime:
        """The instant by the office's clock."""
        return at.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Beholder:
    """Who looks at a card, and when; `names` are those of the team, `named` is whom what waits for approval names."""

    member: Member
    at: datetime
    terms: Terms
    names: Mapping[int, str] = field(default_factory=dict)
    named: Mentions = field(default_factory=Mentions)

    def approves(self, found: Broadcast) -> bool:
        """Whether it waits for this one's word."""
        waits = found.state is BroadcastState.WAITING_APPROVAL
        return waits and found.made_by != self.member.staff and self.member.role in LEAD


def card(found: Broadcast, by: Beholder) -> View:
    """A broadcast as it stands now, and what this one may do about it."""
    lines = (*said(found.definition.content), Phrase("staff.line"), *_progress(found, by), *_doubts(found, by))
    return View(Phrase(BY_STATE[found.state], _values(found, by), lines), _buttons(found, by))


def _doubts(found: Broadcast, by: Beholder) -> Iterator[Phrase]:
    """What its maker has looked at, and whoever approves must, too; or why it cannot be approved."""
    if by.approves(found) and by.named.women:
        yield Phrase("staff.line")
        yield Phrase("staff.broadcast_names_somebody")
    elif by.approves(found) and (doubtful := to_review(found.definition.content, named=by.named)):
        yield Phrase("staff.line")
        yield Phrase("staff.broadcast_to_review_too", {}, doubtful)


APPROVE_KEYS = ("staff.broadcast_approve_button", "staff.broadcast_reviewed_approve")
"""What approves it, and where there was something to look at."""


def _values(found: Broadcast, by: Beholder) -> dict[str, str | int]:
    made_by = "hilo" if found.made_by is None else by.names.get(found.made_by, "—")
    return {"name": made_by, "when": told(found.definition.when)}


def handed_in(broadcast: int, definition: Definition, *, count: int, terms: Terms) -> View:
    """What she is told who has just handed it in for so many: how long it can be undone."""
    values: dict[str, str | int] = {"count": count, "when": told(definition.when)}
    values["seconds"] = int(terms.rules.undo.total_seconds())
    waits = count > terms.rules.approval_above
    undo = button(f"broadcast.back.{broadcast:x}", "staff.broadcast_undo_button")
    shown = button(f"broadcast.card.{broadcast:x}", "staff.broadcast_card_button")
    phrase = Phrase("staff.broadcast_handed_in" if waits else "staff.broadcast_submitted", values)
    return View(phrase, ((undo,), (shown,), TO_LIST))


def mark(found: Broadcast) -> str:
    """Five characters that change with what it says and with its list."""
    return mark_of(found.definition) if found.list_hash is None else _mixed(mark_of(found.definition), found.list_hash)


def _mixed(one: str, other: str) -> str:
    return f"{(int(one, 16) ^ int(other[:5], 16)):05x}"


def said(content: Content) -> tuple[Phrase, ...]:
    """What it says, and what comes with it."""
    text = content.text if len(content.text) <= MOST_OF_TEXT else f"{content.text[:MOST_OF_TEXT]}…"
    lines = [Phrase("staff.broadcast_says", {"text": text})] if text else []
    if content.media is not None:
        lines.append(Phrase(_BY_KIND[content.media.kind], {"file": content.media.name}))
    return tuple(lines)


def titled(found: Broadcast) -> Phrase:
    """One line that tells it from others."""
    words = " ".join(found.definition.content.text.split()) or in_words(said(found.definition.content)[0])
    short = words if len(words) <= SHORT_TEXT else f"{words[:SHORT_TEXT]}…"
    return Phrase("staff.broadcast_title", {"text": short, "state": in_words(Phrase(BY_SIGN[found.state]))})


SIGN_KEYS = (
    "staff.broadcast_sign_draft",
    "staff.broadcast_sign_waiting",
    "staff.broadcast_sign_scheduled",
    "staff.broadcast_sign_sending",
    "staff.broadcast_sign_paused",
    "staff.broadcast_sign_cancelled",
    "staff.broadcast_sign_done",
)
BY_SIGN = dict(zip(BroadcastState, SIGN_KEYS, strict=True))


# --- how far it is


def _progress(found: Broadcast, by: Beholder) -> Iterator[Phrase]:
    if found.maker_left and found.state is BroadcastState.PAUSED:
        yield Phrase("staff.broadcast_maker_left")
    elif found.beyond and found.state not in OVER:
        yield Phrase("staff.broadcast_beyond")
    if found.state in (BroadcastState.WAITING_APPROVAL, BroadcastState.SCHEDULED):
        yield from described(found.definition.segment, by.terms.catalogue)
        yield from _listed(found, by)
    if found.begun_at is not None:
        yield Phrase("staff.broadcast_bar", {"bar": bar(found), "done": found.through, "total": found.total})
        yield from tallied(found)
    if found.state is BroadcastState.SENDING:
        yield _estimate(found, by)
    if found.retired is not None:
        gone = found.retired
        yield Phrase("staff.broadcast_was_retired", {"count": gone.deleted, "stayed": gone.stayed, "seen": gone.opened})


def _listed(found: Broadcast, by: Beholder) -> Iterator[Phrase]:
    """Its list and when it begins; of one that repeats the list is drawn only on its day."""
    if found.list_hash is None:
        yield Phrase("staff.broadcast_not_listed")
        return
    yield Phrase("staff.broadcast_listed", {"count": found.total, "hash": found.list_hash[:8]})
    yield from excluded(found.excluded)
    if found.state is BroadcastState.SCHEDULED and found.next_at is not None:
        yield Phrase("staff.broadcast_begins", {"when": moment(found.next_at, by)})


def bar(found: Broadcast) -> str:
    """Ten cells and a percentage; the last cell is full only when all are through."""
    part = 1.0 if not found.total else found.through / found.total
    return f"{FULL * int(part * CELLS)}{EMPTY * (CELLS - int(part * CELLS))} {int(part * 100)} %"


def tallied(found: Broadcast) -> Iterator[Phrase]:
    """How many stand how, a line each."""
    for state in RecipientState:
        if number := found.tally.get(state, 0):
            yield Phrase(BY_TALLY[state], {"count": number})


def _estimate(found: Broadcast, by: Beholder) -> Phrase:
    if found.next_at is not None and found.next_at - by.at > SHORT:
        return Phrase("staff.broadcast_goes_on", {"when": moment(found.next_at, by)})
    minutes = -(-found.seconds_left(by.terms.per_second) // 60)
    return Phrase("staff.broadcast_left", {"count": max(1, int(minutes))})


def moment(at: datetime, by: Beholder) -> str:
    """An instant by the office's clock, its day only where that is not today."""
    wall = by.terms.wall(at)
    hour = f"{wall:%H:%M}"
    if wall.date() == by.terms.wall(by.at).date():
        return in_words(Phrase("staff.broadcast_today_at", {"hour": hour}))
    return in_words(Phrase("staff.broadcast_day_at", {"day": weekday(wall.date(), SPANISH), "hour": hour}))


# --- what can be done


def _buttons(found: Broadcast, by: Beholder) -> Rows:
    id_ = f"{found.id:x}"
    rows: list[tuple[Button, ...]] = []
    mine = found.made_by == by.member.staff
    back = (button(f"broadcast.back.{id_}", "staff.broadcast_back_to_draft"),) if mine else ()
    cancel = button(f"broadcast.cancel.{id_}", "staff.broadcast_cancel_button")
    match found.state:
        case BroadcastState.WAITING_APPROVAL:
            if by.approves(found) and not by.named.women:
                said_so = APPROVE_KEYS[bool(to_review(found.definition.content, named=by.named))]
                rows.append((button(f"broadcast.approve.{id_}.{mark(found)}", said_so),))
            rows += [(button(f"broadcast.try.{id_}", "staff.broadcast_look_button"),), (*back, cancel)]
        case BroadcastState.SCHEDULED:
            rows += [(*back, button(f"broadcast.pause.{id_}", "staff.broadcast_pause_button"), cancel)]
        case BroadcastState.SENDING:
            rows += [(button(f"broadcast.pause.{id_}", "staff.broadcast_pause_button"), cancel)]
        case BroadcastState.PAUSED:
            rows += [(button(f"broadcast.resume.{id_}", "staff.broadcast_resume_button"), cancel)]
        case BroadcastState.DRAFT | BroadcastState.CANCELLED | BroadcastState.DONE:
            pass
    if found.begun_at is not None:
        rows.append((button(f"broadcast.report.{id_}", "staff.broadcast_report_button"),))
    if found.begun_at is not None and found.state is not BroadcastState.SENDING:
        rows.append((button(f"broadcast.retire.{id_}", "staff.broadcast_retire_button"),))
    return (*rows, TO_LIST)


TO_LIST = (button("broadcast.list", "staff.broadcast_list_button"),)
