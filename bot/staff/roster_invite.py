"""How a woman comes in, and how she comes back: links and words, and the call before an account is recovered.

* A link and its word are shown one after the other and never in one message; neither can be seen again.
* Nobody is invited before the launch check has passed, where that is asked (`storage/launch.py`).
* Only who never had a chat is invited without a call (`storage.recovery.first_link`); an earlier link stops working.
* Nobody recovers an account on her own word where anything is marked as not safe, or a call has failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot import codes
from bot.staff import permissions
from bot.staff.room import Act, Rows, Turn, View, button, member_of, stale
from bot.staff.roster_card import day, place_of
from bot.words import load_words
from conversations.codec import Tagged
from conversations.speech import FileHanded, Phrase
from scheduler.dialogue import Facts
from storage.dossiers import Dossier, DossierOf
from storage.invitations import INVITATION_DAYS, FreshInvitation, Key
from storage.launch import InvitationsShut
from storage.members import Member
from storage.orders import FreshWord, WomanInvited
from storage.records import Need
from storage.recovery import (
    MOST_FAILED,
    NEEDED,
    CodeReset,
    Fact,
    FreshCode,
    RecoveryAsked,
    RecoveryDecided,
    RecoveryFacts,
    RecoveryFailed,
)
from storage.recovery import Facts as Known

WORD_SHOWN_WITHIN = timedelta(hours=1)

FACT_KEYS = ("staff.fact_birth_year", "staff.fact_release", "staff.fact_centre", "staff.fact_schooling")
_QUESTIONS = dict(zip(Fact, FACT_KEYS, strict=True))


@dataclass(frozen=True, slots=True)
class Drawn:
    """Her link has been shown; this word goes with it, and is shown until then."""

    woman: int
    word: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Calling:
    """She is on the phone: these facts were right, these have been asked; `code`: what she lost is her code alone."""

    woman: int
    right: int = 0
    asked: tuple[Fact, ...] = ()
    code: bool = False


class InviteRoom:
    """Where links are drawn."""

    name = "invite"
    states: Tagged[Any] = Tagged(Drawn, Calling)

    def until(self, held: Any) -> datetime | None:
        """A word that nobody asks for is forgotten."""
        return held.until if isinstance(held, Drawn) else None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """Her card; a link and a word, or what to ask in the call."""
        if act.verb in ("word", permissions.LATE):
            return ()
        woman = _whose(held, act)
        theirs = (DossierOf(member, woman), RecoveryFacts(member, woman))
        if isinstance(held, Calling) and held.code:
            return (*theirs, FreshCode())
        return (*theirs, FreshInvitation(), FreshWord(load_words()), InvitationsShut())

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Draw a link, show its word, or take her through the call."""
        if act.verb == "word":
            return _word(held, act)
        if act.verb == permissions.LATE:
            return Turn()
        her = facts.get(DossierOf(member_of(facts), _whose(held, act)))
        if her is None:
            return Turn(held, toast=Phrase("staff.roster_gone"))
        if facts.get(InvitationsShut()):
            return Turn(None, View(Phrase("staff.invite_shut"), _back(her)), stays=False)
        match act.verb:
            case "ask" | "draw":
                return _invite(held, act, her=her, facts=facts)
            case "recover":
                return _recover(her, facts=facts)
            case "code":
                return _forgot(her, facts=facts)
            case "right" | "wrong" if act.fresh:
                return _answered(held, act, her=her, facts=facts)
            case "grant" | "refuse":
                return _decide(act, her, facts=facts)
            case _:
                return stale(held)


def _whose(held: Any, act: Act) -> int:
    """The woman on the phone, or whose card the button was on; 0 for nobody."""
    if act.verb in ("right", "wrong"):
        return held.woman if isinstance(held, Calling) else 0
    return act.id


def _back(her: Dossier) -> Rows:
    return ((button(f"roster.card.{her.id:x}", "staff.card_button"),),)


# --- a link and a word


def _invite(held: Any, act: Act, *, her: Dossier, facts: Facts) -> Turn:
    """Her first link; whoever comes back is asked two things in a call before."""
    me = member_of(facts)
    found = facts.get(RecoveryFacts(me, her.id))
    assert found is not None
    if not found.first_link:
        call = button(f"invite.recover.{her.id:x}", "staff.recover_button")
        name: dict[str, str | int] = {"name": her.card.name}
        why = Phrase("staff.invite_returns", name) if her.frozen_at is None else Phrase("staff.invite_frozen", name)
        return Turn(held, View(why, ((call,), *_back(her))))
    if act.verb == "draw":
        return _draw(act, her, facts=facts, record=lambda key: WomanInvited(her.id, key.token, key.word, me.staff))
    asked = Phrase("staff.invite_ask", {"name": her.card.name, "days": INVITATION_DAYS})
    return Turn(held, View(asked, ((button(f"invite.draw.{her.id:x}", "staff.invite_draw_button"),), *_back(her))))


def _draw(act: Act, her: Dossier, *, facts: Facts, record: Callable[[Key], Any]) -> Turn:
    """The link; its word waits for another tap. `record` keeps it."""
    drawn, word = facts.get(FreshInvitation()), facts.get(FreshWord(load_words()))
    if drawn is None or drawn.link is None or word is None:
        return Turn(None, View(Phrase("staff.team_no_link"), _back(her)))
    told = Phrase("staff.invite_link", {"name": her.card.name, "link": drawn.link, "days": INVITATION_DAYS})
    shown = View(told, ((button("invite.word", "staff.invite_word_button"),), *_back(her)))
    code = FileHanded("codigo.png", codes.picture(drawn.link), facts.session)
    kept = record(Key(drawn.token, word))
    return Turn(Drawn(her.id, word, act.at + WORD_SHOWN_WITHIN), shown, (kept, code), stays=False)


def _word(held: Any, act: Act) -> Turn:
    if not isinstance(held, Drawn) or not act.fresh:
        return stale(held)
    return Turn(None, View(Phrase("staff.invite_word", {"word": held.word})), anew=True, stays=False)


# --- back by a call


def _recover(her: Dossier, *, facts: Facts) -> Turn:
    me = member_of(facts)
    found = facts.get(RecoveryFacts(me, her.id))
    assert found is not None
    if found.asked_by is not None:
        return _waits(her, found, me=me)
    if (shut := _shut(her, found)) is not None:
        return shut
    if len(found.known) < NEEDED:
        return Turn(None, View(Phrase("staff.recover_in_person", {"name": her.card.name}), _back(her)), stays=False)
    return _question(Calling(her.id), found, her=her)


def _forgot(her: Dossier, *, facts: Facts) -> Turn:
    """She knows who she is, and her phone is hers: only the code is gone."""
    found = facts.get(RecoveryFacts(member_of(facts), her.id))
    assert found is not None
    name: dict[str, str | int] = {"name": her.card.name}
    if not found.has_code:
        return Turn(None, View(Phrase("staff.reset_no_code", name), _back(her)), stays=False)
    if (shut := _shut(her, found)) is not None:
        return shut
    if found.second_person or found.asked_by is not None or len(found.known) < NEEDED:
        call = button(f"invite.recover.{her.id:x}", "staff.recover_button")
        return Turn(None, View(Phrase("staff.reset_not_alone", name), ((call,), *_back(her))), stays=False)
    return _question(Calling(her.id, code=True), found, her=her)


def _reset(her: Dossier, found: Known, *, facts: Facts) -> Turn:
    """The numbers, shown once: whoever holds the phone reads them to her."""
    fresh = facts.get(FreshCode())
    if fresh is None or found.second_person:
        return Turn(None, View(Phrase("staff.reset_not_alone", {"name": her.card.name}), _back(her)), stays=False)
    code, code_hash = fresh
    told = Phrase("staff.reset_code", {"name": her.card.name, "code": " ".join(code)})
    return Turn(None, View(told, _back(her)), (CodeReset(her.id, member_of(facts).staff, code_hash),), stays=False)


def _shut(her: Dossier, found: Known) -> Turn | None:
    """After a call that failed, or too many: nothing is asked."""
    if found.failed >= MOST_FAILED:
        told = Phrase("staff.recover_too_often", {"name": her.card.name})
    elif found.not_before is not None:
        told = Phrase("staff.recover_wait", {"when": f"{found.not_before:%d/%m %H:%M}"})
    else:
        return None
    return Turn(None, View(told, _back(her)), stays=False)


def _question(held: Calling, found: Known, *, her: Dossier) -> Turn:
    fact, value = next((fact, value) for fact, value in found.known if fact not in held.asked)
    known = day(value) if isinstance(value, date) else place_of(str(value)) if fact is Fact.CENTRE else str(value)
    lines = (Phrase(_QUESTIONS[fact]), Phrase("staff.recover_known", {"value": known}))
    told: dict[str, str | int] = {"name": her.card.name, "number": len(held.asked) + 1}
    asked = Phrase("staff.recover_script_unsafe" if her.phone_unsafe else "staff.recover_script", told, lines)
    yes, no = button("invite.right", "staff.recover_right_button"), button("invite.wrong", "staff.recover_wrong_button")
    after = replace(held, asked=(*held.asked, fact))
    return Turn(after, View(asked, ((yes, no), *_back(her))))


def _answered(held: Calling, act: Act, *, her: Dossier, facts: Facts) -> Turn:
    me = member_of(facts)
    found = facts.get(RecoveryFacts(me, her.id))
    assert found is not None
    if act.verb == "wrong":
        refused = View(Phrase("staff.recover_failed", {"name": her.card.name}), _back(her))
        return Turn(None, refused, (RecoveryFailed(her.id, me.staff),), stays=False)
    if (shut := _shut(her, found)) is not None:
        return shut
    after = replace(held, right=held.right + 1)
    if after.right < NEEDED:
        return _question(after, found, her=her)
    if held.code:
        return _reset(her, found, facts=facts)
    if found.asked_by is not None:
        return _waits(her, found, me=me)
    if not found.second_person:
        return _draw(act, her, facts=facts, record=lambda key: RecoveryAsked(her.id, me.staff, key))
    told = View(Phrase("staff.recover_second", {"name": her.card.name}), _back(her))
    return Turn(None, told, (RecoveryAsked(her.id, me.staff),), stays=False)


def _waits(her: Dossier, found: Known, *, me: Member) -> Turn:
    """Somebody has asked: another one, who may, decides."""
    if found.asked_by == me.staff or not permissions.may(me.role, "invite.grant"):
        return Turn(None, View(Phrase("staff.recover_waits", {"name": her.card.name}), _back(her)), stays=False)
    yes = button(f"invite.grant.{her.id:x}", "staff.recover_grant_button")
    no = button(f"invite.refuse.{her.id:x}", "staff.recover_refuse_button")
    return Turn(None, View(Phrase("staff.recover_decide", {"name": her.card.name}), ((yes, no), *_back(her))))


def _decide(act: Act, her: Dossier, *, facts: Facts) -> Turn:
    me = member_of(facts)
    found = facts.get(RecoveryFacts(me, her.id))
    if found is None or found.asked_by is None or (act.verb == "grant" and found.asked_by == me.staff):
        return Turn(None, View(Phrase("staff.recover_nothing", {"name": her.card.name}), _back(her)), stays=False)
    if act.verb == "grant":
        return _draw(act, her, facts=facts, record=lambda key: RecoveryDecided(her.id, me.staff, key))
    told = View(Phrase("staff.recover_refused", {"name": her.card.name}), _back(her))
    return Turn(None, told, (RecoveryDecided(her.id, me.staff),), stays=False)
