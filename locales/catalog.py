"""What Hilo says, by key and language, out of the .po files as they stand: there is no compile step.

* Keys are stable dotted names; a text that a language lacks is said in Spanish, an unknown key is an error of ours.
* Texts name their values as `{name}`; one with a plural is chosen by its value `count`.
* Amounts, dates and numbers are written as Mexico writes them, or as English readers of Mexican figures expect.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SPANISH, ENGLISH = "es", "en"
LANGUAGES = (SPANISH, ENGLISH)
FOLDER = Path(__file__).parent

_REGIONS = {SPANISH: Locale("es", "MX"), ENGLISH: Locale("en", "US")}
_PESO = {SPANISH: "¤#,##0.00", ENGLISH: "MX¤#,##0.00"}
_WEEKDAY = {SPANISH: "EEEE d 'de' MMMM", ENGLISH: "EEEE, MMMM d"}
_CENTS = ".00"


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
    return folder / language / "LC_MESSAGES" / "hilo.po"


def _translations(path: Path) -> GNUTranslations:
    compiled = io.BytesIO()
    with path.open(encoding="utf-8") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def money(amount: Decimal, language: str) -> str:
    """Pesos, with cents only where there are any: `$1,500` or `$1,500.50`, in English `MX$1,500`."""
    whole = amount == amount.to_integral_value()
    pattern = _PESO[language].removesuffix(_CENTS) if whole else _PESO[language]
    written = numbers.format_currency(amount, "MXN", pattern, locale=_REGIONS[SPANISH], currency_digits=False)
    return written.replace("\N{NO-BREAK SPACE}", "")


def number(value: int | Decimal, language: str) -> str:
    """A number with its separators."""
    return numbers.format_decimal(value, locale=_REGIONS[language])


def long_date(day: date, language: str) -> str:
    """A date in words: `2 de marzo de 2026`, `March 2, 2026`."""
    return dates.format_date(day, "long", locale=_REGIONS[language])


def weekday(day: date, language: str) -> str:
    """A near date in words, without its year: `lunes 2 de marzo`, `Monday, March 2`."""
    return dates.format_date(day, _WEEKDAY[language], locale=_REGIONS[language])
