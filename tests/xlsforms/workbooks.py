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
