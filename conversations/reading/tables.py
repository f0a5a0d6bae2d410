"""The tables of phrases that stand in files beside the readers, for whoever knows how women write and writes no code.

* A file that is not as its reader needs it fails when it is loaded, and the error names the file, the table, the rule.
* Accents and capitals may be written or left out: every entry is folded as what she types is.
* A table of rules has one rule a line: words, `(one|other)`, `?` behind what may be missing, `*` behind what may come
  any number of times, `~` for up to three words of any kind, `<name>` for any rule of the table `terms.name`. Words are
  compared by their sound.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Any

from conversations.reading.words import entries, fold, sound

FOLDER = "wishes"
TERMS = "terms"

_PART = re.compile(r"<(?P<term>\w*)>|(?P<word>[a-zñ]+)(?P<mark>[?*]?)|(?P<sign>[()|?*~])|(?P<wrong>\S)")
_ANY = r"(?:\S+ ){0,3}?"
_PLAIN = re.compile(r"[a-z0-9ñ ]+")


class TableBroken(ValueError):
    """A file of phrases cannot be used; says which, where in it, and what to do."""


def heard(phrase: str) -> str:
    """Return how the words of a folded phrase sound."""
    return " ".join(map(sound, phrase.split()))


class Tables:
    """The tables of one file, as `section.name`."""

    def __init__(self, file: str, source: str, *, shape: Mapping[str, Collection[str]]) -> None:
        """Take in `source`. `shape` has the names of every section, none where a section may have any.

        Raises TableBroken where it is no TOML, or a table is missing, unknown or empty.
        """
        self._file = file
        self._terms: dict[str, str] = {}
        try:
            raw = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise TableBroken(f"{file}: {error}") from error
        self._must_agree("", there=set(raw), needed=set(shape))
        self._tables: dict[str, Any] = raw
        for section, names in shape.items():
            self._check(section, names)

    def _check(self, section: str, names: Collection[str]) -> None:
        tables = self._tables[section]
        if not isinstance(tables, dict):
            raise TableBroken(f"{self._file}: [{section}] must be a section of tables")
        if names:
            self._must_agree(f"{section}.", there=set(tables), needed=set(names))
        for name, table in tables.items():
            if not isinstance(table, str) or not entries(table):
                raise TableBroken(f"{self._file}: {section}.{name} must hold words between quotation marks")

    def _must_agree(self, under: str, *, there: set[str], needed: set[str]) -> None:
        for said, names in (("is missing", needed - there), ("is known to no reader: mend its name", there - needed)):
            if names:
                raise TableBroken(f"{self._file}: {under}{min(names)} {said}")

    def names(self, section: str) -> list[str]:
        """The names of a section's tables, in the file's order."""
        return list(self._tables[section])

    def entries(self, section: str, name: str) -> list[str]:
        """The folded phrases of a table without rules. Raises TableBroken where one has other signs than words have."""
        folded = [fold(entry) for entry in entries(self._tables[section][name])]
        for entry in folded:
            if not _PLAIN.fullmatch(entry):
                raise TableBroken(f"{self._file}: {section}.{name}: '{entry}' must be made of words alone")
        return folded

    def sounds(self, section: str, name: str) -> frozenset[str]:
        """How its phrases sound. Raises TableBroken as `entries` does."""
        return frozenset(map(heard, self.entries(section, name)))

    def one_of(self, section: str, name: str) -> str:
        """A regular expression for any of its phrases as spelt. Raises TableBroken as `entries` does."""
        return "(?:" + "|".join(sorted(self.entries(section, name), key=len, reverse=True)) + ")"

    def rules(self, section: str, name: str) -> str:
        """A regular expression for any of its rules: over words by their sound, each with a blank behind it.

        Raises TableBroken where a rule is none, or names a term that is not there or that leads back to itself.
        """
        lines = filter(None, map(str.strip, self._tables[section][name].split("\n")))
        return "(?:" + "|".join(self._rule(f"{section}.{name}", line) for line in lines) + ")"

    def words(self, *sections: str) -> set[str]:
        """How every single word in the rules of some sections sounds."""
        said = " ".join(fold(table) for section in sections for table in self._tables[section].values())
        return {sound(found["word"]) for found in _PART.finditer(said) if found["word"]}

    def _rule(self, table: str, line: str) -> str:
        try:
            parts = list(_PART.finditer(fold(line)))
            built = "".join(map(self._part, parts))
            if re.compile("".join("." if part["term"] else self._part(part) for part in parts)).fullmatch(""):
                raise ValueError("may be said without a word")  # a term never is: each of its rules came through here
        except TableBroken:
            raise
        except (re.error, ValueError) as error:
            raise TableBroken(f"{self._file}: {table}: the rule '{line}' cannot be used: it {error}") from error
        return built

    def _part(self, found: re.Match[str]) -> str:
        if found["wrong"]:
            raise ValueError(f"has the sign {found[0]}")
        if found["word"]:
            return f"(?:{sound(found['word'])} ){found['mark']}" if found["mark"] else f"{sound(found['word'])} "
        return self._term(found["term"]) if found["sign"] is None else found[0].replace("(", "(?:").replace("~", _ANY)

    def _term(self, name: str) -> str:
        if name not in self._tables.get(TERMS, {}):
            raise ValueError(f"names <{name}>, which no term is")
        if name not in self._terms:
            self._terms[name] = ""
            self._terms[name] = self.rules(TERMS, name)
        if not self._terms[name]:
            raise ValueError(f"leads by <{name}> back to itself")
        return self._terms[name]


def load(file: str, *, shape: Mapping[str, Collection[str]]) -> Tables:
    """Return the tables of a shipped file. Raises TableBroken where it is not as `shape` says."""
    source = files(__package__).joinpath(FOLDER, file).read_text(encoding="utf-8")
    return Tables(file, source, shape=shape)
