"""The tray of cases: staff see who waits, answer through the bot, and pass on or close what is theirs.

* Who sees a case is the store's to say: what a button names and she may not see is as if it were closed.
* Whoever comes second learns who was first, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.staff import cases_reply, cases_view, permissions
from bot.staff.cases_reply import Deed, named
from bot.staff.room import Act, Turn, View, button, member_of, paged, stale, whole
from conversations.codec import Tagged
from conversations.speech import ChatCleaned, Phrase, Relayed
from scheduler.dialogue import Facts
from storage.cases_kinds import CRISIS
from storage.cases_read import CannedAnswers, CaseList, CaseOf, ReplyOf, Team
from storage.cases_work import (
    Away,
    Back,
    CaseEnded,
    CaseGiven,
    CaseNoted,
    CaseRead,
    CaseTaken,
    Outcome,
    SentSeen,
)
from storage.detections import Judged, Verdict
from storage.members import Member
from storage.records import Need
from storage.segments import MaySend, at_any_hour

LONGEST_NOTE = 1000

SEEN_FOR = timedelta(hours=1)
"""How long what a woman sent stands in the chat of whoever looked at it."""

ABSENCES = (1, 3, 7, 15)
"""Days for which somebody can stand in, counted from today."""


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
    states: Tagged[Any] = Tagged(cases_reply.Answering, cases_reply.Unsent, Noting, Giving, Seeing)

    def __init__(self, may_send: MaySend = at_any_hour) -> None:
        self._may_send = may_send

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
                return (ReplyOf(member.staff, cases_reply.cause(act)), CaseOf(member, act.id))
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
            return cases_reply.undone(act, facts)
        if act.verb in (permissions.HEARD, permissions.SENT) and held is None:
            return None
        file = facts.get(CaseOf(member, _case(held, act)))
        if file is None:
            return Turn(None, View(Phrase("staff.case_gone"), ((cases_view.BACK,),)), stays=False)
        deed = Deed(held, act, file, facts, self._may_send)
        return _heard(deed) if act.verb in _SAID else _DOES[act.verb](deed)


_SAID = (permissions.HEARD, permissions.SENT)


def _case(held: Any, act: Act) -> int:
    """The case that it is about: the one that she is at where words come or a choice, else the button's."""
    of_held = act.verb in (*_SAID, "to")
    return (0 if held is None else int(held.case)) if of_held else act.id


# --- what is done to a case


def _opened(deed: Deed) -> Turn:
    return Turn(None, cases_view.one(deed.file, whole(deed.act.rest)), (CaseRead(deed.id, deed.by),))


def _taken(deed: Deed) -> Turn:
    if deed.file.line.owner is not None:
        return Turn(
            None, cases_view.one(deed.file), toast=Phrase("staff.case_taken_by", {"name": deed.file.line.owner_name})
        )
    taken = CaseTaken(deed.id, deed.by)
    onward = (cases_view.back_to(deed.file), (cases_view.BACK,))
    return Turn(None, View(Phrase("staff.case_taken", named(deed.file)), onward), (taken,))


def _note(deed: Deed) -> Turn:
    return Turn(Noting(deed.id), View(Phrase("staff.case_write_note"), (cases_view.back_to(deed.file),)))


def _give(deed: Deed) -> Turn:
    others = cases_view.colleagues(deed.facts.get(Team()) or (), "to", but=deed.file.line.owner)
    rows = paged(others, f"cases.give.{deed.id:x}", page=whole(deed.act.rest))
    asked = Phrase("staff.case_give_to" if others else "staff.case_give_nobody", named(deed.file))
    return Turn(Giving(deed.id), View(asked, (*rows, cases_view.back_to(deed.file))))


def _given(deed: Deed) -> Turn:
    to = next((one for one in deed.facts.get(Team()) or () if one.staff == deed.act.id), None)
    if to is None or not deed.act.fresh or not isinstance(deed.held, Giving):
        return stale(deed.held)
    given = CaseGiven(deed.id, deed.by, to.staff, deed.file.line.owner)
    return Turn(None, View(Phrase("staff.case_given_to", {"name": to.name}), ((cases_view.BACK,),)), (given,))


def _close(deed: Deed) -> Turn:
    """How it ended; of a danger that was found, first whether it was one."""
    if deed.file.line.kind == CRISIS:
        return Turn(None, cases_view.verdict(deed.file))
    return _outcome(deed)


def _judge(deed: Deed) -> Turn:
    if deed.act.rest not in set(Verdict):
        return _close(deed)
    return replace(_outcome(deed), effects=(Judged(deed.id, deed.by, Verdict(deed.act.rest)),))


def _outcome(deed: Deed) -> Turn:
    id_ = f"{deed.id:x}"
    rows = tuple((button(f"cases.end.{id_}.{name}", key),) for name, key in cases_view.OUTCOME_KEYS.items())
    return Turn(None, View(Phrase("staff.case_outcome", named(deed.file)), (*rows, cases_view.back_to(deed.file))))


def _ended(deed: Deed) -> Turn:
    chosen = deed.act.rest
    if chosen not in cases_view.OUTCOME_KEYS:
        return _close(deed)
    ended = CaseEnded(deed.id, deed.by, Outcome(chosen))
    return Turn(None, View(Phrase("staff.case_closed"), ((cases_view.BACK,),)), (ended,))


def _see(deed: Deed) -> Turn:
    """Her own pictures, voice notes and files, by their id with the channel; that they were seen is written down."""
    sent = cases_view.sent(deed.file)
    if not sent:
        return Turn(None, cases_view.one(deed.file), toast=Phrase("staff.case_nothing_to_see"))
    session, sprint = deed.facts.session, deed.facts.sprint
    relayed = [Relayed("", one.kind, one.file_id, session=session, sprint=sprint) for one in sent]
    effects = (SentSeen(deed.id, deed.by), *relayed)
    return Turn(Seeing(deed.id, sprint, deed.act.at), cases_view.seen(deed.file), effects, anew=True)


_DOES: dict[str, Callable[[Deed], Turn]] = {
    "open": _opened,
    "see": _see,
    "clear": _opened,
    "take": _taken,
    "reply": cases_reply.begin,
    "note": _note,
    "canned": cases_reply.canned,
    "say": cases_reply.say,
    "send": cases_reply.decided,
    "give": _give,
    "to": _given,
    "close": _close,
    "judge": _judge,
    "end": _ended,
}


# --- what she writes


def _heard(deed: Deed) -> Turn | None:
    match deed.held, deed.act.sent:
        case Noting(), None:
            return _noted(deed)
        case cases_reply.Answering() | cases_reply.Unsent() as held, _:
            return cases_reply.heard(deed, held)
        case _:
            return None


def _noted(deed: Deed) -> Turn:
    words = deed.act.words
    if len(words) > LONGEST_NOTE:
        return Turn(deed.held, cases_reply.too_long(words, LONGEST_NOTE))
    noted = CaseNoted(deed.id, deed.by, words)
    return Turn(None, View(Phrase("staff.case_noted"), (cases_view.back_to(deed.file),)), (noted,), stays=False)


# --- while she is away


def _away(act: Act, facts: Facts) -> Turn:
    others = cases_view.colleagues(facts.get(Team()) or (), "cover", but=member_of(facts).staff)
    rows = paged(others, "cases.away", page=whole(act.about) if act.verb == "away" else 0)
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
