"""`hilo consents record` and `hilo notice`: a signed paper, and who agreed to which notice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.participant.notice import notice_of
from storage.consents import ConsentGiven, How, Purpose, record_consents
from storage.schema import audit, consents
from tests.support.asking import rows
from tests.support.chat import Bot
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.world import Store

SIGNED = ("--on", "2026-02-21", "--notice", "1", "--witness", "Luz Ríos")


@pytest.fixture
def operator(store: Store) -> Operator:
    return Operator(store.home, {"HILO_BOT_API_URL": NOBODY_LISTENS})


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


async def said(store: Store) -> dict[str, tuple[bool, str, str]]:
    return {row.purpose: (row.given, row.how, row.version) for row in await rows(store, consents)}


async def types(operator: Operator, *words: str) -> str:
    return await asyncio.to_thread(operator.done, "consents", "record", "R-1", *words)


async def test_a_paper_says_what_is_named_and_nothing_else(store: Store, bot: Bot, operator: Operator) -> None:
    await bot.register("R-1")
    told = await types(operator, "--yes", "seguimiento", "--yes", "investigacion", "--no", "ingresos", *SIGNED)
    assert told == "R-1\trecorded: seguimiento, ingresos, investigacion\n"
    assert await said(store) == {
        "seguimiento": (True, "paper", "1"),
        "ingresos": (False, "paper", "1"),
        "investigacion": (True, "paper", "1"),
    }
    kept = await rows(store, consents)
    assert len({row.witness for row in kept}) == 3
    assert not any("Luz Ríos".encode() in (row.witness or b"") for row in kept)
    acts = [(row.actor, row.action, row.detail) for row in await rows(store, audit) if "consent" in row.action]
    assert sorted(acts) == [
        ("command", "consent_given", "investigacion paper"),
        ("command", "consent_given", "seguimiento paper"),
        ("command", "consent_refused", "ingresos paper"),
    ]
    assert await types(operator, "--yes", "seguimiento", *SIGNED) == "R-1\tthere already: seguimiento\n"
    assert len(await rows(store, consents)) == 3


async def test_she_reads_the_notice_all_the_same_and_says_yes_herself(
    bot: Bot, operator: Operator, store: Store
) -> None:
    her = await bot.register("R-1")
    await types(operator, "--yes", "seguimiento", *SIGNED)
    rosa = bot.chat(1)
    await rosa.start(await bot.invite(her))
    await rosa.tap("Sí, puedo")
    await rosa.say("girasol")
    await rosa.tap("Sí, acepto")
    assert any("☐" in label for label in rosa.last.buttons), "no word to type, for she signed this version"
    assert not any("☑" in label for label in rosa.last.buttons), "nothing is ticked beforehand"
    assert {row.how for row in await rows(store, consents) if row.purpose == "seguimiento"} == {"paper", "chat"}


async def test_what_she_has_said_since_stands(store: Store, bot: Bot, operator: Operator) -> None:
    her = await bot.register("R-1")
    async with store.database.transact() as tx:
        await record_consents(tx, [(ConsentGiven(her, Purpose.INCOME, "1", "h", False, How.CHAT), tx.now)])
    told = await types(operator, "--yes", "seguimiento", "--yes", "ingresos", *SIGNED)
    assert told.splitlines()[1] == "R-1\tshe has said otherwise since, and that stands: ingresos"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--on", "2999-01-01", *SIGNED[2:], "--yes", "seguimiento"), ["--on: this day has not come yet"]),
        (
            ("--on", "ayer", "--notice", "9", "--witness", "007"),
            ["--on: ", "--notice: no such version; 1, papel", "--witness: ", "--yes, --no: name"],
        ),
        ((*SIGNED, "--yes", "dinero"), ["--yes, --no: no such purpose: dinero; there are seguimiento, ingresos"]),
        ((*SIGNED, "--yes", "voz", "--no", "voz"), ["--yes and --no: say which it is of voz"]),
        ((*SIGNED[:4], "--witness", " ", "--yes", "voz"), ["--witness: "]),
    ],
)
async def test_all_that_is_wrong_is_told_and_nothing_recorded(
    store: Store, bot: Bot, operator: Operator, words: Sequence[str], told: list[str]
) -> None:
    await bot.register("R-1")
    refused = await asyncio.to_thread(operator.refused, "consents", "record", "R-1", *words)
    assert all(each in refused for each in told)
    assert f"{len(told)} to mend" in refused
    assert not await rows(store, consents)


async def test_nobody_of_that_name_and_a_paper_without_its_day(store: Store, operator: Operator) -> None:
    refused = await asyncio.to_thread(operator.refused, "consents", "record", "R-9", "--yes", "voz", *SIGNED)
    assert "nobody has the record_id R-9" in refused
    assert operator.types("consents", "record", "R-9", "--yes", "voz", *SIGNED[2:]).exit_code == 2


async def test_which_notice_is_in_force_and_how_many_agreed_to_which(
    store: Store, bot: Bot, operator: Operator
) -> None:
    now = notice_of(store.home)
    women = [await bot.register(f"R-{number}") for number in range(5)]
    texts = [(now.version, now.text_hash, How.TYPED), ("0", "e" * 64, How.CHAT), (now.version, "", How.PAPER)]
    async with store.database.transact() as tx:
        words = [
            (ConsentGiven(her, Purpose.FOLLOW_UP, version, text_hash, True, how), tx.now)
            for her, (version, text_hash, how) in zip(women, texts, strict=False)
        ]
        again = ConsentGiven(women[1], Purpose.FOLLOW_UP, now.version, now.text_hash, True, How.TYPED)
        aloud = ConsentGiven(women[3], Purpose.FOLLOW_UP, "2", "f" * 64, True, How.ORAL)
        other = ConsentGiven(women[4], Purpose.FOLLOW_UP, "0", "e" * 64, True, How.CHAT)
        await record_consents(tx, [*words, (again, tx.now), (aloud, tx.now), (other, tx.now)])
    told = await asyncio.to_thread(operator.read, "notice")
    assert (told["version"], told["hash"], told["source"]) == (now.version, now.text_hash, "shipped")
    assert (told["women"], told["asked_again"]) == (3, 1)
    counts = {(one["version"], one["how"]): (one["women"], one["ever"], one["in_force"]) for one in told["versions"]}
    assert counts == {
        ("1", "chat"): (2, 2, True),
        ("1", "paper"): (1, 1, True),
        ("0", "chat"): (1, 2, False),
        ("2", "oral"): (1, 1, False),
    }
    text = await asyncio.to_thread(operator.done, "notice")
    assert f"version 1, hash {now.text_hash[:8]}, shipped; 3 agree to it" in text
    assert "1 agreed to another" in text


async def test_a_text_that_changed_under_its_version_is_told(store: Store, bot: Bot, operator: Operator) -> None:
    her = await bot.register("R-1")
    old = notice_of(store.home)
    async with store.database.transact() as tx:
        word = ConsentGiven(her, Purpose.FOLLOW_UP, old.version, old.text_hash, True, How.TYPED)
        await record_consents(tx, [(word, tx.now)])
    (store.home / "aviso.md").write_text("Aviso. Versión 1\n\nOtro texto.\n", encoding="utf-8")
    told = await asyncio.to_thread(operator.done, "notice")
    assert "own; 0 agree to it" in told
    assert "the text has changed under version 1" in told
