"""What she wants of us rather than tells us: to be left alone, to rest, other hours, fewer reminders, to come back.

* The words by which she leaves are heard wherever she is; the others only where no question of a sitting is open.
* While one is open, a stop that might answer it ("no molesten") is asked about as a doubtful one.
* A doubtful wish is asked about in one tap; what stands as a menu reads her next words first, and only what it knows.
* Nobody who was asked to leave her alone begins again for a message in her chat: who holds the phone is not known.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.participant import actions, hours, pauses
from bot.participant.menus import Attended, Menu, MenuKind, ask, instead_of
from bot.participant.wishes import back_asked, stop_asked, unstopped, wish
from conversations.interpret import read_yes_no
from conversations.reading.controls import Control
from conversations.reading.stopping import Stop, is_unmistakable, read_stop
from conversations.reading.wanted import Wanted, read_rest, read_until, read_wanted
from conversations.speech import Phrase, Said, TapAnswered
from scheduler.dialogue import Event, Facts, Tapped, Wrote
from storage.preferences import RemindersChosen, SoundChosen

YES, NO = "yes", "no"
SURE_KEYS = ("stop.yes", "stop.no")

_OFFERED: dict[MenuKind, Collection[str]] = {
    MenuKind.STOP: (YES, NO),
    MenuKind.PAUSE: pauses.SPANS,
    MenuKind.DATE: (),
    MenuKind.SLOT: hours.SLOTS,
    MenuKind.DAYS: hours.DAYS,
}
"""What the buttons of each menu carry; anything else was made up."""


def attend(menu: Menu | None, event: Event, *, facts: Facts, asking: bool) -> Attended | None:
    """What follows where she wants one of these things, or None where she does not.

    `asking` says that a question of a sitting is open, which her words may answer.
    """
    event = replace(event, at=event.at.astimezone(ZoneInfo(facts.person.zone)))
    match event:
        case Tapped(action=action) if action.startswith(actions.WISH):
            value = action.removeprefix(actions.WISH)
            if menu is None or event.sprint != menu.shown_in or value not in _OFFERED[menu.kind]:
                return Attended(menu, (TapAnswered(event.tap, Phrase("rejected.stale")),))
            return instead_of(menu, _choose(menu, value, event=event, facts=facts), facts=facts)
        case Wrote(edited=False):
            said = _said(menu, event, facts=facts, asking=asking)
            return None if said is None else instead_of(menu, said, facts=facts)
        case _:
            return None


def _choose(menu: Menu, value: str, *, event: Event, facts: Facts) -> Attended:
    match menu.kind:
        case MenuKind.STOP:
            return _left_alone() if value == YES else Attended(None, (Said(Phrase("stop.kept")),))
        case MenuKind.PAUSE | MenuKind.DATE:
            return pauses.choose(value, event=event, facts=facts)
        case MenuKind.SLOT | MenuKind.DAYS:
            return hours.choose(menu, value, event=event, facts=facts)


def _said(menu: Menu | None, event: Wrote, *, facts: Facts, asking: bool) -> Attended | None:
    plain = wish(event) is Control.STOP
    answers_perhaps = plain and asking and menu is None and not is_unmistakable(event.text)
    if plain and not answers_perhaps:
        return _left_alone(event.text)
    if menu is not None and (menu.kind is MenuKind.STOP or not asking):
        settled = _settled(menu, event, facts=facts)
        if settled is not None:
            return settled
    doubtful = read_stop(event.text)
    if answers_perhaps or doubtful is Stop.MAYBE or (doubtful is Stop.WEARY and not asking):
        sure = tuple(zip((YES, NO), SURE_KEYS, strict=True))
        return ask(MenuKind.STOP, Phrase("stop.sure"), choices=sure, event=event, facts=facts)
    return None if asking else _wanted(event, facts)


def _settled(menu: Menu, event: Wrote, *, facts: Facts) -> Attended | None:
    """What her words mean to the menu that stands, if they mean anything to it."""
    match menu.kind:
        case MenuKind.STOP:
            sure = read_yes_no(event.text)
            return None if sure is None else _choose(menu, YES if sure else NO, event=event, facts=facts)
        case MenuKind.PAUSE | MenuKind.DATE:
            until = read_until(event.text, event.at.date())
            if until is not None:
                return pauses.rest_until(until, facts)
            is_a_day = menu.kind is MenuKind.DATE and any(char.isdigit() for char in event.text)
            return pauses.ask_which_day(event, facts, again=True) if is_a_day else None
        case MenuKind.SLOT | MenuKind.DAYS:
            chosen = hours.chosen_in_words(menu, event.text)
            return None if chosen is None else hours.choose(menu, chosen, event=event, facts=facts)


def _wanted(event: Wrote, facts: Facts) -> Attended | None:
    rest, wanted = read_rest(event.text, event.at.date()), read_wanted(event.text)
    goes_on = wanted is Wanted.BACK or wish(event) is Control.CONTINUE
    if facts.person.stopped and goes_on:
        return Attended(None, unstopped() if facts.person.by_somebody else back_asked())
    if facts.person.resting and goes_on:
        return pauses.resume()
    if rest is not None and rest.until is None:
        return pauses.ask_until(event, facts)
    if rest is not None and rest.until is not None and rest.until > event.at.date() + timedelta(days=1):
        return pauses.rest_until(rest.until, facts)  # until tomorrow is no rest: what is open waits as long anyway
    match wanted:
        case Wanted.HOURS:
            return hours.ask_slot(event, facts)
        case Wanted.NO_REMINDERS | Wanted.REMINDERS:
            kept = wanted is Wanted.REMINDERS
            return Attended(None, (RemindersChosen(kept), Said(Phrase("reminders.on" if kept else "reminders.off"))))
        case Wanted.SILENT | Wanted.SOUND:
            heard = wanted is Wanted.SOUND
            return Attended(None, (SoundChosen(heard), Said(Phrase("sound.on" if heard else "sound.off"))))
        case _:
            return None


def _left_alone(text: str = "") -> Attended:
    return Attended(None, stop_asked(text), stopped=True)
