"""The instruments that can be asked: the shipped ones, and every version that an open conversation may still need.

* Which version is in use the store decides (`storage.instruments`); a library only follows it.
* A running process looks again, cheaply, whenever time passes: what was installed since is asked from then on.
* A kept version that this release can no longer read is told in the log and left out; the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from conversations.errors import InstrumentInvalid
from conversations.instrument import AND, Instrument, joined
from conversations.xlsform import parse_instrument, read_instrument
from storage import instruments
from storage.database import Tx
from storage.instruments import Kept

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent.parent / "conversations" / "instruments"


class Library:
    """Instruments by name and version; of those of one name, the one given last is in use."""

    def __init__(self, instruments: Iterable[Instrument] = ()) -> None:
        self._by_version: dict[tuple[str, str], Instrument] = {}
        self._latest: dict[str, Instrument] = {}
        self._seen: tuple[object, ...] = ()
        for instrument in instruments:
            self._add(instrument)

    def _add(self, instrument: Instrument) -> None:
        self._by_version[instrument.name, instrument.version] = instrument
        self._latest[instrument.name] = instrument

    def get(self, name: str, version: str) -> Instrument:
        """That very version, or these very versions joined ("a+b", "1+2"); raises KeyError."""
        if (name, version) not in self._by_version and AND in name:
            parts = zip(name.split(AND), version.split(AND), strict=True)
            self._by_version[name, version] = joined([self._by_version[part] for part in parts])
        return self._by_version[name, version]

    def has(self, name: str, version: str) -> bool:
        """Whether that version is here."""
        return (name, version) in self._by_version

    def latest(self, name: str) -> Instrument:
        """The version that new sittings begin with, of each part if it is joined of several; raises KeyError."""
        parts = name.split(AND)
        return self.get(name, AND.join(self._latest[part].version for part in parts))

    @property
    def names(self) -> Mapping[str, str]:
        """The version in use of each instrument, by name."""
        return {name: instrument.version for name, instrument in self._latest.items()}

    async def refresh(self, tx: Tx) -> bool:
        """Take in what the store has gained since the last look; returns whether there was anything."""
        seen = await instruments.state(tx)
        if seen == self._seen:
            return False
        for kept in await instruments.kept_instruments(tx):
            known = self._by_version.get((kept.name, kept.version)) or readable(kept)
            if known is not None:
                self._add(known)
        self._seen = seen
        return True

    async def every_version(self, tx: Tx) -> list[Instrument]:
        """All that the store keeps and this can read, in the order in which the versions came."""
        kept = sorted(await instruments.kept_instruments(tx), key=lambda one: (one.added_at, one.name, one.version))
        return [self.get(one.name, one.version) for one in kept if self.has(one.name, one.version)]


def readable(kept: Kept) -> Instrument | None:
    """What that version asks, or None, told in the log, where this release can no longer read it."""
    try:
        return parse_instrument(kept.name, kept.source)
    except InstrumentInvalid as error:
        told = {"action": "instrument_unreadable", "instrument": f"{kept.name} {kept.version}"}
        log.error("an instrument cannot be read", extra={**told, "problems": len(error.problems)})
        return None


def shipped_sources() -> list[tuple[str, str, str]]:
    """The shipped instruments as (name, version, text). Raises InstrumentInvalid."""
    found = []
    for path in sorted(SHIPPED.glob("*.md")):
        instrument = read_instrument(path)
        found.append((instrument.name, instrument.version, path.read_text(encoding="utf-8")))
    return found


def build(kept: Iterable[tuple[str, str, str]], shipped: Iterable[tuple[str, str, str]]) -> Library:
    """A library of these sources, the last of a name in use. Raises InstrumentInvalid."""
    return Library(parse_instrument(name, source) for name, _, source in (*kept, *shipped))
