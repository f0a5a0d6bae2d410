"""A woman's card: who she is, what is expected of her, what was tried, what waits, and what can be done, as buttons.

* It shows only what can be done now by whoever looks; every button carries whose it is.
* Nothing on it tells her number or her words.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from bot.staff import permissions
from bot.staff.room import Rows, View, button
from bot.staff.wording import kind_within
from conversations.speech import Phrase
from locales.catalog import long_date
from storage.calls import MEANINGS
from storage.circumstances import Reach
from storage.dossiers import Dossier
from storage.fates import CheckinState, Fate
from storage.imports.centres import CENTRES
from storage.members import Member
from storage.pauses import PauseKind
from storage.preferences import SPANISH
from storage.roster import CheckinCard

PAST = 4
"""Check-ins that are over which a card shows."""

FATE_KEYS = (
    *("staff.fate_completed", "staff.fate_partial", "staff.fate_refused", "staff.fate_unreachable"),
    *("staff.fate_paused", "staff.fate_not_due", "staff.fate_missed_by_us"),
)
_FATES = dict(zip(Fate, FATE_KEYS, strict=True))
REACH_KEYS = (
    *("staff.reach_reachable", "staff.reach_undeliverable", "staff.reach_blocked", "staff.reach_no_chat"),
    *("staff.reach_not_enrolled", "staff.reach_withdrawn", "staff.reach_stopped", "staff.reach_dead"),
)
_REACHES = dict(zip((one for one in Reach if one.name != "FROZEN"), REACH_KEYS, strict=True))
PAUSE_KEYS = (
    *("staff.pause_viaje", "staff.pause_hospital", "staff.pause_cuidado"),
    *("staff.pause_descanso", "staff.pause_reingreso"),
)
PAUSES = dict(zip(PauseKind, PAUSE_KEYS, strict=True))

ACTIONS = (
    *("invite.ask", "woman.edit", "rest.pause", "rest.resume", "rest.stop", "rest.reopen"),
    *("freeze.ask", "freeze.thaw", "invite.recover", "invite.code", "capture.her"),
)
BUTTON_KEYS = (
    *("staff.invite_button", "staff.edit_button", "staff.pause_button", "staff.resume_button", "staff.stop_button"),
    *("staff.reopen_button", "staff.freeze_button", "staff.thaw_button", "staff.recover_button"),
    *("staff.reset_button", "staff.card_capture_button"),
)
_ACTIONS = dict(zip(ACTIONS, BUTTON_KEYS, strict=True))


def day(value: date) -> str:
    """A date as staff read it."""
    return long_date(value, SPANISH)


def place_of(centre: str | None) -> str:
    """What a centre is called."""
    return "—" if centre is None else CENTRES.get(centre, (centre,))[0]


def card(her: Dossier, member: Member, *, at: datetime) -> View:
    """Her card, for this member of staff."""
    told: dict[str, str | int] = {
        "name": her.card.name,
        "record_id": her.card.record_id,
        "centre": place_of(her.card.centre),
    }
    return View(Phrase("staff.roster_card", told, tuple(_lines(her, at))), _buttons(her, member))


def _lines(her: Dossier, at: datetime) -> Iterator[Phrase]:
    released = her.card.release_on
    yield Phrase("staff.card_no_release") if released is None else Phrase("staff.card_release", {"day": day(released)})
    yield Phrase("staff.card_staff", {"name": her.staff_name}) if her.staff_name else Phrase("staff.card_no_staff")
    yield Phrase("staff.card_frozen") if her.frozen_at is not None else Phrase(_REACHES[her.reach])
    if her.phone_unsafe:
        yield Phrase("staff.card_phone_unsafe")
    yield from _rests(her, at)
    coming = her.next_checkin
    yield Phrase("staff.card_next_none") if coming is None else _next(coming, her)
    for one in her.past_checkins(PAST):
        if one.fate is not None and one.due_on is not None:
            yield Phrase("staff.card_past", {"day": day(one.due_on)}, (Phrase(_FATES[one.fate]),))
    if her.attempts:
        last = her.attempts[-1]
        gloss = MEANINGS[last.disposition].gloss
        on = day(last.at.astimezone(her.zone).date())
        yield Phrase("staff.card_attempts", {"count": len(her.attempts), "day": on, "gloss": gloss})
    for case in her.waits:
        since = day(case.opened_at.astimezone(her.zone).date())
        yield Phrase("staff.card_case", {"kind": kind_within(case.kind), "day": since})


def _rests(her: Dossier, at: datetime) -> Iterator[Phrase]:
    today = her.circumstances.today(at)
    for one in her.pauses:
        if one.until_on is None:
            yield Phrase("staff.card_pause_endless", lines=(Phrase(PAUSES[one.kind]),))
        elif today < one.until_on:
            yield Phrase("staff.card_pause", {"day": day(one.until_on)}, (Phrase(PAUSES[one.kind]),))


def _next(one: CheckinCard, her: Dossier) -> Phrase:
    assert one.opens_at is not None
    on: dict[str, Any] = {"day": day(one.opens_at.astimezone(her.zone).date())}
    return Phrase("staff.card_next" if one.state is CheckinState.EXPECTED else "staff.card_next_open", on)


def _buttons(her: Dossier, member: Member) -> Rows:
    rows = (
        ("invite.ask", "woman.edit"),
        (_pausing(her), _stopping(her)),
        (_freezing(her), _recovering(her)),
        ("capture.her", "invite.code" if her.card.enrolled_at is not None else ""),
    )
    shown = [
        tuple(button(f"{verb}.{her.id:x}", _ACTIONS[verb]) for verb in row if permissions.may(member.role, verb))
        for row in rows
    ]
    return (*filter(None, shown), (button("roster.page", "staff.roster_back_button"),))


def _pausing(her: Dossier) -> str:
    return "rest.resume" if any(not one.series for one in her.pauses) else "rest.pause"


def _stopping(her: Dossier) -> str:
    return "rest.stop" if her.circumstances.stopped_at is None else "rest.reopen"


def _freezing(her: Dossier) -> str:
    return "freeze.ask" if her.frozen_at is None else "freeze.thaw"


def _recovering(her: Dossier) -> str:
    """Only who had a chat can lose it."""
    return "" if her.card.enrolled_at is None else "invite.recover"
