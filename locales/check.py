"""`python -m locales.check`: whether every text that the code says exists, in every language, and may be sent.

* All problems are told at once, each with its catalogue and key; the exit status is 1 if there is any.
* The first line of whatever she receives stands on a locked screen: it holds no word that gives her away, and none of
  her answers. Texts sent uninvited hold no such word at all. Spanish sentences have at most 15 words.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from locales.catalog import FOLDER, LANGUAGES, SPANISH, po_file
from locales.sources import Use, is_key, uses

UNINVITED = ("invitation.", "reminder.", "enrolment.greeting", "stranger.")
"""Beginnings of the keys whose texts she did not ask for just then."""

STAFF = "staff."
"""Beginning of the keys whose texts no participant receives."""

HER_ANSWER = "value"
"""The field that stands for what she answered."""

MAX_WORDS = 15

Texts = Mapping[str, Message]


def problems(root: Path, folder: Path = FOLDER) -> list[str]:
    """Everything that is wrong with the catalogues in `folder` for the code under `root`."""
    catalogues = {language: _read(po_file(folder, language)) for language in LANGUAGES}
    used = uses(root)
    forbidden = _forbidden(folder / "forbidden.txt")
    found = list(_undeclared(used))
    for language, texts in catalogues.items():
        found += [f"{language}: {told}" for told in _missing(texts, used)]
        found += [f"{language}: {told}" for told in _unlike(texts, catalogues[SPANISH])]
        found += [f"{language}: {told}" for told in _unfit(texts, forbidden)]
    return found + [f"{SPANISH}: {told}" for told in _long_winded(catalogues[SPANISH])]


def _read(path: Path) -> Texts:
    try:
        with path.open(encoding="utf-8") as file:
            return {_key(message): message for message in read_po(file, abort_invalid=True) if message.id}
    except (OSError, PoFileError) as error:
        raise SystemExit(f"{path} can't be read: {error}") from None


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _forms(message: Message) -> list[str]:
    """The text, or its singular and plural."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def _undeclared(used: Iterable[Use]) -> Iterator[str]:
    known = {use.key for use in used if use.key}
    for use in used:
        if use.key is not None and not is_key(use.key):
            yield f"{use.where}: {use.key!r} is no key: use small letters, digits, _ and dots"
        if use.head is not None and not (use.head and any(key.startswith(use.head) for key in known)):
            yield f"{use.where}: a key is put together here; declare all of them in a tuple named …_KEYS"


def _missing(texts: Texts, used: Iterable[Use]) -> Iterator[str]:
    places = {use.key: use.where for use in reversed(list(used)) if use.key}
    yield from (f"{key} is missing (used in {where})" for key, where in sorted(places.items()) if key not in texts)
    yield from (f"{key} is used nowhere: remove it" for key in texts if key not in places)
    keys = list(texts)
    yield from (f"{late} stands after {early}: sort by key" for early, late in pairwise(keys) if late < early)


def _unlike(texts: Texts, spanish: Texts) -> Iterator[str]:
    for key, message in texts.items():
        forms = _forms(message)
        if message.fuzzy:
            yield f"{key} is fuzzy: read it again and remove the mark"
        if not all(form.strip() for form in forms):
            yield f"{key} is empty"
            continue
        try:
            fields = [_fields(form) for form in forms]
        except ValueError:
            yield f"{key} has an unpaired brace"
            continue
        if key in spanish and len(forms) != len(_forms(spanish[key])):
            yield f"{key} has a plural in one language only"
        wanted = _widest(spanish[key]) if key in spanish else fields[-1]
        if any(named != wanted for named in fields[-1:]) or any(not named <= wanted for named in fields):
            yield f"{key} names {_listed(fields[-1])} where Spanish names {_listed(wanted)}"


def _fields(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _widest(message: Message) -> frozenset[str]:
    try:
        return _fields(_forms(message)[-1])
    except ValueError:
        return frozenset()


def _listed(fields: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(fields)) or "no value"


# --- what may be said


def _unfit(texts: Texts, forbidden: re.Pattern[str]) -> Iterator[str]:
    for key, message in texts.items():
        if key.startswith(STAFF):
            continue
        for form in _forms(message):
            first_line = form.partition("\n")[0]
            if key.startswith(UNINVITED):
                told = (f"is sent uninvited and says “{word}”" for word in forbidden.findall(_folded(form)))
            else:
                told = (f"says “{word}” in its first line" for word in forbidden.findall(_folded(first_line)))
            yield from (f"{key} {problem}" for problem in told)
            if f"{{{HER_ANSWER}}}" in first_line:
                yield f"{key} says her answer in its first line"


def _forbidden(path: Path) -> re.Pattern[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    words = sorted({_folded(line) for line in lines if line and not line.startswith("#")}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})(?:e?s)?\b")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def _long_winded(texts: Texts) -> Iterator[str]:
    for key, message in texts.items():
        for form in _forms(message):
            for sentence in re.split(r"[.!?…\n]+", form):
                words = re.findall(r"\{\w+\}|[^\W_]+", sentence)
                if len(words) > MAX_WORDS:
                    yield f"{key} has a sentence of {len(words)} words (at most {MAX_WORDS}): “{' '.join(words[:4])} …”"


def main() -> None:
    """Tell every problem, or that there is none."""
    found = problems(FOLDER.parent)
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        raise SystemExit(1)
    print("catalogues: complete")


if __name__ == "__main__":
    main()
