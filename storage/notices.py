"""What staff send a woman: one harmless line in her chat, and what they sent only at her tap.

* The content is sealed until she opens it, and emptied as it is shown; what was shown is deleted a day later at most.
* One line a chat: while one stands that nobody has opened, whatever else comes waits behind it.
* What is called back or retired is in `storage/retiring.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, Table, bindparam, func, or_, select, update

from conversations.speech import Button, ButtonsRemoved, ChatCleaned, Phrase, Relayed, Said
from storage.database import Tx
from storage.mail import MailState, Parcel, Urgency, post
from storage.records import Entry, Writer
from storage.schema import accounts, notices, outbox, vault
from storage.vault import Place

OPEN, CLEAR = "notice.open", "notice.clear"
"""What the buttons of a notice do: show what waits, and delete what was shown."""

STANDS_FOR = timedelta(hours=24)
"""How long what was shown stands in her chat, and how long her next words are taken for a reply to it: half of what
Telegram allows for deleting, so that a day of trouble leaves time."""

MOST_BELOW = 1024
"""Characters that may stand below a picture or a file (Bot API, `caption`)."""

LINE = 1
"""The sprint of a line; what it opens follows from the next one on."""

NAME = "{nombre}"

_UNNAMED = re.compile(rf"[ \t]+{re.escape(NAME)}|{re.escape(NAME)},?[ \t]*")


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a file or a voice note that stands with the channel: "photo", "document" or "voice", and its id there.

    The channel shows a file under the name that it was sent to the bot with, which `name` tells.
    """

    kind: str
    file_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What she is to read or see; {nombre} in the text stands for how she wants to be called. What is ours to say and
    not staff's is a `phrase`, said in her language as she opens it."""

    text: str = ""
    media: Media | None = None
    phrase: Phrase | None = None


_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Something for one woman. `cause` is "case:ID:REPLY" or "broadcast:ID", and comes to her once; its line leaves
    from `ready_at` on (None: now)."""

    participant: int
    content: Content
    cause: str
    ready_at: datetime | None = None

    @property
    def origin(self) -> str:
        """The origin of the line that is posted for it, if one is."""
        return f"{self.cause}:notice:{self.participant}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice that she has opened within STANDS_FOR: its cause, and where it stands in her chat."""

    cause: str
    reading: int
    sprint: int


def addressed(text: str, called: str | None) -> str:
    """The text with {nombre} filled in; without a name it reads on without a gap."""
    if called is not None or NAME not in text:
        return text.replace(NAME, called or "")
    plain = _UNNAMED.sub("", text).strip()
    return plain[:1].upper() + plain[1:]


# --- leaving them


@dataclass(frozen=True, slots=True)
class _Line:
    reading: int
    origin: str


async def leave(tx: Tx, new: Sequence[NewNotice], *, urgency: Urgency) -> None:
    """Have these wait for her tap, and say so in the chat that she uses where no unopened line stands there.

    Whoever has no chat finds them once she has one and is told of anything. Raises Conflict where a cause reaches a
    woman twice.
    """
    chats = await _chats(tx, {one.participant for one in new})
    lines = await _standing(tx, {(chat.lane, woman) for woman, chat in chats.items()}, urgency)
    rows, parcels = [], []
    for one in new:
        chat = chats.get(one.participant)
        line = None if chat is None else lines.get((chat.lane, one.participant))
        if chat is not None and line is None:
            lines[chat.lane, one.participant] = line = _Line(tx.ids.random(), one.origin)
            parcels.append(_told(tx, one, chat, line=line, urgency=urgency))
        rows.append(_row(tx, one, lane=None if chat is None else chat.lane, line=line))
    await tx.run(notices.insert(), rows)
    await post(tx, parcels)


def _row(tx: Tx, one: NewNotice, *, lane: str | None, line: _Line | None) -> dict[str, Any]:
    id_ = tx.ids.ordered()
    return {
        "id": id_,
        "participant_id": one.participant,
        "cause": one.cause,
        "content": tx.vault.seal(Place("notices", "content", id_), _CONTENT.dump_json(one.content)),
        "lane": lane,
        "reading": None if line is None else line.reading,
        "line": None if line is None else line.origin,
        "posted_at": tx.now,
    }


def _told(tx: Tx, one: NewNotice, chat: Any, *, line: _Line, urgency: Urgency) -> Parcel:
    rows = ((Button(OPEN, Phrase("notice.open")),),)
    said = Said(Phrase("notice.waiting"), rows, line.reading, LINE, harmless=True)
    return Parcel(
        line.origin,
        chat.lane,
        _chat_id(tx, chat),
        said,
        urgency,
        one.participant,
        session_id=line.reading,
        sprint=LINE,
        ready_at=one.ready_at,
    )


async def _chats(tx: Tx, women: Collection[int]) -> dict[int, Any]:
    """The chat that each of these women uses now: of several the newest."""
    in_use = accounts.c.unlinked_at.is_(None) & accounts.c.blocked_at.is_(None)
    rows = await tx.run(
        select(accounts).where(accounts.c.participant_id.in_(women), in_use).order_by(accounts.c.linked_at)
    )
    return {row.participant_id: row for row in rows}


def _chat_id(tx: Tx, account: Any) -> int:
    return int(tx.vault.open(Place("accounts", "chat_id", account.id), account.chat_id))


UNOPENED = notices.c.opened_at.is_(None) & notices.c.retired_at.is_(None)
"""Which notices still wait for her tap."""

_LOST = (MailState.FAILED, MailState.DROPPED, MailState.UNKNOWN)
_NOT_LOST = or_(outbox.c.id.is_(None), outbox.c.state.not_in(_LOST))
"""Whether a line left or may still leave; one of which that is not known does not keep others from being told of."""


async def _standing(tx: Tx, hers: Collection[tuple[str, int]], urgency: Urgency) -> dict[tuple[str, int], _Line]:
    """The lines to these women, each in her chat, that nobody has opened. One that is still to leave must be as urgent
    as this, or it might be held back where this would not."""
    as_sure = or_(outbox.c.id.is_(None), outbox.c.state != MailState.READY, outbox.c.urgency <= urgency)
    lanes = {lane for lane, _ in hers}
    waiting = (
        select(notices.c.lane, notices.c.participant_id, notices.c.reading, notices.c.line)
        .outerjoin(outbox, outbox.c.origin == notices.c.line)
        .where(notices.c.lane.in_(lanes), notices.c.line.is_not(None), UNOPENED, _NOT_LOST, as_sure)
        .order_by(notices.c.id)
    )
    return {(row.lane, row.participant_id): _Line(row.reading, row.line) for row in await tx.run(waiting)}


# --- showing them


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many notices wait for this woman."""

    participant: int

    async def find(self, tx: Tx) -> int | None:
        """The number."""
        return int((await tx.run(_of(self.participant, func.count(notices.c.id)))).scalar_one())


def _of(participant: int, *columns: ColumnElement[Any] | Table) -> Select[Any]:
    """What waits for her and was not held back when it should have left."""
    told = notices.outerjoin(outbox, outbox.c.origin == notices.c.line)
    held_back = (outbox.c.state == MailState.DROPPED) & (outbox.c.reason != UNSEEN)
    hers = (notices.c.participant_id == participant) & UNOPENED & or_(outbox.c.id.is_(None), ~held_back)
    return select(*columns).select_from(told).where(hers)


UNSEEN = "retired"
"""Why a line was dropped that a retired notice had posted."""


@dataclass(frozen=True, slots=True)
class NoticesOpened:
    """She wants to see what waits for her, and tapped the line of this reading."""

    reading: int


@dataclass(frozen=True, slots=True)
class NoticesCleared:
    """She wants gone what this reading shows."""

    reading: int


async def _opened(tx: Tx, entries: Sequence[Entry[NoticesOpened]]) -> None:
    for entry in entries:
        if entry.participant_id is not None:
            await _show(tx, entry, entry.participant_id)


async def _show(tx: Tx, entry: Entry[NoticesOpened], participant: int) -> None:
    rows = list(await tx.run(_of(participant, notices).order_by(notices.c.id)))
    if not rows:
        return
    readings = [row.reading for row in rows if row.reading is not None]
    reading = entry.record.reading if entry.record.reading in readings else (readings or [tx.ids.random()])[-1]
    called = (await tx.run(select(vault.c.called).where(vault.c.participant_id == participant))).scalar_one()
    name = tx.vault.open_text(Place("vault", "called", participant), called)
    shown: list[Relayed | Said | ButtonsRemoved] = [ButtonsRemoved(reading, LINE)]
    for sprint, row in enumerate(rows, start=LINE + 1):
        content = _CONTENT.validate_json(tx.vault.open(Place("notices", "content", row.id), row.content))
        shown += relayed(content, name, reading=reading, sprint=sprint, last=row is rows[-1])
    await _post_reading(tx, entry, shown)
    seen = update(notices).where(notices.c.id == bindparam("notice"))
    values: dict[str, Any] = {"shown_in": bindparam("sprint"), "reading": reading, "lane": entry.lane, "content": None}
    places = [{"notice": row.id, "sprint": sprint} for sprint, row in enumerate(rows, start=LINE + 1)]
    await tx.run(seen.values(opened_at=tx.now, **values), places)


def relayed(content: Content, name: str | None, *, reading: int, sprint: int, last: bool) -> list[Relayed | Said]:
    """What shows it under this reading, `last` with the button that takes it away: a text that has no room below its
    picture or file comes after it."""
    text = addressed(content.text, name)
    buttons = ((Button(CLEAR, Phrase("notice.clear")),),) if last else ()
    if content.phrase is not None:
        return [Said(content.phrase, buttons, reading, sprint)]
    if content.media is None:
        return [Relayed(text, rows=buttons, session=reading, sprint=sprint)]
    kind, file_id = content.media.kind, content.media.file_id
    if len(text) <= MOST_BELOW:
        return [Relayed(text, kind, file_id, buttons, reading, sprint)]
    return [
        Relayed("", kind, file_id, session=reading, sprint=sprint),
        Relayed(text, rows=buttons, session=reading, sprint=sprint),
    ]


async def _post_reading(tx: Tx, entry: Entry[Any], shown: Sequence[Relayed | Said | ButtonsRemoved]) -> None:
    """Show this now, and take it all away in a day."""
    parcels = [
        Parcel(
            f"{entry.origin}:notice:{place}",
            entry.lane,
            entry.chat_id,
            speech,
            participant_id=entry.participant_id,
            session_id=speech.session,
            sprint=speech.sprint,
        )
        for place, speech in enumerate(shown)
    ]
    gone, at = ChatCleaned(parcels[0].session_id or 0), tx.now + STANDS_FOR
    over = Parcel(f"{entry.origin}:notice:over", entry.lane, entry.chat_id, gone, ready_at=at)
    await post(tx, [*parcels, over])


async def _cleared(tx: Tx, entries: Sequence[Entry[NoticesCleared]]) -> None:
    for entry in entries:
        reading = entry.record.reading
        hers = (notices.c.participant_id == entry.participant_id) & (notices.c.reading == reading)
        gone = update(notices).where(hers, notices.c.opened_at.is_not(None)).values(reading=None)
        if (await tx.run(gone)).rowcount:
            await post(tx, [Parcel(f"{entry.origin}:notice", entry.lane, entry.chat_id, ChatCleaned(reading))])


WRITERS: dict[type, Writer] = {NoticesOpened: _opened, NoticesCleared: _cleared}


async def shown_to(tx: Tx, women: Sequence[int]) -> dict[int, tuple[Shown, ...]]:
    """What each of these women has opened lately and still has before her, in the order in which it was shown."""
    lately = (notices.c.opened_at > tx.now - STANDS_FOR) & notices.c.reading.is_not(None)
    hers = notices.c.participant_id.in_(women) & notices.c.retired_at.is_(None)
    found: dict[int, tuple[Shown, ...]] = {}
    for row in await tx.run(select(notices).where(hers, lately).order_by(notices.c.opened_at, notices.c.shown_in)):
        shown = Shown(row.cause, row.reading, row.shown_in)
        found[row.participant_id] = (*found.get(row.participant_id, ()), shown)
    return found
