"""The verbs of calling: whom, with which words, and what became of it.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

calls = typer.Typer(help="Who is to be called, and what became of each attempt.")
contacts = typer.Typer(help="Whom a woman permits to be asked after her.", no_args_is_help=True)

DAY = ["%Y-%m-%d"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
RecordId = Annotated[str, typer.Argument(help="The organisation's own code for her.", show_default=False)]
Channel = Literal["telefono", "visita", "mensaje"]
Way = Literal["llamada", "en_persona", "por_escrito"]
Relation = Literal[
    "madre_padre",
    "hermana_hermano",
    "hija_hijo",
    "pareja",
    "otra_familiar",
    "amistad",
    "vecina",
    "trabajo",
    "otra",
]
Disposition = Literal[
    "will_answer",
    "interviewed",
    "partial",
    "refused",
    "callback",
    "message_left",
    "no_answer",
    "busy",
    "voicemail",
    "wrong_number",
    "disconnected",
    "changed_number",
    "cannot_talk",
    "unable",
    "language",
    "in_prison",
    "died",
]


@calls.callback(invoke_without_command=True)
def calls_list(context: typer.Context, as_json: Json = False) -> None:
    """List who is to be called, the most pressing first; or record what became of a call."""
    from bot.cli.calls import print_calls

    if context.invoked_subcommand is None:
        print_calls(as_json=as_json)


@calls.command("attempt")
def calls_attempt(
    record_id: RecordId,
    *,
    disposition: Annotated[Disposition, typer.Option(help="What the attempt met.", show_default=False)],
    channel: Annotated[Channel, typer.Option(help="By which way.")] = "telefono",
    contact: Annotated[int | None, typer.Option(help="Which contact was asked, as contacts list shows it.")] = None,
    note: Annotated[str | None, typer.Option(help="What is worth remembering; it is kept sealed.")] = None,
    new_phone: Annotated[str | None, typer.Option(help="The new number that was told.")] = None,
    again: Annotated[datetime | None, typer.Option(formats=DAY, help="On which day to try again.")] = None,
) -> None:
    """Record an attempt to reach her. What it met decides whether, and when, somebody tries again."""
    from bot.cli.calls import Told, record_attempt

    record_attempt(record_id, Told(disposition, channel, contact, note, new_phone, again and again.date()))


@calls.command("script")
def calls_script(
    record_id: Annotated[str | None, typer.Argument(help="Her record_id.", show_default=False)] = None,
    *,
    contact: Annotated[int | None, typer.Option(help="A contact instead of her.")] = None,
    caller: Annotated[str | None, typer.Option(help="The caller's first name.")] = None,
) -> None:
    """Whom to call and what to say, in words that give nothing away. That you read it is written down."""
    from bot.cli.calls import print_script

    if (record_id is None) == (contact is None):
        raise typer.BadParameter("name either her record_id or a --contact")
    print_script(record_id, contact, caller=caller)


@contacts.command("add")
def contacts_add(
    record_id: RecordId,
    *,
    name: Annotated[str, typer.Option(help="The contact's name.", show_default=False)],
    phone: Annotated[str, typer.Option(help="The contact's number.", show_default=False)],
    relation: Annotated[Relation, typer.Option(help="Who the contact is to her.", show_default=False)],
    how: Annotated[Way, typer.Option(help="By which way she permitted it.", show_default=False)],
    on: Annotated[datetime | None, typer.Option(formats=DAY, help="When she permitted it, if not today.")] = None,
) -> None:
    """Keep somebody whom she permits to be asked after her."""
    from bot.cli.contacts import Named, keep_contact

    keep_contact(record_id, Named(name, phone, relation, how, on and on.date()))


@contacts.command("list")
def contacts_list(record_id: RecordId, as_json: Json = False) -> None:
    """List whom she permits to be asked. That you read it is written down."""
    from bot.cli.contacts import print_contacts

    print_contacts(record_id, as_json=as_json)


@contacts.command("withdraw")
def contacts_withdraw(
    contact: Annotated[int, typer.Argument(help="The contact, as the list shows it.", show_default=False)],
) -> None:
    """Forget a contact, at her wish or at their own."""
    from bot.cli.contacts import withdraw_contact

    withdraw_contact(contact)


@contacts.command("unsafe")
def contacts_unsafe(
    contact: Annotated[int, typer.Argument(help="The contact, as the list shows it.", show_default=False)],
) -> None:
    """Mark a contact as not safe: nobody is told the number again, and who comes back needs a second person."""
    from bot.cli.contacts import mark_contact_unsafe

    mark_contact_unsafe(contact)
