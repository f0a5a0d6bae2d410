"""Invitations: a link, a picture of it, and the word that goes by another way.

* The link and its word are shown once and stored as digests; whoever loses them draws new ones.
* The picture bears a pseudonym, never a record_id: file names are read by others.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from pathlib import Path

import typer

from bot.cli.identity import bot_username
from bot.cli.launch import require_passed
from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.roster import find
from bot.codes import picture
from bot.settings import Settings, read_settings
from bot.words import load_words
from storage import freezing, invitations, members, recovery, roster
from storage.database import Tx
from storage.invitations import Invitation, link_of
from storage.members import Role


def invite_woman(record_id: str, *, in_person: bool, as_json: bool) -> None:
    """Draw a woman's invitation and show it. Raises Refused if nobody has that record_id, she is frozen, she comes back
    and does not do so `in_person` (then her old chats are locked), or nobody may be invited yet."""
    settings = read_settings()

    async def work() -> tuple[Invitation, str, Path]:
        await require_passed(settings)
        async with open_store(settings) as database:
            async with database.read() as tx:
                participant = await find(tx, record_id)
            username = await bot_username(settings, database)
            async with database.transact() as tx:
                await _require_allowed(tx, participant, in_person=in_person)
                invitation = await invitations.invite_participant(tx, participant, load_words())
                link = link_of(username, invitation.token)
                # Before the commit: if the picture can't be written, her earlier link still works.
                return invitation, link, _picture(settings, await roster.pseudonym(tx, participant), link=link)

    invitation, link, path = asyncio.run(work())
    if as_json:
        print_json({"record_id": record_id, **_told(invitation, link=link, picture=path), "word": invitation.word})
        return
    _show(invitation, link=link, picture=path)
    typer.echo(f"\nWord: {invitation.word}")
    typer.echo("Give this in person, not with the link.")


async def _require_allowed(tx: Tx, participant: int, *, in_person: bool) -> None:
    if await recovery.may_be_invited(tx, participant):
        return
    if await freezing.is_frozen(tx, participant):
        raise Refused("she is frozen: a coordinator ends that first, on her card")
    if not in_person:
        raise Refused(
            "she has had a chat, or something of hers is not safe: staff recover her account on her card, after a call;"
            " if somebody stands before her who knows her, add --in-person"
        )
    await recovery.came_in_person(tx, participant)


def invite_member(name: str, *, role: str, as_json: bool) -> None:
    """Register a member of staff and show the invitation."""
    if not name.strip():
        raise Refused("--name is empty: say whom the link is for")
    settings = read_settings()

    async def work() -> tuple[Invitation, str, Path]:
        async with open_store(settings) as database:
            username = await bot_username(settings, database)
            async with database.transact() as tx:
                invitation = await members.invite_staff(tx, name.strip(), Role(role))
                link = link_of(username, invitation.token)
                return invitation, link, _picture(settings, f"staff-{tx.ids.token(64)}", link=link)

    invitation, link, path = asyncio.run(work())
    if as_json:
        print_json({"name": name.strip(), "role": role, **_told(invitation, link=link, picture=path)})
        return
    _show(invitation, link=link, picture=path)


def _picture(settings: Settings, name: str, *, link: str) -> Path:
    settings.qr_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.qr_folder / f"{name}.png"

    def for_owner_alone(file: str, flags: int) -> int:
        return os.open(file, flags, 0o600)

    with open(path, "wb", opener=for_owner_alone) as file:
        file.write(picture(link))
    return path


def _told(invitation: Invitation, *, link: str, picture: Path) -> dict[str, str | datetime]:
    return {"link": link, "token": invitation.token, "expires_at": invitation.expires_at, "qr": str(picture)}


def _show(invitation: Invitation, *, link: str, picture: Path) -> None:
    typer.echo(f"Link, for one use until {invitation.expires_at:%Y-%m-%d}:\n{link}")
    typer.echo(f"QR picture: {picture}")
