"""Erasures in a store that is put back: whoever was erased is not there, whoever was put back is.

* Each may be played again and again, and for somebody who is not there.
* What is played keeps the times that it had: a week that is over stays so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from storage import audit, deletion, erasure, legal_holds
from storage.database import Tx
from storage.erasure import UNPROVED, Cause, Wish
from storage.journal import Kind, Record

_BY = audit.acting(None)
_FROM_JOURNAL = "journal"
"""How it is known that it was her wish, where the journal says that it was proved."""


async def _erased(tx: Tx, record: Record) -> bool:
    proved = None if record.detail == UNPROVED else _FROM_JOURNAL
    wish = Wish(_BY, Cause(record.kind.value), proved)
    return await erasure.erase(tx, record.whom, wish, at=record.at) is not None


async def _proved(tx: Tx, record: Record) -> bool:
    one = await erasure.of_woman(tx, record.whom)
    return one is not None and await erasure.prove(tx, one.id, how=record.detail, by=_BY)


async def _undone(tx: Tx, record: Record) -> bool:
    one = await erasure.of_woman(tx, record.whom)
    if one is not None:
        await erasure.undo(tx, one, by=_BY)
    return one is not None


async def _carried_out(tx: Tx, record: Record) -> bool:
    one = await erasure.of_woman(tx, record.whom)
    if one is not None:
        await deletion.carry_out(tx, one, by=_BY)
    return one is not None


async def _hold_set(tx: Tx, record: Record) -> bool:
    await legal_holds.hold(tx, record.whom, until=date.fromisoformat(record.detail), reason="")
    return True


async def _hold_lifted(tx: Tx, record: Record) -> bool:
    return await legal_holds.lift(tx, record.whom)


REPLAYS: Mapping[Kind, Callable[[Tx, Record], Awaitable[bool]]] = {
    Kind.ERASED: _erased,
    Kind.CONSENT_WITHDRAWN: _erased,
    Kind.ERASURE_PROVED: _proved,
    Kind.ERASURE_UNDONE: _undone,
    Kind.ERASURE_CARRIED_OUT: _carried_out,
    Kind.HOLD_SET: _hold_set,
    Kind.HOLD_LIFTED: _hold_lifted,
}
