"""The verbs of her rights: to see what is kept of her, and to have it erased.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.commands_calls import DAY, Json, RecordId, Way

privacy = typer.Typer(help="Her rights: what is kept of her, erasing it, and what must be kept.", no_args_is_help=True)

Proof = Annotated[Way, typer.Option("--how", help="How it is known that it was she.", show_default=False)]
Where = Annotated[str, typer.Argument(help="The place, as the list shows it.", show_default=False)]
Number = Annotated[int, typer.Argument(help="Its number, as the list shows it.", show_default=False)]
Legal = Literal["autoridad", "juicio", "queja"]


@privacy.command("erase")
def privacy_erase(
    record_id: RecordId,
    *,
    how: Annotated[Way | None, typer.Option("--how", help="How it is known that it is her wish.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Delete at once: she cannot be put back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete at once without asking.")] = False,
) -> None:
    """Take her out of everything at once; for a week she can be put back."""
    from bot.cli.privacy import erase

    erase(record_id, how=how, now=now, yes=yes)


@privacy.command("undo")
def privacy_undo(record_id: RecordId, *, how: Proof) -> None:
    """Put her back who was erased less than a week ago; a chat is hers again by a new link."""
    from bot.cli.privacy import undo

    undo(record_id, how=how)


@privacy.command("prove")
def privacy_prove(record_id: RecordId, *, how: Proof) -> None:
    """Note that it was she who wanted to be erased."""
    from bot.cli.privacy import prove

    prove(record_id, how=how)


@privacy.command("erased")
def privacy_erased(as_json: Json = False) -> None:
    """List who is set aside: since when, until when she can be put back, and what keeps her."""
    from bot.cli.privacy import print_erased

    print_erased(as_json=as_json)


@privacy.command("export")
def privacy_export(
    record_id: RecordId,
    *,
    out: Annotated[Path, typer.Option("--out", help="A new file; to a .txt as she reads it.", show_default=False)],
    legal: Annotated[Legal | None, typer.Option("--legal", help="Why what is blocked may be read.")] = None,
) -> None:
    """Write all that is kept of her to a file, for her; of who is erased only for a legal reason."""
    from bot.cli.privacy import export

    export(record_id, out, legal=legal)


@privacy.command("hold")
def privacy_hold(
    record_id: RecordId,
    *,
    until: Annotated[datetime, typer.Option("--until", formats=DAY, help="The last day.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help="Which law or authority says so.", show_default=False)],
) -> None:
    """Nothing of hers may be deleted through that day; she may be set aside all the same."""
    from bot.cli.privacy import hold

    hold(record_id, until.date(), reason=reason)


@privacy.command("release")
def privacy_release(record_id: RecordId) -> None:
    """What is kept of her may be deleted again."""
    from bot.cli.privacy import release

    release(record_id)


@privacy.command("holds")
def privacy_holds(as_json: Json = False) -> None:
    """List what may not be deleted yet, until when, and why."""
    from bot.cli.privacy import print_holds

    print_holds(as_json=as_json)


@privacy.command("requests")
def privacy_requests(as_json: Json = False) -> None:
    """List what women asked for by law and is not over, with the working days that are left."""
    from bot.cli.requests import print_requests

    print_requests(as_json=as_json)


@privacy.command("grant")
def privacy_grant(
    number: Number, *, how: Annotated[Way | None, typer.Option("--how", help="How it is known that it is she.")] = None
) -> None:
    """Say that what she asks for will be done; she reads until when."""
    from bot.cli.requests import grant

    grant(number, how=how)


@privacy.command("deny")
def privacy_deny(
    number: Number,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, in plain words: she reads it.", show_default=False)],
) -> None:
    """Say that it will not be done; she reads why, and where she can complain."""
    from bot.cli.requests import deny

    deny(number, reason=reason)


@privacy.command("done")
def privacy_done(number: Number) -> None:
    """Say that what was granted is done; she reads so."""
    from bot.cli.requests import carry_out

    carry_out(number)


@privacy.command("breach")
def privacy_breach(
    file: Annotated[Path, typer.Argument(help="What she reads at her tap, as UTF-8 text.", show_default=False)],
    *,
    record_id: Annotated[list[str] | None, typer.Option("--record-id", help="One who is affected.")] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="All are affected.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send it; else it is only counted.")] = False,
) -> None:
    """Tell women that data may have got out: by law, and not as a broadcast; whom no chat reaches staff call."""
    from bot.cli.breach import tell

    tell(file, everybody=everybody, record_ids=record_id or (), send=send)


@privacy.command("told")
def privacy_told(as_json: Json = False) -> None:
    """List who was told of a breach, how and when, and who is still to be."""
    from bot.cli.breach import print_standing

    print_standing(as_json=as_json)


@privacy.command("mentions")
def privacy_mentions(record_id: RecordId, as_json: Json = False) -> None:
    """List where others' words name her who is erased, to look through one by one; that you read it is written down."""
    from bot.cli.mentions import print_mentions

    print_mentions(record_id, as_json=as_json)


@privacy.command("redact")
def privacy_redact(record_id: RecordId, place: Where) -> None:
    """Take her name, number and record_id out of others' words; not while she can be put back."""
    from bot.cli.mentions import redact

    redact(record_id, place)


@privacy.command("keep")
def privacy_keep(
    record_id: RecordId,
    place: Where,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why it must stay.", show_default=False)],
) -> None:
    """Leave others' words as they are, for a reason."""
    from bot.cli.mentions import keep

    keep(record_id, place, reason=reason)
