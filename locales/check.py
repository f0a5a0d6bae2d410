"""`python -m locales.check`: whether every text that the code says exists, in every language, and may be sent.

* All problems are told at once, each with its catalogue and key; the exit status is 1 if there is any.
* The first line of whatever she receives stands on a locked screen: it holds no word that gives her away, and none of
  her answers. Texts sent uninvited hold no such word at all.
* Whatever says tú has its text for usted, which never does; all of it, and the shipped instruments, reads easily.
* Recordings that are missing are told as well, and are no fault.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

from conversations.errors import InstrumentInvalid
from conversations.instrument import Instrument
from conversations.xlsform import read_instrument
from locales.address import tu_forms
from locales.catalog import FOLDER, LANGUAGES, SPANISH, USTED, po_file, recording
from locales.previews import first_line, giveaways
from locales.readable import Exceptions, hard, instrument_problems, unprompted
from locales.sources import Use, is_key, uses

UNINVITED = ("invitation.", "reminder.", "enrolment.greeting", "stranger.", "case.", "notice.")
"""Beginnings of the keys whose texts she did not ask for just then."""

STAFF = "staff."
"""Beginning of the keys whose texts no participant receives."""

NOTICE = "enrolment.notice"
CONTROLS = ("button.back", "button.skip", "button.refuse", "button.pause", "button.help")

HER_ANSWER = "value"
"""The field that stands for what she answered."""

INSTRUMENTS = Path("conversations", "instruments")

Texts = Mapping[str, Message]


def problems(root: Path, folder: Path = FOLDER) -> list[str]:
    """Everything that is wrong with the catalogues in `folder`, and the instruments, for the code under `root`."""
    catalogues = {language: _read(po_file(folder, language)) for language in LANGUAGES}
    spanish, used = catalogues[SPANISH], uses(root)
    words, exceptions = folder / "forbidden.txt", Exceptions(folder / "readability_exceptions.toml")
    found = list(_undeclared(used))
    for language, texts in catalogues.items():
        told = [*_unused(texts, used), *_unlike(texts, spanish), *_unfit(texts, words)]
        told += [] if language == USTED else _missing(texts, used)
        found += [f"{language}: {one}" for one in (*told, *_hard(texts, language, exceptions=exceptions))]
    found += [f"{USTED}: {one}" for one in _misaddressed(catalogues[USTED], spanish)]
    found += _badly_asked(root, exceptions)
    return found + list(exceptions.problems())


def silent(root: Path, folder: Path = FOLDER) -> list[str]:
    """What has no recorded prompt yet, a line for each instrument, the notice and the controls."""
    spanish = _read(po_file(folder, SPANISH))
    kept = {"notice": [key for key in spanish if key.startswith(NOTICE)], "controls": list(CONTROLS)}
    found = {
        name: (len(keys), [key for key in keys if recording(key, SPANISH, folder=folder) is None])
        for name, keys in kept.items()
    }
    for instrument in _instruments(root):
        asked = [question for question in instrument.questions if question.label]
        found[instrument.name] = (len(asked), unprompted(instrument))
    return [
        f"audio: {name}: {len(missing)} of {count} recorded prompts are missing: {', '.join(missing)}"
        for name, (count, missing) in found.items()
        if missing
    ]


def _instruments(root: Path) -> list[Instrument]:
    try:
        return [read_instrument(path) for path in sorted((root / INSTRUMENTS).glob("*.md"))]
    except InstrumentInvalid as error:
        raise SystemExit(str(error)) from None


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


def _unused(texts: Texts, used: Iterable[Use]) -> Iterator[str]:
    known = {use.key for use in used}
    yield from (f"{key} is used nowhere: remove it" for key in texts if key not in known)
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


def _unfit(texts: Texts, words: Path) -> Iterator[str]:
    for key, form in _hers(texts):
        if key.startswith(UNINVITED):
            yield from (f"{key} is sent uninvited and says “{word}”" for word in giveaways(form, words))
        else:
            yield from (f"{key} says “{word}” in its first line" for word in giveaways(first_line(form), words))
        if f"{{{HER_ANSWER}}}" in first_line(form):
            yield f"{key} says her answer in its first line"


def _hers(texts: Texts) -> Iterator[tuple[str, str]]:
    """Key and form of each text that participants receive."""
    yield from ((key, form) for key, message in texts.items() if not key.startswith(STAFF) for form in _forms(message))


def _hard(texts: Texts, language: str, *, exceptions: Exceptions) -> Iterator[str]:
    for key, form in _hers(texts):
        yield from (f"{key} {told}" for told in exceptions.left(key, hard(form, language)))


def _misaddressed(usted: Texts, spanish: Texts) -> Iterator[str]:
    for key, form in _hers(spanish):
        if key not in usted and (said := tu_forms(form)):
            yield f"{key} is missing: the text in {SPANISH} says tú (“{said[0]}”)"
    for key, form in _hers(usted):
        yield from (f"{key} says tú: “{word}”" for word in tu_forms(form))
    for key, message in usted.items():
        if key in spanish and _forms(message) == _forms(spanish[key]):
            yield f"{key} is the same as in {SPANISH}: remove it"


def _badly_asked(root: Path, exceptions: Exceptions) -> Iterator[str]:
    for instrument in _instruments(root):
        yield from (f"{instrument.name}: {told}" for told in instrument_problems(instrument, exceptions))


def main() -> None:
    """Tell every problem, or that there is none; then what has no recording."""
    found = problems(FOLDER.parent)
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        raise SystemExit(1)
    print("catalogues: complete")
    for told in silent(FOLDER.parent):
        print(told)


if __name__ == "__main__":
    main()
