"""The tray of cases: staff see who waits, answer through the bot, and pass on or close what is theirs.

* An answer is bound to the case whose button was tapped, whatever was opened since; for half a minute it can be undone.
* Who sees a case is the store's to say: what a button names and she may not see is as if it were closed.
* Whoever comes second learns who was first, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.staff import cases_view, permissions
from bot.staff.room import Act, Turn, View, button, member_of, paged, stale, whole
from conversations.codec import Tagged
from conversations.speech import ChatCleaned, Phrase, Relayed
from scheduler.dialogue import Attached, Facts, Tapped
from storage.cases_read import CannedAnswers, CaseFile, CaseList, CaseOf, Reach, Reply, ReplyOf, Team
from storage.cases_work import (
    UNDO,
    AnswerTakenBack,
    Away,
    Back,
    CaseAnswered,
    CaseEnded,
    CaseGiven,
    CaseNoted,
    CaseRead,
    CaseTaken,
    Outcome,
    SentSeen,
)
from storage.members import Member
from storage.notices import Media
from storage.records import Need

LONGEST_ANSWER = 3500
"""Characters of an answer: it stays below Telegram's 4096 with her name filled in."""

LONGEST_NOTE = 1000

SENDABLE = ("photo", "voice")
"""What can be sent beside words. A file would arrive under the name that it has on the sender's phone."""

SEEN_FOR = timedelta(hours=1)
"""How long what a woman sent stands in the chat of whoever looked at it."""

ABSENCES = (1, 3, 7, 15)
"""Days for which somebody can stand in, counted from today."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Her next words go to the woman of this case."""

    case: int


@dataclass(frozen=True, slots=True)
class Noting:
    """Her next words are a note in this case."""

    case: int


@dataclass(frozen=True, slots=True)
class Giving:
    """She chooses to whom this case goes."""

    case: int


@dataclass(frozen=True, slots=True)
class Seeing:
    """What was sent in this case stands in her chat, in that sprint, since then."""

    case: int
    shown_in: int
    at: datetime


class CaseRoom:
    """The tray and its cases."""

    name = "cases"
    states: Tagged[Any] = Tagged(Answering, Noting, Giving, Seeing)

    def until(self, held: Any) -> datetime | None:
        """It waits as long as she does; what a woman sent does not stand in another's chat for long."""
        return held.at + SEEN_FOR if isinstance(held, Seeing) else None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The list, or the case that it is about, and whatever can be chosen for it."""
        match act.verb:
            case permissions.LATE:
                return ()
            case "list" | "back":
                return (CaseList(member, whole(act.about)),)
            case "away" | "cover":
                return (Team(),)
            case "until":
                return (Team(), CaseList(member))
            case "undo":
                return (ReplyOf(member.staff, _cause(act)), CaseOf(member, act.id))
            case "give" | "to":
                return (Team(), CaseOf(member, _case(held, act)))
            case "canned" | "say":
                return (CannedAnswers(), CaseOf(member, _case(held, act)))
            case _:
                return (CaseOf(member, _case(held, act)),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Take one act; what stood there to be seen goes with the next."""
        turn = Turn(None, stays=False) if act.verb == permissions.LATE else self._taken(held, act, facts=facts)
        if turn is None or not isinstance(held, Seeing):
            return turn
        return replace(turn, effects=(ChatCleaned(facts.session, held.shown_in), *turn.effects), anew=True)

    def _taken(self, held: Any, act: Act, *, facts: Facts) -> Turn | None:
        member = member_of(facts)
        if act.verb == "list":
            page = facts.get(CaseList(member, whole(act.about)))
            return None if page is None else Turn(None, cases_view.tray(page))
        if act.verb in _ABOUT_HER:
            return _ABOUT_HER[act.verb](act, facts)
        if act.verb == "undo":
            return _undone(act, facts)
        if act.verb in (permissions.HEARD, permissions.SENT) and held is None:
            return None
        file = facts.get(CaseOf(member, _case(held, act)))
        if file is None:
            return Turn(None, View(Phrase("staff.case_gone"), ((cases_view.BACK,),)), stays=False)
        deed = _Deed(held, act, file, facts)
        return _heard(deed) if act.verb in _SAID else _DOES[act.verb](deed)


_SAID = (permissions.HEARD, permissions.SENT)


def _case(held: Any, act: Act) -> int:
    """The case that it is about: the one that she is at where words come or a choice, else the button's."""
    of_held = act.verb in (*_SAID, "to")
    return (0 if held is None else int(held.case)) if of_held else act.id


# --- what is done to a case


@dataclass(frozen=True, slots=True)
class _Deed:
    """What is done to a case: the act, what she held and knows, and the case."""

    held: Any
    act: Act
    file: CaseFile
    facts: Facts

    @property
    def by(self) -> int:
        return member_of(self.facts).staff

    @property
    def id(self) -> int:
        return self.file.line.id


def _opened(deed: _Deed) -> Turn:
    return Turn(None, cases_view.one(deed.file, whole(deed.act.rest)), (CaseRead(deed.id, deed.by),))


def _taken(deed: _Deed) -> Turn:
    if deed.file.line.owner is not None:
        return Turn(
            None, cases_view.one(deed.file), toast=Phrase("staff.case_taken_by", {"name": deed.file.line.owner_name})
        )
    taken = CaseTaken(deed.id, deed.by)
    onward = (cases_view.back_to(deed.file), (cases_view.BACK,))
    return Turn(None, View(Phrase("staff.case_taken", _named(deed.file)), onward), (taken,))


def _answer(deed: _Deed) -> Turn:
    if (refused := _unreachable(deed.file)) is not None:
        return refused
    return Turn(
        Answering(deed.id), View(Phrase("staff.case_write", _named(deed.file)), (cases_view.back_to(deed.file),))
    )


def _unreachable(file: CaseFile) -> Turn | None:
    if file.reach is Reach.FINE:
        return None
    return Turn(None, View(Phrase(cases_view.REACH_KEYS[file.reach], _named(file)), (cases_view.back_to(file),)))


def _note(deed: _Deed) -> Turn:
    return Turn(Noting(deed.id), View(Phrase("staff.case_write_note"), (cases_view.back_to(deed.file),)))


def _canned(deed: _Deed) -> Turn:
    kept = deed.facts.get(CannedAnswers()) or ()
    id_ = f"{deed.id:x}"
    rows = tuple((button(f"cases.say.{id_}.{one.id}", "staff.case_to", name=one.title),) for one in kept)
    phrase = Phrase("staff.canned_choose" if kept else "staff.canned_none")
    return Turn(None, View(phrase, (*rows, cases_view.back_to(deed.file))))


def _say(deed: _Deed) -> Turn:
    chosen = whole(deed.act.rest)
    said = next((one for one in deed.facts.get(CannedAnswers()) or () if one.id == chosen), None)
    if said is None:
        return _canned(deed)
    return _sent(deed, text=said.words)


def _give(deed: _Deed) -> Turn:
    others = cases_view.colleagues(deed.facts.get(Team()) or (), "to", but=deed.file.line.owner)
    rows = paged(others, f"cases.give.{deed.id:x}", whole(deed.act.rest))
    asked = Phrase("staff.case_give_to" if others else "staff.case_give_nobody", _named(deed.file))
    return Turn(Giving(deed.id), View(asked, (*rows, cases_view.back_to(deed.file))))


def _given(deed: _Deed) -> Turn:
    to = next((one for one in deed.facts.get(Team()) or () if one.staff == deed.act.id), None)
    if to is None or not deed.act.fresh or not isinstance(deed.held, Giving):
        return stale(deed.held)
    given = CaseGiven(deed.id, deed.by, to.staff, deed.file.line.owner)
    return Turn(None, View(Phrase("staff.case_given_to", {"name": to.name}), ((cases_view.BACK,),)), (given,))


def _close(deed: _Deed) -> Turn:
    id_ = f"{deed.id:x}"
    rows = tuple((button(f"cases.end.{id_}.{name}", key),) for name, key in cases_view.OUTCOME_KEYS.items())
    return Turn(None, View(Phrase("staff.case_outcome", _named(deed.file)), (*rows, cases_view.back_to(deed.file))))


def _ended(deed: _Deed) -> Turn:
    chosen = deed.act.rest
    if chosen not in cases_view.OUTCOME_KEYS:
        return _close(deed)
    ended = CaseEnded(deed.id, deed.by, Outcome(chosen))
    return Turn(None, View(Phrase("staff.case_closed"), ((cases_view.BACK,),)), (ended,))


def _see(deed: _Deed) -> Turn:
    """Her own pictures, voice notes and files, by their id with the channel; that they were seen is written down."""
    sent = cases_view.sent(deed.file)
    if not sent:
        return Turn(None, cases_view.one(deed.file), toast=Phrase("staff.case_nothing_to_see"))
    session, sprint = deed.facts.session, deed.facts.sprint
    relayed = [Relayed("", one.kind, one.file_id, session=session, sprint=sprint) for one in sent]
    effects = (SentSeen(deed.id, deed.by), *relayed)
    return Turn(Seeing(deed.id, sprint, deed.act.at), cases_view.seen(deed.file), effects, anew=True)


_DOES: dict[str, Callable[[_Deed], Turn]] = {
    "open": _opened,
    "see": _see,
    "clear": _opened,
    "take": _taken,
    "reply": _answer,
    "note": _note,
    "canned": _canned,
    "say": _say,
    "give": _give,
    "to": _given,
    "close": _close,
    "end": _ended,
}


def _named(file: CaseFile) -> dict[str, str | int]:
    return {"name": file.line.name}


# --- what she writes


def _heard(deed: _Deed) -> Turn | None:
    match deed.held, deed.act.sent:
        case Noting(), None:
            return _noted(deed)
        case Answering(), None:
            return _sent(deed, text=deed.act.words)
        case Answering(), Attached() as sent if sent.kind in SENDABLE and sent.file is not None:
            return _sent(deed, text=sent.caption, media=Media(sent.kind, sent.file.file_id))
        case Answering(), _:
            return Turn(deed.held, View(Phrase("staff.case_not_sendable"), (cases_view.back_to(deed.file),)))
        case _:
            return None


def _noted(deed: _Deed) -> Turn:
    words = deed.act.words
    if len(words) > LONGEST_NOTE:
        return Turn(deed.held, _too_long(words, LONGEST_NOTE))
    noted = CaseNoted(deed.id, deed.by, words)
    return Turn(None, View(Phrase("staff.case_noted"), (cases_view.back_to(deed.file),)), (noted,), stays=False)


def _sent(deed: _Deed, *, text: str, media: Media | None = None) -> Turn:
    if (refused := _unreachable(deed.file)) is not None:
        return refused
    if len(text) > LONGEST_ANSWER:
        return Turn(Answering(deed.id), _too_long(text, LONGEST_ANSWER))
    cause = _cause_of(deed.id, deed.facts.session, sprint=deed.facts.sprint)
    undo = button(f"cases.undo.{deed.id:x}.{deed.facts.sprint}", "staff.case_undo")
    values: dict[str, str | int] = {**_named(deed.file), "seconds": int(UNDO.total_seconds())}
    view = View(Phrase("staff.case_answered", values), ((undo,), cases_view.back_to(deed.file)))
    return Turn(None, view, (CaseAnswered(deed.id, deed.by, cause, text, media),), stays=False)


def _too_long(text: str, most: int) -> View:
    return View(Phrase("staff.case_too_long", {"count": len(text), "most": most}))


def _cause_of(case: int, session: int, *, sprint: int) -> str:
    return f"case:{case}:{session:x}.{sprint}"


def _cause(act: Act) -> str:
    """The answer that an *undo* is about."""
    session = act.event.session if isinstance(act.event, Tapped) else 0
    return _cause_of(act.id, session, sprint=whole(act.rest))


def _undone(act: Act, facts: Facts) -> Turn:
    cause, member = _cause(act), member_of(facts).staff
    reply: Reply | None = facts.get(ReplyOf(member, cause))
    if reply is None or reply.opened or act.at - reply.at >= UNDO:
        return Turn(None, toast=Phrase("staff.case_undo_late"), stays=False)
    again = button(f"cases.reply.{reply.case:x}", "staff.case_reply")
    back = AnswerTakenBack(reply.case, member, cause)
    return Turn(None, View(Phrase("staff.case_undone"), ((again, cases_view.BACK),)), (back,), stays=False)


# --- while she is away


def _away(act: Act, facts: Facts) -> Turn:
    others = cases_view.colleagues(facts.get(Team()) or (), "cover", but=member_of(facts).staff)
    rows = paged(others, "cases.away", whole(act.about) if act.verb == "away" else 0)
    asked = Phrase("staff.away_who" if others else "staff.away_nobody")
    return Turn(None, View(asked, (*rows, (cases_view.BACK,))))


def _cover(act: Act, facts: Facts) -> Turn:
    if (to := _colleague(act, facts)) is None:
        return _away(act, facts)
    days = tuple(button(f"cases.until.{act.id:x}.{days}", "staff.away_days", count=days) for days in ABSENCES)
    return Turn(None, View(Phrase("staff.away_how_long", {"name": to}), (days, (cases_view.BACK,))))


def _until(act: Act, facts: Facts) -> Turn:
    days, to = whole(act.rest), _colleague(act, facts)
    tray = facts.get(CaseList(member_of(facts)))
    if to is None or tray is None or days not in ABSENCES:
        return _away(act, facts)
    until_on = tray.today + timedelta(days=days - 1)
    away = Away(member_of(facts).staff, act.id, until_on)
    told = Phrase("staff.away_done", {"name": to, "day": f"{until_on:%d/%m}"})
    return Turn(None, View(told, ((cases_view.BACK,),)), (away,))


def _colleague(act: Act, facts: Facts) -> str | None:
    """The name of the member whom a button names, who is not she herself."""
    team, me = facts.get(Team()) or (), member_of(facts).staff
    return next((one.name for one in team if one.staff == act.id and one.staff != me), None)


def _is_back(act: Act, facts: Facts) -> Turn:
    return Turn(None, View(Phrase("staff.away_over"), ((cases_view.BACK,),)), (Back(member_of(facts).staff),))


_ABOUT_HER: dict[str, Callable[[Act, Facts], Turn]] = {
    "away": _away,
    "cover": _cover,
    "until": _until,
    "back": _is_back,
}
