"""That the watch can fail: the bot with one line of it broken, and a few drawn steps that must show it.

* Each break is one that somebody could make. Whole, the bot goes through the same steps; broken, it must be caught, and
  for what was broken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.courier import Courier, Hours
from bot.journey import Journey
from scheduler import batch, cadence, replanning, writers
from scheduler.cadence import LedgerRow, Nothing
from scheduler.planning import _Planning
from storage import leaving, ledger
from storage.database import Tx
from storage.leaving import Held
from storage.people import ChatBlocked
from storage.revisions import Standing
from tests.property.test_ledger_invariants import live
from tests.support.fortunes import Step
from tests.support.watch import Broken
from tests.support.world import migrated_file

__all__ = ["migrated_file"]

Break = Callable[[pytest.MonkeyPatch], None]
DAYS = 50
A_YEAR = timedelta(days=365)

JOINS = Step(1, "joins", 0, 7)
"""Released today, in Cancún: her first check-in opens in a week at nine, and closes in three."""

EVENINGS = Step(0, "chooses", 0, 11)
"""From Monday to Friday, from five."""

LINE_AT_OPENING = Step(164, "line", 0, 0)
"""Telegram cannot be reached for two hours, in which her first check-in opens."""

IN_BETWEEN = 1
"""Hours after which the invitation is on its way, and does not arrive."""


# --- what may break


def hours_are_not_asked_at_leaving(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(app, "hours_by", lambda _, now: Hours(now, lambda _, at: at))


def what_is_held_leaves(patch: pytest.MonkeyPatch) -> None:
    hear = Courier._hear

    def deaf(self: Courier, journey: Any, word: Any) -> None:
        if isinstance(word, Held):
            journey.allowed_at = self._clock()
        else:
            hear(self, journey, word)

    patch.setattr(Courier, "_hear", deaf)


def its_end_is_not_asked_at_leaving(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leaving, "_asks", lambda _: False)


def a_refusal_takes_the_invitation_back(patch: pytest.MonkeyPatch) -> None:
    async def take_back(self: Any, tx: Tx, _: str) -> None:
        await leaving.give_up(tx, self.claimed.parcel)

    patch.setattr(Journey, "_mark_failure", take_back)


def what_was_invited_is_expected_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "is_untouched", property(lambda row: row.is_open))


def nothing_is_closed(patch: pytest.MonkeyPatch) -> None:
    def later(row: LedgerRow, *_: Any, **__: Any) -> Nothing:
        return Nothing(row.closes_at + A_YEAR)

    patch.setattr(cadence, "_closing", later)


def it_is_looked_at_too_late(patch: pytest.MonkeyPatch) -> None:
    look_again = ledger.look_again

    async def late(tx: Tx, moments: Any) -> None:
        await look_again(tx, [(id_, moment + A_YEAR) for id_, moment in moments])

    patch.setattr(ledger, "look_again", late)


def reminders_do_not_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cadence, "_reminders_left", lambda *_: [timedelta(days=1)])


def what_has_a_fate_is_expected_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(_Planning, "_may_reopen", lambda *_: True)


def a_plan_adds_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(replanning, "_appearing", lambda *_: [])


def that_she_lets_us_in_again_is_not_heard(patch: pytest.MonkeyPatch) -> None:
    heard = writers.WRITERS[ChatBlocked]

    async def half(tx: Tx, entries: Any) -> None:
        await heard(tx, [entry for entry in entries if entry.record.blocked])

    patch.setitem(writers.WRITERS, ChatBlocked, half)


def that_she_writes_opens_no_chat(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(batch, "FromHer", ())


def who_was_called_for_once_is_never_called_for_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cadence, "_called_since", lambda _, row: row.called_for_at is not None)


# --- what shows it


@dataclass(frozen=True)
class Example:
    """What breaks, what happens, how she takes it, and what the watch then says."""

    breaks: Break
    told: str
    steps: tuple[Step, ...]
    manner: str = "silent"


EXAMPLES = (
    Example(hours_are_not_asked_at_leaving, "outside her hours", (JOINS, EVENINGS, Step(171, "line", 0, 1))),
    Example(what_is_held_leaves, "after she said stop", (JOINS, LINE_AT_OPENING, Step(IN_BETWEEN, "stops", 0, 0))),
    Example(what_is_held_leaves, "after she died", (JOINS, LINE_AT_OPENING, Step(IN_BETWEEN, "dies", 0, 0))),
    Example(what_is_held_leaves, "while she rests", (JOINS, LINE_AT_OPENING, Step(IN_BETWEEN, "rests", 0, 1))),
    Example(
        its_end_is_not_asked_at_leaving,
        "and it was over",
        (Step(1, "joins", 0, 9), EVENINGS, Step(134, "line", 0, 5)),
    ),
    Example(
        a_refusal_takes_the_invitation_back,
        "invited once too often",
        (JOINS, Step(150, "unknown", 0, 0), Step(24, "new_phone", 0, 0)),
    ),
    Example(what_was_invited_is_expected_again, "invited once too often", (JOINS, Step(200, "corrects", 0, 4))),
    Example(nothing_is_closed, "forgotten", (JOINS,)),
    Example(it_is_looked_at_too_late, "forgotten", (JOINS, Step(150, "rests", 0, 2))),
    Example(reminders_do_not_end, "reminded once too often", (JOINS,)),
    Example(what_has_a_fate_is_expected_again, "was completed", (JOINS, Step(200, "corrects", 0, 6)), manner="at_once"),
    Example(
        that_she_lets_us_in_again_is_not_heard,
        "her chat was open",
        (JOINS, Step(24, "blocks", 0, 0), Step(24, "unblocks", 0, 0)),
    ),
    Example(
        that_she_writes_opens_no_chat,
        "her chat was open",
        (JOINS, Step(150, "unknown", 0, 0), Step(24, "known", 0, 0)),
    ),
    Example(
        who_was_called_for_once_is_never_called_for_again,
        "nobody was to call her",
        (JOINS, Step(72, "blocks", 0, 0), Step(150, "unblocks", 0, 0)),
    ),
    Example(a_plan_adds_nothing, "nobody expects", (JOINS, Step(1, "plan", 0, 1))),
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.breaks.__name__}: {one.told}")
def test_the_watch_sees_it(migrated_file: Path, monkeypatch: pytest.MonkeyPatch, example: Example) -> None:
    habits = [[example.manner]] * 3
    live(migrated_file, example.steps, habits, days=DAYS)
    example.breaks(monkeypatch)
    with pytest.raises(Broken, match=example.told):
        live(migrated_file, example.steps, habits, days=DAYS)
