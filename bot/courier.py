"""From the outbox to Telegram: claim, pace, send, mark.

* A lane has one parcel on its way until that is through or given up, so the order of a chat survives any failure.
* A parcel is marked after Telegram has answered; a crash in between repeats at most that one message of a lane.
* A reply that had to wait is not for whoever has her phone by now: before it leaves the store is asked whether she is
  frozen.
* What nobody asked for leaves only if the store, asked at that very moment, says that it may: outside her hours it goes
  back, and what a stop, a pause, a death, a withdrawn consent or the end of its check-in holds back never leaves.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.api import Api, Call, seconds_to_wait
from bot.http import AnswerLost
from bot.journey import Journey, Renderer, standing_for
from bot.pacing import Pacer, Spell, backoff, counts
from bot.verdicts import Verdict, judge
from storage import leaving, mail
from storage.database import Database
from storage.holding import AGAIN, HELD_BACK, Guard
from storage.leaving import Held, HerHours
from storage.mail import Claimed, Urgency
from storage.traces import Standing

log = logging.getLogger(__name__)

IN_HAND = 32
"""Parcels claimed and not yet through: many enough to keep connections busy, and a reply still soon finds room."""

LOOK_EVERY = 1.0
"""Seconds after which the outbox is looked into at the latest, whoever forgot to call."""

LONGEST_RETRY = 15.0
MAX_ATTEMPTS = 2_000
"""At LONGEST_RETRY apart more than eight hours: longer than Telegram or a network was ever gone."""

BULK_AHEAD = 0.25
"""Seconds' worth of a broadcast that is in hand: of what is in hand when the process dies nobody knows whether it left,
and nobody gets it again."""

FRESH = 1.0
"""Seconds for which the store's word holds that something unasked may leave: what waits longer asks anew."""

NOT_SAID, ASK_AGAIN = "not_said", timedelta(hours=1)
"""Why something waits of which the store does not say whether it may leave, and until it is asked again."""

LANDING = 4.0
"""Seconds that a stop waits for what is on its way; of the five that a stop may take, the rest is for marking."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The time, and the first instant from `at` on at which something unasked may reach a woman with these hours."""

    now: Callable[[], datetime]
    may_send: Callable[[HerHours, datetime], datetime]


class Courier:
    """Sends what is in the outbox; whoever posts calls `wake`."""

    def __init__(self, api: Api, database: Database, *, render: Renderer, pacer: Pacer, hours: Hours) -> None:
        self._api = api
        self._database = database
        self._render = render
        self._pacer = pacer
        self._hours = hours
        self._awake = asyncio.Event()
        self._look_at = 0.0
        self._store_shut_until = 0.0
        self._waiting: list[Journey] = []
        self._flying: dict[Journey, asyncio.Task[None]] = {}
        self._over: list[Journey] = []
        self._stopping = False
        self._trouble_sending, self._trouble_storing = Spell(), Spell()
        self._doubt, self._doubted_until = Spell(), 0.0
        self.guard: Guard | None = None

    def wake(self) -> None:
        """Something new may be in the outbox."""
        self._look_at = 0.0
        self._awake.set()

    async def run(self) -> None:
        """Send until cancelled; what is then on its way still arrives, unless it takes long or is cancelled again."""
        async with self._database.transact() as tx:
            unknown = await mail.recover(tx)
        log.info("courier started", extra={"action": "courier_started", "sent_again": unknown})
        work = asyncio.create_task(self._work())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._stopping = True
            self.wake()
            await work
            raise

    async def drain(self) -> None:
        """Send until nothing is ready and nothing is on its way."""
        self.wake()
        while True:
            back_at, nothing_ready = await self._round()
            if nothing_ready and not (self._waiting or self._flying or self._over):
                return
            await self._rest(back_at)

    # --- the round

    async def _work(self) -> None:
        """As `drain`, without end; what may leave does not wait for the store meanwhile."""
        exchange: asyncio.Task[bool] | None = None
        try:
            while not self._stopping:
                self._awake.clear()
                if exchange is None and self._clock() >= self._exchanges_at:
                    exchange = asyncio.create_task(self._exchange())
                    exchange.add_done_callback(lambda _: self._awake.set())
                leaves_at = self._let_go()
                await self._rest(leaves_at if exchange else min(leaves_at, self._exchanges_at))
                if exchange is not None and exchange.done():
                    exchange.result()
                    exchange = None
            await self._land(exchange)
        finally:
            for task in self._flying.values():
                task.cancel()

    async def _round(self) -> tuple[float, bool]:
        """Mark and claim where it is time, let go what may go; returns when to come back, and if nothing is ready."""
        self._awake.clear()
        nothing_ready = await self._exchange() if self._clock() >= self._exchanges_at else False
        return min(self._let_go(), self._exchanges_at), nothing_ready

    @property
    def _exchanges_at(self) -> float:
        return max(self._look_at, self._store_shut_until)

    async def _rest(self, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await self._awake.wait()
        except TimeoutError:
            pass

    async def _land(self, exchange: asyncio.Task[bool] | None) -> None:
        """Wait for what is on its way, put back what is not, and mark all."""
        if exchange is not None:
            await exchange
        if self._flying:
            await asyncio.wait(self._flying.values(), timeout=LANDING)
        for journey in self._waiting:
            journey.until = self._hours.now()
        self._over += self._waiting
        self._waiting = []
        await self._exchange()

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()

    # --- with the store

    async def _exchange(self) -> bool:
        """One transaction: mark what is over, claim what is next; returns whether nothing was ready to be claimed."""
        over = list(self._over)
        # After trouble the marks go alone: a row that cannot be claimed must not keep others from being marked.
        apart = bool(over) and self._trouble_storing.failures > 0
        room = 0 if apart or self._stopping else IN_HAND - len(self._waiting) - len(self._flying)
        self._look_at = self._clock() + (0.0 if apart else LOOK_EVERY)
        try:
            async with self._database.transact() as tx:
                if self.guard is not None:
                    await self.guard.attend(tx)
                for journey in over:
                    await journey.mark(tx)
                claimed, unread = await mail.claim(tx, room, broadcasts=self._bulk_room()) if room else ([], [])
                await leaving.give_up_unread(tx, unread)
                kept = await self.guard.kept_back(tx, claimed) if self.guard is not None else ()
                standing = {one.id: await standing_for(tx, one, render=self._render) for one in claimed}
                ready_at = None if claimed else await mail.next_ready_at(tx)
        except Exception as error:  # a full disk, a row that cannot be opened: none may end the courier
            self._store_shut_until = self._clock() + self._trouble_storing.pause()
            if self._trouble_storing.is_news("store"):
                self._tell("the outbox cannot be read or marked", error, action="courier_store_failed")
            return False
        if self._trouble_storing.end():
            log.info("the outbox works again", extra={"action": "courier_store_restored"})
        del self._over[: len(over)]
        self._take_in_hand(claimed, standing, kept=kept)
        if ready_at is not None and ready_at > tx.now:  # one that is ready and was not claimed waits for its lane
            self._look_at = min(self._look_at, self._clock() + (ready_at - tx.now).total_seconds())
        return room > 0 and not claimed

    def _bulk_room(self) -> int | None:
        most = self._pacer.within(BULK_AHEAD)
        if most is None:
            return None
        in_hand = [*self._waiting, *self._flying]
        return max(0, most - sum(journey.claimed.parcel.urgency is Urgency.BROADCAST for journey in in_hand))

    def _take_in_hand(
        self, claimed: Sequence[Claimed], standing: dict[int, list[Standing]], *, kept: Collection[int]
    ) -> None:
        for one in claimed:
            journey = Journey(one, deque())
            if one.id in kept:
                journey.reason, journey.until = HELD_BACK, self._hours.now() + AGAIN
            if not leaving.is_checked(one.parcel):
                journey.allowed_at = self._clock()
            try:
                journey.calls.extend(self._render(one, standing[one.id]))
            except Exception as error:  # one that cannot be shown must not stop its neighbours
                self._tell("a parcel cannot be shown", error, action="not_rendered", parcel=one.id)
                journey.reason = "not_rendered"
            self._onward(journey)

    # --- on the way

    def _onward(self, journey: Journey) -> None:
        """To whichever comes next for it: its next call, or its mark."""
        if journey.over:
            self._over.append(journey)
            self.wake()
        else:
            self._waiting.append(journey)
            self._awake.set()

    def _let_go(self) -> float:
        """Send off what may leave now, the most urgent first; returns when the next may."""
        at, next_at = self._clock(), float("inf")
        waiting = sorted(self._waiting, key=lambda journey: (journey.claimed.parcel.urgency, journey.claimed.id))
        self._waiting = []
        to_ask: list[Journey] = []
        for journey in waiting:
            leaves_at = self._leaves_at(journey, at)
            if leaves_at > at:
                self._waiting.append(journey)
                next_at = min(next_at, leaves_at)
            elif journey.checked and at - journey.allowed_at > FRESH:
                to_ask.append(journey)
            else:
                self._send_off(journey, at)
        if to_ask:
            self._flying |= dict.fromkeys(to_ask, asyncio.create_task(self._ask_whether_they_may(to_ask)))
        return next_at

    def _leaves_at(self, journey: Journey, at: float) -> float:
        parcel = journey.claimed.parcel
        counted = counts(journey.calls[0].method)
        paced = self._pacer.earliest(parcel.chat_id, at, counted=counted, bulk=parcel.urgency.keeps_hours)
        doubted_until = self._doubted_until if parcel.urgency is Urgency.BROADCAST else 0.0
        return max(paced, journey.not_before, doubted_until)

    async def _ask_whether_they_may(self, journeys: Sequence[Journey]) -> None:
        try:
            await self._ask(journeys)
        except SQLAlchemyError as error:  # without the store's word nothing unasked leaves
            self._tell("the store does not say what may leave", error, action="courier_store_failed")
            for journey in journeys:
                journey.not_before = self._clock() + LOOK_EVERY
        for journey in journeys:
            del self._flying[journey]
            self._onward(journey)

    async def _ask(self, journeys: Sequence[Journey]) -> None:
        """Hear the store's word on each; what cannot be read of one keeps no other waiting. Raises SQLAlchemyError."""
        try:
            async with self._database.read() as tx:
                words = await leaving.may_leave(tx, [journey.claimed.parcel for journey in journeys])
            for journey, word in zip(journeys, words, strict=True):
                self._hear(journey, word)
        except SQLAlchemyError:
            raise
        except Exception as error:
            for journey in journeys if len(journeys) > 1 else ():
                await self._ask([journey])
            if len(journeys) == 1:
                self._not_said(journeys[0], error)

    def _not_said(self, journey: Journey, error: Exception) -> None:
        self._tell("nobody can say whether a parcel may leave", error, action=NOT_SAID, parcel=journey.claimed.id)
        journey.reason, journey.until = NOT_SAID, self._hours.now() + ASK_AGAIN

    def _hear(self, journey: Journey, word: HerHours | Held | None) -> None:
        journey.allowed_at = self._clock()
        if isinstance(word, Held):
            journey.held = word
        if not isinstance(word, HerHours):
            return
        now = self._hours.now()
        allowed = self._hours.may_send(word, now)
        if word.closes_at is not None and allowed >= word.closes_at:
            journey.held = Held.OVERTAKEN
        else:
            journey.until = allowed if allowed > now else None

    def _send_off(self, journey: Journey, at: float) -> None:
        if counts(journey.calls[0].method):
            self._pacer.sent(journey.claimed.parcel.chat_id, at)
        self._flying[journey] = asyncio.create_task(self._fly(journey))

    async def _fly(self, journey: Journey) -> None:
        call = journey.calls[0]
        try:
            await self._send(journey, call)
        finally:
            if counts(call.method):
                self._pacer.answered(self._clock())
        del self._flying[journey]
        self._onward(journey)

    async def _send(self, journey: Journey, call: Call) -> None:
        try:
            result = await self._api.call(call.method, **call.params)
            journey.went(call, result)
        except RetryAfter as error:
            self._pacer.refused(journey.claimed.parcel.chat_id, seconds_to_wait(error), at=self._clock())
            log.warning("Telegram asks for a pause", extra={"action": "retry_after", "seconds": seconds_to_wait(error)})
        except TelegramError as error:
            self._failed(journey, error, call=call)
        except Exception as error:  # neither Telegram nor the way there: ours
            self._tell("a parcel cannot be sent", error, action="not_sendable", parcel=journey.claimed.id)
            journey.reason = "not_sendable"
        else:
            self._doubt.end()
            if self._trouble_sending.end():
                log.info("messages leave again", extra={"action": "courier_restored"})

    def _failed(self, journey: Journey, error: TelegramError, *, call: Call) -> None:
        verdict = judge(error)
        match verdict:
            case Verdict.DONE:
                journey.went(call, [])
            case Verdict.BLOCKED | Verdict.DEACTIVATED | Verdict.NO_CHAT | Verdict.REFUSED:
                journey.reason = verdict.value
                self._tell("a parcel is refused", error, action=f"parcel_{verdict.value}", parcel=journey.claimed.id)
            case Verdict.RETRY if isinstance(error, AnswerLost) and not journey.claimed.parcel.may_come_again:
                self._doubtful(journey, error)
            case Verdict.RETRY:
                self._retry(journey, error)

    def _doubtful(self, journey: Journey, error: TelegramError) -> None:
        """Nobody gets a second copy; and what goes to many waits, for it may be so with all of them."""
        journey.unknown = True
        if journey.claimed.parcel.urgency is Urgency.BROADCAST:
            self._doubted_until = self._clock() + self._doubt.pause()
        self._tell("nobody knows whether a parcel arrived", error, action="parcel_unknown")

    def _retry(self, journey: Journey, error: TelegramError) -> None:
        action = "token_refused" if isinstance(error, InvalidToken) else "courier_unreachable"
        if self._trouble_sending.is_news(action):
            self._tell("messages do not leave", error, action=action)
        journey.failures += 1
        journey.not_before = self._clock() + backoff(journey.failures, LONGEST_RETRY)
        if journey.claimed.attempts + journey.failures > MAX_ATTEMPTS:
            journey.reason = "unreachable"

    @staticmethod
    def _tell(sentence: str, error: Exception, *, action: str, **ids: int) -> None:
        """Log what went wrong by its kind alone: the error's own text could quote what was to be sent."""
        log.error(sentence, extra={"action": action, "error": type(error).__name__, **ids})
