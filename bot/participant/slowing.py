"""Codes that are tried in a chat, by whoever is there: after some wrong ones it waits, for longer each time.

* What was tried is counted with the chat, whatever else becomes of it.
* Nothing else is slowed, and no call of the team's depends on it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations.speech import Phrase
from storage.gates import Tries

AT_A_TIME = 3

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long this chat waits after every AT_A_TIME wrong codes; the last of these from then on."""

FORGIVEN = timedelta(days=1)
"""After so long without a wrong code, the ones before count no more: where several women share a chat, the right code
of one says nothing of who guesses at another's."""


def waits(tries: Tries, now: datetime) -> Phrase | None:
    """What is said as long as no code is tried here."""
    until = _until(tries)
    if until is None or now >= until:
        return None
    return Phrase("gate.wait", {"count": max(1, -(-int((until - now).total_seconds()) // 60))})


def one_more(tries: Tries, now: datetime) -> Tries:
    """The same after another wrong one."""
    forgiven = tries.at is None or now - tries.at >= FORGIVEN
    return Tries(1 if forgiven else tries.wrong + 1, now)


def _until(tries: Tries) -> datetime | None:
    if tries.at is None or tries.wrong == 0 or tries.wrong % AT_A_TIME:
        return None
    return tries.at + WAITS[min(tries.wrong // AT_A_TIME, len(WAITS)) - 1]
