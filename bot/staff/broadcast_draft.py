"""A broadcast while it is composed: what it says, whom it is for, when it goes, and what is still wrong with it.

* The draft is kept at every step; what this room holds is only what it waits for, and which content she has seen.
* It can be handed in once she has opened it in her own chat as a woman would, and nothing is wrong with it; the button
  carries what was on the screen, and another draft or another number is shown first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.staff import broadcast_when as when
from bot.staff import broadcast_whom as whom
from bot.staff import permissions
from bot.staff.broadcast_card import Terms, handed_in, said
from bot.staff.broadcast_lint import media_of, refused_file, refused_text, to_change, to_review
from bot.staff.room import Act, Rows, Turn, View, button, member_of
from conversations.speech import Phrase
from scheduler.dialogue import Facts
from storage.broadcast_desk import Composed, Stepped, Submitted
from storage.composing import TRAITS, Change, DraftNow, DraftRead, Goes, Pictured, Worded, mark_of
from storage.members import Member
from storage.notices import NAME
from storage.records import Need
from storage.watches import PhonesOfOthers

TEXT, WHEN, IDS = "text", "when", "ids"
"""What her next words are."""

MOST_TOLD = 10
"""Lines of what must be changed that are told at once; when they are mended the next ones follow."""

SUBMIT_KEYS = ("staff.broadcast_submit_button", "staff.broadcast_reviewed_button")
"""What hands it in, and where there was something to look at."""

VERBS = frozenset(
    {
        *("compose", "text", "bare", "whom", "by", "pick", "months", "mine", "all", "ids", "when", "at", "weeks"),
        *("submit", "discard", "discarded", permissions.HEARD, permissions.SENT),
    }
)


@dataclass(frozen=True, slots=True)
class Composing:
    """What her next words are for ("": nothing), and the mark of the content that she has opened in her own chat."""

    awaits: str = ""
    tried: str = ""


def needs(held: Composing, act: Act, *, member: Member, terms: Terms) -> Sequence[Need[Any]]:
    """The draft with what she changes of it; where she hands it in, whether anybody else could approve it."""
    others = (_approvers(member),) if act.verb == "submit" else ()
    return (_read(held, act, member=member, terms=terms), *others)


def _approvers(member: Member) -> PhonesOfOthers:
    return PhonesOfOthers(permissions.MAY["broadcast.approve"], member.staff)


def _read(held: Composing, act: Act, *, member: Member, terms: Terms) -> DraftRead:
    return draft_of(member, terms, change=_change(held, act, member=member, terms=terms))


def draft_of(member: Member, terms: Terms, *, change: Change | None = None) -> DraftRead:
    """What she is composing, as this room counts it."""
    return DraftRead(member, terms.rules.spacing, change, terms.may_send)


def _change(held: Composing, act: Act, *, member: Member, terms: Terms) -> Change | None:
    """What she changes, where it can be taken."""
    if act.verb == permissions.SENT and act.sent is not None and refused_file(act.sent) is None:
        return Pictured(media_of(act.sent), act.sent.caption.strip())
    if act.verb == permissions.HEARD:
        return _written(held, act, terms=terms)
    if act.verb == "bare":
        return Pictured(None)
    return when.change_in(act, terms.wall(act.at)) or whom.change_in(act, member)


def _written(held: Composing, act: Act, *, terms: Terms) -> Change | None:
    match held.awaits:
        case "text" if refused_text(act.words) is None:
            return Worded(act.words)
        case "when" if not isinstance(read := when.read(act.words, terms.wall(act.at)), Phrase):
            return Goes(read)
        case "ids" if (listed := whom.listed_in(act.words)).record_ids:
            return listed
        case _:
            return None


def step(held: Composing, act: Act, *, facts: Facts, terms: Terms) -> Turn | None:
    """Take one act about the draft; None for words that nothing waits for, where there is no draft."""
    member = member_of(facts)
    need = _read(held, act, member=member, terms=terms)
    now = facts.get(need)
    if now is None or (act.verb in (permissions.HEARD, permissions.SENT) and not _is_for_us(held, now)):
        return None
    if act.verb in ("submit", "discard", "discarded"):
        return _decided(held, act, facts=facts, terms=terms)
    kept = () if need.change is None else (Composed(member, now.definition),)
    turn = (
        _asked(held, act, now=now)
        or _refused(held, act, terms=terms)
        or _shown(held, act, facts=facts, terms=terms, now=now)
    )
    return replace(turn, effects=kept)


def _is_for_us(held: Composing, now: DraftNow) -> bool:
    return bool(held.awaits) or now.id is not None


def _asked(held: Composing, act: Act, *, now: DraftNow) -> Turn | None:
    """What she is to write next, where she has tapped that; at the very beginning the text."""
    begins = act.verb == "compose" and now.id is None
    if act.verb == "text" or begins:
        ways = LIST if begins else BACK
        ask = View(Phrase("staff.broadcast_write", {"name": NAME}), ways)
        return Turn(Composing(TEXT, held.tried), ask)
    if act.verb == "ids":
        return Turn(Composing(IDS, held.tried), View(Phrase("staff.broadcast_write_ids"), BACK))
    return None


LIST = ((button("broadcast.list", "staff.broadcast_list_button"),),)
BACK = (whom.BACK,)


def _refused(held: Composing, act: Act, *, terms: Terms) -> Turn | None:
    """Why what she sent or wrote is not taken: nothing of it is kept, and she may try again."""
    why = None
    if act.verb == permissions.SENT and act.sent is not None:
        why = refused_file(act.sent)
    elif act.verb == permissions.HEARD:
        why = _not_taken(held, act, terms=terms)
    change = () if held.awaits else ((button("broadcast.text", "staff.broadcast_text_button"),),)
    return None if why is None else Turn(held, View(why, (*change, *BACK)))


def _not_taken(held: Composing, act: Act, *, terms: Terms) -> Phrase | None:
    match held.awaits:
        case "text":
            return refused_text(act.words)
        case "when":
            read = when.read(act.words, terms.wall(act.at))
            return read if isinstance(read, Phrase) else None
        case "ids":
            return None
        case _:
            return Phrase("staff.broadcast_not_awaited")


def _shown(held: Composing, act: Act, *, facts: Facts, terms: Terms, now: DraftNow) -> Turn:
    """The screen that she is on, with the draft as it is now."""
    match act.verb:
        case "whom" | "mine" | "all":
            view = whom.whom(now, member_of(facts), catalogue=terms.catalogue)
        case "by" | "pick" if act.about.partition(".")[0] in (*TRAITS, whom.MONTHS_SINCE):
            view = whom.values(now, act.about, catalogue=terms.catalogue)
        case "months":
            view = whom.values(now, whom.MONTHS_SINCE, catalogue=terms.catalogue)
        case "when" | "weeks":
            view = when.moments(now.definition.when, terms.wall(act.at))
        case _:
            return Turn(Composing("", held.tried), draft(now, held, terms=terms))
    return Turn(Composing(WHEN if act.verb in ("when", "weeks") else "", held.tried), view)


# --- the draft on the screen


def draft(now: DraftNow, held: Composing, *, terms: Terms) -> View:
    """All of it, what must be changed, and what can be done with it."""
    definition = now.definition
    wrong = to_change(definition.content, named=now.named, phones=terms.phones)
    more = len(wrong) - MOST_TOLD
    told = (*wrong[:MOST_TOLD], *((Phrase("staff.broadcast_more_to_change", {"count": more}),) if more > 0 else ()))
    lines = [*said(definition.content), Phrase("staff.line"), *whom.counted(now, terms.catalogue)]
    lines.append(Phrase("staff.broadcast_when_line", {"when": when.told(definition.when)}))
    if wrong:
        lines += [Phrase("staff.line"), Phrase("staff.broadcast_to_change", {}, told)]
    elif doubtful := to_review(definition.content, named=now.named):
        lines += [Phrase("staff.line"), Phrase("staff.broadcast_to_review", {}, doubtful)]
    return View(Phrase("staff.broadcast_draft", {}, tuple(lines)), _buttons(now, held, fine=not wrong))


def _buttons(now: DraftNow, held: Composing, *, fine: bool) -> Rows:
    content = now.definition.content
    change = [button("broadcast.text", "staff.broadcast_text_button")]
    if content.media is not None:
        change.append(button("broadcast.bare", "staff.broadcast_bare_button"))
    whom_button = button("broadcast.whom", "staff.broadcast_whom_button")
    rows = [tuple(change), (whom_button, button("broadcast.when", "staff.broadcast_when_button"))]
    if fine:
        rows.append((button("broadcast.try", "staff.broadcast_try_button"),))
    if fine and held.tried == mark_of(content) and now.count.included:
        about = f"{now.mark}.{now.count.included}"
        send = SUBMIT_KEYS[bool(to_review(content, named=now.named))]
        rows.append((button(f"broadcast.submit.{about}", send, count=now.count.included),))
    last = (button("broadcast.discard", "staff.broadcast_discard_button"), *LIST[0])
    return (*rows, last)


# --- what becomes of it


def _decided(held: Composing, act: Act, *, facts: Facts, terms: Terms) -> Turn:
    member = member_of(facts)
    now = facts.get(_read(held, act, member=member, terms=terms))
    assert now is not None
    if now.id is None:
        return Turn(None, View(Phrase("staff.broadcast_no_draft"), LIST))
    match act.verb:
        case "discard":
            sure = button("broadcast.discarded", "staff.broadcast_discard_sure")
            rows = ((sure, button("broadcast.compose", "button.no")),)
            return Turn(held, View(Phrase("staff.broadcast_discard_ask"), rows))
        case "discarded":
            gone = View(Phrase("staff.broadcast_discarded"), LIST)
            return Turn(None, gone, (Stepped(now.id, member, "discard"),))
        case _:
            return _submitted(held, act, facts=facts, terms=terms, now=now)


def _submitted(held: Composing, act: Act, *, facts: Facts, terms: Terms, now: DraftNow) -> Turn:
    """Handed in, if it is what she saw, she has tried it, and nothing is wrong with it."""
    content, count = now.definition.content, now.count.included
    assert now.id is not None
    why = None
    if to_change(content, named=now.named, phones=terms.phones):
        why = Phrase("staff.broadcast_change_first")
    elif not count:
        why = Phrase("staff.broadcast_nobody")
    elif act.about != f"{now.mark}.{count}":
        why = Phrase("staff.broadcast_changed")
    elif held.tried != mark_of(content):
        why = Phrase("staff.broadcast_try_first")
    if why is not None:
        return Turn(held, draft(now, held, terms=terms), toast=why)
    if count > terms.rules.approval_above and not facts.get(_approvers(member_of(facts))):  # it would wait for nobody
        return Turn(held, View(Phrase("staff.broadcast_no_approver", {"count": count}), BACK))
    submitted = Submitted(now.id, member_of(facts), now.definition, now.chosen, terms.rules)
    told = handed_in(now.id, now.definition, count=count, terms=terms)
    return Turn(Composing("", held.tried), told, (submitted,))
