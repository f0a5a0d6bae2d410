"""What staff answer in a case: written or chosen, looked at once more where something speaks against it, and undone.

* An answer is bound to the case whose button was tapped, whatever was opened since; for half a minute it can be undone,
  and as long as it waits for her morning, too.
* Where somebody else has answered since, or it is none of her hours, nothing is sent before the author has said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.staff import cases_view
from bot.staff.room import Act, Turn, View, button, member_of, stale, whole
from bot.staff.wording import in_words, sent_in_words
from conversations.speech import Phrase
from locales.catalog import SPANISH, weekday
from scheduler.dialogue import Attached, Facts, Tapped
from storage.cases_read import TEXT, CannedAnswers, CaseFile, CaseOf, Reach, Reply, ReplyOf
from storage.cases_work import UNDO, AnswerTakenBack, CaseAnswered
from storage.notices import Media
from storage.segments import MaySend

LONGEST_ANSWER = 3500
"""Characters of an answer: it stays below Telegram's 4096 with her name filled in."""

MOST_QUOTED = 400
"""Characters of another's answer."""

SENDABLE = ("photo", "voice")
"""What can be sent beside words. A file would arrive under the name that it has on the sender's phone."""

NOW, LATER = "now", "later"


@dataclass(frozen=True, slots=True)
class Answering:
    """Her next words go to the woman of this case; she knows of so many answers of others."""

    case: int
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Unsent:
    """This answer waits for its author's word; she knows of so many answers of others."""

    case: int
    seen: int
    text: str
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to a case: the act, what she held and knows, the case, and when its woman may be written to."""

    held: Any
    act: Act
    file: CaseFile
    facts: Facts
    may_send: MaySend

    @property
    def by(self) -> int:
        """The member of staff who does it."""
        return member_of(self.facts).staff

    @property
    def id(self) -> int:
        """The case."""
        return self.file.line.id


def named(file: CaseFile) -> dict[str, str | int]:
    """Her name, as texts take it."""
    return {"name": file.line.name}


# --- the words


def begin(deed: Deed) -> Turn:
    """She writes an answer next."""
    if (refused := _unreachable(deed.file)) is not None:
        return refused
    view = View(Phrase("staff.case_write", named(deed.file)), (cases_view.back_to(deed.file),))
    return Turn(Answering(deed.id, _seen(deed, deed.act.rest)), view)


def _seen(deed: Deed, told: str) -> int:
    """Of how many answers of others she knows: the button says it where it stood below them."""
    return whole(told) if told else len(deed.file.answers)


def _unreachable(file: CaseFile) -> Turn | None:
    if file.reach is Reach.FINE:
        return None
    return Turn(None, View(Phrase(cases_view.REACH_KEYS[file.reach], named(file)), (cases_view.back_to(file),)))


def canned(deed: Deed) -> Turn:
    """The answers that are given often, to choose from."""
    kept = deed.facts.get(CannedAnswers()) or ()
    id_, seen = f"{deed.id:x}", _seen(deed, deed.act.rest)
    rows = tuple((button(f"cases.say.{id_}.{one.id}.{seen}", "staff.case_to", name=one.title),) for one in kept)
    phrase = Phrase("staff.canned_choose" if kept else "staff.canned_none")
    return Turn(None, View(phrase, (*rows, cases_view.back_to(deed.file))))


def say(deed: Deed) -> Turn:
    """One of them is the answer."""
    chosen, _, seen = deed.act.rest.partition(".")
    said = next((one for one in deed.facts.get(CannedAnswers()) or () if one.id == whole(chosen)), None)
    if said is None:
        return canned(deed)
    return _meant(deed, Unsent(deed.id, _seen(deed, seen), said.words))


def heard(deed: Deed, held: Answering | Unsent) -> Turn:
    """What she wrote or sent is the answer, if it can be sent: in place of one that still waits for her word."""
    match deed.act.sent:
        case None:
            return _meant(deed, Unsent(deed.id, held.seen, deed.act.words))
        case Attached() as sent if sent.kind in SENDABLE and sent.file is not None:
            return _meant(deed, Unsent(deed.id, held.seen, sent.caption, Media(sent.kind, sent.file.file_id)))
        case _:
            return Turn(held, View(Phrase("staff.case_not_sendable"), (cases_view.back_to(deed.file),)))


def too_long(text: str, most: int) -> View:
    """How much of it fits."""
    return View(Phrase("staff.case_too_long", {"count": len(text), "most": most}))


# --- whether and when it leaves


def decided(deed: Deed) -> Turn:
    """She has seen what speaks against it, and says when it leaves."""
    if not isinstance(deed.held, Unsent) or deed.held.case != deed.id or not deed.act.fresh:
        return stale(deed.held)
    return _meant(deed, deed.held, when=deed.act.rest)


def _meant(deed: Deed, said: Unsent, *, when: str = "") -> Turn:
    if (refused := _unreachable(deed.file)) is not None:
        return refused
    if len(said.text) > LONGEST_ANSWER:
        return Turn(Answering(deed.id, said.seen), too_long(said.text, LONGEST_ANSWER))
    if len(deed.file.answers) > said.seen:
        return _answered_before(deed, said)
    opens = deed.may_send(deed.file.hours, deed.act.at)
    if opens <= deed.act.at or when == NOW:
        return _sent(deed, said)
    return _sent(deed, said, not_before=opens) if when == LATER else _out_of_hours(deed, said, opens=opens)


def _answered_before(deed: Deed, said: Unsent) -> Turn:
    """What the others have answered, the last of it in words."""
    last = deed.file.answers[-1]
    words = last.text if last.kind == TEXT else f"{sent_in_words(last.kind)} {last.text}".strip()
    short = words if len(words) <= MOST_QUOTED else f"{words[:MOST_QUOTED]}…"
    told = Phrase("staff.case_answered_before", {**named(deed.file), "by": last.by or "—", "words": short})
    too = button(f"cases.send.{deed.id:x}", "staff.case_send_too")
    held = Unsent(deed.id, len(deed.file.answers), said.text, said.media)
    return Turn(held, View(told, ((too,), cases_view.back_to(deed.file))))


def _out_of_hours(deed: Deed, said: Unsent, *, opens: datetime) -> Turn:
    """What time it is where she is; now, or when her hours begin."""
    here = deed.act.at.astimezone(ZoneInfo(deed.file.hours.zone))
    told = Phrase("staff.case_out_of_hours", {**named(deed.file), "hour": _hour(here)})
    now = button(f"cases.send.{deed.id:x}.{NOW}", "staff.case_send_now")
    later = button(f"cases.send.{deed.id:x}.{LATER}", "staff.case_send_later", when=_when(deed, opens))
    return Turn(said, View(told, ((now,), (later,), cases_view.back_to(deed.file))))


def _when(deed: Deed, opens: datetime) -> str:
    """That moment by her clock, its day only where that is not today."""
    zone = ZoneInfo(deed.file.hours.zone)
    then, here = opens.astimezone(zone), deed.act.at.astimezone(zone)
    if then.date() == here.date():
        return in_words(Phrase("staff.case_at", {"hour": _hour(then)}))
    return in_words(Phrase("staff.case_on", {"day": weekday(then.date(), SPANISH), "hour": _hour(then)}))


def _hour(wall: datetime) -> str:
    return f"{wall.hour}:{wall:%M}"


def _sent(deed: Deed, said: Unsent, *, not_before: datetime | None = None) -> Turn:
    """It leaves, and can be undone."""
    cause = _cause_of(deed.id, deed.facts.session, sprint=deed.facts.sprint)
    undo = button(f"cases.undo.{deed.id:x}.{deed.facts.sprint}", "staff.case_undo")
    told = Phrase("staff.case_answered", {**named(deed.file), "seconds": int(UNDO.total_seconds())})
    if not_before is not None:
        told = Phrase("staff.case_answered_later", {**named(deed.file), "when": _when(deed, not_before)})
    answered = CaseAnswered(deed.id, deed.by, cause, said.text, said.media, not_before, said.seen)
    return Turn(None, View(told, ((undo,), cases_view.back_to(deed.file))), (answered,), stays=False)


def _cause_of(case: int, session: int, *, sprint: int) -> str:
    return f"case:{case}:{session:x}.{sprint}"


# --- undone


def cause(act: Act) -> str:
    """The answer that an *undo* is about."""
    session = act.event.session if isinstance(act.event, Tapped) else 0
    return _cause_of(act.id, session, sprint=whole(act.rest))


def undone(act: Act, facts: Facts) -> Turn:
    """It is not sent, though its case be closed by now; too late once it may have left."""
    member = member_of(facts)
    reply: Reply | None = facts.get(ReplyOf(member.staff, cause(act)))
    if reply is None or reply.opened or not (reply.waits or act.at - reply.at < UNDO):
        return Turn(None, toast=Phrase("staff.case_undo_late"), stays=False)
    back = AnswerTakenBack(reply.case, member.staff, cause(act))
    if facts.get(CaseOf(member, act.id)) is None:
        return Turn(None, View(Phrase("staff.case_undone_closed"), ((cases_view.BACK,),)), (back,), stays=False)
    again = button(f"cases.reply.{reply.case:x}", "staff.case_reply")
    return Turn(None, View(Phrase("staff.case_undone"), ((again, cases_view.BACK),)), (back,), stays=False)
