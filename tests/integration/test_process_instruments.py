"""`hilo run` as a process: what is installed beside it, or sent to it, is asked without a restart."""

import json
from datetime import timedelta

from bot.library import SHIPPED, shipped_sources
from tests.support.process import Installation, enrolled_home, her_phone, installation, telegram
from tests.support.woman import Step, Woman
from tests.unit.test_workbook import SMALL, saved

__all__ = ["enrolled_home", "installation"]

COORDINATOR = 7_654_321


def newer() -> str:
    """The next version of `seguimiento`, which begins with other words."""
    text = (SHIPPED / "seguimiento.md").read_text(encoding="utf-8")
    version = next(version for name, version, _ in shipped_sources() if name == "seguimiento")
    return text.replace(f"| seguimiento | {version} ", f"| seguimiento | {int(version) + 1} ").replace(
        "¿Necesitas", "¿Te falta"
    )


async def test_a_running_bot_asks_what_was_installed(installation: Installation) -> None:
    due = installation.clock()
    installation.clock.move_to(due - timedelta(hours=1))
    (installation.home / "nueva.md").write_text(newer(), encoding="utf-8")
    simulator = telegram(installation)
    async with simulator.serve() as url:
        woman = her_phone(simulator)
        async with installation.running(url):
            ended = await installation.hilo("instruments", "install", str(installation.home / "nueva.md"), url=url)
            assert ended.status == 0, ended.err
            installation.clock.move_to(due)
            await woman.answer(Step("cinco minutos", ("Sí, ahora",)))
            await woman.question("¿Te falta")


async def test_a_coordinator_sends_a_workbook(installation: Installation) -> None:
    simulator = telegram(installation)
    async with simulator.serve() as url:
        invitation = await installation.hilo(
            "invite", "staff", "--role", "coordinator", "--name", "Lupe", "--json", url=url
        )
        assert invitation.status == 0, invitation.err
        token = json.loads(invitation.out)["token"]
        installation.secrets.append(token)
        lupe = Woman(simulator, simulator.phone(user_id=COORDINATOR, first_name="L"))
        async with installation.running(url):
            lupe.phone.start(token)
            await lupe.told("equipo")
            lupe.phone.document("Encuesta nueva.xlsx", saved(SMALL))
            await lupe.answer(Step("¿Qué es «", ("Un cuestionario",)))
            await lupe.answer(Step("Revisé «una», versión 1: 1 pregunta", ("Instalar",)))
            await lupe.told("Los próximos seguimientos usan «una»")
        listed = await installation.hilo("instruments", "list", "--json", url=url)
    (una,) = [one for one in json.loads(listed.out) if one["name"] == "una"]
    assert (una["version"], una["in_use"]) == ("1", True)
    assert una["installed_by"] not in (None, "command")
    assert installation.query("select content, name from files") == [(None, None)]
