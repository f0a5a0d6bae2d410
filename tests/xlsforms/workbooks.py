"""Sheets as the form builders of KoBoToolbox and ODK export them, made with our own questions."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

Sheets = Mapping[str, Sequence[Sequence[object]]]

FOLDER = Path(__file__).parent

KOBO: Sheets = {
    "survey": [
        ["type", "name", "label::Español (es)", "label::English (en)", "hint::Español (es)", "required", "relevant",
         "appearance", "constraint", "constraint_message::Español (es)", "default", "parameters", "media::image",
         "kobo--score-choices", "$kuid", "$autoname", "$qpath", "$xpath", "$given_name", "body::accept"],
        ["start", "start", None, None, None, None, None, None, None, None, None, None, None, None, "kq0aa01", "start",
         "start", "start"],
        ["end", "end", None, None, None, None, None, None, None, None, None, None, None, None, "kq0aa02", "end"],
        ["select_one ab1cd23", "tienes_huerto", "¿Tienes huerto?", "Do you have a garden?", None, True, None, None,
         None, None, None, None, None, None, "kq0aa03", "tienes_huerto", "tienes_huerto", "tienes_huerto"],
        ["begin_group", "group_ef4gh56", "Huerto", "Garden", None, None, "${tienes_huerto} = 'si'", "field-list",
         None, None, None, None, None, None, "kq0aa04", "group_ef4gh56"],
        ["select_multiple ij7kl89", "que_siembras", "¿Qué siembras?", "What do you grow?", "Marca todo.", False, None,
         None, None, None, None, None, None, None, "kq0aa05", "que_siembras"],
        ["integer", "cuantas_plantas", "¿Cuántas plantas tienes?", "How many plants do you have?", None, False,
         "selected(${que_siembras}, 'chile') and not(selected(${que_siembras}, 'maiz'))", None,
         ". >= 1 and . <= 8", "De 1 a 8.", 2],
        ["end_group", None, None, None, None, None, None, None, None, None, None, None, None, None, "/kq0aa04"],
        ["date", "ultima_cosecha", "¿Cuándo cosechaste?", "When did you last harvest?", None, False,
         "${tienes_huerto} != ''", None, ". > date('2020-01-01')"],
    ],
    "choices": [
        ["list_name", "name", "label::Español (es)", "label::English (en)", "order", "$autovalue", "$kuid"],
        ["ab1cd23", "si", "Sí", "Yes", None, "si", "kc0aa01"],
        ["ab1cd23", "no", "No", "No", None, "no", "kc0aa02"],
        ["ij7kl89", "chile", "Chile", "Chili", None, "chile", "kc0aa03"],
        ["ij7kl89", "maiz", "Maíz", "Maize", None, "maiz", "kc0aa04"],
    ],
    "settings": [
        ["style", "id_string", "version", "default_language", "allow_choice_duplicates"],
        ["theme-grid pages", "aXb3dEfGh9", "2 (2026-03-01 10:00:00)", "Español (es)", "yes"],
    ],
}  # fmt: skip
"""`aXb3dEfGh9` is KoBoToolbox's own handle, and no name: the form is named after its file."""

KOBO_AUTONAMED: Sheets = {
    "survey": [
        ["type", "name", "label::Español (es)", "required", "relevant", "constraint", "calculation", "choice_filter",
         "default", "$kuid", "$autoname"],
        ["start", "start", None, None, None, None, None, None, None, "kq1aa01", "start"],
        ["select_one Sino", "_Tienes_trabajo", "¿Tienes trabajo?", True, None, None, None, None, "S_", "kq1aa02",
         "_Tienes_trabajo"],
        ["begin_group", "group_Horas", "Horas", None, "${_Tienes_trabajo} = 'S_'"],
        ["integer", "_Cu_ntas_horas", "¿Cuántas horas?", None, None, ". < 100", None, None, None, "kq1aa03",
         "_Cu_ntas_horas"],
        ["integer", "_Cu_ntas_horas_trabajaste_la_semana_pasa", "¿Cuántas horas trabajaste la semana pasada?", None,
         "${_Cu_ntas_horas} > 0", None, None, None, None, "kq1aa04"],
        ["integer", "_Cu_ntas_horas_trabajaste_la_semana_ante", "¿Cuántas horas trabajaste la semana antepasada?",
         None, "${_Cu_ntas_horas_trabajaste_la_semana_pasa} > 40", None, None, None, None, "kq1aa05"],
        ["end_group"],
        ["select_multiple Dias_", "_Qu_d_as", "¿Qué días?", None, None, "count-selected(.) < 3", None, None, "1 2"],
        ["calculate", "_D_as_de_descanso", None, None, None, None, "if(selected(${_Qu_d_as}, '3'), 'Lunes', '1')"],
        ["select_one Zonas", "_En_qu_zona", "¿En qué zona?", None, "${_D_as_de_descanso} = '1'"],
        ["select_one Colonias", "_En_qu_colonia", "¿En qué colonia?", None, None, None, None,
         "zona = ${ _En_qu_zona } or name = 'Otra'"],
        ["text", "tienes_trabajo", "¿De qué?", None, "${_Tienes_trabajo} = ‘S_’"],
        ["text", "_Tienes_trabajo_001", "¿Y de qué más?", None, "${tienes_trabajo} != 'S_'"],
    ],
    "choices": [
        ["list_name", "name", "label::Español (es)", "zona", "$autovalue"],
        ["Sino", "S_", "Sí", None, "S_"],
        ["Sino", "No", "No", None, "No"],
        ["Dias_", 1, "Lunes"],
        ["Dias_", 2, "Martes"],
        ["Dias_", 3, "Miércoles"],
        ["Zonas", "Norte", "Norte"],
        ["Zonas", "norte", "Más al norte"],
        ["Colonias", "5_de_Mayo", "5 de Mayo", "Norte"],
        ["Colonias", "Roma", "Roma", "norte"],
        ["Colonias", "Otra", "Otra"],
    ],
    "settings": [["style", "id_string", "default_language"], ["theme-grid", "aXb3dEfGh9", "Español (es)"]],
}  # fmt: skip
"""Names that KoBoToolbox gives by itself in Spanish, after the labels: at most 40 characters, capitals and all."""

ODK: Sheets = {
    "survey": [
        ["type", "name", "label::Español (es)", "hint::Español (es)", "required", "read_only", "default",
         "constraint", "constraint_message::Español (es)", "relevant", "appearance"],
        ["start", "inicio"],
        ["deviceid", "aparato"],
        ["begin group", "datos", "Datos", None, None, None, None, None, None, None, "field-list"],
        ["text", "calle", "¿En qué calle está la panadería?", "Sin número.", "yes", None, None,
         '(regex(., "^.{1,40}$"))', "Hasta 40 letras."],
        ["decimal", "bolillo", "¿A cómo está el bolillo?", None, None, None, 2.5, "(. >= 0 and . <= 20)"],
        ["select_one choices_datos_horno", "horno", "¿El horno es de leña?", None, None, None, "si"],
        ["end group"],
    ],
    "choices": [
        ["list name", "name", "label::Español (es)"],
        ["choices_datos_horno", "si", "Sí"],
        ["choices_datos_horno", "no", "No"],
    ],
    "settings": [["form_title", "form_id", "version", "public_key", "submission_url", "instance_name"],
                 ["Panadería", "panaderia", 20260301, None, None, "${calle}"]],
    "warnings": [["message"], ["No warnings; everything looked fine."]],
}  # fmt: skip


def written(path: Path, sheets: Sheets) -> Path:
    """The sheets as an .xlsx file."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path
