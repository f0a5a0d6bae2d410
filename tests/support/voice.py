"""A woman of the store who answers in voice, and a member of staff who sends files: by the records that their
dialogues return, without a chat."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import select

from conversations.answers import Answer, AnswerStatus, Value, Voice
from conversations.session import Sprint
from conversations.speech import Phrase, Said
from scheduler.applied import Plans
from scheduler.dialogue import Dialogue, Event, FileArrived
from scheduler.enrolment import enrol
from scheduler.plan import SHIPPED_PLAN, read_plan
from scheduler.writers import WRITERS
from storage.facts import Who
from storage.files import FileWanted, VoiceKept
from storage.imports.participants import ParticipantRow
from storage.interviews import AnswerChanged, Conversation
from storage.records import Entry
from storage.schema import answers, checkins, files
from tests.support.world import Store

QUESTION = "para_contar"


@dataclass(frozen=True)
class Sender:
    """Somebody at chat 101; a woman has a check-in."""

    store: Store
    numbers: count[int]
    participant: int | None = None
    checkin: int | None = None

    async def voice(
        self, file_id: str, *, seconds: int = 4, question: str | None = QUESTION, size: int | None = 900
    ) -> str:
        """A voice note of hers is taken, as the answer to `question` or as a message; returns its ref."""
        ref = f"f{next(self.numbers)}.3"
        records: list[Any] = [VoiceKept(ref, file_id, size, seconds, question)]
        if question is not None:
            records.append(self._answer(Voice(ref, seconds), question))
        await self.write(*records)
        return ref

    async def answers(self, value: Value, question: str = QUESTION) -> None:
        """She answers in writing."""
        await self.write(self._answer(value, question))

    @staticmethod
    def _answer(value: Value, question: str) -> AnswerChanged:
        answer = Answer(AnswerStatus.GIVEN, value)
        return AnswerChanged(question, answer, free_text=True, instrument="llegada", version="1")

    async def wants(self, file_id: str, *, name: str = "hoja.xlsx", size: int | None = 900) -> None:
        """An instrument that she sent is to be fetched."""
        await self.write(FileWanted("instrument", file_id, size, name))

    async def write(self, *records: Any) -> None:
        """What a step returned is written, as the runner has it written."""
        async with self.store.database.transact() as tx:
            at = {"at": tx.now, "origin": f"7:{next(self.numbers)}", "lane": "lane-101", "chat_id": 101}
            whose = {"session_id": 5, "participant_id": self.participant, "checkin_id": self.checkin}
            entries = [Entry(record, **at, **whose) for record in records]
            for kind, write in WRITERS.items():
                if of_kind := [entry for entry in entries if type(entry.record) is kind]:
                    await write(tx, of_kind)

    async def revisions(self) -> list[Any]:
        """Her answers, the oldest first."""
        async with self.store.database.read() as tx:
            return list(await tx.run(select(answers).order_by(answers.c.revision)))


async def woman(store: Store, record_id: str = "R-1") -> Sender:
    """One who is registered."""
    row = ParticipantRow(line=2, record_id=record_id, name="Rosa Prueba", release_date=store.clock.at.date())
    async with store.database.transact() as tx:
        (participant,) = await enrol(tx, [row], plans=Plans.of(read_plan(SHIPPED_PLAN)))
        hers = select(checkins.c.id).where(checkins.c.participant_id == participant, checkins.c.point == "s1")
        checkin = (await tx.run(hers)).scalar_one()
    return Sender(store, count(participant % 1000), participant, checkin)


def promotora(store: Store) -> Sender:
    """A member of staff."""
    return Sender(store, count(1))


async def stored(store: Store) -> list[Any]:
    """The files as they stand in the store."""
    async with store.database.read() as tx:
        return list(await tx.run(select(files).order_by(files.c.wanted_at, files.c.id)))


class Reader:
    """A dialogue that says what it hears of a file; of one that cannot be taken it fails."""

    name = "reader"

    def load(self, data: bytes) -> None: ...

    def dump(self, state: None) -> bytes:
        return b""

    def expires_at(self, state: None) -> None: ...

    def needs(self, state: None, event: Event, *, who: Who) -> tuple[()]:
        return ()

    def step(self, state: None, event: Event, facts: Any) -> Sprint[Any, Any]:
        assert isinstance(event, FileArrived)
        return Sprint(None, (Said(Phrase(f"arrived {event.kept}")),))


class OneDialogue:
    """A desk with one dialogue for everything."""

    def __init__(self) -> None:
        self._reader = Reader()

    def choose(self, event: Event, *, who: Who, conversation: Conversation | None) -> Dialogue:
        return self._reader
