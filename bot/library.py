"""The instruments that can be asked: the shipped ones, and every version that an open conversation may still need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from conversations.instrument import Instrument
from conversations.xlsform import parse_instrument, read_instrument

SHIPPED = Path(__file__).parent.parent / "conversations" / "instruments"


class Library:
    """Instruments by name and version; the latest of a name is the one added last."""

    def __init__(self, instruments: Iterable[Instrument] = ()) -> None:
        self._by_version: dict[tuple[str, str], Instrument] = {}
        self._latest: dict[str, Instrument] = {}
        for instrument in instruments:
            self._by_version[instrument.name, instrument.version] = instrument
            self._latest[instrument.name] = instrument

    def get(self, name: str, version: str) -> Instrument:
        """That very version; raises KeyError."""
        return self._by_version[name, version]

    def latest(self, name: str) -> Instrument:
        """The version that new sittings begin with; raises KeyError."""
        return self._latest[name]

    @property
    def names(self) -> Mapping[str, str]:
        """The version in use of each instrument, by name."""
        return {name: instrument.version for name, instrument in self._latest.items()}


def shipped_sources() -> list[tuple[str, str, str]]:
    """The shipped instruments as (name, version, text). Raises InstrumentInvalid."""
    found = []
    for path in sorted(SHIPPED.glob("*.md")):
        instrument = read_instrument(path)
        found.append((instrument.name, instrument.version, path.read_text(encoding="utf-8")))
    return found


def build(kept: Iterable[tuple[str, str, str]], shipped: Iterable[tuple[str, str, str]]) -> Library:
    """A library of all kept versions, with the shipped ones as the latest. Raises InstrumentInvalid."""
    return Library(parse_instrument(name, source) for name, _, source in (*kept, *shipped))
