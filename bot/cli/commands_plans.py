"""The verbs of plans, and of the women whose check-ins follow them.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.commands_calls import DAY, Json, RecordId, Way

participants = typer.Typer(help="The women that Hilo keeps in touch with.", no_args_is_help=True)
plan = typer.Typer(help="The plan of check-ins.", no_args_is_help=True)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")]
SkipErrors = Annotated[bool, typer.Option("--skip-errors", help="Leave out the rows with errors, take the others.")]
SomeFile = Annotated[Path, typer.Argument(help="A file.", show_default=False)]
PlanFile = Annotated[Path, typer.Argument(help="A plan's TOML file.", show_default=False)]
PauseKind = Literal["viaje", "hospital", "cuidado", "descanso", "reingreso"]
Series = Annotated[str, typer.Option(help="Only this series of check-ins, by the name of its point.")]
How = Annotated[Way, typer.Option(help="How she asked for it.", show_default=False)]


@participants.command("import")
def participants_import(
    file: SomeFile,
    *,
    dry_run: DryRun = False,
    skip_errors: SkipErrors = False,
    same: Annotated[list[int] | None, typer.Option(help="LINE: she is registered already; leave her out.")] = None,
    other: Annotated[list[int] | None, typer.Option(help="LINE: another woman than the one she is like.")] = None,
) -> None:
    """Register the women of a CSV or XLSX file, with every check-in expected of them."""
    from bot.cli.roster import Wanted, import_file

    import_file(file, Wanted(dry_run, skip_errors, frozenset(same or ()), frozenset(other or ())))


@participants.command("list")
def participants_list(as_json: Json = False) -> None:
    """List everybody. Shows names: mind who sees your screen."""
    from bot.cli.roster import print_roster

    print_roster(as_json=as_json)


@participants.command("show")
def participants_show(record_id: RecordId, as_json: Json = False) -> None:
    """Show one woman, her rests, her check-ins and her open cases."""
    from bot.cli.roster import print_woman

    print_woman(record_id, as_json=as_json)


@participants.command("set")
def participants_set(
    record_id: RecordId,
    *,
    release: Annotated[str | None, typer.Option(help="The date of her release.")] = None,
    date: Annotated[list[str] | None, typer.Option(help="NAME=DATE: another date of hers.")] = None,
    plan: Annotated[str | None, typer.Option(help="The plan that she follows; none: as centre and cohort say.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Her cohort.")] = None,
    centre: Annotated[str | None, typer.Option(help="Her centre, by code or name.")] = None,
    zone: Annotated[str | None, typer.Option(help="Her time zone, by its IANA name.")] = None,
    state: Annotated[str | None, typer.Option(help="The state where she lives, for her time zone.")] = None,
    municipality: Annotated[str | None, typer.Option(help="The municipality, with its state.")] = None,
    slot: Annotated[str | None, typer.Option(help="manana, tarde, noche or cualquiera.")] = None,
    days: Annotated[str | None, typer.Option(help="Such as lu,mi,vi or 'entre semana' or todos.")] = None,
    reminders: Annotated[Literal["yes", "no"] | None, typer.Option(help="Whether she is reminded.")] = None,
    died: Annotated[str | None, typer.Option(help="When she died; no: that was a mistake.")] = None,
    staff: Annotated[str | None, typer.Option(help="Whose she is, by the name; none: nobody's.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only print what would change.")] = False,
) -> None:
    """Write down what staff have learnt of her; prints what changes in her check-ins."""
    from bot.cli.participants import Told, set_woman

    told = Told(
        release=release,
        dates=tuple(date or ()),
        plan=plan,
        cohort=cohort,
        centre=centre,
        zone=zone,
        state=state,
        municipality=municipality,
        slot=slot,
        days=days,
        reminders=reminders,
        died=died,
        staff=staff,
    )
    set_woman(record_id, told, preview=preview)


@participants.command("pause")
def participants_pause(
    record_id: RecordId,
    *,
    kind: Annotated[PauseKind, typer.Option(help="What for.", show_default=False)],
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="The day on which she is asked again.")] = None,
    series: Series = "",
) -> None:
    """Let her check-ins rest, until a day or until it is ended."""
    from bot.cli.participants import pause_woman

    pause_woman(record_id, kind, until=until and until.date(), series=series)


@participants.command("resume")
def participants_resume(record_id: RecordId, *, series: Series = "") -> None:
    """End a pause before its day."""
    from bot.cli.participants import resume_woman

    resume_woman(record_id, series=series)


@participants.command("stop")
def participants_stop(record_id: RecordId, *, how: How) -> None:
    """She asked to be left alone: nothing reaches her unasked any more."""
    from bot.cli.participants import stop_woman

    stop_woman(record_id, how)


@participants.command("reopen")
def participants_reopen(record_id: RecordId, *, how: How) -> None:
    """She asked to be written to again."""
    from bot.cli.participants import reopen_woman

    reopen_woman(record_id, how)


@plan.command("check")
def plan_check(file: PlanFile) -> None:
    """Say what a plan's file says, or all that is wrong with it."""
    from bot.cli.plans import check_plan

    check_plan(file)


@plan.command("preview")
def plan_preview(
    file: PlanFile,
    as_json: Json = False,
    *,
    limit: Annotated[int, typer.Option(min=0, help="How many rows to show one by one.")] = 20,
) -> None:
    """Say which check-ins would appear, move, be not due or reopen. Stores nothing."""
    from bot.cli.plans import show_preview

    show_preview(file, as_json=as_json, limit=limit)


@plan.command("apply")
def plan_apply(
    file: PlanFile, *, yes: Annotated[bool, typer.Option("--yes", help="Apply it without asking.")] = False
) -> None:
    """Put a plan in force. What changes is shown first; at a terminal you are asked."""
    from bot.cli.plans import put_in_force

    put_in_force(file, yes=yes)
