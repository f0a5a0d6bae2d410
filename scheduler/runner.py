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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from scheduler.ahead import Ahead, Found
from scheduler.batch import Batch, Happening, Scene, apologies, log_failure
from scheduler.dialogue import SILENCE, Desk, Event, Facts, FromHer
from storage import facts, interviews, lanes, lookups, mail, traces
from storage.database import STORE_AWAY, Database, Tx
from storage.facts import Who
from storage.interviews import Conversation
from storage.mail import Letter

log = logging.getLogger(__name__)

BATCH = 64
"""Lanes in one commit: enough to share its cost, few enough to keep the write transaction short (design.md D11)."""

MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Incoming:
    """What one raw update means: in which chat, what happened, which message of hers it was, and which earlier one it
    is about: the one that she replied to, changed or tapped."""

    chat_id: int
    event: Event
    message_id: int | None = None
    about: int | None = None


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
                log_failure(letter.origin, error)
                happening = self._understood(letter, tx.now)
                await mail.post(tx, [] if happening is None else apologies(happening))

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
        batch = Batch()
        scenes = [
            scene
            for happening in happenings
            if (scene := self._scene(happening, who, conversations=conversations, batch=batch)) is not None
        ]
        before, waiting = _found_before(scenes, ahead)
        scenes = [scene for scene in scenes if scene.happening.origin not in waiting]
        asked = [need for scene in scenes for need in scene.needs if need not in before]
        found = {**await lookups.look_up(tx, asked), **before}
        shown = await traces.shown_in(tx, [(h.lane, h.about) for h in happenings if h.about is not None])
        for scene in scenes:
            conversation = scene.conversation
            session, sprint = (conversation.id, conversation.sprint + 1) if conversation else (tx.ids.random(), 1)
            replied_to = shown.get((scene.happening.lane, scene.happening.about or 0), (None, None))
            about = replied_to[1] if replied_to[0] == session else None
            batch.take(scene, Facts(scene.who, session, sprint, found, about, replied_to, scene.cleared, self._silence))
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
        batch: Batch,
    ) -> Scene | None:
        here = who.get(happening.lane, Who())
        try:
            if isinstance(happening.event, FromHer):
                if (happening.lane, None) not in conversations:  # a first contact is nobody's yet, whoever is there
                    here = self._desk.admitted(happening.event, here)
            else:
                here = here.addressed(happening.participant_id)
            conversation = _open_with(here, happening, among=conversations)
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
        return Scene(happening, here, conversation, dialogue, state, needs, displaced, inside)


def _open_with(
    who: Who, happening: Happening, *, among: Mapping[tuple[str, int | None], Conversation]
) -> Conversation | None:
    """The open conversation that the event may belong to: hers whom it is about; or, where it comes from whoever is
    there, a first contact that has not become anybody's yet."""
    whose = happening.participant_id if who.person is None else who.person.participant
    hers = None if whose is None else among.get((happening.lane, whose))
    nobodys = among.get((happening.lane, None))
    first, second = (nobodys, hers) if isinstance(happening.event, FromHer) else (hers, nobodys)
    return first or second


def _found_before(scenes: Sequence[Scene], ahead: Ahead | None) -> tuple[Found, frozenset[str]]:
    """What was looked up for these beforehand, and the origins of those for which it still is."""
    each = (
        {} if ahead is None else {one.happening.origin: ahead.found(one.happening.origin, one.needs) for one in scenes}
    )
    found = {need: answer for one in each.values() if one is not None for need, answer in one.items()}
    return found, frozenset(origin for origin, one in each.items() if one is None)


async def _under_their_names(tx: Tx, happenings: Sequence[Happening]) -> Sequence[Happening]:
    """The same where the store calls their chats otherwise since they were found: see `storage/lanes.py`."""
    names = await lanes.standing(tx, {one.lane: one.chat_id for one in happenings})
    return [one if names[one.lane] == one.lane else replace(one, lane=names[one.lane]) for one in happenings]
