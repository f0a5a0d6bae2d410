"""The calls that wait, one woman at a time: why she is called, her number and the words, and what became of it.

* A number is told to whoever takes charge of the call, never one that is wrong or not safe; that it was read is kept.
* Nothing is written before *Guardar*; what follows from it is shown first. The words of a note are sealed.
* Whoever comes second learns who has the call, or what became of it, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.staff import call_card, permissions
from bot.staff.call_card import COMMON, LONGEST_NOTE, RARE, after, card, gloss, moment
from bot.staff.room import Act, Turn, View, button, member_of, stale, whole
from conversations.codec import Tagged
from conversations.speech import Button, Phrase
from scheduler.applied import Plans
from scheduler.calendar import local_day
from scheduler.calling import CallSettled, hours_of, try_again
from scheduler.dialogue import Facts
from storage.call_desk import (
    AskableOf,
    Askables,
    Call,
    CallOf,
    CallTaken,
    ContactsRead,
    NextCall,
    NumberOf,
)
from storage.calls import MEANINGS, NUMBER_FAILED, ONLY_SHE, Attempt, Channel, Disposition
from storage.imports.cells import CellRefused, read_phone
from storage.members import Member
from storage.records import Need

DAYS_AHEAD = 7
CHANNEL_KEYS = ("staff.call_by_telefono", "staff.call_by_visita", "staff.call_by_mensaje")
_CHANNELS = dict(zip(Channel, CHANNEL_KEYS, strict=True))
FOLLOWS_KEYS = (
    *("staff.call_follows_refused", "staff.call_follows_prison", "staff.call_follows_died"),
    *("staff.call_follows_wrong", "staff.call_follows_withdrawn"),
)
_REFUSED, _PRISON, _DIED, _WRONG, _WITHDRAWN = FOLLOWS_KEYS
_FOLLOWS = {
    Disposition.REFUSED: _REFUSED,
    Disposition.IN_PRISON: _PRISON,
    Disposition.DIED: _DIED,
    **dict.fromkeys(NUMBER_FAILED, _WRONG),
}
READING = frozenset({"list", "next", "her", "notes", "dial", "take", "contacts", "ask"})


@dataclass(frozen=True, slots=True)
class Calling:
    """She is calling this woman, or (`contact`) somebody who may know where she is; what she has told so far of what
    became of it. `again` is a moment, `day` a date of the woman's, both as ISO 8601 has them."""

    woman: int
    contact: int = 0
    met: str = ""
    channel: str = Channel.PHONE
    note: str = ""
    phone: str = ""
    day: str = ""
    again: str = ""

    @property
    def ends(self) -> bool:
        """Whether what was met ends the task: a contact's own refusal says nothing about her."""
        met = Disposition(self.met)
        return MEANINGS[met].final and not (met is Disposition.REFUSED and self.contact)

    @property
    def lacks_phone(self) -> bool:
        """Whether the new number has still to be told."""
        return self.met == Disposition.CHANGED_NUMBER and not self.phone


class CallRoom:
    """Where staff call whom no message reaches."""

    name = "calls"
    states: Tagged[Any] = Tagged(Calling)

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The call that is meant, and the number or the contacts where they are asked for."""
        woman = act.id
        match act.verb:
            case "list" | "next":
                return (NextCall(member, woman),)
            case "her" | "notes":
                return (CallOf(member, woman),)
            case "dial" | "take":
                return (CallOf(member, woman), NumberOf(member, woman))
            case "contacts":
                return (CallOf(member, woman), Askables(member, woman))
            case "ask":
                return (AskableOf(member, woman),)
            case _:
                return (CallOf(member, held.woman),) if held is not None else ()

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show whom to call, or take what became of it."""
        if act.verb in READING:
            return _read(act, facts=facts)
        if act.verb == permissions.HEARD and (held is None or not held.met):
            return None
        if held is None or not (act.fresh or act.verb == permissions.HEARD):
            return stale(held)
        me = member_of(facts)
        call = facts.get(CallOf(me, held.woman))
        if call is None:
            return _over(held.woman)
        if call.owner != me.staff:
            return _not_mine(call)
        return self._told(held, act, call=call, me=me.staff)

    # --- what became of it

    def _told(self, held: Calling, act: Act, *, call: Call, me: int) -> Turn | None:
        match act.verb:
            case "met" | "rare":
                common = act.verb == "met"
                return Turn(held, call_card.outcomes(_offered(held, COMMON if common else RARE), more=common))
            case "said" if act.about in set(_offered(held, tuple(Disposition))):
                held = replace(held, met=act.about)
                return (
                    self._days(held, act, call=call)
                    if act.about == Disposition.CALLBACK
                    else self._sum(held, act, call=call)
                )
            case "channel" if act.about in set(Channel):
                return self._sum(replace(held, channel=act.about), act, call=call)
            case "when" if held.met and not held.ends:
                return self._days(held, act, call=call)
            case "day" if act.about in {str(n) for n in range(DAYS_AHEAD)}:
                return self._hours(held, act, call=call)
            case "hour" if held.day and act.about.isdecimal():
                return self._named(held, act, call=call)
            case permissions.HEARD if len(act.words) > LONGEST_NOTE:
                return Turn(held, _too_long(act.words))
            case permissions.HEARD:
                return self._sum(_heard(held, act.words), act, call=call)
            case "save" if held.met and not held.lacks_phone:
                return self._save(held, act, call=call, me=me)
            case _:
                return stale(held)

    def _sum(self, held: Calling, act: Act, *, call: Call) -> Turn:
        """What will be written, and what follows from it."""
        if held.lacks_phone:
            return Turn(
                held, View(Phrase("staff.call_ask_phone"), ((button("calls.met", "staff.call_other_button"),),))
            )
        said = Phrase("staff.call_sum", {"gloss": gloss(Disposition(held.met)), "name": call.card.name})
        rows: list[tuple[Button, ...]] = [(button("calls.save", "staff.save_button"),)]
        if not held.ends:
            rows.append((button("calls.when", "staff.call_when_button"),))
        ways = [button(f"calls.channel.{way}", key) for way, key in _CHANNELS.items() if way != held.channel]
        rows += [tuple(ways), (button("calls.met", "staff.call_other_button"),)]
        return Turn(held, View(replace(said, lines=tuple(self._lines(held, act, call=call))), tuple(rows)))

    def _lines(self, held: Calling, act: Act, *, call: Call) -> Iterator[Phrase]:
        yield Phrase(_CHANNELS[Channel(held.channel)])
        if held.phone:
            yield Phrase("staff.call_new_phone", {"phone": held.phone})
        if key := _FOLLOWS.get(Disposition(held.met)):
            yield Phrase(_WITHDRAWN if key == _REFUSED and held.contact else key)
        if held.ends:
            yield Phrase("staff.call_ends")
        else:
            yield Phrase("staff.call_again", {"when": moment(self._again(held, act, call=call), call.hours.zone)})
        yield Phrase("staff.call_note", {"note": held.note}) if held.note else Phrase("staff.call_ask_note")

    def _again(self, held: Calling, act: Act, *, call: Call) -> datetime:
        if held.again:
            return datetime.fromisoformat(held.again)
        her, calendar = hours_of(call.hours, plans=self._plans)
        return try_again(act.at, her, calendar=calendar)

    def _save(self, held: Calling, act: Act, *, call: Call, me: int) -> Turn:
        attempt = Attempt(
            Disposition(held.met), Channel(held.channel), held.contact or None, held.note or None, held.phone or None
        )
        again = self._again(held, act, call=call)
        done = Phrase(
            "staff.call_saved_over" if held.ends else "staff.call_saved", {"when": moment(again, call.hours.zone)}
        )
        settled = CallSettled(held.woman, attempt, me, again, self._plans)
        return Turn(None, View(done, (after(held.woman),)), (settled,))

    # --- another time

    def _days(self, held: Calling, act: Act, *, call: Call) -> Turn:
        today = local_day(act.at, ZoneInfo(call.hours.zone))
        among = [day for n in range(DAYS_AHEAD) if self._open(day := today + timedelta(days=n), act, call=call)]
        return Turn(held, call_card.days(today, among))

    def _hours(self, held: Calling, act: Act, *, call: Call) -> Turn:
        day = local_day(act.at, ZoneInfo(call.hours.zone)) + timedelta(days=int(act.about))
        among = self._open(day, act, call=call)
        if not among:
            return self._days(held, act, call=call)
        return Turn(replace(held, day=day.isoformat()), call_card.hours(day, among))

    def _named(self, held: Calling, act: Act, *, call: Call) -> Turn:
        day = date.fromisoformat(held.day)
        if int(act.about) not in self._open(day, act, call=call):
            return self._days(held, act, call=call)
        again = _at(day, int(act.about), call=call)
        return self._sum(replace(held, again=again.isoformat()), act, call=call)

    def _open(self, day: date, act: Act, *, call: Call) -> list[int]:
        """The hours of that day of hers which are still to come, and in which nobody is woken."""
        _, calendar = hours_of(call.hours, plans=self._plans)
        among = range(calendar.chosen_from.hour, calendar.chosen_until.hour)
        return [hour for hour in among if _at(day, hour, call=call) > act.at]


def _at(day: date, hour: int, *, call: Call) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(call.hours.zone))


def _heard(held: Calling, words: str) -> Calling:
    """A number is her new one, anything else a note; while the number is missing, nothing else will do."""
    try:
        return replace(held, phone=read_phone(words))
    except CellRefused:
        return held if held.lacks_phone else replace(held, note=words)


def _too_long(words: str) -> View:
    """The note is not taken; the attempt waits as it was."""
    told = Phrase("staff.call_note_too_long", {"count": len(words), "most": LONGEST_NOTE})
    return View(told, ((button("calls.save", "staff.save_button"),), (button("calls.met", "staff.call_other_button"),)))


def _offered(held: Calling, among: tuple[Disposition, ...]) -> tuple[Disposition, ...]:
    return tuple(met for met in among if not (held.contact and met in ONLY_SHE))


# --- whom to call


def _read(act: Act, *, facts: Facts) -> Turn:
    me, woman = member_of(facts), act.id
    if act.verb in ("list", "next"):
        call = facts.get(NextCall(me, woman))
        return _through(woman) if call is None else Turn(None, card(call, me.staff, at=act.at))
    if act.verb == "ask":
        return _ask(act, facts=facts)
    call = facts.get(CallOf(me, woman))
    if call is None:
        return _over(woman)
    match act.verb:
        case "her":
            return Turn(None, card(call, me.staff, at=act.at))
        case "notes":
            return Turn(None, call_card.notes(call, whole(act.rest)))
        case "contacts":
            found = facts.get(Askables(me, woman)) or []
            return Turn(None, call_card.people(call, found), (ContactsRead(woman, me.staff),))
        case _:
            return _dial(act, call, facts=facts)


def _dial(act: Act, call: Call, *, facts: Facts) -> Turn:
    me = member_of(facts)
    number = facts.get(NumberOf(me, call.woman))
    if number is None:
        return _over(call.woman)
    if act.verb == "dial" and call.owner not in (None, me.staff):
        return _not_mine(call)
    return Turn(Calling(call.woman), call_card.her_number(call, number), (CallTaken(call.woman, me.staff, call.owner),))


def _ask(act: Act, *, facts: Facts) -> Turn:
    me = member_of(facts)
    asked = facts.get(AskableOf(me, act.id))
    if asked is None:
        return Turn(None, toast=Phrase("staff.call_contact_gone"))
    call = asked.call
    if call.owner not in (None, me.staff):
        return _not_mine(call)
    taken = CallTaken(call.woman, me.staff, call.owner, contact=True)
    calling = Calling(call.woman, contact=asked.them.id)
    return Turn(calling, call_card.their_number(call, asked.number, them=asked.them), (taken,))


def _not_mine(call: Call) -> Turn:
    """Somebody else has the call: she is told who, and may take it over."""
    nobodys = Phrase("staff.call_nobodys")
    said = nobodys if call.owner is None else Phrase("staff.call_taken", {"name": call.owner_name})
    take = (button(f"calls.take.{call.woman:x}", "staff.call_take_button"),)
    return Turn(None, View(said, (take, after(call.woman))))


def _over(woman: int) -> Turn:
    return Turn(None, View(Phrase("staff.call_over"), (after(woman),)))


def _through(woman: int) -> Turn:
    """Nobody comes after her, or there is nobody at all."""
    if not woman:
        return Turn(None, View(Phrase("staff.call_nobody")))
    return Turn(None, View(Phrase("staff.call_all_seen"), ((button("calls.list", "staff.call_again_button"),),)))
