"""Which clock a place in Mexico keeps: from the names that people write for a state and a municipality to its zone.

* Four zones, and the municipalities on the northern border that still change their clocks (Ley de los Husos Horarios
  2022, art. 4-6, as in tzdata).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from conversations.regions import REGIONS


def zone_for(state: str, municipality: str | None = None) -> str | None:
    """The IANA zone of a Mexican state, or None if no state is called so.

    Accents, case, dots and the usual abbreviations are forgiven. The municipality counts only where it differs from its
    state (Ley de los Husos Horarios 2022, art. 4–6, as in tzdata); one that is not on the list has its state's zone.
    """
    found = _STATES_BY_NAME.get(_key(state))
    if found is None:
        return None
    zone, exceptions = found
    return exceptions.get(_municipality_key(municipality or ""), zone)


def region_of(state: str) -> str | None:
    """The letters of a Mexican state by ISO 3166-2:MX ("CMX"), or None if no state is called so."""
    return _REGIONS_BY_NAME.get(_key(state))


def state_named(region: str) -> str:
    """The name of the state with these letters; the letters themselves where there is none."""
    return _NAMES_BY_REGION.get(region, region)


def _key(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain.replace(".", "")).split())


def _municipality_key(text: str) -> str:
    """Without the words that come and go around its name: «Cd. Juárez», «H. Matamoros», «Nueva Ciudad Guerrero»."""
    loose = {"ciudad", "cd", "heroica", "h", "nueva", "municipio", "de", "del"}
    return " ".join(word for word in _key(text).split() if word not in loose)


_CENTRE, _NORTH_EAST, _BORDER_EAST = "America/Mexico_City", "America/Monterrey", "America/Matamoros"
_PACIFIC, _PENINSULA = "America/Mazatlan", "America/Merida"
_JUAREZ, _OJINAGA = "America/Ciudad_Juarez", "America/Ojinaga"

_STATES: tuple[tuple[str, str], ...] = (
    (_CENTRE, "Aguascalientes, Ags, AGU"),
    ("America/Tijuana", "Baja California, BC, BCN, B C N, Baja California Norte"),
    (_PACIFIC, "Baja California Sur, BCS, B C S"),
    (_PENINSULA, "Campeche, Camp, CAM"),
    (_CENTRE, "Chiapas, Chis, CHP"),
    ("America/Chihuahua", "Chihuahua, Chih, CHH"),
    (_CENTRE, "Ciudad de México, CDMX, CMX, Cd de México, Cd México, Distrito Federal, DF, México DF, D F"),
    (_NORTH_EAST, "Coahuila, Coah, COA, Coahuila de Zaragoza"),
    (_CENTRE, "Colima, Col"),
    (_NORTH_EAST, "Durango, Dgo, DUR"),
    (_CENTRE, "Guanajuato, Gto, GUA"),
    (_CENTRE, "Guerrero, Gro"),
    (_CENTRE, "Hidalgo, Hgo, HID"),
    (_CENTRE, "Jalisco, Jal"),
    (_CENTRE, "México, Méx, MEX, Estado de México, Edo de México, Edo México, Edo Méx, Edo de Méx, Edomex"),
    (_CENTRE, "Michoacán, Mich, MIC, Michoacán de Ocampo"),
    (_CENTRE, "Morelos, Mor"),
    (_PACIFIC, "Nayarit, Nay"),
    (_NORTH_EAST, "Nuevo León, NL, NLE, N L"),
    (_CENTRE, "Oaxaca, Oax"),
    (_CENTRE, "Puebla, Pue"),
    (_CENTRE, "Querétaro, Qro, QUE, Querétaro de Arteaga"),
    ("America/Cancun", "Quintana Roo, QRoo, Q Roo, QR, ROO"),
    (_CENTRE, "San Luis Potosí, SLP, S L P"),
    (_PACIFIC, "Sinaloa, Sin"),
    ("America/Hermosillo", "Sonora, Son"),
    (_CENTRE, "Tabasco, Tab"),
    (_NORTH_EAST, "Tamaulipas, Tamps, TAM"),
    (_CENTRE, "Tlaxcala, Tlax, TLA"),
    (_CENTRE, "Veracruz, Ver, Veracruz de Ignacio de la Llave, Veracruz Llave"),
    (_PENINSULA, "Yucatán, Yuc"),
    (_CENTRE, "Zacatecas, Zac"),
)

_EXCEPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Chihuahua": (
        (_JUAREZ, "Juárez, Ascensión, Janos, Guadalupe, Práxedis G Guerrero, Práxedis Guerrero"),
        (_OJINAGA, "Ojinaga, Coyame del Sotol, Coyame, Manuel Benavides"),
    ),
    "Coahuila": (
        (
            _BORDER_EAST,
            "Acuña, Allende, Guerrero, Hidalgo, Jiménez, Morelos, Nava, Ocampo, Piedras Negras, Villa Unión, Zaragoza",
        ),
    ),
    "Nuevo León": ((_BORDER_EAST, "Anáhuac"),),
    "Tamaulipas": (
        (
            _BORDER_EAST,
            "Camargo, Guerrero, Gustavo Díaz Ordaz, Díaz Ordaz, Matamoros, Mier, Miguel Alemán, Nuevo Laredo, Reynosa, "
            "Río Bravo, Valle Hermoso",
        ),
    ),
    "Nayarit": (("America/Bahia_Banderas", "Bahía de Banderas"),),
}


def _exceptions(state: str) -> dict[str, str]:
    rows = _EXCEPTIONS.get(state, ())
    return {_municipality_key(name): zone for zone, names in rows for name in names.split(", ")}


_STATES_BY_NAME: Mapping[str, tuple[str, Mapping[str, str]]] = {
    _key(name): (zone, _exceptions(names.split(", ")[0])) for zone, names in _STATES for name in names.split(", ")
}

_REGIONS_BY_NAME: Mapping[str, str] = {
    _key(name): region
    for region, (_, names) in zip(REGIONS, _STATES, strict=True)
    for name in (*names.split(", "), region)
}

_NAMES_BY_REGION: Mapping[str, str] = {
    region: names.split(", ")[0] for region, (_, names) in zip(REGIONS, _STATES, strict=True)
}
