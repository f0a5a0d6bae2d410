"""The room in which staff write to many women at once: composed, tried, handed in, approved, watched, taken back.

* What she composes and what was handed in live in the store; nobody steps twice where somebody else has stepped.
* Promotoras write to their own women, coordinators and admins to all; a second person approves what goes to many.
* While a broadcast goes, the message that shows it changes by itself (`bot/staff/following.py`); any other view in
  this room ends that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.staff import broadcast_draft as drafting
from bot.staff import broadcast_steps as steps
from bot.staff.broadcast_card import Terms, titled
from bot.staff.broadcast_draft import Composing
from bot.staff.room import Act, Turn, View, button, member_of
from conversations.codec import Tagged
from conversations.speech import Button, Phrase
from scheduler.dialogue import Facts
from storage.broadcast_desk import DraftOf, LatestBroadcasts
from storage.members import Member
from storage.records import Need
from storage.watches import Watched


class BroadcastRoom:
    """Where staff write to many."""

    name = "broadcast"
    states: Tagged[Any] = Tagged(Composing)

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def until(self, held: Any) -> datetime | None:
        """A draft waits as long as she does."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The draft, the list, or the broadcast that a button is about."""
        if act.verb == "list":
            return (LatestBroadcasts(member), DraftOf(member))
        if act.verb == "submit":
            about = drafting.needs(held or Composing(), act, member=member, terms=self._terms)
            return (*about, LatestBroadcasts(member))
        if act.verb in drafting.VERBS:
            return drafting.needs(held or Composing(), act, member=member, terms=self._terms)
        return steps.needs(act, member=member, terms=self._terms)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Compose, or step on with what was handed in."""
        composing = held or Composing()
        if act.verb == "list":
            turn: Turn | None = Turn(Composing("", composing.tried), _list(facts))
        elif act.verb == "submit" and (again := steps.repeated(composing, act, facts=facts, terms=self._terms)):
            turn = again
        elif act.verb in drafting.VERBS:
            turn = drafting.step(composing, act, facts=facts, terms=self._terms)
        else:
            turn = steps.step(composing, act, facts=facts, terms=self._terms)
        if turn is None or turn.view is None or any(isinstance(effect, Watched) for effect in turn.effects):
            return turn
        return replace(turn, effects=(*turn.effects, Watched(None)))


def _list(facts: Facts) -> View:
    """The draft and the latest that were handed in."""
    member = member_of(facts)
    found = facts.get(LatestBroadcasts(member)) or ()
    begins = facts.get(DraftOf(member)) is None
    compose = button("broadcast.compose", "staff.broadcast_new_button" if begins else "staff.broadcast_go_on_button")
    rows = tuple((Button(f"broadcast.card.{one.id:x}", titled(one)),) for one in found)
    said = Phrase("staff.broadcast_list" if found else "staff.broadcast_none")
    return View(said, ((compose,), *rows))
