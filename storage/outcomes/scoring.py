"""Scores: what a woman's answers to the items of a questionnaire amount to, by its pack.

* Packs that ship stand in `packs/`; an organisation's own come from its folder, and take the place of shipped ones.
* Every item counts once, turned where the pack turns it; below the share of items that a pack wants there is no score.
* Scores of different instruments, versions or subscales are never compared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from conversations.answers import PlainValue
from conversations.instrument import Instrument, QuestionType
from storage.outcomes.pack import NUMBERED, TOTAL, Method, Pack, PackInvalid, is_item, read_pack

SHIPPED = Path(__file__).parent / "packs"

_PLACES = Decimal("0.0001")
_LAST_NUMBER = re.compile(r"[0-9]+$")
_NO_SIGN = re.compile(r"[^a-z0-9]")


class OutOfRange(ValueError):
    """These items have values that the pack does not know: they were coded in another way."""

    def __init__(self, items: Collection[str]) -> None:
        self.items = tuple(items)
        super().__init__(f"outside the range of their pack: {', '.join(self.items)}")


@dataclass(frozen=True, slots=True)
class Scored:
    """One score, to four places, and how many items it stands on."""

    subscale: str
    score: Decimal
    answered: int


def score(pack: Pack, answers: Mapping[str, Decimal | int | None]) -> list[Scored]:
    """The scores that these answers to its items make; None is an item without an answer, other names are passed over.

    No score where too few items are answered, or where it is not known how many were asked: of a `count`, all must be
    there. Raises OutOfRange.
    """
    asked = [name for name in answers if pack.knows(name)]
    given = {name: Decimal(value) for name in asked if (value := answers[name]) is not None}
    if strange := sorted(name for name, value in given.items() if not _is_in(pack, value)):
        raise OutOfRange(strange)
    if pack.count is not None and len(asked) != pack.count:
        return []
    found = []
    for subscale, entries in pack.scales.items():
        items = _spelt_out(entries, asked)
        values = [pack.turned(item, given[item]) for item in items if item in given]
        total = _total(pack, values, of=len(items))
        if total is not None:
            found.append(Scored(subscale, total, len(values)))
    return found


def _is_in(pack: Pack, value: Decimal) -> bool:
    return pack.low <= value <= pack.high and value == int(value)


def _spelt_out(entries: tuple[str, ...], names: list[str]) -> list[str]:
    """The items by their names, those that are NUMBERED as far as they stand among these."""
    numbered = [entry for entry in entries if entry.endswith(NUMBERED)]
    return [entry for entry in entries if entry not in numbered] + [
        name for name in names if any(is_item(name, entry) for entry in numbered)
    ]


def _total(pack: Pack, values: list[Decimal], *, of: int) -> Decimal | None:
    if not values or len(values) < pack.answered * of:
        return None
    if pack.method is Method.SUM and len(values) < of and not pack.prorated:
        return None
    times = of if pack.method is Method.SUM else 1
    return (sum(values, Decimal()) * times / len(values)).quantize(_PLACES, ROUND_HALF_UP)


def number_of(value: PlainValue | None) -> Decimal | None:
    """What an answer to an item counts: a number as it is, a choice by the number that ends its name (`nunca_0`)."""
    if isinstance(value, str) and (ending := _LAST_NUMBER.search(value)):
        return Decimal(ending.group())
    return Decimal(value) if isinstance(value, int | Decimal) else None


def misfits(pack: Pack, form: Instrument) -> list[str]:
    """Why check-ins with this form would have no score by this pack, a line each."""
    if not pack.holds_for(form.version):
        return [f"no score: its pack is for version {', '.join(pack.versions)}"]
    items = [question for question in form.questions if question.waits and pack.knows(question.name)]
    found = []
    if len(items) != pack.size:
        named = ", ".join(sorted(pack.named))
        found.append(f"no score: {len(items)} of the {pack.size} items of its pack are questions here ({named})")
    for item in items:
        codes = [number_of(choice.name) for choice in item.choices] if item.type is QuestionType.SELECT_ONE else []
        if any(code is None or not _is_in(pack, code) for code in codes):
            found.append(f"no score: the choices of {item.name} must end in numbers from {pack.low} to {pack.high}")
    return found


@dataclass(frozen=True, slots=True)
class Scale:
    """What a score is a score on."""

    instrument: str
    version: str
    subscale: str = TOTAL


# --- the packs that there are


def pack(name: str) -> Pack | None:
    """The pack of that instrument, or None; capitals, hyphens and spaces are forgiven (`GAD-7` is gad7)."""
    key = _key(name)
    return _own.get(key) or _shipped().get(key)


def packs() -> tuple[Pack, ...]:
    """All packs by name: those that ship, and an organisation's own."""
    return tuple(sorted({**_shipped(), **_own}.values(), key=lambda one: one.name))


def canonical(name: str) -> str:
    """An instrument's name as the store has it: its pack's, or else in small letters, digits and _."""
    found = pack(name)
    return found.name if found is not None else re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def adopt(folder: Path) -> None:
    """From now on an organisation's own packs are those of this folder, if it is there. Raises PackInvalid."""
    take(_read_folder(folder).values())


def take(packs: Iterable[Pack]) -> None:
    """From now on an organisation's own packs are these."""
    told = {_key(one.name): one for one in packs}
    _own.clear()
    _own.update(told)


def own() -> tuple[Pack, ...]:
    """The organisation's own."""
    return tuple(_own.values())


_own: dict[str, Pack] = {}


@cache
def _shipped() -> Mapping[str, Pack]:
    return _read_folder(SHIPPED)


def _read_folder(folder: Path) -> dict[str, Pack]:
    found: dict[str, Pack] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            one = read_pack(path.read_text(encoding="utf-8"), told_of=path.name)
        except PackInvalid as invalid:
            problems += invalid.problems
            continue
        if _key(one.name) in found:
            problems.append(f"{path.name}: name: another file of this folder is the pack for {one.name}")
        found[_key(one.name)] = one
    if problems:
        raise PackInvalid(problems)
    return found


def _key(name: str) -> str:
    return _NO_SIGN.sub("", name.lower())
