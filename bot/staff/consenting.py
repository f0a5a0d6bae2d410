"""A consent that is recorded outside the woman's own chat: read to her and said aloud, or signed on paper.

* What is read to her stands in the catalogue under a version of its own; its hash is kept with her word.
* Each purpose that the questionnaire needs is a yes or a no of its own, asked once: what she has said of it stands.
* A paper has a date, a version and a witness, or it is none.
* Her last word counts: a paper that is older than what she said since changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from bot.staff.questions import modes
from bot.staff.room import Act, Turn, View, button
from conversations.instrument import Instrument
from conversations.speech import Phrase
from locales.catalog import SPANISH, load_catalog
from scheduler.calendar import local_day
from storage.captures import Her, Subject
from storage.consents import ConsentGiven, How, Purpose, signed_at
from storage.imports.cells import CellRefused, read_date, read_name, read_text
from storage.members import Member
from storage.records import About

SCRIPT_VERSION = "2"
SCRIPT_KEYS = ("staff.capture_script",)
"""What is read to her. Whoever changes it, or what is asked below, counts its version on."""

ASKED_KEYS = ("staff.capture_money", "staff.capture_wellbeing", "staff.capture_research")
APART = {"money": Purpose.INCOME, "wellbeing": Purpose.WELLBEING, "research": Purpose.RESEARCH}
"""The purposes that are asked one by one, in this order, by the verb that notes what she said of each."""

WAY_KEYS = {"oral": "staff.capture_oral_button", "paper": "staff.capture_paper_button"}
SAID_KEYS = {"yes": "staff.capture_yes_button", "no": "staff.capture_no_button"}

VERBS = frozenset({"oral", "paper", "agreed", *APART})

LONGEST_WAIT = timedelta(hours=1)
"""A paper is at hand, or it is not."""


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A paper that is being typed in: for which check-in, since when, and what of it is known."""

    checkin: int
    at: datetime
    on: date | None = None
    version: str = ""
    witness: str = ""


def asked_for(subject: Subject) -> View:
    """Nothing is asked of her before she has agreed, in one way or the other."""
    about = f"{subject.checkin.id:x}"
    ways = ((button(f"capture.{way}.{about}", key),) for way, key in WAY_KEYS.items())
    return View(Phrase("staff.capture_no_consent", {"name": subject.her.name}), tuple(ways))


def script(room: str, about: str) -> View:
    """What is read to her before she says yes or no."""
    return View(
        Phrase(*SCRIPT_KEYS),
        (
            (button(f"{room}.agreed.{about}.yes", "staff.capture_agreed_button"),),
            (button(f"{room}.agreed.{about}.no", "staff.capture_not_agreed_button"),),
        ),
    )


def wanted(instrument: Instrument) -> tuple[str, ...]:
    """What this questionnaire needs beside her being followed up, by its verb; what becomes of answers in studies and
    public figures is asked whatever they are."""
    needed = {question.purpose for question in instrument.questions} | {Purpose.RESEARCH}
    return tuple(verb for verb, purpose in APART.items() if purpose in needed)


def asked_next(verbs: Sequence[str], her: Her, *, after: str = "") -> str | None:
    """The first of these of which she has said nothing yet, behind the one that she has answered just now."""
    left = verbs[verbs.index(after) + 1 :] if after in verbs else verbs
    return next((verb for verb in left if APART[verb] not in her.said), None)


def apart(room: str, about: str, *, verb: str) -> View:
    """Whether she allows one thing more."""
    answers = (button(f"{room}.{verb}.{about}.{said}", key) for said, key in SAID_KEYS.items())
    key = ASKED_KEYS[list(APART).index(verb)]
    return View(Phrase(key), (tuple(answers),))


def recorded(held: OnPaper | None, subject: Subject, *, act: Act, member: Member, verbs: Sequence[str]) -> Turn | None:
    """Let her agree, or note that she has, or has not; `verbs` are what the questionnaire needs."""
    about = f"{subject.checkin.id:x}"
    if act.verb == "oral":
        return Turn(None, script("capture", about))
    if act.verb == "paper":
        return Turn(OnPaper(subject.checkin.id, act.at), View(Phrase("staff.capture_paper_date")))
    yes = act.about.endswith(".yes")
    if not act.fresh:
        return None
    if act.verb in APART:
        if Purpose.FOLLOW_UP not in subject.her.purposes:  # what she said after that paper stands
            return Turn(None, asked_for(subject))
        if act.verb not in verbs:
            return None
        word = _word(held, subject.her, purpose=APART[act.verb], given=yes, by=member)
        onward = going_on(held, subject, verbs=verbs, after=act.verb)
        return replace(onward, effects=(_filed(held, subject.her, act=act, word=word),))
    word = _word(None, subject.her, purpose=Purpose.FOLLOW_UP, given=yes, by=member)
    refused = Turn(None, View(Phrase("staff.capture_refused", {"name": subject.her.name})))
    turn = going_on(None, subject, verbs=verbs) if yes else refused
    return replace(turn, effects=(_filed(None, subject.her, act=act, word=word),))


def going_on(held: OnPaper | None, subject: Subject, *, verbs: Sequence[str], after: str = "") -> Turn:
    """Ask of the next purpose, or how she is talked to, where there is none left; the paper is at hand until then."""
    about, verb = f"{subject.checkin.id:x}", asked_next(verbs, subject.her, after=after)
    return Turn(None, modes("capture", about)) if verb is None else Turn(held, apart("capture", about, verb=verb))


def typed(held: OnPaper, subject: Subject, *, act: Act, member: Member, verbs: Sequence[str]) -> Turn | None:
    """The next thing that is read from the paper: its date, its version, its witness; then what else it allows."""
    try:
        if held.on is None:
            on = read_date(act.words)
            if on > local_day(act.at, ZoneInfo(subject.her.zone)):
                raise CellRefused("has not come yet")
            return Turn(replace(held, on=on), View(Phrase("staff.capture_paper_version")))
        if not held.version:
            return Turn(replace(held, version=read_text(act.words)), View(Phrase("staff.capture_paper_witness")))
        if not held.witness:
            whole = replace(held, witness=read_name(act.words))
            word = _word(whole, subject.her, purpose=Purpose.FOLLOW_UP, given=True, by=member)
            turn = going_on(whole, subject, verbs=verbs)
            return replace(turn, effects=(_filed(whole, subject.her, act=act, word=word),))
    except CellRefused:
        return Turn(held, View(Phrase("staff.capture_paper_unread")))
    return None


def _word(held: OnPaper | None, her: Her, *, purpose: Purpose, given: bool, by: Member) -> ConsentGiven:
    if held is None:
        text = (SCRIPT_VERSION, script_hash())
        return ConsentGiven(her.participant, purpose, *text, given, How.ORAL, by.staff)
    return ConsentGiven(her.participant, purpose, held.version, "", given, How.PAPER, by.staff, held.witness)


def _filed(held: OnPaper | None, her: Her, *, act: Act, word: ConsentGiven) -> About[Any]:
    """Her word, as of now, or of the end of the day that stands on the paper."""
    if held is None or held.on is None:
        return About(her.participant, word)
    return About(her.participant, word, at=signed_at(held.on, zone=her.zone, now=act.at))


@cache
def script_hash() -> str:
    """The hash of what is read to her, and of what she is asked then."""
    read = (load_catalog().text(key, SPANISH) for key in (*SCRIPT_KEYS, *ASKED_KEYS))
    return sha256("\n\n".join(read).encode()).hexdigest()
