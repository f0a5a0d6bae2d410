"""The verbs of cases.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

from bot.cli.commands_calls import DAY, Json, RecordId

cases = typer.Typer(help="Who waits for an answer of staff.", no_args_is_help=True)

CaseKind = Annotated[str, typer.Option("--kind", help="Its kind, as the list shows it.", show_default=False)]
Words = Annotated[str, typer.Argument(help="What is written.", show_default=False)]
Title = Annotated[str, typer.Argument(help="What staff see on its button.", show_default=False)]
Name = Annotated[str, typer.Argument(help="A member of staff, by name.", show_default=False)]
Found = Literal["right", "false"]
Ending = Literal["attended", "referred", "unreached", "not_needed"]


@cases.command("list")
def cases_list(
    as_json: Json = False,
    *,
    words: Annotated[bool, typer.Option("--words", help="With what they wrote; that you read it is written down.")] = (
        False
    ),
) -> None:
    """List who waits for an answer, the longest waiting first."""
    from bot.cli.cases import print_cases

    print_cases(as_json=as_json, words=words)


@cases.command("detections")
def cases_detections(as_json: Json = False) -> None:
    """Count what was found of dangers, by phrase: how often it was right, and how often not."""
    from bot.cli.cases import print_detections

    print_detections(as_json=as_json)


@cases.command("attend")
def cases_attend(record_id: RecordId, *, kind: CaseKind) -> None:
    """Say that somebody sees to a case; she is told that it is on its way."""
    from bot.cli.cases import attend_case

    attend_case(record_id, kind)


@cases.command("close")
def cases_close(
    record_id: RecordId,
    *,
    kind: CaseKind,
    outcome: Annotated[Ending, typer.Option("--outcome", help="How it ended.")] = "attended",
    found: Annotated[Found | None, typer.Option("--found", help="Of a crisis: whether it was one.")] = None,
) -> None:
    """Close a case that has been attended to; she is told that it is done."""
    from bot.cli.cases import close_case

    close_case(record_id, kind, outcome=outcome, found=found)


@cases.command("reply")
def cases_reply(record_id: RecordId, words: Words, *, kind: CaseKind) -> None:
    """Answer a woman in her chat: she sees a harmless line, and this when she opens it."""
    from bot.cli.cases import reply

    reply(record_id, kind, words=words)


@cases.command("note")
def cases_note(record_id: RecordId, words: Words, *, kind: CaseKind) -> None:
    """Keep a note in a case, for staff alone."""
    from bot.cli.cases import note

    note(record_id, kind, words=words)


@cases.command("give")
def cases_give(
    record_id: RecordId,
    *,
    kind: CaseKind,
    to: Annotated[str, typer.Option("--to", help="A member of staff, by name.", show_default=False)],
) -> None:
    """Give a case to a member of staff, who is told; she is told that somebody else sees to it."""
    from bot.cli.cases import give

    give(record_id, kind, to=to)


@cases.command("answers")
def cases_answers(as_json: Json = False) -> None:
    """List the ready answers that staff can send with two taps."""
    from bot.cli.cases import print_answers

    print_answers(as_json=as_json)


@cases.command("answer-add")
def cases_answer_add(title: Title, words: Words) -> None:
    """Keep a ready answer, in place of one with the same title; {nombre} is how she is called."""
    from bot.cli.cases import add_answer

    add_answer(title, words)


@cases.command("answer-remove")
def cases_answer_remove(title: Title) -> None:
    """Offer a ready answer no longer."""
    from bot.cli.cases import remove_answer

    remove_answer(title)


@cases.command("cover")
def cases_cover(
    name: Name,
    *,
    cover: Annotated[str, typer.Option("--by", help="Who sees to the cases meanwhile.", show_default=False)],
    until: Annotated[datetime, typer.Option(formats=DAY, help="The last day of absence.", show_default=False)],
) -> None:
    """Let a member of staff stand in for another."""
    from bot.cli.cases import stand_in

    stand_in(name, cover, until=until.date())
