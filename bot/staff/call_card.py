"""What a call looks like: whom to call and why, what to say, what came of it, and when it is tried again.

* A card tells no number: whoever wants to call asks for it.
* Moments are told by her own clock, which is the one on which she is at home.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

from bot.fitting import clipped, length
from bot.staff.room import View, button, in_rows, turning
from bot.staff.wording import kind_within
from conversations.speech import Button, Phrase
from locales.catalog import SPANISH, joined, weekday
from scheduler.calendar import Slot, local_day
from storage.call_desk import Askable, Call, Earlier, Number
from storage.calls import MEANINGS, Disposition
from storage.contacts import Relation

MOST_EARLIER = 4
"""Attempts that a card shows."""

MOST_OF_NOTE = 200
"""Characters of a note on a card; the whole of it is a tap away."""

LONGEST_NOTE = 1000
"""Characters of a note; what is longer is not taken."""

COMMON = (
    *(Disposition.NO_ANSWER, Disposition.BUSY, Disposition.VOICEMAIL, Disposition.MESSAGE_LEFT),
    *(Disposition.CALLBACK, Disposition.CANNOT_TALK, Disposition.WILL_ANSWER),
    *(Disposition.WRONG_NUMBER, Disposition.DISCONNECTED, Disposition.CHANGED_NUMBER),
)
RARE = tuple(met for met in Disposition if met not in COMMON)

SLOT_KEYS = ("slot.manana", "slot.tarde", "slot.noche", "slot.cualquiera")
_SLOTS = dict(zip(Slot, SLOT_KEYS, strict=True))
RELATION_KEYS = (
    *("staff.relation_madre_padre", "staff.relation_hermana_hermano", "staff.relation_hija_hijo"),
    *("staff.relation_pareja", "staff.relation_otra_familiar", "staff.relation_amistad"),
    *("staff.relation_vecina", "staff.relation_trabajo", "staff.relation_otra"),
)
_RELATIONS = dict(zip(Relation, RELATION_KEYS, strict=True))


def moment(at: datetime, zone: str) -> str:
    """A moment on her wall: `lunes 2 de marzo, 10:00`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{weekday(local.date(), SPANISH)}, {local:%H:%M}"


def gloss(met: Disposition) -> str:
    """What an attempt met, as it stands on a button."""
    said = MEANINGS[met].gloss
    return said[0].upper() + said[1:]


# --- the card


def card(call: Call, me: int, *, at: datetime) -> View:
    """Whom to call, and why now; for the member of staff who looks."""
    told: dict[str, str | int] = {"name": call.card.name, "record_id": call.card.record_id}
    place = Phrase("staff.call_place", {"number": call.number, "of": call.of})
    rows: list[tuple[Button, ...]] = [(button(f"calls.dial.{call.woman:x}", "staff.call_dial_button"),)]
    if call.task.contacts:
        asking = button(f"calls.contacts.{call.woman:x}", "staff.call_contacts_button", count=call.task.contacts)
        rows.append((asking,))
    if any(length(one.note) > MOST_OF_NOTE for one in call.earlier[:MOST_EARLIER]):
        rows.append((button(f"calls.notes.{call.woman:x}", "staff.call_notes_button"),))
    rows += [_interview(call), _freeze(call), after(call.woman)]
    return View(Phrase("staff.call_card", told, (*_lines(call, me, at=at), place)), tuple(rows))


def notes(call: Call, place: int) -> View:
    """One note of hers in full, the newest first."""
    told = [one for one in call.earlier if one.note]
    if not told:
        return View(Phrase("staff.call_no_notes"), (_back(call),))
    place = min(place, len(told) - 1)
    turns = turning(f"calls.notes.{call.woman:x}", place, of=len(told))
    return View(_told(told[place], call.hours.zone, most=LONGEST_NOTE), (*turns, _back(call)))


def _interview(call: Call) -> tuple[Button, ...]:
    return (button(f"capture.her.{call.woman:x}", "staff.call_interview_button"),)


def _freeze(call: Call) -> tuple[Button, ...]:
    return (button(f"freeze.ask.{call.woman:x}", "staff.freeze_button"),)


def after(woman: int) -> tuple[Button, ...]:
    """The button that leads to the call after this woman's."""
    return (button(f"calls.next.{woman:x}", "staff.call_next_button"),)


def _lines(call: Call, me: int, *, at: datetime) -> Iterator[Phrase]:
    task, zone = call.task, call.hours.zone
    if call.owner not in (None, me):
        yield Phrase("staff.call_owner", {"name": call.owner_name})
    yield Phrase("staff.call_silent", {"count": (at - task.silent_since).days})
    yield _due(call, at)
    if task.needs:
        yield Phrase("staff.call_needs", {"list": joined(list(map(kind_within, task.needs)), SPANISH)})
    if task.closes_at is not None:
        day = weekday(local_day(task.closes_at, ZoneInfo(zone)), SPANISH)
        yield Phrase("staff.call_closes", {"day": day})
    yield _hours(call)
    if not call.callable:
        yield _no_number(call)
    for one in call.earlier[:MOST_EARLIER]:
        yield _told(one, zone)


def _due(call: Call, at: datetime) -> Phrase:
    task = call.task
    when: dict[str, str | int] = {"when": moment(task.due_at, call.hours.zone)}
    if task.tried and task.due_at > at:
        return Phrase("staff.call_later", when)
    return Phrase("staff.call_due", when)


def _hours(call: Call) -> Phrase:
    part = (Phrase(_SLOTS[Slot(call.hours.slot)]),)
    if not call.hours.days:
        return Phrase("staff.call_hours_any", lines=part)
    names = get_day_names("wide", locale="es")
    return Phrase("staff.call_hours", {"days": joined([names[int(digit)] for digit in call.hours.days], SPANISH)}, part)


def _no_number(call: Call) -> Phrase:
    if call.unsafe:
        return Phrase("staff.call_unsafe")
    return Phrase("staff.call_wrong" if call.task.phone_wrong else "staff.call_no_phone")


def _told(one: Earlier, zone: str, *, most: int = MOST_OF_NOTE) -> Phrase:
    values: dict[str, str | int] = {"when": moment(one.at, zone), "gloss": MEANINGS[one.disposition].gloss}
    note = (Phrase("staff.call_earlier_note", {"note": clipped(one.note, most)}),) if one.note else ()
    if not one.by:
        return Phrase("staff.call_earlier", values, note)
    return Phrase("staff.call_earlier_by", {**values, "name": one.by}, note)


# --- numbers and words


def her_number(call: Call, number: Number) -> View:
    """Her number, and what to say to whoever answers; or that there is none to call."""
    words = Phrase("staff.call.her", {"called": number.called, "caller": number.caller})
    dial = Phrase("staff.call_number", {"phone": f"+52{number.phone}"}, (words,))
    shown = dial if number.phone else _no_number(call)
    now = (button(f"capture.her.{call.woman:x}", "staff.call_capture_button"),)
    return View(shown, (_met(), now, _freeze(call), _back(call)))


def their_number(call: Call, number: Number, *, them: Askable) -> View:
    """The number of somebody whom she permitted to be asked, and what to say."""
    values = {"called": number.called, "caller": number.caller, "name": them.name}
    words = Phrase("staff.call.contact", dict(values))
    return View(Phrase("staff.call_number", {"phone": f"+52{them.phone}"}, (words,)), (_met(), _back(call)))


def people(call: Call, found: list[Askable]) -> View:
    """Whom she permitted to be asked after her."""
    rows = tuple((Button(f"calls.ask.{one.id:x}", person(one)),) for one in found)
    return View(Phrase("staff.call_contacts", {"name": call.card.name, "count": len(found)}), (*rows, _back(call)))


def person(one: Askable) -> Phrase:
    """Somebody whom she named, and who that is to her."""
    return Phrase(_RELATIONS[one.relation], {"name": one.name})


def _met() -> tuple[Button, ...]:
    return (button("calls.met", "staff.call_met_button"),)


def _back(call: Call) -> tuple[Button, ...]:
    return (button(f"calls.her.{call.woman:x}", "staff.call_back_button"),)


# --- what came of it


def outcomes(offered: tuple[Disposition, ...], *, more: bool) -> View:
    """What an attempt can meet; with `more`, a way to what is rare."""
    rows = tuple((button(f"calls.said.{met}", "staff.call_outcome", gloss=gloss(met)),) for met in offered)
    other = button("calls.rare", "staff.call_rare_button") if more else button("calls.met", "staff.call_common_button")
    return View(Phrase("staff.call_what"), (*rows, (other,)))


def days(first: date, among: list[date]) -> View:
    """On which of these days to try again; each button says how many days after `first` it is."""
    rows = tuple(
        (button(f"calls.day.{(day - first).days}", "staff.call_day", day=weekday(day, SPANISH)),) for day in among
    )
    return View(Phrase("staff.call_which_day"), rows)


def hours(day: date, among: list[int]) -> View:
    """At which of these hours of that day to try again."""
    buttons = [button(f"calls.hour.{hour}", "staff.call_hour", hour=f"{hour}:00") for hour in among]
    return View(Phrase("staff.call_which_hour", {"day": weekday(day, SPANISH)}), in_rows(buttons, 4))
