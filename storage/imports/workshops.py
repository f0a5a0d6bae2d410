"""The programme's axes and the workshops that it gives, under the names that people write.

* The list is open: an unknown workshop is kept as written, and the file's own axis always holds.
* Codes are stored and never change meaning. A workshop of the axis `laboral` teaches a trade.
* Source of the names: the organisation's public pages about its areas of work, and press about its workshops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from storage.imports.cells import folded


class Axis(StrEnum):
    """The axes of the programme: job training; mental health; education, art, culture and sports."""

    WORK = "laboral"
    MENTAL_HEALTH = "salud_mental"
    INTEGRATION = "integracion"


_AXES = {
    Axis.WORK: (
        *("eje laboral", "capacitación laboral", "capacitación", "formación laboral", "independencia económica"),
        *("trabajo", "oficio", "oficios", "job training"),
    ),
    Axis.MENTAL_HEALTH: ("salud", "psicología", "atención psicológica", "bienestar emocional", "mental health"),
    Axis.INTEGRATION: (
        *(
            "integración comunitaria",
            "educación",
            "educación arte cultura y deportes",
            "educación arte cultura y deporte",
        ),
        *("cultura", "arte", "deporte", "deportes", "education art culture and sports"),
    ),
}
_BY_NAME = {folded(name): axis for axis, names in _AXES.items() for name in (axis.value, *names)}


def axis_of(text: str) -> Axis | None:
    """The axis that is called so, or None."""
    return _BY_NAME.get(folded(text))


@dataclass(frozen=True, slots=True)
class Workshop:
    """A workshop of an axis; its first name is the one to show."""

    axis: Axis
    names: tuple[str, ...]


WORKSHOPS: Mapping[str, Workshop] = {
    "tejido": Workshop(Axis.WORK, ("Tejido", "Crochet", "Ganchillo", "Tejido y crochet", "Tejido a gancho")),
    "bordado": Workshop(Axis.WORK, ("Bordado",)),
    "costura": Workshop(Axis.WORK, ("Costura", "Corte y confección", "Confección")),
    "tramado_textil": Workshop(Axis.WORK, ("Tramado textil", "Tramado", "Telar")),
    "macrame": Workshop(Axis.WORK, ("Macramé",)),
    "chaquira": Workshop(Axis.WORK, ("Chaquira",)),
    "serigrafia": Workshop(Axis.WORK, ("Serigrafía",)),
    "carpinteria": Workshop(Axis.WORK, ("Carpintería",)),
    "joyeria": Workshop(Axis.WORK, ("Joyería",)),
    "panaderia": Workshop(Axis.WORK, ("Panadería", "Repostería")),
    "estilismo": Workshop(Axis.WORK, ("Estilismo", "Cultora de belleza", "Corte de cabello")),
    "diseno_de_unas": Workshop(Axis.WORK, ("Diseño de uñas", "Uñas", "Aplicación de uñas")),
    "computacion": Workshop(Axis.WORK, ("Computación", "Cómputo")),
    "finanzas_y_emprendimiento": Workshop(
        Axis.WORK, ("Finanzas personales y emprendimiento", "Finanzas personales", "Finanzas", "Emprendimiento")
    ),
    "autoestima": Workshop(Axis.MENTAL_HEALTH, ("Autoestima",)),
    "salud_sexual": Workshop(Axis.MENTAL_HEALTH, ("Salud sexual y reproductiva", "Salud sexual")),
    "trauma": Workshop(Axis.MENTAL_HEALTH, ("Trauma",)),
    "adicciones": Workshop(Axis.MENTAL_HEALTH, ("Adicciones", "Prevención de adicciones")),
    "ansiedad": Workshop(Axis.MENTAL_HEALTH, ("Ansiedad", "Manejo de la ansiedad")),
    "violencia_de_genero": Workshop(Axis.MENTAL_HEALTH, ("Violencia de género",)),
    "crianza_positiva": Workshop(Axis.MENTAL_HEALTH, ("Crianza positiva", "Crianza")),
    "autocuidado": Workshop(Axis.MENTAL_HEALTH, ("Autocuidado",)),
    "yoga": Workshop(Axis.INTEGRATION, ("Yoga",)),
    "teatro": Workshop(Axis.INTEGRATION, ("Teatro",)),
    "arte": Workshop(Axis.INTEGRATION, ("Arte", "Artes plásticas")),
    "deporte": Workshop(Axis.INTEGRATION, ("Deporte", "Deportes")),
}
"""Code → the workshops that the organisation names in public."""
