"""Who waits for an answer of staff, and what becomes of it.

* A list shows record_ids and kinds. What a woman said is shown only where it is asked for, and that is written down.
* Whatever changes here is told to her in her chat, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.roster import case_line, case_told, find
from bot.settings import read_settings
from bot.staff.cases_reply import LONGEST_ANSWER
from storage import caseloads, cases, cases_work, detections, people
from storage.cases import CaseState, OpenCase, Words
from storage.cases_kinds import CRISIS
from storage.cases_read import TEXT, Canned, CannedAnswers
from storage.cases_work import Away, CaseAnswered, CaseGiven, CaseNoted
from storage.database import Tx
from storage.detections import Counted, Judged, Verdict
from storage.imports.cells import folded
from storage.people import Card

LONGEST_TITLE = 40

Deed = Callable[[Tx, OpenCase], Awaitable[bool]]


def print_cases(*, as_json: bool, words: bool) -> None:
    """Print the cases that are not resolved, the oldest first, with what she said in them if `words`."""

    async def work() -> list[tuple[Card, OpenCase]]:
        async with open_store(read_settings()) as database, database.transact() if words else database.read() as tx:
            cards = {card.participant: card for card in await people.cards(tx)}
            found = await cases.with_words(tx) if words else await cases.who_waits(tx)
            return [(cards[case.participant], case) for case in found]

    found = asyncio.run(work())
    if as_json:
        said = [{"words": list(map(_words_told, case.words))} if words else {} for _, case in found]
        told = [{"record_id": card.record_id, **case_told(case)} for card, case in found]
        print_json([{**one, **more} for one, more in zip(told, said, strict=True)])
        return
    for card, case in found:
        typer.echo(f"{card.record_id}\t{case_line(case, card)}")
        for one in case.words:
            typer.echo(_words_line(one, card))
    typer.echo(f"{len(found)} open", err=True)


def print_detections(*, as_json: bool) -> None:
    """Print how often each phrase was found, and what she and staff said of it."""

    async def work() -> dict[str, Counted]:
        async with open_store(read_settings()) as database, database.read() as tx:
            return await detections.counted(tx)

    by_phrase = asyncio.run(work())
    if as_json:
        print_json([{"phrase": phrase, **asdict(one)} for phrase, one in by_phrase.items()])
        return
    for phrase, one in by_phrase.items():
        judged = f"right {one.right}, false {one.false}, not judged {one.told - one.right - one.false}"
        typer.echo(f"{phrase}\tfound {one.found}\ttold {one.told} ({judged})\tshe was fine {one.fine}")
    typer.echo(f"{len(by_phrase)} phrases", err=True)


def _words_told(words: Words) -> dict[str, Any]:
    """One message of hers as programs read it."""
    return {"at": words.at, "text": words.text, "kind": words.kind, "voice": words.voice}


def _words_line(words: Words, card: Card) -> str:
    """One message of hers in one line, by her own clock."""
    at = words.at.astimezone(ZoneInfo(card.zone)).isoformat(" ", "minutes")
    kept = f" kept as {words.voice}" if words.voice else ""
    plain = "".join(char if char.isprintable() else " " for char in words.text)  # nothing that steers a terminal
    said = " ".join(plain.split()) if words.kind == TEXT else f"({words.kind}{kept})"
    return f"\t{at}\t{said}"


def attend_case(record_id: str, kind: str) -> None:
    """Somebody sees to a woman's case. Raises Refused if nobody has that record_id, or no such case waits."""

    async def attend(tx: Tx, case: OpenCase) -> bool:
        return await cases.attend(tx, case.participant, kind)

    _do(record_id, kind, deed=attend)
    typer.echo(f"on its way: {kind} of {record_id}")


def close_case(record_id: str, kind: str, *, outcome: str, found: str | None) -> None:
    """Close a woman's case. Raises Refused if nobody has that record_id, she has no such case, or it is not said
    whether what was `found` was a danger, where something was."""
    if (found is not None) != (kind == CRISIS):
        must = "say with --found whether it was one: right or false" if kind == CRISIS else "nothing was found here"
        raise Refused(f"{must}; --found is for the kind {CRISIS} alone")

    async def close(tx: Tx, case: OpenCase) -> bool:
        if found is not None:
            await detections.judge(tx, Judged(case.id, None, Verdict(found)))
        return await cases.move(tx, case.id, CaseState.RESOLVED, by=cases.COMMAND, outcome=outcome)

    _do(record_id, kind, deed=close)
    typer.echo(f"closed: {kind} of {record_id}")


def reply(record_id: str, kind: str, *, words: str) -> None:
    """Answer her. Raises Refused if she has no such case, or the text is too long."""
    if len(words) > LONGEST_ANSWER:
        raise Refused(f"these are {len(words)} characters, and {LONGEST_ANSWER} fit: make it shorter")

    async def answer(tx: Tx, case: OpenCase) -> bool:
        cause = f"case:{case.id}:{tx.ids.random():x}"
        await cases_work.answer(tx, CaseAnswered(case.id, None, cause, words, not_before=tx.now))
        return True

    _do(record_id, kind, deed=answer)
    seconds = int(cases_work.UNDO.total_seconds())
    typer.echo(f"answered: {kind} of {record_id}; it leaves in {seconds} seconds, or as her hours begin")


def note(record_id: str, kind: str, *, words: str) -> None:
    """Keep a note. Raises Refused if she has no such case."""

    async def keep(tx: Tx, case: OpenCase) -> bool:
        await cases_work.note(tx, CaseNoted(case.id, None, words))
        return True

    _do(record_id, kind, deed=keep)
    typer.echo(f"noted: {kind} of {record_id}")


def give(record_id: str, kind: str, *, to: str) -> None:
    """Give a case to a member of staff. Raises Refused if she has no such case, or no member has that name, or that
    member has it already or is not there."""

    async def hand_over(tx: Tx, case: OpenCase) -> bool:
        member = await _member_there(tx, to)
        if member == case.owner:
            raise Refused("the case is that member's already")
        await cases_work.give(tx, CaseGiven(case.id, None, member, case.owner))
        return True

    _do(record_id, kind, deed=hand_over)
    typer.echo(f"given: {kind} of {record_id}")


def _do(record_id: str, kind: str, *, deed: Deed) -> None:
    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            hers = await cases.who_waits(tx, await find(tx, record_id))
            case = next((one for one in hers if one.kind == kind), None)
            if case is None or not await deed(tx, case):
                raise Refused(f"{record_id} has no case {kind} to which that could happen: see hilo cases list")

    asyncio.run(work())


async def _member(tx: Tx, name: str) -> int:
    team = await caseloads.by_name(tx)
    if folded(name) not in team:
        raise Refused("no member of staff, or more than one, has that name")
    return team[folded(name)]


async def _member_there(tx: Tx, name: str) -> int:
    """As `_member`, of those to whom the tray passes a case, too."""
    member = await _member(tx, name)
    if member not in {one.staff for one in await caseloads.who_is_there(tx)}:
        raise Refused("that member is away, or has no chat that the bot reaches: name somebody who is there")
    return member


# --- ready answers, and who stands in


def print_answers(*, as_json: bool) -> None:
    """Print the ready answers by title."""

    async def work() -> tuple[Canned, ...]:
        async with open_store(read_settings()) as database, database.read() as tx:
            return await CannedAnswers().find(tx)

    found = asyncio.run(work())
    if as_json:
        print_json([{"title": one.title, "words": one.words} for one in found])
        return
    for one in found:
        typer.echo(f"{one.title}\t{' '.join(one.words.split())}")


def add_answer(title: str, words: str) -> None:
    """Keep a ready answer. Raises Refused if it is too long, or its title has no room on a button."""
    if len(words) > LONGEST_ANSWER or not 0 < len(title) <= LONGEST_TITLE:
        raise Refused(f"a title has 1 to {LONGEST_TITLE} characters, an answer at most {LONGEST_ANSWER}")

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            await cases_work.add_canned(tx, title, words)

    asyncio.run(work())
    typer.echo("kept")


def remove_answer(title: str) -> None:
    """Offer a ready answer no longer. Raises Refused if there is none of this title."""

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            if not await cases_work.remove_canned(tx, title):
                raise Refused("there is no ready answer of that title: see hilo cases answers")

    asyncio.run(work())
    typer.echo("removed")


def stand_in(name: str, cover: str, *, until: date) -> None:
    """Let a member stand in for another through that day. Raises Refused if no member has such a name, who is to
    stand in is not there, or the day is over."""

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            member = await _member(tx, name)
            if member == await _member(tx, cover):
                raise Refused("nobody stands in for herself")
            if until < await caseloads.today(tx):
                raise Refused(f"{until} is over: name the last day on which somebody stands in")
            by = await _member_there(tx, cover)
            await cases_work.stand_in(tx, Away(member, by, until), by=None)

    asyncio.run(work())
    typer.echo(f"covered until {until}")
