"""What is changed of one woman from her card: dates, place, hours, whose she is.

* What a correction moves among her check-ins is shown first; *Guardar* writes that, and nothing else.
* Whoever comes second, while somebody else changes the same, is told so and sees how it stands now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.staff import permissions
from bot.staff.room import Act, Rows, Turn, View, button, member_of, paged, stale, whole
from bot.staff.roster_card import day, place_of
from conversations.codec import Tagged
from conversations.speech import Button, Phrase
from scheduler.applied import Plans
from scheduler.calendar import Slot
from scheduler.correcting import Corrected, Correction, CorrectionPreview, Previewed
from scheduler.dialogue import Facts
from scheduler.planning import Appear, Change, Close, Move, Reopen
from scheduler.zones import region_of, state_named, zone_for
from storage.dossiers import Dossier, DossierOf
from storage.imports.cells import CellRefused, read_text
from storage.imports.centres import CENTRES, centre_code
from storage.imports.participants import read_days, read_release, read_slot
from storage.members import Listed, Member, Team
from storage.orders import GivenTo
from storage.records import Need

STAFF, ZONE = "staff", "zone"
FIELDS = ("release_on", "centre", ZONE, "region", "slot", "days", STAFF)
FIELD_KEYS = (
    *("staff.field_release", "staff.field_centre", "staff.field_zone", "staff.field_region"),
    *("staff.field_slot", "staff.field_days", "staff.field_staff"),
)
ASK_KEYS = (
    *("staff.ask_release", "staff.ask_centre", "staff.ask_place", "staff.ask_region"),
    *("staff.ask_slot", "staff.ask_days", "staff.ask_staff"),
)
_NAMES = dict(zip(FIELDS, FIELD_KEYS, strict=True))
_QUESTIONS = dict(zip(FIELDS, ASK_KEYS, strict=True))
SLOT_KEYS = ("staff.slot_manana", "staff.slot_tarde", "staff.slot_noche", "staff.slot_cualquiera")
SLOTS = dict(zip(Slot, SLOT_KEYS, strict=True))
CHANGE_KEYS = ("staff.change_appears", "staff.change_moves", "staff.change_closes", "staff.change_reopens")
_CHANGES: dict[type, str] = dict(zip((Appear, Move, Close, Reopen), CHANGE_KEYS, strict=True))

MOST_CHANGES = 8
"""Lines of a preview; how many more there are is told."""


@dataclass(frozen=True, slots=True)
class Editing:
    """What she writes or taps next is this of her; it was `was` when she asked to change it."""

    woman: int
    field: str
    was: str


@dataclass(frozen=True, slots=True)
class Previewing:
    """This correction waits for her word."""

    woman: int
    field: str
    value: str
    was: str

    @property
    def correction(self) -> Correction:
        """What is written if she confirms it."""
        return Correction(self.woman, self.field, self.value, self.was)


class EditRoom:
    """Where one woman's facts are changed."""

    name = "woman"
    states: Tagged[Any] = Tagged(Editing, Previewing)

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Her card; the team, or what would follow, where that is shown."""
        if act.verb in ("edit", "field"):
            team = (Team(),) if act.rest.partition(".")[0] == STAFF else ()
            return (DossierOf(member, act.id), *team)
        if held is None:
            return ()
        wanted = _wanted(held, act)
        preview = () if wanted is None else (CorrectionPreview(member, wanted, self._plans),)
        return (DossierOf(member, held.woman), *preview, *((Team(),) if act.verb == "give" else ()))

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Ask what to change, show what follows, write it."""
        if act.verb in ("edit", "field"):
            her = facts.get(DossierOf(member_of(facts), act.id))
            return _asked(held, act, her=her, facts=facts)
        if held is None:
            return None
        her = facts.get(DossierOf(member_of(facts), held.woman))
        if her is None:
            return Turn(None, toast=Phrase("staff.roster_gone"))
        match act.verb, held:
            case ("give", Editing(field="staff")) if act.fresh:
                return _given(held, act, her=her, facts=facts)
            case ("pick", Editing()) if act.fresh:
                return self._preview(held, act, her=her, facts=facts)
            case (permissions.HEARD, Editing()):
                return self._preview(held, act, her=her, facts=facts)
            case ("save", Previewing()) if act.fresh:
                return self._save(held, act, her=her, facts=facts)
            case (permissions.HEARD, _):
                return None
            case _:
                return stale(held)

    def _preview(self, held: Editing, act: Act, *, her: Dossier, facts: Facts) -> Turn:
        wanted = _wanted(held, act)
        found = None if wanted is None else facts.get(CorrectionPreview(member_of(facts), wanted, self._plans))
        if wanted is None or found is None:
            return Turn(held, View(Phrase("staff.edit_unread", lines=(Phrase(_QUESTIONS[held.field]),)), _back(her)))
        if found.never:
            return Turn(held, View(Phrase("staff.edit_never"), _back(her)))
        if wanted.value == wanted.was:
            return Turn(None, View(Phrase("staff.edit_same"), _back(her)))
        save = (button("woman.save", "staff.save_button"),)
        previewing = Previewing(wanted.woman, wanted.field, wanted.value, wanted.was)
        return Turn(previewing, View(_foretold(wanted, found, her=her), (save, *_back(her))))

    def _save(self, held: Previewing, act: Act, *, her: Dossier, facts: Facts) -> Turn:
        me = member_of(facts)
        found = facts.get(CorrectionPreview(me, held.correction, self._plans))
        if found is None or found.stale:
            return _overtaken(held.field, her)
        done = Phrase("staff.edit_saved", {"name": her.card.name})
        return Turn(None, View(done, _back(her)), (Corrected(held.correction, me.staff, self._plans),), stays=False)


def _overtaken(field: str, her: Dossier) -> Turn:
    """Somebody else was first: how it stands now, and the way to change it all the same."""
    now = shown(field, her.value(field)) if field != STAFF else her.staff_name or "—"
    again = (button(f"woman.field.{her.id:x}.{field}", "staff.edit_again_button"),)
    said = Phrase("staff.edit_overtaken", {"name": her.card.name, "value": now})
    return Turn(None, View(said, (again, *_back(her))), stays=False)


def _asked(held: Any, act: Act, *, her: Dossier | None, facts: Facts) -> Turn:
    """Which fact, or what it is to be."""
    if her is None:
        return Turn(held, toast=Phrase("staff.roster_gone"))
    field, _, page = act.rest.partition(".")
    if act.verb == "edit" or field not in FIELDS:
        me = member_of(facts)
        offered = [name for name in FIELDS if name != STAFF or permissions.may(me.role, "woman.give")]
        rows = [(button(f"woman.field.{her.id:x}.{name}", _NAMES[name]),) for name in offered]
        paper = ((button(f"paper.begin.{her.id:x}", "staff.paper_button"),),)
        return Turn(None, View(Phrase("staff.edit_what", {"name": her.card.name}), (*rows, *paper, *_back(her))))
    known = her.staff_name if field == STAFF else shown(field, her.value(field))
    asked = Phrase("staff.edit_now", {"value": known or "—"}, (Phrase(_QUESTIONS[field]),))
    choices = paged(_choices(field, facts), f"woman.field.{her.id:x}.{field}", page=whole(page))
    return Turn(Editing(her.id, field, her.value(field)), View(asked, (*choices, *_back(her))))


def _choices(field: str, facts: Facts) -> Rows:
    match field:
        case "slot":
            return tuple((button(f"woman.pick.{code}", key),) for code, key in SLOTS.items())
        case "centre":
            return tuple(
                (button(f"woman.pick.{code}", "staff.named", name=names[0]),) for code, names in CENTRES.items()
            )
        case "staff":
            team = [one for one in facts.get(Team()) or () if one.role != "auditor"]
            return (*((_member(one),) for one in team), (button("woman.give.0", "staff.nobody_button"),))
        case _:
            return ()


def _member(one: Listed) -> Button:
    return button(f"woman.give.{one.staff:x}", "staff.member_women", name=one.name, count=one.women)


def _back(her: Dossier) -> Rows:
    return ((button(f"roster.card.{her.id:x}", "staff.card_button"),),)


# --- what she wrote


def _wanted(held: Any, act: Act) -> Correction | None:
    """The correction that she asks for; None where it cannot be read."""
    if isinstance(held, Previewing):
        return held.correction if act.verb == "save" else None
    if not isinstance(held, Editing) or held.field == STAFF:
        return None
    said = act.about if act.verb == "pick" else act.words
    value = read_fact(held.field, said, today=act.at.date())
    return None if value is None else Correction(held.woman, held.field, value, held.was)


def read_fact(field: str, said: str, *, today: date) -> str | None:
    """What she says of this one of the FIELDS, as its code; None where it cannot be read."""
    try:
        text = read_text(said.strip())
        if not text:
            return None
        match field:
            case "release_on":
                return read_release(text, today).isoformat()
            case "centre":
                return centre_code(text) or text
            case "zone":
                state, _, municipality = text.partition(",")
                return zone_for(state, municipality or None)
            case "region":
                return region_of(text)
            case "slot":
                return read_slot(text)
            case _:
                return read_days(text)
    except CellRefused:
        return None


DAYS = ("lu", "ma", "mi", "ju", "vi", "sá", "do")


def shown(field: str, value: str) -> str:
    """A fact as staff read it; "" for nothing."""
    match field:
        case "release_on" if value:
            return day(date.fromisoformat(value))
        case "centre" if value:
            return place_of(value)
        case "region" if value:
            return state_named(value)
        case "zone":
            return value.rpartition("/")[2].replace("_", " ")
        case "days":
            return ", ".join(DAYS[int(digit)] for digit in value) or "todos"
        case _:
            return value


# --- what follows


def _foretold(wanted: Correction, found: Previewed, *, her: Dossier) -> Phrase:
    values: dict[str, str | int] = {"name": her.card.name, "value": shown(wanted.field, wanted.value)}
    if not found.changes:
        return Phrase("staff.edit_preview_none", values)
    lines = [_line(change) for change in found.changes[:MOST_CHANGES]]
    if (more := len(found.changes) - MOST_CHANGES) > 0:
        lines.append(Phrase("staff.change_more", {"count": more}))
    return Phrase("staff.edit_preview", values, tuple(lines))


def _line(change: Change) -> Phrase:
    before = None if isinstance(change, Appear) else change.row.due_on
    values: dict[str, str | int] = {"was": "—" if before is None else day(before), "day": _day(change.to.due_on)}
    return Phrase(_CHANGES[type(change)], values)


def _day(on: date | None) -> str:
    return "—" if on is None else day(on)


# --- whose she is


def _given(held: Editing, act: Act, *, her: Dossier, facts: Facts) -> Turn:
    me, to = member_of(facts), act.id or None
    if her.value(STAFF) != held.was:
        return _overtaken(STAFF, her)
    known = {one.staff: one.name for one in facts.get(Team()) or () if one.role != "auditor"}
    if to is not None and to not in known:
        return Turn(held, toast=Phrase("staff.member_gone"))
    said = Phrase("staff.given", {"name": her.card.name, "to": known.get(to or 0, "—")})
    return Turn(None, View(said, _back(her)), (GivenTo(her.id, to, her.staff, me.staff),), stays=False)
