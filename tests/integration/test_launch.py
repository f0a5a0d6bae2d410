"""The launch gate: on Telegram's own address no woman comes in before the check has passed, and a change asks anew."""

import asyncio
from pathlib import Path

import pytest

from bot.api import Api
from bot.clock import DemoClock
from bot.demo.simulator import Simulator
from bot.launch import LaunchWatch
from bot.settings import TELEGRAM, Settings
from bot.staff.audit import ACTION_KEYS
from storage import installation, launch, rotation, safekeeping
from storage.members import Role
from storage.schema import invitations
from tests.support.chat import Bot
from tests.support.operator import NOBODY_LISTENS, Operator
from tests.support.staff import at_work, rows
from tests.support.tray import MAYA, actions
from tests.support.world import Store

TOKEN = "4242:una-palabra"
NOT_YET = "Gracias por entrar. Todavía no empezamos."
SHUT = "Todavía no se puede invitar a nadie."
SEEN = {"face": "a", "notice": "b", "helplines": "c", "desk": "d"}
LINES = """
[[line]]
number = "911"
name = "Emergencias"
hours = "siempre"
kinds = ["self_harm", "violence", "danger"]
verified_on = 2026-02-20
source = "llamada de prueba"
"""


async def asked(store: Store, *, passed: bool = False) -> None:
    """The bot runs on Telegram's own address."""
    async with store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo_prueba_bot"})
        await launch.ask(tx, asked=True)
        if passed:
            await launch.passed(tx, SEEN)


# --- in the chats


@pytest.mark.holds("S-35")
async def test_her_link_opens_nothing_and_nothing_is_stored(store: Store) -> None:
    bot = Bot(store)
    token = await bot.invite(await bot.register())
    await asked(store)
    rosa = bot.chat()
    (said,) = await rosa.start(token)
    assert said.startswith(NOT_YET)
    (row,) = await rows(bot, invitations)
    assert row.opened_at is None
    async with store.database.transact() as tx:
        await launch.passed(tx, SEEN)
    (said,) = await rosa.start(token)
    assert "leer ahora" in said


async def test_staff_may_come_in_before(store: Store) -> None:
    bot = Bot(store)
    await asked(store)
    lupe = bot.chat(600)
    assert "Todavía" not in "".join(await lupe.start(await bot.invite_staff()))
    assert lupe.commands


async def test_who_is_in_stays_in_where_a_change_has_shut_it(store: Store) -> None:
    bot = Bot(store)
    await asked(store, passed=True)
    rosa = await bot.enrolled()
    async with store.database.transact() as tx:
        await launch.see(tx, {"face": "another"})
        assert await launch.is_shut(tx)
        assert await launch.changed(tx) == ("face",)
    assert NOT_YET not in "".join(await rosa.say("hola"))
    luz = bot.chat(502)
    (said,) = await luz.start(await bot.invite(await bot.register("R-2")))
    assert said.startswith(NOT_YET)


async def test_who_stopped_comes_back_only_where_women_may_come_in(store: Store) -> None:
    bot = Bot(store)
    rosa = await bot.enrolled()
    await rosa.say("ya no me escriban")
    (hers,) = await rows(bot, invitations)
    await asked(store)
    token = await bot.invite(hers.participant_id)
    (said,) = await rosa.start(token)
    assert said.startswith(NOT_YET)


async def test_on_any_other_address_nothing_is_asked(store: Store) -> None:
    bot = Bot(store)
    async with store.database.transact() as tx:
        await launch.ask(tx, asked=False)
    assert "leer ahora" in (await bot.chat().start(await bot.invite(await bot.register())))[0]


async def test_staff_are_told_plainly_and_draw_nothing(store: Store) -> None:
    bot = Bot(store)
    woman = await bot.register("R-1")
    await asked(store)
    lupe = await at_work(bot)
    await lupe.say("/participantes R-1")
    await lupe.tap("Rosa")
    await lupe.tap("Invitar")
    assert lupe.last.text.startswith(SHUT)
    for forged in ("draw", "recover", "grant"):
        await lupe.tap_data(f"1.1.invite.{forged}.{woman:x}")
        assert lupe.last.text.startswith(SHUT)
    await lupe.say("/participantes R-1")
    for forged in ("sheet", "print"):
        await lupe.tap_data(f"1.1.roster.{forged}")
        assert lupe.last.text.startswith(SHUT)
    assert not lupe.files
    assert [one for one in await rows(bot, invitations) if one.participant_id is not None] == []


# --- the bot that runs


def settings(store: Store, url: str) -> Settings:
    return Settings(home=store.home, bot_token=TOKEN, bot_api_url=url)  # type: ignore[arg-type]


class OwnAddress(Settings):
    """Settings that take the simulator for Telegram's own address."""

    @property
    def is_on_telegram(self) -> bool:
        return True


async def test_only_telegrams_own_address_is_taken_for_real(store: Store) -> None:
    assert settings(store, TELEGRAM).is_on_telegram
    assert settings(store, f"{TELEGRAM}:443/").is_on_telegram
    assert not settings(store, NOBODY_LISTENS).is_on_telegram


@pytest.mark.holds("S-35")
async def test_a_change_of_what_was_seen_asks_anew(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    simulator = Simulator(token=TOKEN, now=store.clock)
    async with simulator.serve() as url, Api(TOKEN, url) as api:
        watch = LaunchWatch(api, store.database, settings=OwnAddress(home=store.home, bot_token=TOKEN, bot_api_url=url))  # type: ignore[arg-type]
        assert await watch.look()
        assert "never_passed" in [record.changed for record in caplog.records]  # type: ignore[attr-defined]
        async with store.database.transact() as tx:
            seen = await launch._recall(tx, "launch_seen")
            await launch.passed(tx, seen)
        assert set(seen) == {"face", "notice", "helplines", "desk"}
        assert not await watch.look()
        changes = (
            lambda: setattr(simulator.bot, "picture", "AgAD"),
            lambda: simulator.bot.texts.update({("description", "en"): "Another"}),
            lambda: (store.home / "aviso.md").write_text("Otro aviso", encoding="utf-8"),
            lambda: (store.home / "helplines.toml").write_text(LINES, encoding="utf-8"),
        )
        for change in changes:
            change()
            assert await watch.look()
            async with store.database.transact() as tx:
                await launch.passed(tx, await launch._recall(tx, "launch_seen"))
            assert not await watch.look()
    assert not await watch.look(), "Telegram is not there: what was seen last stands"


# --- the check


@pytest.fixture
async def ready(store: Store, tmp_path: Path) -> Operator:
    """An installation in which all stands that has to."""
    bot = Bot(store)
    await at_work(bot)
    await at_work(bot, Role.STAFF, chat_id=MAYA, name="Maya Prueba")
    (store.home / "aviso.md").write_text("# Aviso\n\nLa Asociación. [Más](https://example.org)\n", encoding="utf-8")
    (store.home / "helplines.toml").write_text(LINES, encoding="utf-8")
    async with store.database.transact() as tx:
        await rotation.note_copy(tx, tx.vault.keys)
        await safekeeping.proved(tx, tx.now.date())
    for file in store.home.glob("hilo.sqlite3*"):
        file.chmod(0o600)
    confirmed = {"HILO_BLOCKED_DAYS": "30", "HILO_ACCOUNTED_DAYS": "1825"}
    operator = Operator(store.home, {"HILO_BOT_TOKEN": TOKEN, "HILO_DEMO_CLOCK": str(clock_of(store)), **confirmed})
    await asyncio.to_thread(operator.done, "backup", tmp_path / "backup", bot_api_url=NOBODY_LISTENS)
    return operator


def clock_of(store: Store) -> Path:
    """The commands live by the store's time."""
    file = store.home / "clock"
    file.write_text("0", encoding="ascii")
    DemoClock(file).move_to(store.clock.at)
    return file


async def looked(store: Store, operator: Operator, *, simulator: Simulator | None = None) -> tuple[int, list[str]]:
    """The exit status of the check, and the lines that are wrong."""
    there = simulator or Simulator(token=TOKEN, now=store.clock)
    async with there.serve() as url:
        result = await asyncio.to_thread(operator.types, "doctor", "--launch", bot_api_url=url)
    return result.exit_code, [line for line in result.stdout.splitlines() if line.startswith("WRONG")]


async def test_it_passes_where_all_stands_and_is_written_down(store: Store, ready: Operator) -> None:
    assert await looked(store, ready) == (0, [])
    bot = Bot(store)
    assert (await actions(bot))[-1] == "launch_passed"
    assert "staff.audit.launch_passed" in ACTION_KEYS
    async with store.database.read() as tx:
        assert not await launch.is_shut(tx, asked=True)


@pytest.mark.holds("S-35")
@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("aviso.md", "Somos [NOMBRE DE LA ORGANIZACIÓN].", "[NOMBRE DE LA ORGANIZACIÓN]"),
        ("aviso.md", "Domicilio: ______", "______"),
        ("aviso.md", "Correo: {{correo}}", "{{correo}}"),
        ("helplines.toml", LINES.replace("2026-02-20", "2025-11-01"), "for 90 days: 911"),
        ("helplines.toml", LINES.replace('"violence", ', ""), "violence"),
        ("helplines.toml", LINES.replace("verified_on = 2026-02-20\n", ""), "no verified line"),
    ],
)
async def test_what_is_not_ready_is_named(store: Store, ready: Operator, name: str, text: str, *, told: str) -> None:
    (store.home / name).write_text(text, encoding="utf-8")
    status, wrong = await looked(store, ready)
    assert status == 1
    assert len(wrong) == 2, "the one that is missing, and that nobody may be invited"
    assert told in wrong[0]


async def test_a_line_that_nobody_has_called_is_told_of_once(store: Store, ready: Operator) -> None:
    (store.home / "helplines.toml").write_text(LINES.replace("2026-02-20", "2025-11-01"), encoding="utf-8")
    simulator = Simulator(token=TOKEN, now=store.clock)
    async with simulator.serve() as url:
        told = (await asyncio.to_thread(ready.types, "doctor", "--launch", bot_api_url=url)).stdout
    (line,) = [line for line in told.splitlines() if "911" in line]
    assert line.startswith("WRONG")
    numbers = line.partition("days: ")[2].partition(";")[0].split(", ")
    assert len(numbers) == len(set(numbers))


@pytest.mark.holds("S-36")
async def test_a_face_that_gives_her_away_is_refused(store: Store, ready: Operator) -> None:
    simulator = Simulator(token=TOKEN, now=store.clock)
    simulator.bot.texts["short_description", "es"] = "Para quienes salieron de la cárcel"
    simulator.bot.commands["default ", ""] = [{"command": "ayuda", "description": "Si hay violencia"}]
    status, wrong = await looked(store, ready, simulator=simulator)
    assert (status, len(wrong)) == (1, 2)
    result = await asyncio.to_thread(ready.types, "doctor", "--launch", bot_api_url=NOBODY_LISTENS)
    assert result.exit_code == 1


async def test_it_needs_two_people_copies_and_a_short_silence(store: Store, tmp_path: Path) -> None:
    operator = Operator(store.home, {"HILO_BOT_TOKEN": TOKEN})
    _, wrong = await looked(store, operator)
    told = "\n".join(wrong)
    for missing in ("aviso.md", "a coordinator and one more", "today's keys", "no backup was proved", "how long data"):
        assert missing in told
    async with Simulator(token=TOKEN, now=store.clock).serve() as url:
        result = await asyncio.to_thread(
            operator.types, "doctor", "--launch", "--json", bot_api_url=url, silence_minutes="60"
        )
    assert "silence_minutes" in result.stdout


async def test_the_command_line_draws_no_link_before(store: Store, ready: Operator) -> None:
    bot = Bot(store)
    await bot.register("R-1")
    async with store.database.transact() as tx:
        await installation.remember(tx, {installation.BOT_USERNAME: "hilo", installation.BOT_ID: "4242"})
    telegram = {"bot_api_url": TELEGRAM, "demo_clock": ""}
    refused = await asyncio.to_thread(ready.refused, "invite", "participant", "R-1", **telegram)
    assert "run hilo doctor --launch" in refused
    await asyncio.to_thread(ready.done, "invite", "staff", "--role", "staff", "--name", "Ana", **telegram)
    assert (await looked(store, ready))[0] == 0
    await asyncio.to_thread(ready.done, "invite", "participant", "R-1", **telegram)
    async with store.database.transact() as tx:
        await launch.see(tx, {"face": "another"})
    refused = await asyncio.to_thread(ready.refused, "invite", "participant", "R-1", **telegram)
    assert "since this has changed: face" in refused
