"""The verbs of broadcasts.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.commands_calls import DAY, Json

broadcast = typer.Typer(help="What goes to many women at once.", no_args_is_help=True)

Ref = Annotated[str, typer.Argument(help="The broadcast, as the list names it.", show_default=False)]


@broadcast.command("new")
def broadcast_new(
    *,
    text: Annotated[str, typer.Option(help="What they read; {nombre} is how she is called.", show_default=False)],
    centre: Annotated[list[str] | None, typer.Option(help="Only this centre; may be given again.")] = None,
    cohort: Annotated[list[str] | None, typer.Option(help="Only this cohort; may be given again.")] = None,
    axis: Annotated[list[str] | None, typer.Option(help="Only who attended something of it; may be repeated.")] = None,
    workshop: Annotated[list[str] | None, typer.Option(help="Only who attended it; may be repeated.")] = None,
    months_from: Annotated[int | None, typer.Option(min=0, help="Full months since release, at least.")] = None,
    months_to: Annotated[int | None, typer.Option(min=0, help="Full months since release, at most.")] = None,
    last_outcome: Annotated[list[str] | None, typer.Option(help="A fate that her latest closed check-in had.")] = None,
    caseload: Annotated[str | None, typer.Option(help="Only the women of this member of staff, by name.")] = None,
    record_id: Annotated[list[str] | None, typer.Option(help="Only these women; may be given again.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=DAY, help="On which day, with --hour; else now.")] = None,
    hour: Annotated[int | None, typer.Option(min=0, max=23, help="The full hour, in each woman's own zone.")] = None,
    repeat_weeks: Annotated[int | None, typer.Option(min=1, help="Again every so many weeks.")] = None,
    as_json: Json = False,
) -> None:
    """Compose one: a draft, of which nothing is sent yet. Says who would get it, and what is wrong with it."""
    from bot.cli.broadcasts import Audience, compose

    audience = Audience(
        centres=tuple(centre or ()),
        cohorts=tuple(cohort or ()),
        axes=tuple(axis or ()),
        workshops=tuple(workshop or ()),
        months=(months_from, months_to),
        outcomes=tuple(last_outcome or ()),
        caseload=caseload,
        record_ids=tuple(record_id or ()),
    )
    compose(text, audience, when=(on and on.date(), hour, repeat_weeks), as_json=as_json)


@broadcast.command("preview")
def broadcast_preview(ref: Ref, as_json: Json = False) -> None:
    """Say who would get it now, who would not and why, and what is wrong with it."""
    from bot.cli.broadcasts import print_preview

    print_preview(ref, as_json=as_json)


@broadcast.command("send")
def broadcast_send(ref: Ref) -> None:
    """Freeze the list and hand it in; above a number, somebody else must approve it."""
    from bot.cli.broadcasts import send

    send(ref)


@broadcast.command("approve")
def broadcast_approve(ref: Ref) -> None:
    """Approve one that somebody made at a desk."""
    from bot.cli.broadcasts import approve

    approve(ref)


@broadcast.command("list")
def broadcast_list(as_json: Json = False) -> None:
    """List the latest."""
    from bot.cli.broadcasts import print_broadcasts

    print_broadcasts(as_json=as_json)


@broadcast.command("show")
def broadcast_show(ref: Ref, as_json: Json = False) -> None:
    """Say how one stands."""
    from bot.cli.broadcasts import print_broadcast

    print_broadcast(ref, as_json=as_json)


@broadcast.command("undo")
def broadcast_undo(ref: Ref) -> None:
    """Take back one that has not begun: it is a draft again."""
    from bot.cli.broadcasts import take_step

    take_step(ref, "undo")


@broadcast.command("pause")
def broadcast_pause(ref: Ref) -> None:
    """Hold it; what is on its way still arrives."""
    from bot.cli.broadcasts import take_step

    take_step(ref, "pause")


@broadcast.command("resume")
def broadcast_resume(ref: Ref) -> None:
    """Go on where it was paused."""
    from bot.cli.broadcasts import take_step

    take_step(ref, "resume")


@broadcast.command("cancel")
def broadcast_cancel(ref: Ref) -> None:
    """Call it off: whoever still waits does not get it."""
    from bot.cli.broadcasts import take_step

    take_step(ref, "cancel")


@broadcast.command("report")
def broadcast_report(
    ref: Ref,
    as_json: Json = False,
    *,
    out: Annotated[Path | None, typer.Option("--out", help="A new .xlsx file, with a row for each woman.")] = None,
) -> None:
    """Say what became of it, by number; or write it down for each woman."""
    from bot.cli.broadcasts import report

    report(ref, out=out, as_json=as_json)


@broadcast.command("retire")
def broadcast_retire(ref: Ref) -> None:
    """Delete what was sent from the chats, as far as Telegram still allows."""
    from bot.cli.broadcasts import retire

    retire(ref)
