"""A cohort of scripted women over two virtual years, and the truth about each of their check-ins, kept by the script.

* What she does and what befalls her is decided here; what must come of it, `truths` works out by itself.
* A woman is of one kind; within her kind, chance decides how she takes each invitation, and it is drawn from a seed.
* Nobody acts at the very moment at which a window closes, and no rest ends within four days of it: there the rules
  would be a matter of hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from random import Random

from bot.participant import actions
from storage.pauses import PauseKind
from storage.roster import Facts
from tests.support.chat import WORD, word_shown
from tests.support.fieldwork import Fieldwork
from tests.support.lives import Days, Her, offers
from tests.support.office import Office
from tests.support.truths import (
    HOURS,
    INVITED,
    KINDS,
    MANNERS,
    OPEN,
    STARTED,
    Kind,
    Life,
    Manner,
    Totals,
    Truth,
    fate_at_its_end,
    has_come,
)

MARGIN = timedelta(days=4)
FIRST_CHAT = 1_000


class Cohort:
    """All of them, at work over the days."""

    def __init__(self, days: Days, seed: int) -> None:
        self.days = days
        self.office = Office(days.bot)
        self.chance = Random(seed)
        self.lives: list[Life] = []
        self._by_chat: dict[int, Life] = {}
        self._chats = FIRST_CHAT
        self._deck: list[Kind] = []
        days.looks.append(self._look)

    @property
    def bot(self) -> Fieldwork:
        return self.days.bot

    @property
    def now(self) -> datetime:
        return self.days.now

    def totals(self) -> Totals:
        """The truth about everybody now."""
        found: Totals = Counter()
        for life in self.lives:
            for point, truth in life.truths.items():
                found[point, truth.fate or OPEN] += 1
                found[point, INVITED] += truth.invited
                found[point, STARTED] += truth.started
        return found

    # --- how each begins

    async def join(self, count: int, released_on: date) -> None:
        """So many women, released that day, are registered now; those who come by their invitation link their chats."""
        by_zone: dict[tuple[str, bool], list[Kind]] = {}
        for _ in range(count):
            kind = self._next_kind()
            zone = self.chance.choice(list(HOURS))
            by_zone.setdefault((zone, kind is Kind.DATE_LATER), []).append(kind)
        for (zone, undated), kinds in by_zone.items():
            day = None if undated else released_on
            for woman, kind in zip(await self.office.register(day, zone=zone, count=len(kinds)), kinds, strict=True):
                life = Life(woman, kind, self._new_phone(), HOURS[zone])
                self.lives.append(life)
                self._by_chat[life.her.phone.chat.user_id] = life
                if kind is not Kind.AWAY:
                    await self.bot.link(woman, life.her.phone.chat.user_id)
                wrong = timedelta(days=self.chance.randint(10, 40) if kind is Kind.CORRECTED else 0)
                if not undated:
                    self._dated(life, released_on)
                self._foresee(life, released_on - wrong)

    def _next_kind(self) -> Kind:
        """Of a shuffled deck, so that a small cohort has every kind as well."""
        if not self._deck:
            self._deck = self.chance.sample(KINDS, len(KINDS))
        return self._deck.pop()

    def _new_phone(self) -> Her:
        self._chats += 1
        return Her(self.bot.phone(self._chats), Random(self.chance.random()))

    def _dated(self, life: Life, released_on: date, *, registering: bool = True) -> None:
        """From now on this is her release: whatever no act of hers has decided falls due by it."""
        first_on = life.local(self.now) + timedelta(days=1)
        for point, truth in life.truths.items():
            decided = truth.fate not in (None, "not_due") or (truth.invited and not registering)
            if decided:
                continue
            truth.fate = None
            truth.due_on, truth.closes_at = life.window(point, released_on)
            if life.midnight(first_on) >= truth.closes_at:
                truth.fate = "not_due"
            else:
                self.days.at(truth.closes_at, self._closing(life, truth, truth.closes_at), held=False)

    def _closing(self, life: Life, truth: Truth, closes_at: datetime) -> Callable[[], AsyncIterator[None]]:
        async def close() -> AsyncIterator[None]:
            if truth.fate is None and truth.closes_at == closes_at:
                truth.fate = fate_at_its_end(life, truth, closes_at)
            return
            yield

        return close

    # --- what happens to her, whatever the bot does

    def _foresee(self, life: Life, released_on: date) -> None:
        """Put her fate on the agenda; `released_on` is her true release."""
        on = life.midnight(released_on) + timedelta(hours=20, days=self.chance.randint(35, 500))
        match life.kind:
            case Kind.DATE_LATER | Kind.CORRECTED:
                self.days.at(self.now + timedelta(days=self.chance.randint(5, 60)), self._date_known(life, released_on))
            case Kind.BLOCKS:
                self.days.at(on, self._blocks(life, True))
                self.days.at(self._clear_of_ends(life, on, 30, 200), self._blocks(life, False))
            case Kind.NEW_NUMBER:
                back = on + timedelta(days=self.chance.randint(3, 60))
                self.days.at(on, self._loses_phone(life))
                self.days.at(back, self._comes_by_invitation(life))
            case Kind.PAUSES:
                self.days.at(on, self._rests(life, life.local(self._clear_of_ends(life, on, 10, 150))))
            case Kind.STOPS_A_WHILE:
                self.days.at(on, self._stops(life))
                self.days.at(self._clear_of_ends(life, on, 60, 200), self._comes_by_invitation(life))
            case Kind.STOPS:
                self.days.at(on, self._stops(life))
            case Kind.DIES:
                self.days.at(on, self._dies(life))
            case Kind.RETURNS:
                gone = self._clear_of_ends(life, on, 0, 20)
                self.days.at(gone, self._imprisoned(life))
                again = gone + timedelta(days=self.chance.randint(60, 200))
                self.days.at(again, self._released_again(life))
            case Kind.STEADY | Kind.AWAY:
                pass

    def _clear_of_ends(self, life: Life, after: datetime, least: int, most: int) -> datetime:
        """A moment some days later that no window's end is near to."""
        ends = [truth.closes_at for truth in life.truths.values() if truth.closes_at is not None]
        at = after + timedelta(days=self.chance.randint(least, most))
        while any(end - MARGIN <= at <= end + MARGIN for end in ends):
            at += MARGIN
        return at

    def _date_known(self, life: Life, released_on: date) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            await self.office.correct(life.id, Facts(release_on=released_on))
            self._dated(life, released_on, registering=False)
            return
            yield

        return act

    def _blocks(self, life: Life, blocked: bool) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            life.her.phone.block() if blocked else life.her.phone.unblock()
            yield

        return act

    def _rests(self, life: Life, until_on: date) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            life.resting = until_on
            await self.office.pause(life.id, PauseKind.TRIP, until_on)
            yield

        return act

    def _stops(self, life: Life) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            life.stopped = True
            for truth in life.truths.values():
                if truth.is_on(self.now) and (truth.invited or truth.started):
                    truth.fate = "refused"
            life.her.phone.send("ya no me escriban")
            yield

        return act

    def _dies(self, life: Life) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            life.kind = Kind.AWAY
            for truth in life.truths.values():
                truth.fate = truth.fate or "not_due"
            await self.office.correct(life.id, Facts(died_on=life.local(self.now)))
            yield

        return act

    def _imprisoned(self, life: Life) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            life.away = True
            await self.office.pause(life.id, PauseKind.REENTRY, None)
            yield

        return act

    def _released_again(self, life: Life) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            life.away = False
            released_on = life.local(self.now)
            for truth in life.truths.values():
                if truth.fate == "paused":
                    truth.fate, truth.invited = None, False
            await self.office.correct(life.id, Facts(release_on=released_on))
            self._dated(life, released_on, registering=False)
            yield

        return act

    def _loses_phone(self, life: Life) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            life.manners.clear()
            lost = life.her.phone.chat.user_id
            life.her = self._new_phone()
            self._by_chat[lost] = life  # what arrives there has been sent all the same
            return
            yield

        return act

    def _comes_by_invitation(self, life: Life) -> Callable[[], AsyncIterator[None]]:
        """First contact in full, on whichever phone she has now."""

        async def act() -> AsyncIterator[None]:
            her = life.her
            self._by_chat[her.phone.chat.user_id] = life
            token = await self.office.invite(life.id)
            her.phone.start(token)
            yield
            her.tap("yes")
            yield
            her.phone.send(WORD)
            yield
            life.stopped = False
            if not her.tap("yes"):
                assert life.kind is Kind.STOPS_A_WHILE, "whoever comes by a chat of old is not asked anew"
                return
            yield
            her.phone.send(word_shown(her.phone.messages[-1].text))
            yield
            her.phone.send("todas")
            yield
            her.phone.send("Rosa")
            yield
            her.tap("cualquiera")
            yield

        return act

    # --- what she does when the bot writes

    def _look(self) -> None:
        reached, self.bot.line.reached = self.bot.line.reached, set()
        for chat in sorted(reached):
            life = self._by_chat[chat]
            message = next((m for m in self.bot.phone(chat).messages[::-1] if m.sender == "bot"), None)
            if message is not None and offers(message, actions.BEGIN):
                self._invited(life, chat)

    def _invited(self, life: Life, chat: int) -> None:
        found = next(
            ((p, t) for p, t in life.truths.items() if t.is_on(self.now) and has_come(t, life, self.now)), None
        )
        assert found is not None, f"an invitation outside every window: {life.kind}, {self.now}, {life.truths}"
        point, truth = found
        truth.invited = True
        if chat != life.her.phone.chat.user_id or point in life.manners:
            if life.manners.get(point) is Manner.PUTS_OFF:
                life.manners[point] = Manner.AT_ONCE
                self._plan(life, truth, Manner.AT_ONCE)
            return
        life.manners[point] = self.chance.choice(MANNERS)
        self._plan(life, truth, life.manners[point])

    def _plan(self, life: Life, truth: Truth, manner: Manner) -> None:
        after = {
            Manner.AT_ONCE: timedelta(minutes=5),
            Manner.LATE: timedelta(days=self.chance.randint(1, 8), hours=1),
            Manner.PARTLY: timedelta(minutes=30),
            Manner.PUTS_OFF: timedelta(minutes=30),
            Manner.ASKS_FOR_HELP: timedelta(hours=1),
        }
        if manner in after:
            self.days.at(self.now + after[manner], self._answers(life, truth, manner))

    def _answers(self, life: Life, truth: Truth, manner: Manner) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            her = life.her
            if not truth.is_on(self.now) or her.phone.chat.blocked or life.kind is Kind.AWAY:
                return
            match manner:
                case Manner.PUTS_OFF:
                    her.tap(actions.LATER)
                    yield
                case Manner.ASKS_FOR_HELP:
                    truth.helped = her.tap(actions.HELP)
                    yield
                case _ if her.offers(actions.BEGIN) is not None:
                    truth.started = True
                    async for _ in her.answer(2 if manner is Manner.PARTLY else 120):
                        yield
                    if manner is not Manner.PARTLY:
                        assert her.has_finished, her.phone.messages[-1].text
                        truth.fate = "completed"

        return act
