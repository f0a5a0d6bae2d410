"""Mexico's minimum wages with the days from which they hold, from files that people can edit (minimum_wages.toml).

* What ships is taken together with an organisation's own file: an entry of that takes the place of one of the same day.
* A file is taken whole or not at all: all that is wrong with it is told at once, each with its place.
* A date outside the table takes the nearest wage that we know.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

FILE_NAME = "minimum_wages.toml"
"""What ships is called so, and so is an organisation's own file in its data folder."""

_FIELDS = ("since", "general", "source")
_NEEDED = ("since", "general")
_MOST = 100_000
"""Pesos a day: more is a slip."""


@dataclass(frozen=True, slots=True)
class Wage:
    """Pesos a day from that date on, in the general zone."""

    since: date
    general: Decimal


class WagesInvalid(ValueError):
    """Everything that is wrong with a file of minimum wages, each with its place."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def read_wages(text: str, *, file: str) -> tuple[Wage, ...]:
    """The wages of a file's text, the oldest first; `file` is what its problems are told of. Raises WagesInvalid."""
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise WagesInvalid([f"{file}: {error}"]) from None
    entries = raw.get("wage", [])
    problems = [f"{name} is not known; write [[wage]]" for name in raw.keys() - {"wage"}]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.append("write each wage as [[wage]]")
        entries = []
    for number, entry in enumerate(entries, start=1):
        problems += (f"wage {number}: {problem}" for problem in _problems(entry, entries[: number - 1]))
    if problems:
        raise WagesInvalid([f"{file}: {problem}" for problem in problems])
    return tuple(sorted((_wage(entry) for entry in entries), key=lambda one: one.since))


def _problems(entry: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield from (f"{name} is not known" for name in sorted(entry.keys() - set(_FIELDS)))
    yield from (f"{name} is missing" for name in _NEEDED if name not in entry)
    since = entry.get("since")
    if "since" in entry and not _is_day(since):
        yield "since: write a day, such as 2027-01-01"
    elif since is not None and any(one.get("since") == since for one in earlier):
        yield f"since: another wage holds from {since} on"
    if "general" in entry and not _is_pesos(entry["general"]):
        yield "general: write pesos a day, such as 315.04"


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_pesos(value: object) -> bool:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return False
    amount = Decimal(value)
    return amount.is_finite() and 0 < amount < _MOST and amount == round(amount, 2)


def _wage(entry: Mapping[str, Any]) -> Wage:
    return Wage(entry["since"], Decimal(entry["general"]))


# --- the wages that hold


def adopt(own: Iterable[Wage]) -> None:
    """From now on an organisation's own wages are these."""
    told = {one.since: one for one in own}
    _own.clear()
    _own.update(told)


def own() -> tuple[Wage, ...]:
    """The organisation's own."""
    return tuple(_own.values())


def table() -> tuple[Wage, ...]:
    """All wages that are known, the oldest first; there is at least one."""
    return tuple(sorted((_shipped() | _own).values(), key=lambda one: one.since))


def wage_on(day: date) -> Wage:
    """The one that holds on that day: before the table begins its first, after its last row that one."""
    known = table()
    return next((one for one in reversed(known) if one.since <= day), known[0])


_own: dict[date, Wage] = {}


@cache
def _shipped() -> dict[date, Wage]:
    text = files(__package__).joinpath(FILE_NAME).read_text(encoding="utf-8")
    return {one.since: one for one in read_wages(text, file=FILE_NAME)}
