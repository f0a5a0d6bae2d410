"""A consent that is recorded outside the woman's own chat: read to her and said aloud, or signed on paper.

* What is read to her stands in the catalogue under a version of its own; its hash is kept with her word.
* A paper has a date, a version and a witness, or it is none.
* Her last word counts: a paper that is older than what she said since changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from bot.staff.questions import modes
from bot.staff.room import Act, Turn, View, button
from conversations.speech import Phrase
from locales.catalog import SPANISH, load_catalog
from scheduler.calendar import local_day
from storage.captures import Her, Subject
from storage.consents import ConsentGiven, How, Purpose
from storage.imports.cells import CellRefused, read_date, read_name, read_text
from storage.members import Member
from storage.records import About

SCRIPT_VERSION = "1"
SCRIPT_KEYS = ("staff.capture_script",)
"""What is read to her. Whoever changes the text counts its version on."""

WAY_KEYS = {"oral": "staff.capture_oral_button", "paper": "staff.capture_paper_button"}
SAID_KEYS = {"yes": "staff.capture_yes_button", "no": "staff.capture_no_button"}

VERBS = frozenset({"oral", "paper", "agreed", "money"})

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


def money(room: str, about: str) -> View:
    """Whether she may be asked about money, too."""
    answers = (button(f"{room}.money.{about}.{said}", key) for said, key in SAID_KEYS.items())
    return View(Phrase("staff.capture_money"), (tuple(answers),))


def recorded(held: OnPaper | None, subject: Subject, *, act: Act, member: Member) -> Turn | None:
    """Let her agree, or note that she has, or has not."""
    about = f"{subject.checkin.id:x}"
    if act.verb == "oral":
        return Turn(None, script("capture", about))
    if act.verb == "paper":
        return Turn(OnPaper(subject.checkin.id, act.at), View(Phrase("staff.capture_paper_date")))
    yes = act.about.endswith(".yes")
    if not act.fresh:
        return None
    if act.verb == "money":
        word = _word(held, subject.her, purpose=Purpose.INCOME, given=yes, by=member)
        return Turn(None, modes("capture", about), (_filed(held, subject.her, act=act, word=word),))
    word = _word(None, subject.her, purpose=Purpose.FOLLOW_UP, given=yes, by=member)
    view = money("capture", about) if yes else View(Phrase("staff.capture_refused", {"name": subject.her.name}))
    return Turn(None, view, (_filed(None, subject.her, act=act, word=word),))


def typed(held: OnPaper, subject: Subject, *, act: Act, member: Member) -> Turn | None:
    """The next thing that is read from the paper: its date, its version, its witness."""
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
            view = money("capture", f"{held.checkin:x}")
            return Turn(whole, view, (_filed(whole, subject.her, act=act, word=word),))
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
    day_over = datetime.combine(held.on, time.max, ZoneInfo(her.zone))
    return About(her.participant, word, at=min(act.at, day_over))


@cache
def script_hash() -> str:
    """The hash of what is read to her."""
    return sha256(load_catalog().text(*SCRIPT_KEYS, SPANISH).encode()).hexdigest()
