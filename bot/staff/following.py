"""What staff see of a broadcast without asking: one message that changes as it goes, and a line when it needs them.

* A message changes every few seconds at most, and only if it would say something else.
* Alerts name nobody and say nothing of what is sent; they lead to the card, behind the PIN.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from bot.staff.broadcast_card import Beholder, Terms, card
from bot.staff.permissions import MAY
from bot.staff.pin import OPEN_FOR
from bot.staff.room import View, button
from conversations.speech import Changed, Phrase
from storage import broadcast_desk, members, watches
from storage.broadcasts import BroadcastState
from storage.database import Database, Tx
from storage.mail import Parcel, post
from storage.phones import alert
from storage.watches import Telling, Watch

EVERY = timedelta(seconds=3)
"""A message is changed this often at most: Telegram allows some twenty changes a minute in a chat."""

OVER = frozenset({BroadcastState.DONE, BroadcastState.CANCELLED, BroadcastState.DRAFT})
"""Where nothing changes any more."""

STILL = frozenset({BroadcastState.DRAFT, BroadcastState.WAITING_APPROVAL})
"""Where nothing changes by itself; and whoever is to approve it was shown what only her tap looks up."""

APPROVERS = MAY["broadcast.approve"]


class Following:
    """Shows and tells whatever of broadcasts has changed; to be asked every few seconds."""

    def __init__(self, database: Database, terms: Terms) -> None:
        self._database = database
        self._terms = terms

    async def step(self) -> int:
        """Post what is to be shown and told now; returns how many messages that is."""
        async with self._database.read() as tx:
            if not await watches.anything(tx, APPROVERS):
                return 0
        async with self._database.transact() as tx:
            parcels = [*await self._shown(tx), *await _told(tx)]
            await post(tx, parcels)
            return len(parcels)

    async def _shown(self, tx: Tx) -> list[Parcel]:
        due = await watches.due(tx, before=tx.now - EVERY, open_for=OPEN_FOR)
        names = {one.staff: one.name for one in await members.listed(tx)} if due else {}
        parcels = []
        for watch in due:
            found = await broadcast_desk.get(tx, watch.broadcast, watch.phone.member)
            if found is None or found.state in OVER:
                await watches.forget(tx, watch.phone.lane)
            if found is None or found.state in STILL:
                continue
            view = card(found, Beholder(watch.phone.member, tx.now, self._terms, names))
            parcels += await _changed(tx, watch, view)
        return parcels


async def _changed(tx: Tx, watch: Watch, view: View) -> list[Parcel]:
    mark = sha256(repr(view).encode()).hexdigest()
    await watches.shown(tx, watch, mark)
    if mark == watch.shown:
        return []
    origin, phone = f"watch:{tx.ids.random():x}", watch.phone
    speech = Changed(view.phrase, view.rows, watch.session, watch.sprint)
    return [Parcel(origin, phone.lane, phone.chat_id, speech, session_id=watch.session, sprint=watch.sprint)]


async def _told(tx: Tx) -> list[Parcel]:
    """Whoever may approve learns that something waits for that, and its maker that nobody can, or that all have it."""
    parcels = []
    for one in await watches.to_approve(tx, APPROVERS):
        parcels += _alerts(tx, one, Phrase("staff.broadcast_to_approve"))
    for one in await watches.stuck(tx, APPROVERS):
        parcels += _alerts(tx, one, Phrase("staff.broadcast_stuck"))
    for one in await watches.over(tx):
        parcels += _alerts(tx, one, Phrase("staff.broadcast_is_over"))
    return parcels


def _alerts(tx: Tx, telling: Telling, phrase: Phrase) -> list[Parcel]:
    onward = button(f"broadcast.card.{telling.broadcast:x}", "staff.broadcast_card_button")
    origin = f"broadcast:{telling.broadcast}:told:{tx.ids.random():x}"
    return [alert(tx, phone, phrase, origin=origin, onward=onward) for phone in telling.phones]
