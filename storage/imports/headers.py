"""What people write above a column, in Spanish mostly, and which column of ours they mean.

* Each format forgives only the names of its own columns: `fecha` is one thing above a score and another above a job.
* Names are compared without case, accents or signs, as everywhere in a sheet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

ALIASES: Mapping[str, tuple[str, ...]] = {
    "record_id": ("folio", "expediente", "clave", "numero_de_expediente", "id"),
    # registry
    "axis": ("eje", "eje_de_trabajo"),
    "workshop": ("taller", "oficio", "curso", "actividad"),
    "centre": ("centro", "center", "centro_penitenciario"),
    "started_on": ("inicio", "fecha_de_inicio", "fecha_inicio", "empezo"),
    "ended_on": ("fin", "fecha_de_fin", "fecha_fin", "fecha_de_termino", "fecha_termino"),
    "completed": ("concluyo", "completo", "concluido"),
    "sessions_attended": ("sesiones", "sesiones_asistidas", "asistencias"),
    # measurements
    "instrument": ("instrumento", "escala", "prueba"),
    "moment": ("momento", "aplicacion"),
    "taken_on": ("fecha", "fecha_de_aplicacion", "fecha_aplicacion", "aplicado_el"),
    "score": ("puntaje", "puntuacion", "calificacion"),
    "subscale": ("subescala",),
    # work
    "scope": ("ambito",),
    "kind": ("tipo", "tipo_de_trabajo", "trabajo", "ocupacion"),
    "as_of": ("fecha", "a_la_fecha", "al_dia", "fecha_de_corte"),
    "income_amount": ("ingreso", "monto", "cantidad"),
    "income_period": ("periodo", "cada_cuanto"),
    "days_per_week": ("dias_por_semana", "dias_a_la_semana"),
    "income_moment": ("momento", "momento_del_ingreso"),
    # both
    "consent_basis": ("base_del_consentimiento", "consentimiento"),
    "consent_on": ("fecha_del_consentimiento", "fecha_de_consentimiento"),
    "consent_version": ("version_del_aviso", "version_del_consentimiento"),
    "consent_witness": ("testigo", "testiga"),
    "gave_to_family": ("dio_a_su_familia", "da_a_su_familia", "apoyo_a_su_familia", "apoya_a_su_familia"),
}
"""Column → what else stands above it in people's files. docs/imports.md has the same list."""


def also_called(known: Collection[str]) -> dict[str, str]:
    """What else the columns of one format are called → the column."""
    return {alias: column for column in known for alias in ALIASES.get(column, ())}
