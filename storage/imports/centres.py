"""The centres where the programme works, under the names that people write.

* The list is open: women come from other centres too, and an unknown one is kept as written.
* Codes are stored and never change meaning.
"""

from __future__ import annotations

from collections.abc import Mapping

from storage.imports.cells import folded

CENTRES: Mapping[str, tuple[str, ...]] = {
    "BAR": ("Barrientos", "CPRS Tlalnepantla", "Tlalnepantla"),
    "NZB": ("Nezahualcóyotl Bordo", "CPRS Nezahualcóyotl Bordo de Xochiaca", "Neza Bordo", "Bordo de Xochiaca"),
    "NZS": ("Nezahualcóyotl Sur", "CPRS Femenil Nezahualcóyotl Sur", "Neza Sur", "Tepozanes"),
    "CHA": ("Chalco", "CPRS Chalco", "Huitzilzingo"),
    "ECA": ("Ecatepec", "CPRS Ecatepec", "Chiconautla"),
    "TEX": ("Texcoco", "CPRS Texcoco", "Molino de Flores"),
    "SGO": ("Santiaguito", 'CPRS Almoloya de Juárez "Santiaguito"', "CPRS Santiaguito"),
    "SMA": ("Santa Martha Acatitla", "Centro Femenil de Reinserción Social Santa Martha Acatitla", "Santa Martha"),
}
"""Code → published name, official form, and what else it is called."""

_STATES = {"SMA": "CMX", **dict.fromkeys(("BAR", "NZB", "NZS", "CHA", "ECA", "TEX", "SGO"), "MEX")}

_CODES = {folded(name): code for code, names in CENTRES.items() for name in (code, *names)}


def centre_code(text: str) -> str | None:
    """The code of a centre given by code or by any of its names, or None if it is not one of the eight."""
    return _CODES.get(folded(text))


def state_of(centre: str | None) -> str | None:
    """The state that a centre stands in, by ISO 3166-2:MX; None where it is not one of the eight."""
    return None if centre is None else _STATES.get(centre)
