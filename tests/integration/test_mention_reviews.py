"""Others' words that name a woman who was erased: a person looks at each, and takes her name out or leaves it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import audit, erasure, mention_reviews, people
from storage.cases import words_in
from storage.deletion import Kept, forget
from storage.erasure import Standing, Wish
from storage.mention_reviews import Review, Verdict
from storage.schema import audit as trail
from storage.schema import cases
from storage.schema import mention_reviews as kept
from storage.vault import Place
from tests.support.chat import Bot
from tests.support.operator import Operator
from tests.support.staff import rows
from tests.support.world import Store

NAME = "Eva Ejemplo"


@pytest.fixture
async def bot(store: Store) -> Bot:
    """Rosa and staff have spoken of Eva, who is erased."""
    bot = Bot(store)
    rosa = await bot.enrolled()
    eva = await bot.register("R-EVA-9", name=NAME)
    await rosa.say("/corregir lo que dijo eva ejemplo de mí, Evangelina no")
    await rosa.say("me urge, habla de Eva Ejemplo y de R-EVA-9")
    async with store.database.transact() as tx:
        await erasure.erase(tx, eva, Wish("command", proved="llamada"))
    return bot


async def one_of(bot: Bot) -> Standing:
    async with bot.store.database.read() as tx:
        (one,) = await erasure.set_aside(tx)
    return one


async def places(bot: Bot) -> dict[str, str]:
    async with bot.store.database.read() as tx:
        return {one.column: one.place for one in await mention_reviews.to_look_at(tx, await one_of(bot))}


@pytest.mark.holds("S-45")
async def test_her_name_is_taken_out_and_nothing_else_once_she_cannot_be_put_back(bot: Bot) -> None:
    found, one = await places(bot), await one_of(bot)
    assert {"requests.words", "cases.words"} <= set(found)
    async with bot.store.database.transact() as tx:
        assert not await mention_reviews.redact(tx, one, found["cases.words"], by="command"), "within her week"
    bot.store.clock.advance(days=8)
    async with bot.store.database.transact() as tx:
        for column in ("cases.words", "requests.words"):
            assert await mention_reviews.redact(tx, one, found[column], by="command")
            assert not await mention_reviews.redact(tx, one, found[column], by="command"), "twice"
    async with bot.store.database.read() as tx:
        case = next(row for row in await tx.run(select(cases)) if row.words is not None)
        assert [said.text for said in words_in(tx, case)] == ["me urge, habla de (…) y de (…)"]
        (row,) = [row for row in await tx.run(select(kept)) if row.place == "requests.words:1"]
        assert (row.verdict, row.reason) == ("redacted", None)
        assert await audit.verify(tx) is None
    said = await rows(bot, trail)
    assert [one.detail for one in said if one.action == "mention_redacted"] == [
        found["cases.words"],
        "requests.words:1",
    ]
    assert not any(NAME.casefold() in str(entry).casefold() for entry in said)


@pytest.mark.holds("S-45")
async def test_what_is_kept_has_a_reason_and_is_not_asked_again(bot: Bot) -> None:
    found, one = await places(bot), await one_of(bot)
    place = found["requests.words"]
    async with bot.store.database.transact() as tx:
        assert not await mention_reviews.keep(tx, one, Review(place, Verdict.KEPT, ""), by="command")
        assert await mention_reviews.keep(tx, one, Review(place, Verdict.KEPT, "consta en un juicio"), by="command")
    assert "requests.words" not in await places(bot)
    (row,) = await rows(bot, kept)
    assert bot.store.vault.open_text(Place("mention_reviews", "reason", row.id), row.reason) == "consta en un juicio"


async def test_it_is_forgotten_with_the_retention(bot: Bot) -> None:
    found, one = await places(bot), await one_of(bot)
    async with bot.store.database.transact() as tx:
        await mention_reviews.keep(tx, one, Review(found["cases.words"], Verdict.KEPT, "x"), by="command")
        await erasure.undo(tx, one, by="command")
    bot.store.clock.advance(days=2)
    async with bot.store.database.transact() as tx:
        assert await forget(tx, Kept(timedelta(), timedelta(days=1))) == 1
        assert [card.name for card in await people.cards(tx) if card.record_id == "R-EVA-9"] == [NAME]
    assert await rows(bot, kept) == []


async def test_at_the_command_line_they_are_looked_through_one_by_one(bot: Bot) -> None:
    operator = Operator(bot.store.home, {})  # by the clock of this machine her week is over
    found = await places(bot)

    def types() -> None:
        listed = operator.read("privacy", "mentions", "r-eva-9")
        assert {one["place"] for one in listed} >= set(found.values())
        assert any("habla de Eva Ejemplo" in one["near"] for one in listed)
        assert "taken out" in operator.done("privacy", "redact", "R-EVA-9", found["cases.words"])
        assert "nothing can be" in operator.refused("privacy", "redact", "R-EVA-9", "vault.name:1")
        assert "kept" in operator.done("privacy", "keep", "R-EVA-9", found["requests.words"], "--reason", "juicio")
        assert "nothing is to be" in operator.refused("privacy", "keep", "R-EVA-9", "x", "--reason", "juicio")
        left = {one["place"] for one in operator.read("privacy", "mentions", "R-EVA-9")}
        assert not left & {found["cases.words"], found["requests.words"]}

    await asyncio.to_thread(types)
