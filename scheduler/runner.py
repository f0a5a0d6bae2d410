"""The runner: load, step, and one commit for all that a batch of events changes.

* At most one event of each lane is in a batch, so the order of a chat is kept; what a batch changes is committed
  whole or not at all.
* What somebody did before she was let in is taken, in the same commit, once she is.
* An event whose step fails is set aside with its payload, she is told kindly, and its neighbours go on.
* What takes long to look up is looked up beforehand, while its chat waits and the others go on.
* A batch that cannot be written is taken apart and each event tried alone; one that keeps failing is set aside too.
* While the store itself is away (a full disk, a lost connection) everything waits, and nothing is set aside.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from conversations.session import Sprint
from conversations.speech import Phrase, Said, Speech, shown_in
from scheduler.ahead import Ahead, Found
from scheduler.dialogue import Desk, Dialogue, Event, Facts, FromHer, TakenUp
from scheduler.writers import WRITERS
from storage import facts, gates, interviews, lanes, ledger, mail, people, traces
from storage.database import STORE_AWAY, Database, Tx
from storage.facts import Who
from storage.interviews import Conversation
from storage.mail import Letter, Parcel, Urgency
from storage.records import About, Entry, Need

log = logging.getLogger(__name__)

BATCH = 64
"""Lanes in one commit: enough to share its cost, few enough to keep the write transaction short (design.md D11)."""

MAX_ATTEMPTS = 3

SILENCE = timedelta(minutes=10)
"""Long enough to think about an answer, short enough that a phone that was put down shows nothing for long."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What one raw update means: in which chat, what happened, which message of hers it was, and which earlier one it
    is about: the one that she replied to or changed."""

    chat_id: int
    event: Event
    message_id: int | None = None
    about: int | None = None


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
class Taken:
    """What became of a batch: the lanes that belong to somebody, the origins of the events that failed, and of those
    that wait since something is still looked up for them."""

    known_lanes: frozenset[str]
    failed: frozenset[str]
    waiting: frozenset[str] = frozenset()


Read = Callable[[dict[str, Any], datetime], Incoming | None]
"""Turns a raw update, taken at that moment, into what it means; pure, and None for what means nothing to us."""


class Runner:
    """Takes events through their dialogues, a batch in a transaction."""

    def __init__(self, database: Database, desk: Desk, *, read: Read, silence: timedelta = SILENCE) -> None:
        """`silence`: after how long nobody is taken to be at a chat any more who was there."""
        self._database = database
        self._desk = desk
        self._read = read
        self._silence = silence
        self._ahead = Ahead(database)

    async def take_letters(self, limit: int = BATCH) -> int:
        """Take the next update of each waiting lane; returns how many were taken, or 1 while something is looked up for
        the only ones that wait. Raises what STORE_AWAY names."""
        try:
            async with self._database.transact() as tx:
                letters = await mail.next_in_each_lane(tx, limit)
                taken = await self._take(tx, letters, ahead=self._ahead) if letters else 0
            return taken or int(await self._ahead.a_moment())
        except STORE_AWAY:
            raise
        except Exception as error:  # which of them it is shows when each is taken alone
            log.warning("batch refused", extra={"action": "batch_refused", "error": type(error).__name__})
        return await self._take_one_by_one(limit)

    async def _take_one_by_one(self, limit: int) -> int:
        async with self._database.read() as tx:
            letters = await mail.next_in_each_lane(tx, limit)
        for letter in letters:
            try:
                async with self._database.transact() as tx:
                    await self._take(tx, [letter])
            except STORE_AWAY:
                raise
            except Exception as error:
                await self._count_attempt(letter, error)
        return len(letters)

    async def _count_attempt(self, letter: Letter, error: Exception) -> None:
        last = letter.attempts + 1 >= MAX_ATTEMPTS
        async with self._database.transact() as tx:
            await mail.count_attempt(tx, letter, set_aside=last)
            if last:
                _log_failure(letter.origin, error)
                happening = self._understood(letter, tx.now)
                await mail.post(tx, [] if happening is None else _apologies(happening))

    def _understood(self, letter: Letter, at: datetime) -> Happening | None:
        try:
            return self._happening(letter, at)
        except Exception:  # told already: it is what this letter is set aside for
            return None

    async def _take(self, tx: Tx, letters: Sequence[Letter], *, ahead: Ahead | None = None) -> int:
        """Take these but for those for which something is still being looked up; returns how many were taken."""
        happenings = [happening for letter in letters if (happening := self._happening(letter, tx.now)) is not None]
        taken = await self.step(tx, happenings, ahead=ahead)
        now = [letter for letter in letters if letter.origin not in taken.waiting]
        fine = [letter for letter in now if letter.origin not in taken.failed]
        await mail.finish(tx, [(letter, letter.lane in taken.known_lanes) for letter in fine])
        for letter in now:
            if letter.origin in taken.failed:
                await mail.count_attempt(tx, letter, set_aside=True)
        return len(now)

    def _happening(self, letter: Letter, at: datetime) -> Happening | None:
        incoming = self._read(letter.update, at)
        if incoming is None or letter.lane is None:
            return None
        return Happening(
            letter.origin,
            letter.lane,
            incoming.chat_id,
            incoming.event,
            message_id=incoming.message_id,
            about=incoming.about,
        )

    def gives_way(self, dialogue: str) -> bool:
        """Whether an open conversation of this dialogue makes room for a check-in that is due."""
        return self._desk.gives_way(dialogue)

    async def step(self, tx: Tx, happenings: Sequence[Happening], *, ahead: Ahead | None = None) -> Taken:
        """Take each event through its dialogue, and write all that follows; with `ahead`, an event waits while that has
        still to look something up for it."""
        happenings = await _under_their_names(tx, happenings)
        chats = [happening.lane for happening in happenings]
        who = await facts.who_is_in(tx, chats)
        conversations = await interviews.open_in(tx, chats)
        batch = _Batch()
        scenes = [
            scene
            for happening in happenings
            if (scene := self._scene(happening, who, conversations=conversations, batch=batch)) is not None
        ]
        before, waiting = _found_before(scenes, ahead)
        scenes = [scene for scene in scenes if scene.happening.origin not in waiting]
        asked = [need for scene in scenes for need in scene.needs if need not in before]
        found = {**await facts.look_up(tx, asked), **before}
        shown = await traces.shown_in(tx, [(h.lane, h.about) for h in happenings if h.about is not None])
        for scene in scenes:
            conversation = scene.conversation
            session, sprint = (conversation.id, conversation.sprint + 1) if conversation else (tx.ids.random(), 1)
            replied_to = shown.get((scene.happening.lane, scene.happening.about or 0), (None, None))
            about = replied_to[1] if replied_to[0] == session else None
            batch.take(scene, Facts(scene.who, session, sprint, found, about, replied_to, scene.cleared))
        await batch.write(tx, silence=self._silence)
        failed = frozenset(batch.failed)
        for turn in batch.turns():
            failed |= (await self.step(tx, turn)).failed
        return Taken(frozenset(who), failed, waiting)

    def _scene(
        self,
        happening: Happening,
        who: Mapping[str, Who],
        *,
        conversations: Mapping[tuple[str, int | None], Conversation],
        batch: _Batch,
    ) -> _Scene | None:
        here = who.get(happening.lane, Who())
        try:
            if isinstance(happening.event, FromHer):
                if (happening.lane, None) not in conversations:  # a first contact is nobody's yet, whoever is there
                    here = self._desk.admitted(happening.event, here)
            else:
                here = here.addressed(happening.participant_id)
            conversation = _open_with(here, happening, conversations)
            dialogue = self._desk.choose(happening.event, who=here, conversation=conversation)
            displaced = None
            if conversation is not None and conversation.dialogue != dialogue.name:
                conversation, displaced = None, conversation
            state = None if conversation is None else dialogue.load(conversation.state)
            needs = tuple(dialogue.needs(state, happening.event, who=here))
        except Exception as error:
            batch.fail(happening, error)
            return None
        inside = who.get(happening.lane, Who()).person is not None
        return _Scene(happening, here, conversation, dialogue, state, needs, displaced, inside)


@dataclass(frozen=True, slots=True)
class _Scene:
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
        last = None if self.conversation is None else self.conversation.updated_at
        return last is not None and self.who.cleared_at is not None and last < self.who.cleared_at

    @property
    def checkin(self) -> int | None:
        return self.happening.checkin_id or (self.conversation.checkin_id if self.conversation else None)

    @property
    def checkin_under_way(self) -> int | None:
        """The same, or that of her conversation which goes on beside this."""
        return self.checkin or (self.displaced.checkin_id if self.displaced else None)


def _open_with(
    who: Who, happening: Happening, conversations: Mapping[tuple[str, int | None], Conversation]
) -> Conversation | None:
    """The open conversation that the event may belong to: hers whom it is about; or, where it comes from whoever is
    there, a first contact that has not become anybody's yet."""
    whose = happening.participant_id if who.person is None else who.person.participant
    hers = None if whose is None else conversations.get((happening.lane, whose))
    nobodys = conversations.get((happening.lane, None))
    first, second = (nobodys, hers) if isinstance(happening.event, FromHer) else (hers, nobodys)
    return first or second


def _found_before(scenes: Sequence[_Scene], ahead: Ahead | None) -> tuple[Found, frozenset[str]]:
    """What was looked up for these beforehand, and the origins of those for which it still is."""
    each = (
        {} if ahead is None else {one.happening.origin: ahead.found(one.happening.origin, one.needs) for one in scenes}
    )
    found = {need: answer for one in each.values() if one is not None for need, answer in one.items()}
    return found, frozenset(origin for origin, one in each.items() if one is None)


@dataclass
class _Batch:
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

    def take(self, scene: _Scene, known: Facts) -> None:
        """Let the dialogue step, and gather what it returns; a step that fails leaves nothing behind."""
        try:
            sprint = scene.dialogue.step(scene.state, scene.happening.event, known)
            conversation = _conversation(scene, known, sprint=sprint)
            entries = _entries(scene, known, sprint=sprint)
        except Exception as error:  # an event must never take its neighbours down with it
            self.fail(scene.happening, error)
            return
        # Of a chat that is somebody's every message can be found again, to be deleted; of a stranger's none is kept.
        belongs = known.session if scene.conversation or conversation or scene.who.known else None
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
        _log_failure(happening.origin, error)
        self.failed.add(happening.origin)
        self.parcels += _apologies(happening)

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


def _makes_hers(entries: Sequence[Entry[Any]]) -> bool:
    records = (entry.record for entry in entries)
    return any(isinstance(record, people.Linked) and record.participant is not None for record in records)


def _let_in(sprint: Sprint[Any, Any]) -> int | None:
    """Whose chat it is from this step on."""
    return next((effect.participant for effect in sprint.effects if isinstance(effect, gates.LetIn)), None)


def _lets_in(entries: Sequence[Entry[Any]]) -> bool:
    return any(isinstance(entry.record, gates.LetIn) for entry in entries)


def _log_failure(origin: str, error: Exception) -> None:
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


async def _under_their_names(tx: Tx, happenings: Sequence[Happening]) -> Sequence[Happening]:
    """The same where the store calls their chats otherwise since they were found: see `storage/lanes.py`."""
    names = await lanes.standing(tx, {one.lane: one.chat_id for one in happenings})
    return [one if names[one.lane] == one.lane else replace(one, lane=names[one.lane]) for one in happenings]


def _apologies(happening: Happening) -> list[Parcel]:
    """One, for what she did; none for what was to reach her unasked, which is tried again."""
    if happening.urgency is not Urgency.REPLY:
        return []
    return [Parcel(f"{happening.origin}:apology", happening.lane, happening.chat_id, Said(Phrase("apology")))]


def _conversation(scene: _Scene, known: Facts, *, sprint: Sprint[Any, Any]) -> Conversation | None:
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
    )


def _entries(scene: _Scene, known: Facts, *, sprint: Sprint[Any, Any]) -> list[Entry[Any]]:
    records: list[Any] = [effect for effect in sprint.effects if not isinstance(effect, Speech | TakenUp)]
    if scene.who.shut and isinstance(scene.happening.event, FromHer):
        records.append(people.ChatBlocked(blocked=False))
    entries = [_entry(scene, known, record=record) for record in records]
    unwritten = {type(entry.record).__name__ for entry in entries} - {kind.__name__ for kind in WRITERS}
    if unwritten:
        raise TypeError(f"nobody writes {', '.join(sorted(unwritten))}")
    return entries


def _entry(scene: _Scene, known: Facts, *, record: Any) -> Entry[Any]:
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


def _parcels(scene: _Scene, sprint: Sprint[Any, Any], *, belongs: int | None, number: int) -> list[Parcel]:
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
