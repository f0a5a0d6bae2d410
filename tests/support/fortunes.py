"""Whatever can happen to women in three years, drawn step by step, and played over the bot at work.

* A draw means something wherever it falls; what it means for the women's wishes is told to the watch at once, by the
  script and not by the store.
* How a woman takes what reaches her is a habit: a list of manners, gone through again and again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from bot.participant import actions
from scheduler.plan import parse_plan
from storage.pauses import PauseKind
from storage.roster import Facts
from tests.support.fieldwork import Fieldwork
from tests.support.lives import Days, Her, offers
from tests.support.office import Office
from tests.support.short_plans import NAME, PLANS, SERIES
from tests.support.watch import Watch, Wishes

ZONES = ("America/Mexico_City", "America/Tijuana", "America/Cancun", "America/Ciudad_Juarez", "America/Hermosillo")
SLOTS = ("cualquiera", "manana", "tarde", "noche")
DAYS = ("", "01234", "56", "2", "0135")
RELEASED = (-800, -400, -95, -40, -20, -8, -3, 0, 0, 15, 60, None)
SHIFTS = (-200, -60, -31, -10, -2, 10, 31, 60, 200)
RESTS = (1, 4, 9, 30, 95, 300)
CORRECTIONS = ("corrects", "goes_on", "lives", "dies", "moves", "chooses")
"""What may have a check-in expected anew, beside a plan."""

NO_CHAT, BAD = "Bad Request: chat not found", "Bad Request: message is too long"
LINES = (2, 9, 13, 30, 24 * 6, 24 * 30)
OUTAGES = (3, 14, 48, 24 * 8, 24 * 21, 24 * 60)

MANNERS = ("silent", "at_once", "at_once", "hours", "days", "partly", "puts_off", "help", "pauses")
KINDS = (
    *("joins", "corrects", "corrects", "rests", "rests", "rests_from_series", "away", "goes_on", "stops", "says_stop"),
    *("lifts", "dies", "lives", "moves", "chooses", "reminders", "blocks", "blocks", "unblocks", "new_phone"),
    *("outage", "outage", "plan", "writes", "nothing", "line", "line", "line", "unknown", "known", "refused"),
)


@dataclass(frozen=True)
class Step:
    """What happens so many hours after the step before, to which of the women; `pick` chooses among its kinds."""

    hours: int
    kind: str
    who: int
    pick: int


STEPS = st.lists(
    st.builds(
        Step,
        hours=st.integers(0, 60) | st.integers(0, 24 * 100),
        kind=st.sampled_from(KINDS),
        who=st.integers(0, 2),
        pick=st.integers(0, 11),
    ),
    min_size=4,
    max_size=22,
)
HABITS = st.lists(st.lists(st.sampled_from(MANNERS), min_size=1, max_size=5), min_size=3, max_size=3)
MOST_WOMEN, MOST_PUT_OFF = 3, 3


@dataclass
class Woman:
    """One woman of a play; `released` is None while nobody knows."""

    id: int
    her: Her
    habit: Sequence[str]
    released: date | None
    invited: int = 0
    sees: set[int] = field(default_factory=set)


class Play:
    """The steps, one after the other, with the watch looking after every moment."""

    def __init__(self, days: Days, watch: Watch, habits: Sequence[Sequence[str]]) -> None:
        self.days, self.watch, self.habits = days, watch, habits
        self.bot: Fieldwork = days.bot
        self.office = Office(self.bot)
        self.women: list[Woman] = []
        self.chats = 500
        self.died_at: dict[int, datetime] = {}
        self.unheard: list[Callable[[], None]] = []
        """What is true once the bot hears of it: it waits at Telegram, which cannot be reached."""
        days.looks.append(self._look)

    @property
    def now(self) -> datetime:
        """The present."""
        return self.days.now

    async def take(self, step: Step) -> None:
        """Let time go by, and then this happen."""
        await self.days.pass_to(self.now + timedelta(hours=step.hours, minutes=1 + step.pick))
        if step.kind == "joins" or not self.women:
            await self._joins(step.pick)
            return
        woman = self.women[step.who % len(self.women)]
        wishes = self.watch.women[woman.id]
        wishes.touched.append(self.now)
        if step.kind in CORRECTIONS:
            wishes.corrected_at = self.now
        await getattr(self, f"_{step.kind}")(woman, wishes, step.pick)
        await self.bot.settle()

    def _today(self, wishes: Wishes) -> date:
        return wishes.wall(self.now).date()

    # --- what happens

    async def _joins(self, pick: int) -> None:
        if len(self.women) == MOST_WOMEN:
            return
        offset = RELEASED[pick % len(RELEASED)]
        released = None if offset is None else self.now.date() + timedelta(days=offset)
        zone = ZONES[(pick + len(self.women)) % len(ZONES)]
        (woman,) = await self.office.register(released, zone=zone)
        self.watch.women[woman] = Wishes(zone, touched=[self.now])
        self.chats += 1
        her = Her(self.bot.phone(self.chats), Random(pick))
        self.women.append(Woman(woman, her, self.habits[len(self.women)], released))
        if pick != 5:  # some never come
            await self.bot.link(woman, self.chats)
            self.watch.women[woman].open_since = self.now

    async def _corrects(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        woman.released = (woman.released or self.now.date()) + timedelta(days=SHIFTS[pick % len(SHIFTS)])
        await self._released_on(woman, wishes, woman.released)

    async def _released_on(self, woman: Woman, wishes: Wishes, day: date) -> None:
        woman.released = day
        if wishes.rests.get("") is None:  # away until a new date is known
            wishes.rests.pop("", None)
        await self.office.correct(woman.id, Facts(release_on=day))

    async def _rests(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        until = self._today(wishes) + timedelta(days=RESTS[pick % len(RESTS)])
        if wishes.rests.get("", until) is None:  # she is away, and no other rest takes its place
            return
        wishes.rests[""] = until
        await self.office.pause(woman.id, PauseKind.TRIP, until)

    async def _rests_from_series(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        until = self._today(wishes) + timedelta(days=RESTS[pick % len(RESTS)])
        wishes.rests[SERIES] = until
        await self.office.pause(woman.id, PauseKind.CARE, until, series=SERIES)

    async def _away(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        wishes.rests[""] = None
        await self.office.pause(woman.id, PauseKind.REENTRY, None)

    async def _goes_on(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if wishes.rests.get("", date.max) is None:
            await self._released_on(woman, wishes, self._today(wishes))
        for series in list(wishes.rests):
            del wishes.rests[series]
            await self.office.resume(woman.id, series=series)

    async def _stops(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        wishes.stopped = True
        await self.office.stop(woman.id)

    async def _says_stop(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if self._can_write(woman):
            woman.her.phone.send("ya no me escriban")
            self._is_heard(lambda: setattr(wishes, "stopped", True))

    async def _lifts(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        wishes.stopped = False
        await self.office.lift(woman.id)

    async def _dies(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if not wishes.dead:
            wishes.dead, self.died_at[woman.id] = True, self.now
        await self.office.correct(woman.id, Facts(died_on=self._today(wishes)))

    async def _lives(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if wishes.dead:
            wishes.dead = False
            wishes.mourned.append((self.died_at[woman.id], self.now))
        await self.office.correct(woman.id, Facts(alive=True))

    async def _moves(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        wishes.zone = ZONES[pick % len(ZONES)]
        await self.office.correct(woman.id, Facts(zone=wishes.zone))

    async def _chooses(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        wishes.slot, wishes.days = SLOTS[pick % len(SLOTS)], DAYS[pick % len(DAYS)]
        await self.office.correct(woman.id, Facts(slot=wishes.slot, days=wishes.days))

    async def _reminders(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        await self.office.correct(woman.id, Facts(reminders=bool(pick % 2)))

    async def _blocks(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if woman.her.phone.chat.opened:
            woman.her.phone.block()
            wishes.open_since = None

    async def _unblocks(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if woman.her.phone.chat.blocked:
            woman.her.phone.unblock()
            self._is_heard(lambda: self._opens(woman, wishes))

    async def _new_phone(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        self.chats += 1
        woman.her = Her(self.bot.phone(self.chats), Random(pick))
        await self.bot.link(woman.id, self.chats)
        wishes.open_since = self.now

    async def _outage(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if self.bot.line.is_down:
            return
        begin = self.now
        await self.days.down_to(begin + timedelta(hours=OUTAGES[pick % len(OUTAGES)]))
        self.watch.outages.append((begin, self.now))

    async def _line(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        """Telegram cannot be reached, and the bot goes on meanwhile."""
        if self.bot.line.is_down:
            return
        back = self.now + timedelta(hours=LINES[pick % len(LINES)])
        self.bot.line.is_down = True
        self.watch.outages.append((self.now, back))
        self.days.at(back, self._restores, held=False)

    async def _restores(self) -> AsyncIterator[None]:
        self.bot.line.is_down = False
        yield
        self._hears()

    def _is_heard(self, follows: Callable[[], None]) -> None:
        self.unheard.append(follows)
        self._hears()

    def _hears(self) -> None:
        if not self.bot.line.is_down:
            for follows in self.unheard:
                follows()
            self.unheard.clear()

    def _opens(self, woman: Woman, wishes: Wishes) -> None:
        if self._can_write(woman) and not self._is_unknown(woman):
            wishes.open_since = self.now

    async def _unknown(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        self.bot.line.refuses[woman.her.phone.chat.user_id] = NO_CHAT
        wishes.open_since = None

    async def _known(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        self.bot.line.refuses.pop(woman.her.phone.chat.user_id, None)
        if self._can_write(woman):
            woman.her.phone.send("hola")
            self._is_heard(lambda: self._opens(woman, wishes))

    async def _refused(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        """Telegram finds fault with whatever we send her, for some days."""
        chat = woman.her.phone.chat.user_id
        self.bot.line.refuses[chat] = BAD

        async def takes_again() -> AsyncIterator[None]:
            if self.bot.line.refuses.get(chat) == BAD:
                del self.bot.line.refuses[chat]
            yield

        until = self.now + timedelta(hours=LINES[pick % len(LINES)])
        wishes.refused.append((self.now, until))
        self.days.at(until, takes_again, held=False)

    async def _plan(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        source = PLANS[pick % len(PLANS)]
        plan = parse_plan(source, NAME)
        await self.office.apply(plan, source)
        self.watch.follow(plan)
        for one in self.watch.women.values():
            one.touched.append(self.now)
            one.corrected_at = self.now

    async def _writes(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        if self._can_write(woman):
            woman.her.phone.send(("hola", "ayuda", "gracias", "¿quién eres?")[pick % 4])

    async def _nothing(self, woman: Woman, wishes: Wishes, pick: int) -> None:
        await self.bot.keep_house()

    def _is_unknown(self, woman: Woman) -> bool:
        return self.bot.line.refuses.get(woman.her.phone.chat.user_id) == NO_CHAT

    def _can_write(self, woman: Woman) -> bool:
        chat = woman.her.phone.chat
        return chat.opened and not chat.blocked

    # --- what she does when the bot writes

    def _look(self) -> None:
        self.watch.look(self.now)
        self.bot.line.reached.clear()
        for woman in self.women:
            if any(offers(message, actions.BEGIN) for message in woman.her.news()):
                self._takes(woman, woman.habit[woman.invited % len(woman.habit)])
                woman.invited += 1

    def _takes(self, woman: Woman, manner: str) -> None:
        if manner != "silent":
            after = {"hours": timedelta(hours=7, minutes=3), "days": timedelta(days=3, minutes=7)}
            self.days.at(self.now + after.get(manner, timedelta(minutes=9)), self._does(woman, manner))

    def _does(self, woman: Woman, manner: str) -> Callable[[], AsyncIterator[None]]:
        async def act() -> AsyncIterator[None]:
            if not self._can_write(woman):
                return
            match manner:
                case "puts_off":
                    self._puts_off(woman)
                    yield
                case "help":
                    woman.her.tap(actions.HELP)
                    yield
                case "pauses":
                    async for _ in woman.her.answer(1):
                        yield
                    woman.her.phone.send("pausa")
                    yield
                    self._pauses(woman)
                    yield
                case _:
                    async for _ in woman.her.answer(1 if manner == "partly" else 9):
                        yield

        return act

    def _puts_off(self, woman: Woman) -> None:
        shown = woman.her.offers(actions.LATER)
        checkin = None if shown is None else self.watch.asked_under(woman.id, shown.message_id)
        if shown is None or checkin is None:
            return
        said = self.watch.women[woman.id].put_off.setdefault(checkin, set())
        if len(said) < MOST_PUT_OFF and woman.her.tap(actions.LATER):
            said.add(shown.message_id)

    def _pauses(self, woman: Woman) -> None:
        shown = woman.her.offers(actions.REST + "week")
        checkin = None if shown is None else self.watch.asked_under(woman.id, shown.message_id)
        if checkin is not None and woman.her.tap(actions.REST + "week"):
            self.watch.women[woman.id].paused[checkin] += 1
