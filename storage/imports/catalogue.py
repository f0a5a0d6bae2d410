"""Centres and workshops by every name that they have here: the shipped ones, and those of `$HILO_HOME/catalogue.toml`.

* A file adds entries, and names to those that we ship; it never takes a name from one and gives it to another.
* What no name fits is kept as written: a catalogue helps with spelling, it refuses nobody.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from storage.imports.cells import folded
from storage.imports.centres import CENTRES
from storage.imports.workshops import WORKSHOPS, Axis, Workshop

FILE_NAME = "catalogue.toml"

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_ENTRIES = {"centres": {"code", "names"}, "workshops": {"code", "names", "axis"}}


class CatalogueInvalid(Exception):
    """The file can't be used; the message says all that is wrong with it, a line each."""


@dataclass(frozen=True, slots=True)
class Names:
    """Codes of one kind of place or thing, by code and by every name."""

    codes: Mapping[str, str]
    _looked_up: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def code(self, text: str) -> str | None:
        """The code of what is called so, or None."""
        return self.codes.get(folded(text))

    def nearest(self, text: str) -> str | None:
        """The name that is most like it, in small letters without accents, or None if none is like it."""
        if text not in self._looked_up:  # a whole column may hold one unknown name, and the search is slow
            self._looked_up[text] = next(iter(get_close_matches(folded(text), self.codes, n=1)), None)
        return self._looked_up[text]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the centres and the workshops of this installation are called."""

    centre_names: Mapping[str, tuple[str, ...]]
    workshop_list: Mapping[str, Workshop]

    @property
    def centres(self) -> Names:
        """Centres by name."""
        return _by_name(self.centre_names)

    @property
    def workshops(self) -> Names:
        """Workshops by name."""
        return _by_name({code: one.names for code, one in self.workshop_list.items()})

    def axis(self, code: str) -> Axis | None:
        """The axis of a workshop by its code; None for one that is not in the catalogue."""
        found = self.workshop_list.get(code)
        return None if found is None else found.axis


def _by_name(names: Mapping[str, tuple[str, ...]]) -> Names:
    return Names({folded(name): code for code, all_of in names.items() for name in (code, *all_of)})


SHIPPED = Catalogue(CENTRES, WORKSHOPS)


def read_catalogue(path: Path) -> Catalogue:
    """The shipped catalogue with what this file adds; without the file, as shipped. Raises CatalogueInvalid."""
    if not path.exists():
        return SHIPPED
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueInvalid(f"{path.name} can't be read: {error}") from None
    if problems := [f"{path.name}: {problem}" for problem in _problems(told)]:
        raise CatalogueInvalid("\n".join(problems))
    centres, workshops = dict(CENTRES), dict(WORKSHOPS)
    for entry in told.get("centres", ()):
        centres[entry["code"]] = (*centres.get(entry["code"], ()), *entry["names"])
    for entry in told.get("workshops", ()):
        known = workshops.get(entry["code"])
        axis = Axis(entry["axis"]) if known is None else known.axis
        workshops[entry["code"]] = Workshop(axis, (*(() if known is None else known.names), *entry["names"]))
    return Catalogue(centres, workshops)


def _problems(told: Mapping[str, Any]) -> Iterator[str]:
    for name in told.keys() - _ENTRIES.keys():
        yield f"{name} is not known; write [[centres]] or [[workshops]]"
    for kind, fields in _ENTRIES.items():
        entries = told.get(kind, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            yield f"{kind}: write each as [[{kind}]]"
            continue
        names = SHIPPED.centres if kind == "centres" else SHIPPED.workshops
        taken = dict(names.codes)
        for number, entry in enumerate(entries, start=1):
            yield from (f"{kind} {number}: {problem}" for problem in _entry_problems(entry, fields, taken=taken))


def _entry_problems(entry: Mapping[str, Any], fields: set[str], *, taken: dict[str, str]) -> Iterator[str]:
    for name in sorted(entry.keys() - fields):
        yield f"{name} is not known"
    code, names = entry.get("code"), entry.get("names", [])
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        yield "code: write letters, digits and _, 32 at most"
        return
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and folded(name) for name in names):
        yield "names: write a list of names, the one to show first"
        return
    new = code not in taken.values()
    if "axis" in fields and (new or "axis" in entry) and entry.get("axis") not in set(Axis):
        yield f"axis: write {', '.join(Axis)}"
    for name in (code, *names):
        if taken.setdefault(folded(name), code) != code:
            yield f"names: one of them is already another's ({taken[folded(name)]})"
