"""The verbs of what women agreed to.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.commands_calls import Json, RecordId

consents = typer.Typer(help="What women agreed to, purpose by purpose.", no_args_is_help=True)
notice = typer.Typer(help="The privacy notice: which is in force, and who agreed to which.")

PURPOSES = "seguimiento, ingresos, bienestar, voz, alertas, avisos, investigacion"


@consents.command("record")
def consents_record(
    record_id: RecordId,
    *,
    yes: Annotated[list[str] | None, typer.Option(help=f"What the paper allows, each by itself: {PURPOSES}.")] = None,
    no: Annotated[list[str] | None, typer.Option(help="What it refuses, each by itself.")] = None,
    on: Annotated[str, typer.Option(metavar="DATE", help="The day on which she signed.", show_default=False)],
    version: Annotated[
        str, typer.Option("--notice", help="The version on the paper, or papel where it has none.", show_default=False)
    ],
    witness: Annotated[str, typer.Option(metavar="NAME", help="Who saw her sign; kept sealed.", show_default=False)],
) -> None:
    """Record a paper that she has signed. Nothing is allowed that is not named; what she has said since stands."""
    from bot.cli.consents import Signed, record

    record(record_id, Signed(tuple(yes or ()), tuple(no or ()), on, version, witness))


@notice.callback(invoke_without_command=True)
def notice_show(as_json: Json = False) -> None:
    """Say which notice is in force, by version and hash, and how many women agreed to which."""
    from bot.cli.consents import print_notice

    print_notice(as_json=as_json)
