"""Whom a woman in danger can call: dated lines by region, from a file that people can edit (helplines.toml).

* A line that nobody has verified is never shown, and one of another region never either.
* A file is taken whole or not at all: all that is wrong with it is told at once, each with its line.
* Her region is what is known of her state; where it is not known, only what serves all of Mexico is shown, and where it
  is guessed by her centre, no number that answers phones of that state alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from conversations.regions import REGIONS
from conversations.risk.kinds import Kind

FILE_NAME = "helplines.toml"
"""What the file is called, the shipped one and an organisation's own."""

STALE_AFTER = timedelta(days=90)
"""After so long somebody should call the line again."""

LONGEST_NAME, LONGEST_HOURS = 50, 30

_LOCAL = "*"
_NUMBER = re.compile(r"\*?[0-9]{3,5}|[0-9]{2,3}(-[0-9]{3,4}){2}")
_HEADER = re.compile(r"\s*\[\[\s*line\s*\]\]")
_FIELDS = ("number", "name", "hours", "kinds", "regions", "verified_on", "source")
_NEEDED = ("number", "name", "hours", "kinds", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpline:
    """One line: the number as it is dialled, what it is called, when it answers, and what it is shown for.

    No `regions`: it serves all of Mexico. No `verified_on`: nobody has made sure of it.
    """

    number: str
    name: str
    hours: str
    kinds: frozenset[Kind]
    source: str
    regions: frozenset[str] = frozenset()
    verified_on: date | None = None

    @property
    def is_local(self) -> bool:
        """Whether only phones of its regions reach it."""
        return self.number.startswith(_LOCAL)


class HelplinesInvalid(ValueError):
    """Everything that is wrong with a file of lines, each with its place."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def lines_for(
    lines: Sequence[Helpline], kinds: Collection[Kind], *, region: str | None, on: date, guessed: bool = False
) -> tuple[Helpline, ...]:
    """The verified lines for these kinds of danger on that day: for the nearest danger first, and of those the lines of
    her region before those of all Mexico; else as in the file, and each number once. `region` is one of REGIONS, None
    where it is not known; where it is `guessed`, no number is shown that answers phones of a region alone."""
    shown = [line for line in lines if line.verified_on is not None and line.verified_on <= on]
    hers = [line for line in shown if region in line.regions and not (guessed and line.is_local)]
    ordered = [*hers, *(line for line in shown if not line.regions)]
    chosen = [line for kind in Kind if kind in kinds for line in ordered if kind in line.kinds]
    first: dict[str, Helpline] = {}
    for line in chosen:
        first.setdefault(line.number, line)
    return tuple(first.values())


def stale(lines: Sequence[Helpline], *, on: date) -> tuple[Helpline, ...]:
    """The lines that are shown although nobody has made sure of them for longer than STALE_AFTER."""
    return tuple(line for line in lines if line.verified_on is not None and on - line.verified_on > STALE_AFTER)


def shipped() -> str:
    """The text of the file that comes with Hilo."""
    return files(__package__).joinpath(FILE_NAME).read_text(encoding="utf-8")


def read_helplines(source: str, *, file: str, today: date) -> tuple[Helpline, ...]:
    """The lines of a file's text, in its order; `file` is what its problems are told of. Raises HelplinesInvalid."""
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise HelplinesInvalid([f"{file}: {error}"]) from error
    told = raw.get("line")
    if not isinstance(told, list) or not told or not all(isinstance(one, dict) for one in told):
        raise HelplinesInvalid([f"{file}: write each line below a [[line]] of its own"])
    places = _places(source)
    problems = [f"{file}: '{key}' is not known here: write [[line]]" for key in raw if key != "line"]
    for at, one in enumerate(told):
        place = places[at] if at < len(places) else {}
        for key, message in _problems(one, today=today):
            where = f", line {place[key]}" if key in place else f", line {place['']}" if place else ""
            problems.append(f"{file}{where}: {key}: {message}")
    if problems:
        raise HelplinesInvalid(problems)
    return tuple(_line(one) for one in told)


def _places(source: str) -> list[dict[str, int]]:
    """For each [[line]], where it begins ("") and where each of its keys stands, counted from 1."""
    found: list[dict[str, int]] = []
    for number, text in enumerate(source.splitlines(), start=1):
        if _HEADER.match(text):
            found.append({"": number})
        elif found and "=" in text:
            found[-1].setdefault(text.partition("=")[0].strip(), number)
    return found


def _problems(one: dict[str, Any], *, today: date) -> Iterator[tuple[str, str]]:
    """The key and what is wrong with it, for all that is."""
    yield from ((key, "is missing") for key in _NEEDED if key not in one)
    yield from ((key, f"is not known here: write one of {', '.join(_FIELDS)}") for key in one if key not in _FIELDS)
    for key in ("name", "hours", "source", "number"):
        if key in one and not isinstance(one[key], str):
            yield key, "must stand between quotation marks"
    yield from _about_texts(one)
    yield from _about_lists(one)
    verified_on = one.get("verified_on")
    if verified_on is not None and type(verified_on) is not date:
        yield "verified_on", "must be a day as in 2026-11-23, without quotation marks"
    elif verified_on is not None and verified_on > today:
        yield "verified_on", "has not come yet"


def _about_texts(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    number = one.get("number")
    if isinstance(number, str) and not _NUMBER.fullmatch(number):
        yield "number", "write it as 911, *765, 800-911-2000 or 55-5533-5533: with hyphens, without blanks or +52"
    for key, longest in (("name", LONGEST_NAME), ("hours", LONGEST_HOURS)):
        text = one.get(key)
        if isinstance(text, str) and (len(text) > longest or "\n" in text):
            yield key, f"must fit on one line of {longest} characters"
    shown = "verified_on" in one
    if any(isinstance(one.get(key), str) and not one[key].strip() for key in ("name", "hours", "source")) and shown:
        yield "verified_on", "name, hours and source must be known before a line is verified"


def _about_lists(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, known in (("kinds", set(Kind)), ("regions", set(REGIONS))):
        values = one.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            yield key, f"must be a list as in {sorted(known)[:2]}"
            continue
        for value in values:
            if value not in known:
                yield key, f"'{value}' is none of {', '.join(sorted(known))}"
    if str(one.get("number")).startswith(_LOCAL) and not one.get("regions"):
        yield "number", f"with a {_LOCAL} it answers phones of some states alone: name them in regions"
    if one.get("kinds") == []:
        yield "kinds", "name at least one: without any it is never shown"


def _line(one: dict[str, Any]) -> Helpline:
    lists = {"kinds": frozenset(map(Kind, one["kinds"])), "regions": frozenset(one.get("regions", ()))}
    return Helpline(**{**one, **lists})
