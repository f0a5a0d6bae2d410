"""The channels by which a woman can be asked, each behind the same few words: what a new one must have to be tried.

* A script is a list of moves: what is said, `[a button]`, `[a button] late` once it is gone, `(voice)`, or `(goes on)`
  after a pause.
* What comes of it is read where the channel leaves it: in the store, or for the terminal in what it prints.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot import library
from bot.cli.preview import Preview, Wanted
from conversations.answers import AnswerStatus
from conversations.instrument import Instrument
from conversations.xlsform import parse_instrument
from scheduler.enrolment import DEFAULT_ZONE
from storage.schema import answers, cases, checkins
from storage.vault import Place
from tests.support.asking import allowed
from tests.support.chat import Bot, Chat
from tests.support.instruments import EVERYTHING
from tests.support.staff import at_work
from tests.support.world import Store

FOLLOWS = (AnswerStatus.NOT_APPLICABLE, AnswerStatus.NO_CONSENT)
"""What is no word of hers, but follows from one."""

Standing = dict[str, tuple[int, Any]]
"""Status and value of each answer, by the question's name."""


def instrument() -> Instrument:
    """A questionnaire with every type of question, in the place of the one that is asked first."""
    return parse_instrument("llegada", source())


def source() -> str:
    return re.sub(r"Todo       \| todo ", "Llegada    | llegada ", EVERYTHING.read_text(encoding="utf-8"))


class Channel(Protocol):
    """A woman at the first question, in one channel, which lives in the modules of `asks_in`."""

    asks_in: ClassVar[tuple[str, ...]]

    async def open(self) -> None:
        """Bring her to the first question."""
        ...

    async def does(self, move: str) -> None:
        """She makes a move."""
        ...

    async def shown(self) -> str:
        """The newest that she is shown, or is read to her."""
        ...

    async def answers(self) -> Standing:
        """Her answers that stand."""
        ...

    async def kinds_of_cases(self) -> set[str]:
        """What a person has been asked to see to."""
        ...

    async def is_over(self) -> bool:
        """Whether everything is asked."""
        ...


class _Stored:
    """A channel whose answers land in the store; `onward` is what is tapped after a pause."""

    asks_in: ClassVar[tuple[str, ...]]
    onward: str

    def __init__(self, store: Store) -> None:
        self.store = store
        self.bot = Bot(store, shelf=library.build(library.shipped_sources(), [("llegada", "3", source())]))
        self.chat: Chat = self.bot.chat()

    async def does(self, move: str) -> None:
        """Type, tap, or send."""
        if move == "(goes on)":
            await self.chat.tap(self.onward)
        elif move == "(voice)":
            await self.chat.send("voice", file_id="v", duration=5)
        elif move.endswith("] late"):
            label = move[1:].removesuffix("] late")
            await self.chat.tap_data(next(data for there, data in reversed(self.chat.offered) if label in there))
        elif move.startswith("["):
            await self.chat.tap(move[1:-1])
        else:
            await self.chat.say(move)

    async def shown(self) -> str:
        """The newest message."""
        return self.chat.last.text

    async def answers(self) -> Standing:
        """The rows that stand."""
        async with self.store.database.read() as tx:
            rows = await tx.run(select(answers).where(answers.c.replaced_at.is_(None)))
        found = {}
        for row in rows:
            words = self.store.vault.open_text(Place("answers", "words", row.id), row.words)
            plain = row.value if words is None else words
            found[row.variable] = (row.status, None if plain is None else json.loads(plain))
        return _comparable(found)

    async def kinds_of_cases(self) -> set[str]:
        """The open cases."""
        async with self.store.database.read() as tx:
            return set((await tx.run(select(cases.c.kind))).scalars()) - {"transcripcion"}

    async def is_over(self) -> bool:
        """Whether the ledger says so."""
        async with self.store.database.read() as tx:
            fates = (await tx.run(select(checkins.c.fate).where(checkins.c.point == "s1"))).scalars()
            return list(fates) == ["completed"]


class OwnChat(_Stored):
    """She answers the bot in her own Telegram chat."""

    asks_in = ("bot.participant.interviewing",)
    onward = "Seguir"

    async def open(self) -> None:
        """A week after her release she is asked, and begins."""
        self.chat = await self.bot.enrolled()
        await self.bot.pass_time(days=8)
        await self.chat.tap("Sí, ahora")


class StaffCapture(_Stored):
    """A member of staff asks her on the phone, and types what she says."""

    asks_in = ("bot.staff.capture", "bot.staff.questions")
    onward = "Seguir yo"

    async def open(self) -> None:
        """She has no chat, and agrees aloud."""
        await self.bot.register("R-1", released=self.store.clock.at.date())
        await self.bot.pass_time(days=8)
        self.chat = await at_work(self.bot)
        await self.chat.say("/capturar Rosa")
        for label in ("Rosa", "Semana 1", "De palabra", "Dijo que sí"):
            await self.chat.tap(label)
        await allowed(self.chat)
        await self.chat.tap("Por teléfono")

    async def shown(self) -> str:
        """The newest that is read to her: what is said to whoever asks is not."""
        own = ("contestó todo", "Quedó pedido", "¿Sigues tú")
        there = [self.chat.messages[id_] for id_ in sorted(self.chat.messages)]
        return [seen.text for seen in there if not seen.hers and not any(said in seen.text for said in own)][-1]


class Terminal:
    """Somebody plays a questionnaire on the command line."""

    asks_in = ("bot.cli.preview",)

    def __init__(self, store: Store) -> None:
        self._clock = store.clock
        self._preview: Preview | None = None

    @property
    def preview(self) -> Preview:
        """What is played."""
        assert self._preview is not None
        return self._preview

    async def open(self) -> None:
        """On the day on which a chat would ask."""
        self._clock.advance(days=8)
        on = self._clock.at.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
        self._preview = Preview(instrument(), Wanted("es", "tu", on, ("ingresos", "seguimiento")))
        self._preview.begin()

    async def does(self, move: str) -> None:
        """Type it as it would be typed; whoever pauses simply goes on."""
        if move != "(goes on)":
            self.preview.take(self._whole(move.removesuffix(" late")) if move.startswith("[") else move)

    def _whole(self, label: str) -> str:
        """The button that says so, as it stands there."""
        there = [button for line in self.preview.lines for button in line.buttons if label[1:-1] in button]
        assert there, f"no button says {label}"
        return f"[{there[-1]}]"

    async def shown(self) -> str:
        """The last that was said, from its first line on."""
        said: list[str] = []
        for line in self.preview.lines:
            if line.text.startswith("Hilo"):
                said = []
            if line.text and not line.text.startswith(("Rosa>", "- ")):
                said.append(line.text.partition("> ")[2] if line.text.startswith("Hilo") else line.text.strip())
        return "\n".join(said)

    async def answers(self) -> Standing:
        """What it prints at the end."""
        told = [re.fullmatch(r"- (\w+): (.*) \(status (-?\d+)\)", str(line)) for line in self.preview.answers()]
        return _comparable({one[1]: (int(one[3]), json.loads(one[2])) for one in told if one is not None})

    async def kinds_of_cases(self) -> set[str]:
        """What it says would be opened."""
        return {line.text.removeprefix("- case: ") for line in self._printed if line.text.startswith("- case: ")}

    async def is_over(self) -> bool:
        """Whether it has said so."""
        return any(line.text.startswith("- completed") for line in self._printed)

    @property
    def _printed(self) -> list[Any]:
        return self.preview.lines


CHANNELS = (OwnChat, StaffCapture, Terminal)
"""Each of them; a new one stands here too."""


def _comparable(found: Standing) -> Standing:
    """Without what follows from her answers, and of a voice note only how long it is."""
    hers = {name: one for name, one in found.items() if one[0] not in map(int, FOLLOWS)}
    return {
        name: (status, {"voice": value["seconds"]} if isinstance(value, dict) and "voice" in value else value)
        for name, (status, value) in hers.items()
    }
