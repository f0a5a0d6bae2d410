"""The pacer under any traffic: messages arrive at random, some are refused, and each leaves as early as it may.

The rules are told once more here in the plainest way, over the list of all that left, and compared at every message.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from bot.pacing import CATCH_UP, Limits, Pacer, Rate

LIMITS = Limits(overall=Rate(5, 1.0), chat=Rate(2, 2.0), group=Rate(3, 6.0))
"""Small, so that few messages already meet every limit."""

GAP = LIMITS.overall.seconds / LIMITS.overall.most

HAIR = 1e-6
"""Seconds that rounding may cost."""

CHATS = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, -9])


@dataclass(frozen=True)
class Arrival:
    """A message that comes to be sent."""

    at: float
    chat_id: int
    bulk: bool


@dataclass(frozen=True)
class Refusal:
    """What Telegram answers to the message that leaves as the `number`-th."""

    number: int
    retry_after: int


@dataclass(frozen=True)
class Left:
    """A message that has left, when it reached Telegram and when its answer was here."""

    at: float
    arrival: Arrival
    there: float = 0.0
    back: float = 0.0


ARRIVALS = st.lists(
    st.builds(Arrival, st.floats(0, 6).map(lambda at: round(at, 3)), CHATS, st.booleans()), min_size=1, max_size=60
)
REFUSALS = st.lists(st.builds(Refusal, st.integers(0, 30), st.integers(1, 5)), max_size=4)


def play(arrivals: list[Arrival], refusals: list[Refusal]) -> list[Left]:
    """Let every message leave, the earliest possible first and replies before bulk, as the courier does."""
    pacer, waiting, left = Pacer(LIMITS), sorted(arrivals, key=lambda arrival: arrival.at), list[Left]()
    answers = {refusal.number: refusal.retry_after for refusal in refusals}
    while waiting:
        times = [(pacer.earliest(one.chat_id, one.at, bulk=one.bulk), one.bulk) for one in waiting]
        first = min(range(len(waiting)), key=times.__getitem__)
        at, arrival = max(times[first][0], left[-1].at if left else 0.0), waiting.pop(first)
        pacer.sent(arrival.chat_id, at)
        pacer.answered(at)
        if retry_after := answers.get(len(left)):
            pacer.refused(arrival.chat_id, retry_after, at=at)
        left.append(Left(at, arrival))
    return left


def play_over_a_slow_line(arrivals: list[Arrival], ways: list[tuple[float, float]]) -> list[Left]:
    """The same, where each message takes its own time to Telegram and its answer back."""
    pacer, waiting, left = Pacer(LIMITS), sorted(arrivals, key=lambda arrival: arrival.at), list[Left]()
    back: list[float] = []
    now = 0.0
    while waiting:
        times = [(pacer.earliest(one.chat_id, max(one.at, now), bulk=one.bulk), one.bulk) for one in waiting]
        first = min(range(len(waiting)), key=times.__getitem__)
        if back and min(back) <= times[first][0]:
            now = min(back)
            back.remove(now)
            pacer.answered(now)
            continue
        now, arrival = times[first][0], waiting.pop(first)
        pacer.sent(arrival.chat_id, now)
        there, home = ways[len(left) % len(ways)]
        left.append(Left(now, arrival, now + there, now + there + home))
        back.append(left[-1].back)
    return left


def most_within(instants: list[float], seconds: float) -> int:
    """The largest number of instants in any stretch of so many seconds."""
    return max(
        (sum(start <= instant < start + seconds - HAIR for instant in instants) for start in instants), default=0
    )


def rates_of(chat_id: int) -> list[Rate]:
    return [LIMITS.chat, LIMITS.group] if chat_id < 0 else [LIMITS.chat]


def is_free(arrival: Arrival, at: float, before: list[Left]) -> bool:
    """Whether the limits alone would let this message leave at that instant, with those gone before."""
    everyone = [left.at for left in before]
    same_chat = [left.at for left in before if left.arrival.chat_id == arrival.chat_id]
    for rate, instants in [(LIMITS.overall, everyone), *((rate, same_chat) for rate in rates_of(arrival.chat_id))]:
        if sum(instant > at - rate.seconds for instant in instants) >= rate.most:
            return False
    return not (arrival.bulk and everyone and at < place_in_the_row(everyone) + GAP)


def place_in_the_row(instants: list[float]) -> float:
    """Where the last of these stands in a row of even gaps: who is a little late keeps her place, nobody else does."""
    place = -math.inf
    for at in instants:
        due = place + GAP
        place = due if due <= at <= due + CATCH_UP else at
    return place


@given(ARRIVALS, REFUSALS)
def test_no_stretch_holds_more_than_its_limit(arrivals: list[Arrival], refusals: list[Refusal]) -> None:
    left = play(arrivals, refusals)
    assert len(left) == len(arrivals)
    assert most_within([one.at for one in left], LIMITS.overall.seconds) <= LIMITS.overall.most
    for chat_id in {arrival.chat_id for arrival in arrivals}:
        instants = [one.at for one in left if one.arrival.chat_id == chat_id]
        for rate in rates_of(chat_id):
            assert most_within(instants, rate.seconds) <= rate.most


@given(ARRIVALS, st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=1, max_size=9))
def test_no_second_at_telegram_holds_too_many_however_long_the_way_is(
    arrivals: list[Arrival], ways: list[tuple[float, float]]
) -> None:
    left = play_over_a_slow_line(arrivals, ways)
    assert len(left) == len(arrivals)
    assert most_within([one.there for one in left], LIMITS.overall.seconds) <= LIMITS.overall.most


@given(ARRIVALS)
def test_nothing_waits_longer_than_a_limit_demands(arrivals: list[Arrival]) -> None:
    left = play(arrivals, [])
    for number, one in enumerate(left):
        before = left[:number]
        if one.at > one.arrival.at:
            assert not is_free(one.arrival, one.at - HAIR, before)
        assert is_free(one.arrival, one.at + HAIR, before)


@given(ARRIVALS, st.integers(0, 20), st.integers(1, 5))
def test_a_refused_chat_hears_nothing_until_the_word_is_over(
    arrivals: list[Arrival], number: int, retry_after: int
) -> None:
    left = play(arrivals, [Refusal(number, retry_after)])
    if number >= len(left):
        return
    refused = left[number]
    later = [one.at for one in left[number + 1 :] if one.arrival.chat_id == refused.arrival.chat_id]
    assert all(at >= refused.at + retry_after for at in later)


@given(st.lists(CHATS, min_size=1, max_size=40), st.booleans())
@example(chats=[1, 2, 3, 4, 5, 6, 7, 8], bulk=False)
def test_no_burst_follows_a_pause_of_everybody(chats: list[int], bulk: bool) -> None:
    pacer, until, gap = Pacer(LIMITS), 10.0, LIMITS.overall.seconds / LIMITS.overall.most
    pacer.refused(1001, 10, at=0.0)
    pacer.refused(1002, 10, at=0.0)
    instants: list[float] = []
    for chat_id in chats:
        at = pacer.earliest(chat_id, max([3.0, *instants]), bulk=bulk)
        pacer.sent(chat_id, at)
        pacer.answered(at)
        instants.append(at)
    assert instants[0] == until
    opening = [instant for instant in instants if instant < until + LIMITS.overall.seconds]
    assert all(later - earlier >= gap - HAIR for earlier, later in pairwise(opening))
