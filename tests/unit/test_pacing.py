"""The pacer's rules, one by one, on a clock of plain numbers."""

import math

import pytest

from bot.pacing import Limits, Pacer, Rate, Spell, backoff, counts

ROSA, ANA, EVA, GROUP = 101, 102, 103, -900


def leave(pacer: Pacer, chat_id: int, at: float, *, bulk: bool = False) -> float:
    """Send to a chat as early as the pacer allows; returns when that was."""
    instant = pacer.earliest(chat_id, at, bulk=bulk)
    pacer.sent(chat_id, instant)
    pacer.answered(instant)
    return instant


def test_a_first_message_leaves_at_once() -> None:
    assert Pacer(Limits()).earliest(ROSA, 5.0) == 5.0


def test_a_chat_gets_three_at_once_and_the_next_when_three_seconds_have_passed() -> None:
    pacer = Pacer(Limits())
    assert [leave(pacer, ROSA, 5.0) for _ in range(4)] == [5.0, 5.0, 5.0, 8.0]
    assert pacer.earliest(ANA, 5.0) == 5.0


def test_a_group_gets_twenty_a_minute() -> None:
    pacer = Pacer(Limits())
    instants = [leave(pacer, GROUP, 3.0 * turn) for turn in range(20)]
    assert instants == [3.0 * turn for turn in range(20)]
    assert pacer.earliest(GROUP, 58.0) == 60.0


def test_replies_leave_together_up_to_the_limit_of_all() -> None:
    pacer = Pacer(Limits())
    assert {leave(pacer, chat, 5.0) for chat in range(1, 31)} == {5.0}
    assert pacer.earliest(ROSA, 5.0) == 6.0


def test_bulk_leaves_evenly_and_a_reply_in_between_does_not_wait_for_it() -> None:
    pacer = Pacer(Limits(overall=Rate(10, 1.0)))
    instants = [leave(pacer, chat, 0.0, bulk=True) for chat in range(1, 5)]
    assert instants == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert pacer.earliest(ROSA, 0.31) == 0.31
    assert pacer.earliest(ROSA, 0.31, bulk=True) == pytest.approx(0.4)


def test_bulk_that_is_a_little_late_each_time_keeps_its_rate_and_what_is_very_late_is_not_made_up_for() -> None:
    pacer = Pacer(Limits(overall=Rate(10, 1.0)))
    at = 0.0
    for chat in range(1, 101):
        at = pacer.earliest(chat, at, bulk=True) + 0.03
        pacer.sent(chat, at)
        pacer.answered(at)
    assert at < 9.9 + 0.4  # lost once in every second, not each time
    assert pacer.earliest(ROSA, 20.0, bulk=True) == 20.0
    pacer.sent(ROSA, 20.0)
    pacer.answered(20.0)
    assert pacer.earliest(ANA, 20.0, bulk=True) == pytest.approx(20.1)


def test_what_makes_no_message_waits_for_no_limit() -> None:
    pacer = Pacer(Limits(overall=Rate(1, 1.0)))
    pacer.sent(ROSA, 5.0)
    pacer.answered(5.0)
    assert pacer.earliest(ROSA, 5.0) == 6.0
    assert pacer.earliest(ROSA, 5.0, counted=False) == 5.0


def test_a_message_counts_until_a_second_after_its_answer() -> None:
    pacer = Pacer(Limits(overall=Rate(2, 1.0)))
    pacer.sent(ROSA, 5.0)
    pacer.sent(ANA, 5.0)
    assert pacer.earliest(EVA, 5.0) == math.inf, "until one of them has been answered"
    pacer.answered(5.7)
    assert pacer.earliest(EVA, 5.8) == 6.7
    pacer.answered(9.0)
    assert pacer.earliest(EVA, 9.0) == 9.0, "the first is long forgotten"


def test_without_limits_only_telegrams_word_counts() -> None:
    pacer = Pacer(None)
    assert {leave(pacer, ROSA, 5.0) for _ in range(1000)} == {5.0}
    pacer.refused(ROSA, 3, at=5.0)
    assert pacer.earliest(ROSA, 6.0) == 8.0
    assert pacer.earliest(ANA, 6.0) == 6.0


def test_a_refused_chat_is_parked_alone_and_exactly() -> None:
    pacer = Pacer(Limits())
    pacer.sent(ROSA, 5.0)
    pacer.refused(ROSA, 7, at=5.25)
    assert pacer.earliest(ROSA, 6.0) == 12.25
    assert pacer.earliest(ROSA, 6.0, counted=False) == 12.25
    assert pacer.earliest(ANA, 6.0) == 6.0
    assert pacer.earliest(ROSA, 12.25) == 12.25


def test_a_parked_chat_resumes_one_by_one() -> None:
    pacer = Pacer(Limits())
    pacer.refused(ROSA, 7, at=5.0)
    assert [leave(pacer, ROSA, 6.0) for _ in range(5)] == pytest.approx([12.0, 13.0, 14.0, 15.0, 16.0])


def test_two_chats_refused_together_until_the_same_second_park_everybody() -> None:
    pacer = Pacer(Limits())
    pacer.refused(ROSA, 7, at=5.0)
    pacer.refused(ANA, 7, at=5.5)
    assert pacer.earliest(EVA, 6.0) == 12.5


@pytest.mark.parametrize(
    ("chat_id", "retry_after", "at"),
    [(ROSA, 7, 5.5), (ANA, 70, 5.5), (ANA, 5, 7.0)],
    ids=["the same chat again", "until another second", "long after"],
)
def test_any_other_refusals_park_their_own_chats(chat_id: int, retry_after: float, at: float) -> None:
    pacer = Pacer(Limits())
    pacer.refused(ROSA, 7, at=5.0)
    pacer.refused(chat_id, retry_after, at=at)
    assert pacer.earliest(EVA, 8.0) == 8.0


def test_after_a_pause_for_all_replies_too_leave_evenly() -> None:
    pacer = Pacer(Limits(overall=Rate(10, 1.0)))
    pacer.refused(ROSA, 2, at=0.0)
    pacer.refused(ANA, 2, at=0.0)
    instants = [leave(pacer, chat, 1.0) for chat in range(1, 13)]
    assert instants == pytest.approx([2.0 + number / 10 for number in range(12)])


def test_chats_long_silent_are_forgotten() -> None:
    pacer = Pacer(Limits())
    for chat in range(1, 2_000):
        leave(pacer, chat, 100.0 * chat)
    assert len(pacer._chats) == 1


@pytest.mark.parametrize(
    ("method", "counted"),
    [
        ("sendMessage", True),
        ("sendDocument", True),
        ("copyMessage", True),
        ("forwardMessages", True),
        ("sendChatAction", False),
        ("editMessageText", False),
        ("deleteMessages", False),
        ("answerCallbackQuery", False),
    ],
)
def test_what_makes_a_message_counts(method: str, *, counted: bool) -> None:
    assert counts(method) is counted


def test_pauses_double_up_to_the_longest() -> None:
    assert [backoff(failures) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff(100_000, 15) == 15


def test_a_spell_tells_each_thing_once_and_ends_once() -> None:
    spell = Spell()
    assert [spell.is_news("a"), spell.is_news("a"), spell.is_news("b")] == [True, False, True]
    assert [spell.pause(), spell.pause()] == [1, 2]
    assert [spell.end(), spell.end()] == [True, False]
    assert spell.is_news("a")
    assert spell.pause() == 1
