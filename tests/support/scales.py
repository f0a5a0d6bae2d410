"""The women whose scores and opinions come to the published figures, as they answer before and after in their chats.

* The forms are asked under the names of the scoring packs, and are nobody's: an item is "Punto 3 de 9", a choice
  "Opción 2". Where a pack turns an item, she answers it from the other end.
* Each instrument has the fewest women whose share rounds to the published one; some answer as before, or for the worse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.support.chat import Bot
from tests.support.operator import Operator
from tests.support.published import abreast, bring, join
from tests.support.woman import DONE, NO_NEED, Step
from tests.support.world import START

BETTER, SAME, WORSE, SILENT = 1, 0, -1, None
"""What becomes of her; of whom it is SILENT, she answers only before."""


@dataclass(frozen=True)
class Scale:
    """One instrument: its items from the lowest value to the highest, and what becomes of each of its women.

    She for whom things get better is lower on the items of `downwards`, and higher on the others; on those of `aside`
    every woman is lower. `valued`: they also say what the workshops gave them.
    """

    name: str
    items: tuple[str, ...]
    lowest: int
    highest: int
    downwards: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    fates: tuple[int | None, ...] = ()
    valued: bool = True

    @property
    def form(self) -> str:
        """It as an author writes it."""
        lines = [f"| settings |\n| | form_id | version |\n| | {self.name} | 1 |\n"]
        lines += ["| survey |\n| | type | name | label |"]
        lines += [f"| | select_one opciones | {item} | {asked} |" for item, asked in self.asked]
        lines += ["\n| choices |\n| | list_name | name | label |"]
        lines += [f"| | opciones | opcion_{n} | Opción {n} |" for n in range(self.lowest, self.highest + 1)]
        return "\n".join(lines) + "\n"

    @property
    def asked(self) -> Iterator[tuple[str, str]]:
        """Its items, and the question of each."""
        for place, item in enumerate(self.items, 1):
            yield item, f"Punto {place} de {len(self.items)}"

    @property
    def plan(self) -> str:
        """The plan by which it is asked before and after."""
        after = f'"{self.name}", "valoracion"' if self.valued else f'"{self.name}"'
        points = (("pre", 1, 10, f'"{self.name}"'), ("post", 15, 20, after))
        return f'name = "con_{self.name}"\n' + "".join(
            f'[[points]]\nname = "{name}"\noffset = {{ days = {day} }}\nwindow = {{ after = {open_} }}\n'
            f"instruments = [{asked}]\n"
            for name, day, open_, asked in points
        )

    def says(self, fate: int) -> tuple[Step, ...]:
        """Her answers once that has become of her; SAME is how she answers before."""
        return tuple(Step(asked, (f"Opción {self._value(item, fate)}",)) for item, asked in self.asked)

    def _value(self, item: str, fate: int) -> int:
        middle = (self.lowest + self.highest + 1) // 2
        if item in self.aside:
            return middle if fate == SAME else self.lowest
        return middle - fate if item in self.downwards else middle + fate


def _numbered(name: str, many: int) -> tuple[str, ...]:
    return tuple(f"{name}_{n}" for n in range(1, many + 1))


def _fates(better: int, same: int, worse: int) -> tuple[int, ...]:
    return (*(BETTER,) * better, *(SAME,) * same, *(WORSE,) * worse)


_ANXIETY = _numbered("gad7", 7)
_AGAINST = _numbered("inequitativa", 17)
_SUPPRESSION = _numbered("supresion", 4)
SCALES = (
    Scale("gad7", _ANXIETY, 0, 3, frozenset(_ANXIETY), fates=(*_fates(3, 1, 0), SILENT)),
    Scale(
        *("erq_ca9", (*_numbered("reevaluacion", 5), *_SUPPRESSION), 1, 7),
        aside=frozenset(_SUPPRESSION),
        fates=_fates(7, 2, 2),
    ),
    Scale("gem", (*_numbered("equitativa", 7), *_AGAINST), 1, 3, frozenset(_AGAINST), fates=_fates(7, 3, 2)),
    Scale(
        "brs", _numbered("brs", 6), 1, 5, frozenset({"brs_2", "brs_4", "brs_6"}), fates=_fates(7, 2, 2), valued=False
    ),
)
AGREED = 23
"""Of those who are asked what the workshops gave them; so many of all 27 agree."""


@dataclass(frozen=True)
class Asked:
    """One woman: her number, what she is asked, and what becomes of her."""

    number: int
    scale: Scale
    fate: int | None

    @property
    def record_id(self) -> str:
        return f"R-{self.number:05d}"

    def after(self, valued: int) -> tuple[Step, ...]:
        """What she says after; `valued` is her place among those who are asked for their opinion."""
        if self.fate is None:
            return ()
        if not self.scale.valued:
            return (_BEGIN, *self.scale.says(self.fate))
        said = ("De acuerdo", "Totalmente de acuerdo")[valued % 2] if valued < AGREED else "Más o menos"
        opinion = (Step("Necesitas algo hoy", (f"☐ {NO_NEED}", DONE)), Step("Los talleres me ayudaron", (said,)))
        return (_BEGIN, *self.scale.says(self.fate), *opinion)


_BEGIN = Step("minuto", ("Sí, ahora",))


def asked_women() -> list[Asked]:
    """All of them."""
    each = ((scale, fate) for scale in SCALES for fate in scale.fates)
    return [Asked(number, scale, fate) for number, (scale, fate) in enumerate(each)]


def prepare(operator: Operator, *, folder: Path) -> None:
    """Install the forms, apply the plans, and register the women under them."""
    for scale in SCALES:
        form, plan = folder / f"{scale.name}.md", folder / f"{scale.name}.toml"
        form.write_text(scale.form, encoding="utf-8")
        plan.write_text(scale.plan, encoding="utf-8")
        operator.done("instruments", "install", form)
        operator.done("plan", "apply", plan, "--yes")
    lines = [
        {"record_id": her.record_id, "name": f"{_word(her.number)} Prueba", "plan": f"con_{her.scale.name}"}
        | {"release_date": date(START.year, START.month, START.day)}
        for her in asked_women()
    ]
    bring(operator, "participants", "import", lines=lines, folder=folder)


def _word(number: int) -> str:
    return "".join("bdfglmnprst"[(number * n) % 11] + "aeiou"[(number // 3 + n) % 5] for n in (1, 3, 7)).title()


async def answer_twice(bot: Bot, ids: dict[int, int]) -> None:
    """Every woman (number → participant id) says yes to following up, and answers before and after."""
    them = asked_women()
    await bot.tick()
    await join(bot, ids)
    await bot.pass_time(days=1)
    await abreast(bot, {her.number: (_BEGIN, *her.scale.says(SAME)) for her in them})
    await bot.pass_time(days=14)
    valued = [her for her in them if her.scale.valued and her.fate is not None]
    places = {her.number: place for place, her in enumerate(valued)}
    await abreast(bot, {her.number: hers for her in them if (hers := her.after(places.get(her.number, 0)))})
