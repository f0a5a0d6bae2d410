"""Asking a woman on the phone or face to face: the questionnaire of her check-in, in the hands of a member of staff.

* Nobody is asked without her recorded consent; where there is none it is recorded here, or nothing is asked.
* One check-in is asked in one place: what stands open of it in her own chat ends kindly, her answers stay, and whoever
  goes on goes on from them; handed back, it is she who goes on.
* What is held here waits through any other work, and through a restart; after a day of silence it is put away.
* Her wish to be left alone, told here or in her own chat, ends it at once; nothing more of hers is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.asking import Interview
from bot.library import Library
from bot.participant.sitting import PUT_OFF, SITTINGS, without_buttons
from bot.participant.wishes import wish
from bot.staff import capture_choice, consenting, permissions, questions
from bot.staff.consenting import LONGEST_WAIT, OnPaper
from bot.staff.questions import Step
from bot.staff.room import Act, Turn, View, button, member_of, tapped_in
from conversations.codec import Tagged
from conversations.effects import CaseOpened
from conversations.errors import EventRejected
from conversations.reading.controls import Control
from conversations.reading.stopping import Stop, read_stop
from conversations.risk.dangers import dangers
from conversations.risk.kinds import Danger
from conversations.speech import ChatCleaned, Phrase, Said
from scheduler.applied import Plans
from scheduler.calendar import local_day
from scheduler.dialogue import Facts
from storage.captures import (
    CaptureBegan,
    CaptureEnded,
    CaptureFreed,
    CaptureWent,
    CheckinsToAsk,
    CheckinToAsk,
    How,
    SittingTaken,
    Subject,
    ToAsk,
)
from storage.cases import DATA, Words
from storage.consents import Purpose
from storage.fates import CheckinState, Fate
from storage.interviews import PHONE, AnswersSoFar
from storage.ledger import CheckinEnded, CheckinResting, CheckinStarted
from storage.lookups import EarlierPay
from storage.members import Member
from storage.orders import StopRecorded
from storage.overheard import Overheard
from storage.records import About, Need
from storage.stops import How as StopHow

ON = ((button("capture.on", "staff.capture_on_button"),), (button("capture.back", "staff.capture_back_button"),))
DONE = ((button("capture.done", "staff.capture_done_button"),),)


@dataclass(frozen=True, slots=True)
class Asking:
    """An interview that is being held: with whom, how, of which questionnaire, where it stands and since when; `first`
    is the sprint from which on it stands in this chat, `others` are those in which other work was done meanwhile."""

    participant: int
    name: str
    zone: str
    checkin: int
    mode: str
    instrument: str
    version: str
    interview: dict[str, Any]
    closes_at: datetime
    at: datetime
    first: int
    others: tuple[int, ...] = ()


class CaptureRoom:
    """Chooses whom to ask, sees to her consent, asks, and lets go."""

    name = "capture"
    states: Tagged[Any] = Tagged(Asking, OnPaper)

    def __init__(self, library: Library, plans: Plans) -> None:
        self._library = library
        self._plans = plans

    def until(self, held: Any) -> datetime | None:
        """An interview waits as long as her own chat would; a paper is at hand or is not."""
        if isinstance(held, Asking):
            return held.at + PUT_OFF
        return held.at + LONGEST_WAIT if isinstance(held, OnPaper) else None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Who is meant, what she can be asked, and of a check-in all that asking takes."""
        checkin = act.id
        if isinstance(held, Asking):
            return (CheckinToAsk(member, held.checkin),)
        match act.verb:
            case "menu" | permissions.HEARD if not isinstance(held, OnPaper):
                return capture_choice.needs(act, member=member)
            case permissions.HEARD:
                return (CheckinToAsk(member, held.checkin),)
            case "her":
                return (CheckinsToAsk(member, checkin),)
            case "begin":
                return (CheckinToAsk(member, checkin), EarlierPay(checkin), AnswersSoFar(checkin))
            case _:
                return (CheckinToAsk(member, checkin),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Choose, ask, or let go."""
        if isinstance(held, Asking):
            return self._with_her(held, act, facts=facts) if act.verb in WITH_HER else _first_that(held, act)
        match act.verb:
            case "menu" | permissions.HEARD if not isinstance(held, OnPaper) or act.verb == "menu":
                return capture_choice.women(act, facts=facts)
            case permissions.HEARD:
                return self._read_from_paper(held, act, facts=facts)
            case permissions.LATE:
                return Turn()
            case "her":
                return self._her(act, facts=facts)
            case verb if verb in CHECKIN:
                return self._about_checkin(held, act, facts=facts)
            case _:
                return None

    # --- before anything is asked

    def _her(self, act: Act, *, facts: Facts) -> Turn | None:
        found = facts.get(CheckinsToAsk(member_of(facts), act.id))
        if found is None:
            return None
        if found.her.stopped:
            return Turn(None, capture_choice.stopped(found.her))
        can = [one for one in found.checkins if self._may_be_asked(one, zone=found.her.zone, at=act.at)]
        return Turn(None, capture_choice.checkins(found, can))

    def _may_be_asked(self, one: ToAsk, *, zone: str, at: datetime) -> bool:
        """Whether it is open, or its window has opened by the plan though the bot itself would not ask yet."""
        if one.state is CheckinState.CLOSED or at >= one.closes_at:
            return False
        plan = self._plans.get(one.plan)
        point = None if plan is None else plan.point(one.point)
        before = timedelta(days=0 if point is None else point.window.before)
        return one.state is not CheckinState.EXPECTED or local_day(at, ZoneInfo(zone)) >= one.due_on - before

    def _read_from_paper(self, held: OnPaper, act: Act, *, facts: Facts) -> Turn | None:
        member = member_of(facts)
        subject = facts.get(CheckinToAsk(member, held.checkin))
        if subject is None:
            return None
        return consenting.typed(held, subject, act=act, member=member, verbs=self._wanted(subject))

    def _about_checkin(self, held: OnPaper | None, act: Act, *, facts: Facts) -> Turn | None:
        member = member_of(facts)
        subject = facts.get(CheckinToAsk(member, act.id))
        if subject is None:
            return None
        if (why_not := self._why_not(subject, act, member=member)) is not None:
            return Turn(None, why_not)
        if act.verb in consenting.VERBS:
            mine = held if held is not None and held.checkin == subject.checkin.id else None
            return consenting.recorded(mine, subject, act=act, member=member, verbs=self._wanted(subject))
        if Purpose.FOLLOW_UP not in subject.her.purposes:
            return Turn(None, consenting.asked_for(subject))
        if act.verb == "begin":
            return self._begin(subject, act, facts=facts)
        freed = _freed(subject, by=member) if act.verb == "take" else ()
        return replace(consenting.going_on(None, subject, verbs=self._wanted(subject)), effects=freed)

    def _wanted(self, subject: Subject) -> tuple[str, ...]:
        return consenting.wanted(self._library.latest(subject.checkin.instrument))

    def _why_not(self, subject: Subject, act: Act, *, member: Member) -> View | None:
        """Why she is not asked now, or None."""
        her, holder = subject.her, subject.holder
        if her.stopped:
            return capture_choice.stopped(her)
        if not self._may_be_asked(subject.checkin, zone=her.zone, at=act.at):
            return View(Phrase("staff.capture_closed", {"name": her.name}))
        if holder is None or holder.staff == member.staff or act.verb == "take":
            return None
        since = f"{holder.since.astimezone(ZoneInfo(her.zone)):%H:%M}"
        told = Phrase("staff.capture_taken", {"name": her.name, "member": holder.name, "since": since})
        return View(told, ((button(f"capture.take.{subject.checkin.id:x}", "staff.capture_take_button"),),))

    def _begin(self, subject: Subject, act: Act, *, facts: Facts) -> Turn | None:
        """Ask the first question, or the next where she has answered some; what stood open elsewhere is over."""
        mode, member = act.rest, member_of(facts)
        if mode not in questions.MODE_KEYS:
            return None
        her, checkin, earlier = subject.her, subject.checkin, facts.get(EarlierPay(subject.checkin.id))
        instrument = self._library.latest(checkin.instrument)
        asked = Interview(instrument, facts, mode, member.staff).begin(
            act.at.astimezone(ZoneInfo(her.zone)),
            purposes=her.purposes,
            pay=None if earlier is None else earlier.monthly,
            begun=facts.get(AnswersSoFar(checkin.id)),
        )
        held = Asking(
            *(her.participant, her.name, her.zone, checkin.id, mode, instrument.name, instrument.version, {}),
            *(checkin.closes_at, act.at, facts.sprint),
        )
        began = (CaptureBegan(member.staff, mode), CheckinStarted(), *_taken_from_her(subject))
        turn = _went_on(held, questions.taken(asked), facts=facts)
        opening = Said(Phrase(questions.OPENING_KEYS[mode], {"name": her.name}), (), facts.session, facts.sprint)
        return replace(
            turn, effects=(*_freed(subject, by=member), *_about(held, *began), opening, *turn.effects), anew=True
        )

    # --- while she is asked

    def _with_her(self, held: Asking, act: Act, *, facts: Facts) -> Turn | None:
        """Take an answer, or leave; where the interview is no longer hers to hold, she is told so."""
        member, over = member_of(facts), questions.has_been_through(held.interview)
        held = replace(held, others=questions.between(held.interview, held.others, sprint=facts.sprint))
        if act.verb == permissions.LATE:
            return _put_away(held, facts=facts)
        if act.verb == "done":
            return _put_away(held, facts=facts) if over else None
        subject = facts.get(CheckinToAsk(member, held.checkin))
        if subject is None or not (over or _is_theirs(subject, member)):
            gone = View(Phrase("staff.capture_gone", {"name": held.name}))
            return Turn(None, gone, _cleaned(held, facts), anew=True, stays=False)
        if subject.her.stopped:
            return _let_go(held, Phrase("staff.capture_stopped", {"name": held.name}), facts=facts)
        if wish(act.event) is Control.STOP:
            return _stopped_here(held, act, facts=facts)
        if act.verb == "back":
            return None if over else _handed_back(held, subject, act=act, facts=facts)
        return self._answered(held, act, facts=facts)

    def _answered(self, held: Asking, act: Act, *, facts: Facts) -> Turn:
        here = Interview(self._library.get(held.instrument, held.version), facts, held.mode, member_of(facts).staff)
        taken: dict[str, Any] = {"interview": held.interview, "zone": held.zone}
        try:
            if act.verb == "on":
                step = questions.asked_again(here, act, **taken)
            else:
                step = questions.taken_from(here, act, **taken, others=held.others)
            turn = _went_on(replace(held, at=act.at), step, facts=facts)
            found = _overheard(held, (*dangers(act.words), *here.dangers(step.kept, act.at)), act=act)
            return replace(turn, effects=(*_asked_whether_on(act, facts), *found, *turn.effects))
        except EventRejected as rejection:
            return questions.refused(held, act, rejection=rejection)


WITH_HER = frozenset(
    {"on", "back", "done", *(permissions.ANSWERED, permissions.HEARD, permissions.SENT, permissions.LATE)}
)
"""What is done in an interview that is held."""

CHECKIN = frozenset({"checkin", "begin", "take", *consenting.VERBS})
"""What is done about one check-in before anything is asked."""


def _first_that(held: Asking, act: Act) -> Turn | None:
    """One interview at a time: the one that is held first, whatever else she would begin."""
    if act.verb not in ("menu", "her", *CHECKIN):
        return None
    if questions.has_been_through(held.interview):
        return Turn(held, View(Phrase("staff.capture_completed", {"name": held.name}), DONE))
    return Turn(held, View(Phrase("staff.capture_held", {"name": held.name}), ON), stays=False)


def _is_theirs(subject: Subject, member: Member) -> bool:
    holder = subject.holder
    return subject.checkin.state is not CheckinState.CLOSED and holder is not None and holder.staff == member.staff


def _freed(subject: Subject, *, by: Member) -> tuple[About[CaptureFreed], ...]:
    """Whoever asked her before, she herself at another time or another member, asks no more."""
    if subject.holder is None:
        return ()
    freed = CaptureFreed(subject.holder.capture, by.staff)
    return (About(subject.her.participant, freed, subject.checkin.id),)


def _taken_from_her(subject: Subject) -> tuple[SittingTaken, ...]:
    """What stands open in her own chat ends: an invitation in silence, a sitting with a word."""
    talk = subject.talk
    if talk is None:
        return ()
    sitting = SITTINGS.load(talk.state)
    said = () if sitting.interview is None else (Said(Phrase("checkin.taken_over")),)
    return (SittingTaken(talk, (*without_buttons(sitting, talk.id), *said)),)


def _about(held: Asking, *records: Any) -> tuple[About[Any], ...]:
    """These as hers, at the time on her clock."""
    at = held.at.astimezone(ZoneInfo(held.zone))
    return tuple(About(held.participant, record, held.checkin, at) for record in records)


def _went_on(held: Asking, step: Step, *, facts: Facts) -> Turn:
    """What is shown and kept of a step, and how it goes on."""
    staff = member_of(facts).staff
    asking = not held.interview or not questions.has_been_through(held.interview)
    resting = CheckinResting(min(held.at + PUT_OFF, held.closes_at))
    went = (CaptureWent(staff), resting) if asking else ()
    ended = (CheckinEnded(Fate.COMPLETED), CaptureEnded(staff, How.COMPLETED)) if step.over and asking else ()
    effects = (*_about(held, *went, *step.kept, *ended), *questions.sparing(step.shown, held.others))
    held = replace(held, interview=step.interview)
    if step.over:
        return Turn(held, View(Phrase("staff.capture_completed", {"name": held.name}), DONE), effects, anew=True)
    if step.paused:
        return Turn(
            held, View(Phrase("staff.capture_paused", {"name": held.name}), ON), effects, anew=True, stays=False
        )
    return Turn(held, None, effects)


def _overheard(held: Asking, found: tuple[Danger, ...], *, act: Act) -> tuple[About[Overheard], ...]:
    """Who else is told of what she says, as where she writes it herself."""
    words = act.words or " ".join(f"({danger.phrase})" for danger in found)
    return _about(held, Overheard(found, Words(act.at, words))) if found else ()


def _asked_whether_on(act: Act, facts: Facts) -> tuple[ChatCleaned, ...]:
    """The message that asked whether she goes on has served its turn."""
    here = tapped_in(act.event, facts) if act.verb == "on" else None
    return () if here is None else (ChatCleaned(facts.session, here),)


def _handed_back(held: Asking, subject: Subject, *, act: Act, facts: Facts) -> Turn:
    """She goes on where she is: in her hours she is asked whether she wants to."""
    ended = _about(held, CaptureEnded(member_of(facts).staff, How.HANDED_BACK), CheckinResting(act.at))
    name: dict[str, str | int] = {"name": held.name}
    told = Phrase("staff.capture_handed_back", name) if subject.her.reachable else Phrase("staff.capture_kept", name)
    view = View(told)
    return Turn(None, view, (*ended, *_cleaned(held, facts)), anew=True, stays=False)


def _stopped_here(held: Asking, act: Act, *, facts: Facts) -> Turn:
    """She said it to whoever asks her: it is recorded as she said it, and whoever asks can look at it on her card."""
    how = StopHow.CALL if held.mode == PHONE else StopHow.IN_PERSON
    forget = read_stop(act.words) is Stop.FORGET
    erase = _about(held, CaseOpened(DATA)) if forget else ()
    lines = (Phrase("staff.capture_erase"),) if forget else ()
    told = Phrase("staff.capture_stop_noted", {"name": held.name}, lines)
    turn = _let_go(held, told, facts=facts)
    stop = StopRecorded(held.participant, how, True, member_of(facts).staff)
    return replace(turn, effects=(stop, *erase, *turn.effects))


def _let_go(held: Asking, told: Phrase, *, facts: Facts) -> Turn:
    """She is asked no more; what she answered before stays."""
    ended = _about(held, CaptureEnded(member_of(facts).staff, How.LEFT))
    card = ((button(f"roster.card.{held.participant:x}", "staff.card_button"),),)
    return Turn(None, View(told, card), (*ended, *_cleaned(held, facts)), anew=True, stays=False)


def _put_away(held: Asking, *, facts: Facts) -> Turn:
    """What was said goes from this chat; what was not finished is kept, and she is asked about it in her own time."""
    if questions.has_been_through(held.interview):
        return Turn(None, View(Phrase("staff.capture_done")), _cleaned(held, facts), anew=True, stays=False)
    left = _about(held, CaptureEnded(member_of(facts).staff, How.LEFT))
    return Turn(None, View(Phrase("staff.capture_left")), (*left, *_cleaned(held, facts)), anew=True, stays=False)


def _cleaned(held: Asking, facts: Facts) -> tuple[ChatCleaned, ...]:
    """Nothing of what she said stays in the chat of whoever asked her."""
    return questions.cleaned(facts.session, held.first, until=facts.sprint + 1, others=held.others)
