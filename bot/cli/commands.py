"""Every verb with its arguments; what each does stands in the module that it imports when it is called.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.refusals import Explaining

GROUP = {"no_args_is_help": True, "add_completion": False, "pretty_exceptions_enable": False}

app = typer.Typer(cls=Explaining, help="Hilo keeps in touch, by Telegram.", **GROUP)  # type: ignore[arg-type]
participants = typer.Typer(help="The women that Hilo keeps in touch with.", no_args_is_help=True)
invite = typer.Typer(help="Links by which a chat becomes somebody's.", no_args_is_help=True)
cases = typer.Typer(help="Who waits for an answer of staff.", no_args_is_help=True)
plan = typer.Typer(help="The plan of check-ins.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
GROUPS = {"participants": participants, "cases": cases, "invite": invite, "plan": plan, "db": db}
for name, group in GROUPS.items():
    app.add_typer(group, name=name)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything and store nothing.")]
SkipErrors = Annotated[bool, typer.Option("--skip-errors", help="Leave out the rows with errors, take the others.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Ask nothing.")]
RecordId = Annotated[str, typer.Argument(help="The organisation's own code for her.", show_default=False)]
CaseKind = Annotated[str, typer.Argument(help="Its kind, as the list shows it.", show_default=False)]
StaffRole = Literal["staff", "coordinator", "admin"]
SomeFile = Annotated[Path, typer.Argument(help="A file.", show_default=False)]


@app.command()
def init(no_input: NoInput = False) -> None:
    """Make folder, key, database and settings; say the next step. Safe to repeat."""
    from bot.cli.setup import initialise

    initialise(ask=not no_input)


@app.command()
def doctor() -> None:
    """Say what is missing, wrong or old."""
    from bot.cli.doctor import report

    report()


@app.command()
def run() -> None:
    """Run the bot. SIGTERM stops it gracefully; "ready" is printed when it takes updates."""
    from bot.app import run as run_bot
    from bot.settings import read_settings

    run_bot(read_settings())


@app.command()
def demo(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to serve the page; 0 takes a free port.")] = 8765,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Only clear the demo's folder.")] = False,
) -> None:
    """Try Hilo on this machine: a local Telegram, a page, a clock to turn."""
    from bot.demo.stage import run as run_demo

    run_demo(port=port, browser=not no_browser, reset=reset)


@app.command()
def export(
    *,
    out: Annotated[Path, typer.Option("--out", help="A folder, or NAME.zip.", show_default=False)],
    file_format: Annotated[Literal["csv"], typer.Option("--format", help="The files' format.")] = "csv",
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> None:
    """Write check-ins and answers, under pseudonyms."""
    from bot.cli.results import export_tables

    export_tables(out, force=force)


@app.command()
def ledger(as_json: Json = False) -> None:
    """How many check-ins stand where, point by point."""
    from bot.cli.results import print_ledger

    print_ledger(as_json=as_json)


@participants.command("import")
def participants_import(file: SomeFile, *, dry_run: DryRun = False, skip_errors: SkipErrors = False) -> None:
    """Register the women of a CSV or XLSX file, with every check-in expected of them."""
    from bot.cli.roster import import_file

    import_file(file, dry_run=dry_run, skip_errors=skip_errors)


@participants.command("list")
def participants_list(as_json: Json = False) -> None:
    """List everybody. Shows names: mind who sees your screen."""
    from bot.cli.roster import print_roster

    print_roster(as_json=as_json)


@participants.command("show")
def participants_show(record_id: RecordId, as_json: Json = False) -> None:
    """Show one woman, her check-ins and her open cases."""
    from bot.cli.roster import print_woman

    print_woman(record_id, as_json=as_json)


@cases.command("list")
def cases_list(as_json: Json = False) -> None:
    """List who waits for an answer, the longest waiting first."""
    from bot.cli.cases import print_cases

    print_cases(as_json=as_json)


@cases.command("close")
def cases_close(record_id: RecordId, kind: CaseKind) -> None:
    """Close a case that has been attended to."""
    from bot.cli.cases import close_case

    close_case(record_id, kind)


@invite.command("participant")
def invite_participant(record_id: RecordId, as_json: Json = False) -> None:
    """Draw a woman's invitation: a link, its QR picture, and a word to tell her in person."""
    from bot.cli.invitations import invite_woman

    invite_woman(record_id, as_json=as_json)


@invite.command("staff")
def invite_staff(
    *,
    role: Annotated[StaffRole, typer.Option(help="What she or he may do.")],
    name: Annotated[str, typer.Option(help="Her or his name.")],
    as_json: Json = False,
) -> None:
    """Register a member of staff and draw the link for her or his phone."""
    from bot.cli.invitations import invite_member

    invite_member(name, role=role, as_json=as_json)


@plan.command("check")
def plan_check(file: SomeFile) -> None:
    """Say what is wrong with a plan's file."""
    from bot.cli.upkeep import check_plan

    check_plan(file)


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema."""
    from bot.cli.upkeep import upgrade_database

    upgrade_database()


@db.command("check")
def db_check() -> None:
    """Look for damage: the file, its references, the audit trail."""
    from bot.cli.upkeep import check_database

    check_database()
