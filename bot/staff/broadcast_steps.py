"""What is done with a broadcast that was handed in, and how it looks in one's own chat first.

* A step that begins where the broadcast no longer stands shows where it stands, and does nothing.
* Approving is about what was on the screen: the button carries its mark, and never works for its maker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.staff import broadcast_draft as drafting
from bot.staff.broadcast_card import BY_TALLY, TO_LIST, Beholder, Terms, card, handed_in, mark
from bot.staff.broadcast_draft import Composing
from bot.staff.broadcast_whom import because, excluded
from bot.staff.room import Act, Turn, View, button, member_of, tapped_in
from bot.staff.wording import why
from conversations.speech import Button, ButtonsRemoved, ChatCleaned, FileHanded, Phrase, Said
from scheduler.dialogue import Facts
from storage.broadcast_desk import (
    Approved,
    Broadcast,
    BroadcastById,
    DraftOf,
    LatestBroadcasts,
    NamedIn,
    Stepped,
)
from storage.broadcasts import BroadcastState
from storage.composing import mark_of
from storage.deliveries import MOST_ROWS, DeliverySheet, ReasonsOf, Retirable, SheetMade
from storage.members import Member, Team
from storage.mentions import Mentions
from storage.notices import relayed
from storage.recipients import RecipientState
from storage.records import Need
from storage.retiring import Retired
from storage.watches import Watched

LOOKS = frozenset({"open", "clear"})
"""What shows a broadcast in her own chat, and what takes it away: the draft comes after it."""

_BEFORE = {
    "approve": {BroadcastState.WAITING_APPROVAL},
    "back": {BroadcastState.WAITING_APPROVAL, BroadcastState.SCHEDULED},
    "pause": {BroadcastState.SCHEDULED, BroadcastState.SENDING},
    "resume": {BroadcastState.PAUSED},
    "cancel": set(BroadcastState) - {BroadcastState.DRAFT, BroadcastState.CANCELLED, BroadcastState.DONE},
    "retire": {BroadcastState.DONE, BroadcastState.CANCELLED, BroadcastState.PAUSED},
}
_BEFORE |= {"cancelled": _BEFORE["cancel"], "retired": _BEFORE["retire"]}


def needs(act: Act, *, member: Member, terms: Terms) -> Sequence[Need[Any]]:
    """The broadcast that a button is about, and what else it takes."""
    id_ = act.id
    about: list[Need[Any]] = [BroadcastById(id_, member), NamedIn(id_, member), Team()]
    if act.verb in LOOKS:
        about.append(drafting.draft_of(member, terms))
    if act.verb in ("try", "back"):
        about.append(DraftOf(member))
    if act.verb == "report":
        about.append(ReasonsOf(id_, member))
    if act.verb == "sheet":
        about.append(DeliverySheet(id_, member, why))
    if act.verb == "retired":
        about.append(Retirable(id_, member))
    return about


@dataclass(frozen=True, slots=True)
class _Scene:
    """One act about a broadcast that she may see."""

    held: Composing
    act: Act
    facts: Facts
    by: Beholder
    found: Broadcast

    @property
    def me(self) -> Member:
        return self.by.member

    @property
    def sprint(self) -> int:
        """The one whose message changes, or the one that comes."""
        here = tapped_in(self.act.event, self.facts)
        return self.facts.sprint if here is None else here

    @property
    def id(self) -> str:
        """The broadcast, as buttons name it."""
        return f"{self.found.id:x}"


def step(held: Composing, act: Act, *, facts: Facts, terms: Terms) -> Turn | None:
    """Take one act about a broadcast, if she may see it and it stands where the act begins."""
    member = member_of(facts)
    found = facts.get(BroadcastById(act.id, member))
    if act.verb == "try" and not act.about:
        found = facts.get(DraftOf(member))
    if found is None:
        return Turn(held, toast=Phrase("staff.broadcast_gone"))
    names = {one.staff: one.name for one in facts.get(Team()) or ()}
    named = facts.get(NamedIn(act.id, member)) or Mentions()
    scene = _Scene(held, act, facts, Beholder(member, act.at, terms, names, named), found)
    if act.verb in ("try", *LOOKS):
        return _tried(scene)
    if found.state is BroadcastState.DRAFT:
        return Turn(held, toast=Phrase("staff.broadcast_is_draft_again"))
    if found.state not in _BEFORE.get(act.verb, {found.state}):
        return _card(scene, found, toast=Phrase("staff.broadcast_moved_on"))
    match act.verb:
        case "approve":
            return _approved(scene)
        case "back":
            return _back(scene)
        case "cancel" | "retire":
            return Turn(held, _sure(scene))
        case "report" | "sheet":
            return _reported(scene)
        case _:
            return _stepped(scene)


def _card(scene: _Scene, found: Broadcast, *, toast: Phrase | None = None, does: tuple[Any, ...] = ()) -> Turn:
    """How it stands, in a message that changes as it goes on."""
    held = Composing("", scene.held.tried)
    return Turn(held, card(found, scene.by), (*does, Watched(found.id, scene.sprint)), toast=toast)


def repeated(held: Composing, act: Act, *, facts: Facts, terms: Terms) -> Turn | None:
    """She taps *Enviar* once more: what she has handed in by it, if she has nothing else in hand."""
    member = member_of(facts)
    draft = facts.get(drafting.draft_of(member, terms))
    if draft is None or draft.id is not None:
        return None
    for found in facts.get(LatestBroadcasts(member)) or ():
        if found.made_by == member.staff and act.about == f"{mark_of(found.definition)}.{found.total}":
            if found.state in _BEFORE["back"]:
                return Turn(held, handed_in(found.id, found.definition, count=found.total, terms=terms))
            return Turn(held, card(found, Beholder(member, act.at, terms)))
    return None


# --- its steps


def _approved(scene: _Scene) -> Turn:
    """The second person says yes to what she saw."""
    found, (_, _, shown) = scene.found, scene.act.about.partition(".")
    if found.made_by == scene.me.staff:
        return _card(scene, found, toast=Phrase("staff.broadcast_not_the_maker"))
    if shown != mark(found):
        return _card(scene, found, toast=Phrase("staff.broadcast_changed"))
    if scene.by.named.women:
        return _card(scene, found, toast=Phrase("staff.broadcast_names_somebody"))
    after = replace(found, state=BroadcastState.SCHEDULED, approved_by=scene.me.staff)
    rules = scene.by.terms.rules
    return _card(scene, after, toast=Phrase("staff.broadcast_approved"), does=(Approved(found.id, scene.me, rules),))


def _back(scene: _Scene) -> Turn:
    """A draft again, for its maker, unless she is composing another."""
    if scene.found.made_by != scene.me.staff:
        return _card(scene, scene.found, toast=Phrase("staff.broadcast_only_maker"))
    if scene.facts.get(DraftOf(scene.me)) is not None:
        return _card(scene, scene.found, toast=Phrase("staff.broadcast_other_draft"))
    rows = ((button("broadcast.compose", "staff.broadcast_go_on_button"),), TO_LIST)
    done = View(Phrase("staff.broadcast_taken_back"), rows)
    return Turn(scene.held, done, (Stepped(scene.found.id, scene.me, "take_back"),))


def _sure(scene: _Scene) -> View:
    no = button(f"broadcast.card.{scene.id}", "button.no")
    if scene.act.verb == "cancel":
        left = scene.found.tally.get(RecipientState.WAITING, 0)
        yes = button(f"broadcast.cancelled.{scene.id}", "staff.broadcast_cancel_sure")
        return View(Phrase("staff.broadcast_cancel_ask", {"count": left}), ((yes, no),))
    yes = button(f"broadcast.retired.{scene.id}", "staff.broadcast_retire_sure")
    return View(Phrase("staff.broadcast_retire_ask"), ((yes, no),))


_AFTER = {
    "pause": ("pause", BroadcastState.PAUSED),
    "resume": ("resume", BroadcastState.SENDING),
    "cancelled": ("cancel", BroadcastState.CANCELLED),
}


def _stepped(scene: _Scene) -> Turn | None:
    """One of the other steps, or just the card."""
    found, verb = scene.found, scene.act.verb
    if verb == "retired":
        done = (Stepped(found.id, scene.me, "retire"),)
        now, before = scene.facts.get(Retirable(found.id, scene.me)) or Retired(), found.retired or Retired()
        gone = replace(found, retired=before + now)
        return _card(scene, gone, toast=Phrase("staff.broadcast_retiring"), does=done)
    if verb not in _AFTER:
        return _card(scene, found) if verb == "card" else None
    step_, state = _AFTER[verb]
    if verb == "resume" and found.paused_from is not None:
        state = found.paused_from
    return _card(scene, replace(found, state=state), does=(Stepped(found.id, scene.me, step_),))


# --- in her own chat first


def _tried(scene: _Scene) -> Turn:
    """As a woman gets it: a harmless line, what it says at her tap, and gone at another."""
    act, facts, content = scene.act, scene.facts, scene.found.definition.content
    if act.verb == "try":
        opens = Button(f"broadcast.open.{scene.id}", Phrase("notice.open"))
        return Turn(scene.held, effects=(Said(Phrase("notice.waiting"), ((opens,),), facts.session, facts.sprint),))
    if act.verb == "clear":
        return _after_trial(scene, scene.held, effects=(ChatCleaned(facts.session, scene.sprint),))
    name = scene.by.names.get(scene.me.staff, "").partition(" ")[0]
    clear = ((button(f"broadcast.clear.{scene.id}", "notice.clear"),),)
    messages = relayed(content, name or None, reading=facts.session, sprint=facts.sprint, last=True)
    shown = [replace(one, rows=clear) if one.rows else one for one in messages]
    effects = (ButtonsRemoved(facts.session, scene.sprint), *shown)
    return _after_trial(scene, Composing("", mark_of(content)), effects=effects)


def _after_trial(scene: _Scene, held: Composing, *, effects: tuple[Any, ...]) -> Turn:
    """Then what she was about: her draft, or what waits for her yes."""
    now = scene.facts.get(drafting.draft_of(scene.me, scene.by.terms))
    if now is not None and now.id == scene.found.id:
        return Turn(held, drafting.draft(now, held, terms=scene.by.terms), effects, anew=True)
    shown = (*effects, Watched(scene.found.id, scene.facts.sprint))
    return Turn(scene.held, card(scene.found, scene.by), shown, anew=True)


# --- the report


def _reported(scene: _Scene) -> Turn:
    """How many ended how, and why; or the workbook."""
    found, me = scene.found, scene.me
    if scene.act.verb == "sheet":
        content = scene.facts.get(DeliverySheet(found.id, me, why))
        if content is None:
            return Turn(scene.held, toast=Phrase("staff.broadcast_sheet_too_long", {"most": MOST_ROWS}))
        file = FileHanded(f"difusion-{scene.by.terms.wall(found.made_at):%Y-%m-%d}.xlsx", content, scene.facts.session)
        return Turn(scene.held, effects=(file, SheetMade(found.id, me)))
    reasons = scene.facts.get(ReasonsOf(found.id, me)) or {}
    lines = (*_reasons(reasons), *excluded(found.excluded))
    sheet = button(f"broadcast.sheet.{scene.id}", "staff.broadcast_sheet_button")
    back = button(f"broadcast.card.{scene.id}", "staff.broadcast_card_button")
    return Turn(
        scene.held, View(Phrase("staff.broadcast_report", {"count": found.total}, lines), ((sheet, back), TO_LIST))
    )


def _reasons(reasons: Mapping[tuple[RecipientState, str | None], int]) -> tuple[Phrase, ...]:
    """A line for each state, and below it one for each reason that it has."""
    lines: list[Phrase] = []
    for state in RecipientState:
        of_state = {reason: number for (one, reason), number in reasons.items() if one is state}
        if not of_state:
            continue
        below = tuple(
            because(reason, number)
            for reason, number in sorted(of_state.items(), key=lambda item: -item[1])
            if reason is not None and reason != state
        )
        lines.append(Phrase(BY_TALLY[state], {"count": sum(of_state.values())}, below))
    return tuple(lines)
