"""A phone that may be in other hands: what was on its way never arrives, and no link makes its chat hers again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.demo.phone import Phone
from storage import freezing
from storage.database import Conflict, Tx
from storage.freezing import Unsafe
from storage.leaving import Held
from storage.mail import Urgency
from storage.people import WRITERS as PEOPLE
from storage.people import Linked
from storage.records import Entry
from storage.schema import accounts, invitations, participants
from tests.integration.test_leaving import _change, _in_hand, edge, her, rosa
from tests.support.chat import WORD, Bot
from tests.support.outgoing import Outgoing, heard
from tests.support.world import START, Store

__all__ = ["edge", "her", "rosa"]

NOT_HERE = "Aquí no puedo abrir este enlace"


async def _freeze(tx: Tx, woman: int) -> None:
    await freezing.freeze(tx, woman, actor="command")


@pytest.mark.holds("T-phone-5")
@pytest.mark.parametrize("urgency", [Urgency.REPLY, Urgency.NEWS, Urgency.REMINDER])
async def test_nothing_on_its_way_reaches_her_phone_once_she_is_frozen(
    edge: Outgoing, rosa: Phone, her: int, urgency: Urgency
) -> None:
    sending = await _in_hand(edge, her, urgency=urgency)
    await _change(edge, her, _freeze)
    await sending
    assert heard(rosa) == []
    assert ("dropped", Held.FROZEN) in {(row.state, row.reason) for row in await edge.post.rows()}


async def marked(bot: Bot) -> int:
    """A woman whose chat is marked as not safe, and who may come back."""
    await bot.enrolled(501)
    async with bot.store.database.transact() as tx:
        woman: int = (await tx.run(select(participants.c.id))).scalar_one()
        await freezing.freeze(tx, woman, actor="command")
        await freezing.mark_unsafe(tx, woman, Unsafe.CHAT, by=None)
        await freezing.thaw(tx, woman, by=None)
    return woman


async def open_chats(store: Store) -> int:
    async with store.database.read() as tx:
        return len((await tx.run(select(accounts.c.id).where(accounts.c.unlinked_at.is_(None)))).all())


@pytest.mark.holds("T-invite-3")
async def test_a_chat_that_is_not_safe_opens_no_link_and_another_one_does(store: Store) -> None:
    bot = Bot(store)
    token = await bot.invite(await marked(bot))
    for told in (await bot.chat(501).start(token), await bot.chat(501).start("unknown")):
        assert [NOT_HERE in text for text in told] == [True]
    assert [NOT_HERE in text for text in await bot.chat(501).start()] == [False]
    assert await open_chats(store) == 0
    new = bot.chat(777)
    await new.start(token)
    await new.tap("Sí, puedo")
    await new.say(WORD)
    await new.accept()
    assert await open_chats(store) == 1


@pytest.mark.holds("T-invite-3")
async def test_a_link_half_opened_in_it_is_finished_nowhere(store: Store) -> None:
    bot = Bot(store)
    woman = await marked(bot)
    async with store.database.transact() as tx:
        await tx.run(update(accounts).values(unsafe_at=None))
    chat = bot.chat(501)
    await chat.start(await bot.invite(woman))
    await chat.tap("Sí, puedo")
    await chat.say(WORD)
    async with store.database.transact() as tx:
        await freezing.mark_unsafe(tx, woman, Unsafe.CHAT, by=None)
    await chat.accept()
    assert await open_chats(store) == 0
    assert "Sí, acepto" not in [label for seen in chat.messages.values() for label in seen.buttons]


async def test_whoever_links_at_the_very_moment_comes_too_late(store: Store) -> None:
    bot = Bot(store)
    woman = await marked(bot)
    await bot.invite(woman)
    async with store.database.transact() as tx:
        unused = select(invitations.c.id).where(invitations.c.used_at.is_(None)).limit(1)
        link = Linked((await tx.run(unused)).scalar_one(), participant=woman)
        with pytest.raises(Conflict):
            await PEOPLE[Linked](tx, [Entry(link, START, "o", bot.lane(501), 501, 1)])
