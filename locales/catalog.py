"""What Hilo says, by key and language, out of the .po files as they stand: there is no compile step.

* Keys are stable dotted names; a text that a language lacks is said in Spanish, an unknown key is an error of ours.
* "es" says tú; "es-usted" is the same Spanish for whoever asks for usted, and holds only the texts that differ.
* Texts name their values as `{name}`; one with a plural is chosen by its value `count`.
* Amounts, dates and numbers are written as Mexico writes them, or as English readers of Mexican figures expect.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from babel import Locale, dates, lists, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SPANISH, USTED, ENGLISH = "es", "es-usted", "en"
LANGUAGES = (SPANISH, USTED, ENGLISH)
FOLDER = Path(__file__).parent

_REGIONS = {SPANISH: Locale("es", "MX"), ENGLISH: Locale("en", "US")}
_PESO = {SPANISH: "¤#,##0.00", ENGLISH: "MX¤#,##0.00"}
_WEEKDAY = {SPANISH: "EEEE d 'de' MMMM", ENGLISH: "EEEE, MMMM d"}
_CENTS = ".00"
_I = "I"
"""The one word that English always writes large."""
_AND_BEFORE_I = re.compile(r" y (?=(?:i|í|hi(?!e))[^,]*$)", re.IGNORECASE)
"""Where Spanish says "e" for "y": before the last of a list, if it begins with the sound i."""


class Catalog:
    """The texts of every language, read once."""

    def __init__(self, texts: Mapping[str, GNUTranslations]) -> None:
        self._texts = texts

    def text(self, key: str, language: str, /, **values: object) -> str:
        """The text with its values filled in; raises KeyError for an unknown key or a value that is missing."""
        texts = self._texts.get(language, self._texts[SPANISH])
        count = values.get("count")
        found = texts.ngettext(key, key, count) if isinstance(count, int) else key
        if found == key:
            found = texts.gettext(key)
        if found == key:
            raise KeyError(f"no text has the key {key}")
        return found.format_map(values)


@cache
def load_catalog(folder: Path = FOLDER) -> Catalog:
    """The catalogues of a folder, the shipped ones if none is named."""
    texts = {language: _translations(po_file(folder, language)) for language in LANGUAGES}
    for language in LANGUAGES[1:]:
        texts[language].add_fallback(texts[SPANISH])
    return Catalog(texts)


def po_file(folder: Path, language: str) -> Path:
    """Where the texts of a language stand."""
    return folder / language.replace("-", "_") / "LC_MESSAGES" / "hilo.po"


def recording(key: str, language: str, *, folder: Path = FOLDER) -> Path | None:
    """The recorded prompt of a text, which stands beside its catalogue as audio/KEY.ogg, or None if there is none."""
    path = folder / language.replace("-", "_") / "audio" / f"{key}.ogg"
    return path if path.is_file() else None


def _translations(path: Path) -> GNUTranslations:
    compiled = io.BytesIO()
    with path.open(encoding="utf-8") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _plain_language(language: str) -> str:
    """The language without its form of address."""
    return language.partition("-")[0]


def _region(language: str) -> Locale:
    return _REGIONS[_plain_language(language)]


def money(amount: Decimal, language: str) -> str:
    """Pesos, with cents only where there are any: `$1,500` or `$1,500.50`, in English `MX$1,500`."""
    pattern = _PESO[_plain_language(language)]
    if amount == amount.to_integral_value():
        pattern = pattern.removesuffix(_CENTS)
    written = numbers.format_currency(amount, "MXN", pattern, locale=_REGIONS[SPANISH], currency_digits=False)
    return written.replace("\N{NO-BREAK SPACE}", "")


def number(value: int | Decimal, language: str) -> str:
    """A number with its separators."""
    return numbers.format_decimal(value, locale=_region(language))


def long_date(day: date, language: str) -> str:
    """A date in words: `2 de marzo de 2026`, `March 2, 2026`."""
    return dates.format_date(day, "long", locale=_region(language))


def weekday(day: date, language: str) -> str:
    """A near date in words, without its year: `lunes 2 de marzo`, `Monday, March 2`."""
    return dates.format_date(day, _WEEKDAY[_plain_language(language)], locale=_region(language))


def month_names(language: str) -> list[str]:
    """The twelve months as one would write them on small buttons: `ene`, `Jan`."""
    names = dates.get_month_names("abbreviated", locale=_region(language))
    return [names[number].rstrip(".") for number in range(1, 13)]


def joined(items: Sequence[str], language: str) -> str:
    """A list in words: `Pan, leche y huevo`, `Aguja e hilo`, `Bread, milk, and eggs`; nothing for no items.

    Only the first keeps a capital that merely begins it: `Por mi cuenta y con patrón`, `Comida y CURP`.
    """
    words = [*items[:1], *(_within(item, language) for item in items[1:])]
    written = lists.format_list(words, locale=_region(language))
    return _AND_BEFORE_I.sub(" e ", written) if _plain_language(language) == SPANISH else written


def _within(item: str, language: str) -> str:
    """An item as it is written inside a sentence: acronyms and names keep their capitals."""
    first, *others = item.split(" ")
    region = _region(language)
    names = {*region.days["format"]["wide"].values(), *region.months["format"]["wide"].values(), _I}
    acronym = len(first) > 1 and not first[1:].islower()
    if acronym or first in names or any(word.istitle() for word in others[:1]):
        return item
    return item[:1].lower() + item[1:]
