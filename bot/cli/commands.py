"""Every verb with its arguments; what each does stands in the module that it imports when it is called.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.commands_broadcasts import broadcast
from bot.cli.commands_calls import DAY, Json, RecordId, calls, contacts
from bot.cli.commands_cases import cases
from bot.cli.commands_consents import consents, notice
from bot.cli.commands_outcomes import export, exports, imports, indicators
from bot.cli.commands_plans import participants, plan
from bot.cli.commands_privacy import privacy
from bot.cli.refusals import Explaining
from storage.outcomes.kinds import Kind

GROUP = {"no_args_is_help": True, "add_completion": False, "pretty_exceptions_enable": False}

app = typer.Typer(cls=Explaining, help="Hilo keeps in touch, by Telegram.", **GROUP)  # type: ignore[arg-type]
invite = typer.Typer(help="Links by which a chat becomes somebody's.", no_args_is_help=True)
voices = typer.Typer(help="Voice notes that wait to be written down.", no_args_is_help=True)
instruments = typer.Typer(help="What is asked: questionnaires and their versions.", no_args_is_help=True)
db = typer.Typer(help="The database.", no_args_is_help=True)
keys = typer.Typer(help="The keys that all personal data is encrypted with.", no_args_is_help=True)
audit = typer.Typer(help="The audit trail: who did what.", no_args_is_help=True)
GROUPS = {
    "participants": participants,
    "import": imports,
    "indicators": indicators,
    "exports": exports,
    "broadcast": broadcast,
    "cases": cases,
    "calls": calls,
    "contacts": contacts,
    "voices": voices,
    "invite": invite,
    "instruments": instruments,
    "plan": plan,
    "db": db,
    "keys": keys,
    "audit": audit,
    "privacy": privacy,
    "consents": consents,
    "notice": notice,
}
for name, group in GROUPS.items():
    app.add_typer(group, name=name)

NoInput = Annotated[bool, typer.Option("--no-input", help="Ask nothing.")]
VoiceRef = Annotated[str, typer.Argument(help="The voice note, as the list names it.", show_default=False)]
StaffRole = Literal["staff", "coordinator", "admin", "auditor"]
Form = Annotated[Path, typer.Argument(help="An .xlsx or .md file.", show_default=False)]


@app.command()
def init(no_input: NoInput = False) -> None:
    """Make folder, key, database and settings; say the next step. Safe to repeat."""
    from bot.cli.setup import initialise

    initialise(ask=not no_input)


@app.command()
def doctor(
    as_json: Json = False,
    *,
    launch: Annotated[bool, typer.Option("--launch", help="Ask, too, whether real women may be invited.")] = False,
) -> None:
    """Say what is missing, wrong or old; with --launch, whether women may be invited."""
    from bot.cli.doctor import report

    report(launch=launch, as_json=as_json)


@app.command()
def run(
    *,
    webhook_url: Annotated[
        str | None, typer.Option(help="Where Telegram can call, https://HOST/; without it, it is polled.")
    ] = None,
) -> None:
    """Run the bot. SIGTERM stops it gracefully; "ready" is printed when it takes updates, and with --webhook-url a
    line more once Telegram knows the address, or that it does not."""
    from bot.app import run as run_bot
    from bot.settings import read_settings

    run_bot(read_settings(webhook_url=webhook_url))


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


app.command()(export)


@app.command()
def report(
    *,
    out: Annotated[Path, typer.Option("--out", help="The page, FILE.html.", show_default=False)],
    audience: Annotated[
        Literal["team", "public"], typer.Option("--for", help="For the public small cells are left out.")
    ] = "team",
    language: Annotated[Literal["es", "en"], typer.Option("--lang", help="Its language.")] = "es",
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> None:
    """Write the figures, with pictures and in plain words, as one page for a browser or for paper."""
    from bot.cli.report import Wanted, write_report

    write_report(Wanted(out, audience == "public", language, force))


@app.command()
def ledger(
    as_json: Json = False,
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=DAY, help="At the end of which day, in Mexico City for every woman."),
    ] = None,
    participant: Annotated[str | None, typer.Option(help="One woman's check-ins, by her record_id.")] = None,
    centre: Annotated[
        str | None, typer.Option(help="Only the women who belong to this centre today, whatever --as-of says.")
    ] = None,
    point: Annotated[str | None, typer.Option(help="Only this point, or series of points.")] = None,
) -> None:
    """What became of the check-ins: the funnel point by point with response rates, or one woman's."""
    from bot.cli.ledger import Asked, print_courses, print_funnel

    day = as_of and as_of.date()
    if participant is None:
        print_funnel(Asked(day, centre, point), as_json=as_json)
    elif centre is None and point is None:
        print_courses(participant, day, as_json=as_json)
    else:
        raise typer.BadParameter("--participant goes with neither --centre nor --point")


@app.command()
def upcoming(
    as_json: Json = False,
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look ahead.")] = 14,
) -> None:
    """What will be sent, when and why, if nobody answers: invitations, reminders, calls, closings."""
    from bot.cli.upcoming import print_upcoming

    print_upcoming(days, as_json=as_json)


@app.command()
def quality(
    as_json: Json = False,
    *,
    kind: Annotated[Kind | None, typer.Option(help="All of one kind, to the last.")] = None,
) -> None:
    """List what cannot be right, is missing, or waits for somebody, and who can mend it."""
    from bot.cli.quality import print_quality

    print_quality(kind, as_json=as_json)


@voices.command("list")
def voices_list(as_json: Json = False) -> None:
    """List the voice notes that wait, the longest waiting first."""
    from bot.cli.voices import print_voices

    print_voices(as_json=as_json)


@voices.command("save")
def voices_save(
    ref: VoiceRef,
    *,
    out: Annotated[Path, typer.Option("--out", help="A new file, such as note.ogg.", show_default=False)],
) -> None:
    """Write the sound of a voice note into a file, to hear it. That you did is written down."""
    from bot.cli.voices import save_voice

    save_voice(ref, out)


@voices.command("transcribe")
def voices_transcribe(
    ref: VoiceRef,
    *,
    text: Annotated[str | None, typer.Option(help="What she says; without it, standard input is read.")] = None,
) -> None:
    """Write down what a voice note says: it becomes her answer. The sound is deleted a week later."""
    from bot.cli.voices import write_down

    write_down(ref, text)


@invite.command("participant")
def invite_participant(
    record_id: RecordId,
    *,
    in_person: Annotated[
        bool, typer.Option("--in-person", help="She comes back, and somebody who knows her is with her.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw a woman's invitation: a link, its QR picture, and a word to tell her in person."""
    from bot.cli.invitations import invite_woman

    invite_woman(record_id, in_person=in_person, as_json=as_json)


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


@instruments.command("check")
def instruments_check(file: Form) -> None:
    """Say what a questionnaire holds, or all that is wrong with it."""
    from bot.cli.instruments import check_file

    check_file(file)


@instruments.command("install")
def instruments_install(file: Form) -> None:
    """Put a questionnaire in use: new sittings begin with it."""
    from bot.cli.instruments import install_file

    install_file(file)


@instruments.command("list")
def instruments_list(as_json: Json = False) -> None:
    """List every version, and which is in use."""
    from bot.cli.instruments import print_instruments

    print_instruments(as_json=as_json)


@instruments.command("diff")
def instruments_diff(
    name: Annotated[str, typer.Argument(help="The questionnaire.", show_default=False)],
    old: Annotated[str, typer.Argument(help="A version.", show_default=False)],
    new: Annotated[str, typer.Argument(help="A version, or a file.", show_default=False)],
) -> None:
    """Say what changes from one version to another, and what can no longer be compared."""
    from bot.cli.instruments import print_differences

    print_differences(name, old, new=new)


@instruments.command("preview")
def instruments_preview(
    what: Annotated[str, typer.Argument(help="A file, or the name of a questionnaire.", show_default=False)],
    *,
    version: Annotated[str | None, typer.Option(help="Which version, if not the one in use.")] = None,
    purposes: Annotated[str, typer.Option(help="The consents that she has given, with commas between them.")] = "",
    language: Annotated[Literal["es", "en"], typer.Option(help="In which language.")] = "es",
    trato: Annotated[Literal["tu", "usted"], typer.Option(help="How she is addressed.")] = "tu",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="On which day, if not today.")] = None,
    repro: Annotated[bool, typer.Option("--repro", help="Print the whole conversation at the end.")] = False,
) -> None:
    """Play a questionnaire in the terminal, as she would see it."""
    from bot.cli.preview import Wanted, play, today

    given = tuple(filter(None, purposes.split(",")))
    play(what, version=version, wanted=Wanted(language, trato, on.date() if on else today(), given), repro=repro)


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="The new file.", show_default=False)] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    proved: Annotated[
        str | None, typer.Option(help="Only note that another machine could open one: the code of restore --check.")
    ] = None,
) -> None:
    """Write the whole store, encrypted, into one file, beside a running bot."""
    from bot.cli.backups import back_up, take_proof

    if proved is None:
        back_up(file, force=force)
    else:
        take_proof(proved)


@app.command()
def restore(
    file: Annotated[Path | None, typer.Argument(help="A backup.", show_default=False)] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only prove that it could be put back.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the store that is there.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Let sending begin again.")] = False,
) -> None:
    """Put a backup in the place of the store, and what has happened since; sending waits until it is confirmed."""
    from bot.cli import backups

    if confirm:
        backups.confirm()
    elif file is None:
        raise typer.BadParameter("name the backup")
    elif check:
        backups.check(file)
    else:
        backups.put_back(file, force=force)


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


@keys.command("backup")
def keys_backup(
    file: Annotated[Path, typer.Argument(help="A new file, away from the data.", show_default=False)],
) -> None:
    """Write a copy of the key file, to be kept in another place."""
    from bot.cli.keys import back_up_keys

    back_up_keys(file)


@keys.command("rotate")
def keys_rotate() -> None:
    """Change the keys beside a running bot; called again it goes on, and at last takes the earlier ones away."""
    from bot.cli.keys import rotate_keys

    rotate_keys()


@audit.command("verify")
def audit_verify() -> None:
    """Say whether anybody altered, removed or moved an entry."""
    from bot.cli.keys import verify_trail

    verify_trail()
