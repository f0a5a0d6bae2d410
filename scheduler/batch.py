"""A batch: what several events amount to, gathered step by step and then written at once.

* A step that fails leaves nothing behind, and its neighbours go on.
* Each kind of record is written in one go, by the writer that its kind names.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from conversations.session import Sprint
from conversations.speech import Phrase, Said, Speech, is_words, shown_in
from scheduler.dialogue import Dialogue, Event, Facts, FromHer, TakenUp
from scheduler.writers import WRITERS
from storage import gates, interviews, ledger, mail, people, requests, traces
from storage.database import Tx
from storage.facts import Who
from storage.interviews import Conversation
from storage.mail import Parcel, Urgency
from storage.records import About, Entry, Need

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to take: its cause (`origin`, unique), where, and how urgent what we say to it is."""

    origin: str
    lane: str
    chat_id: int
    event: Event
    urgency: Urgency = Urgency.REPLY
    checkin_id: int | None = None
    message_id: int | None = None
    about: int | None = None
    participant_id: int | None = None
    """Whom it is meant for where it does not come from whoever is in the chat: with None its only woman, if it has
    one."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An event before its step: where it happens, which dialogue takes it, in which state."""

    happening: Happening
    who: Who
    conversation: Conversation | None
    dialogue: Dialogue
    state: Any
    needs: tuple[Need[Any], ...]
    displaced: Conversation | None = None
    """Another dialogue's open conversation, which ends if this one opens its own: a chat has one at a time."""
    inside: bool = False
    """Whether she who was there was in, rather than heard without a code."""

    @property
    def participant(self) -> int | None:
        """Whom the conversation is with, whoever's the chat is by now."""
        if self.conversation is not None and self.conversation.participant_id is not None:
            return self.conversation.participant_id
        return None if self.who.person is None else self.who.person.participant

    @property
    def at(self) -> datetime:
        """When it happened, by the clock on her wall where we know her."""
        at = self.happening.event.at
        return at if self.who.person is None else at.astimezone(ZoneInfo(self.who.person.zone))

    @property
    def cleared(self) -> bool:
        """Whether the chat was cleared since the conversation's last step."""
        return self.conversation is not None and self.conversation.cleared

    @property
    def checkin(self) -> int | None:
        return self.happening.checkin_id or (self.conversation.checkin_id if self.conversation else None)

    @property
    def checkin_under_way(self) -> int | None:
        """The same, or that of her conversation which goes on beside this."""
        return self.checkin or (self.displaced.checkin_id if self.displaced else None)


@dataclass
class Batch:
    """What a batch amounts to, gathered step by step and then written at once."""

    conversations: list[Conversation] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    entries: list[Entry[Any]] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    messages: list[traces.Standing] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    onward: list[Happening] = field(default_factory=list)
    present: list[gates.Heard] = field(default_factory=list)

    def take(self, scene: Scene, known: Facts) -> None:
        """Let the dialogue step, and gather what it returns; a step that fails leaves nothing behind."""
        try:
            sprint = scene.dialogue.step(scene.state, scene.happening.event, known)
            conversation = _conversation(scene, known, sprint=sprint)
            entries = _entries(scene, known, sprint=sprint)
        except Exception as error:  # an event must never take its neighbours down with it
            self.fail(scene.happening, error)
            return
        # Of a chat that is somebody's every message can be found again, to be deleted; of a stranger's none is kept,
        # but beside a first contact, with which it goes.
        belongs = known.session if scene.conversation or conversation or scene.who.known else None
        if belongs is None and scene.displaced is not None:
            belongs = scene.displaced.id
        self.entries += entries
        self.parcels += _parcels(scene, sprint, belongs=belongs, number=known.sprint)
        if conversation is not None:
            self.conversations.append(conversation)
            self.ended += [] if scene.displaced is None else [scene.displaced.id]
        elif scene.conversation is not None:
            self.ended.append(scene.conversation.id)
        happening = scene.happening
        if happening.message_id is not None and belongs is not None:
            self.messages.append(
                traces.Standing(happening.lane, happening.message_id, belongs, known.sprint, ours=False)
            )
        if happening.urgency is Urgency.REPLY and scene.checkin is not None:
            self.heard.append(scene.checkin)
        if isinstance(happening.event, FromHer) and (scene.who.women or _makes_hers(entries)):
            self.present.append(gates.Heard(happening.lane, within=scene.inside or _lets_in(entries)))
        self.onward += [
            replace(happening, origin=f"{happening.origin}:onward{place}", event=effect.event, message_id=None)
            for place, effect in enumerate(sprint.effects)
            if isinstance(effect, TakenUp)
        ]

    def turns(self) -> Iterator[list[Happening]]:
        """What is taken up, of each chat one at a time: each finds what the one before it left."""
        chats: dict[str, list[Happening]] = {}
        for happening in self.onward:
            chats.setdefault(happening.lane, []).append(happening)
        for turn in zip_longest(*chats.values()):
            yield [happening for happening in turn if happening is not None]

    def fail(self, happening: Happening, error: Exception) -> None:
        """The event is set aside, and whoever caused it gets a short apology."""
        log_failure(happening.origin, error)
        self.failed.add(happening.origin)
        self.parcels += apologies(happening)

    async def write(self, tx: Tx, *, silence: timedelta) -> None:
        """Write everything, each kind in one go."""
        await interviews.end(tx, self.ended)
        await interviews.save(tx, self.conversations)
        await ledger.heard(tx, self.heard)
        for kind, write in WRITERS.items():
            entries = [entry for entry in self.entries if type(entry.record) is kind]
            if entries:
                await write(tx, entries)
        await mail.post(tx, self.parcels)
        await traces.remember(tx, self.messages)
        await gates.heard(tx, self.present, silence=silence)
        for kind, write in requests.CLOSING.items():
            if entries := [entry for entry in self.entries if type(entry.record) is kind]:
                await write(tx, entries)


def _makes_hers(entries: Sequence[Entry[Any]]) -> bool:
    records = (entry.record for entry in entries)
    return any(isinstance(record, people.Linked) and record.participant is not None for record in records)


def _let_in(sprint: Sprint[Any, Any]) -> int | None:
    """Whose chat it is from this step on."""
    return next((effect.participant for effect in sprint.effects if isinstance(effect, gates.LetIn)), None)


def _lets_in(entries: Sequence[Entry[Any]]) -> bool:
    return any(isinstance(entry.record, gates.LetIn) for entry in entries)


def log_failure(origin: str, error: Exception) -> None:
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.error(
        "step failed",
        extra={  # the error's own text could quote what she wrote
            "action": "step_failed",
            "origin": origin,
            "error": type(error).__name__,
            "where": f"{where.name}:{where.lineno}",
        },
    )


def apologies(happening: Happening) -> list[Parcel]:
    """One, for what she did; none for what was to reach her unasked, which is tried again."""
    if happening.urgency is not Urgency.REPLY:
        return []
    return [Parcel(f"{happening.origin}:apology", happening.lane, happening.chat_id, Said(Phrase("apology")))]


def _conversation(scene: Scene, known: Facts, *, sprint: Sprint[Any, Any]) -> Conversation | None:
    if sprint.session is None:
        return None
    return Conversation(
        id=known.session,
        lane=scene.happening.lane,
        chat_id=scene.happening.chat_id,
        dialogue=scene.dialogue.name,
        sprint=max(known.sprint, *(shown_in(speech, known.sprint) or 0 for speech in _spoken(sprint)), 0),
        state=scene.dialogue.dump(sprint.session),
        participant_id=scene.participant or _let_in(sprint),
        checkin_id=scene.checkin,
        expires_at=scene.dialogue.expires_at(sprint.session),
        cleared=scene.cleared and not _shows_anew(scene, known, sprint=sprint),
    )


def _shows_anew(scene: Scene, known: Facts, *, sprint: Sprint[Any, Any]) -> bool:
    """Whether what had been cleared stands again: a reminder shows nothing of it, nor does a word on something else."""
    if not isinstance(scene.happening.event, FromHer):
        return False
    return any(is_words(speech) and shown_in(speech, known.sprint) is not None for speech in _spoken(sprint))


def _entries(scene: Scene, known: Facts, *, sprint: Sprint[Any, Any]) -> list[Entry[Any]]:
    records: list[Any] = [effect for effect in sprint.effects if not isinstance(effect, Speech | TakenUp)]
    if scene.who.shut and isinstance(scene.happening.event, FromHer):
        records.append(people.ChatBlocked(blocked=False))
    entries = [_entry(scene, known, record=record) for record in records]
    written = {kind.__name__ for kind in (*WRITERS, *requests.CLOSING)}
    unwritten = {type(entry.record).__name__ for entry in entries} - written
    if unwritten:
        raise TypeError(f"nobody writes {', '.join(sorted(unwritten))}")
    return entries


def _entry(scene: Scene, known: Facts, *, record: Any) -> Entry[Any]:
    """The record with where it comes from; one about another woman than the chat's owner is filed under her."""
    about = record if isinstance(record, About) else About(scene.participant or 0, record, scene.checkin_under_way)
    happening = scene.happening
    return Entry(
        record=about.record,
        at=about.at or scene.at,
        origin=happening.origin,
        lane=happening.lane,
        chat_id=happening.chat_id,
        session_id=known.session,
        participant_id=about.participant or None,
        checkin_id=about.checkin,
    )


def _parcels(scene: Scene, sprint: Sprint[Any, Any], *, belongs: int | None, number: int) -> list[Parcel]:
    happening = scene.happening
    return [
        Parcel(
            origin=f"{happening.origin}:{place}",
            lane=happening.lane,
            chat_id=happening.chat_id,
            speech=speech,
            urgency=happening.urgency,
            participant_id=scene.participant,
            session_id=belongs,
            sprint=shown_in(speech, number),
        )
        for place, speech in enumerate(_spoken(sprint))
    ]


def _spoken(sprint: Sprint[Any, Any]) -> list[Speech]:
    return [effect for effect in sprint.effects if isinstance(effect, Speech)]
