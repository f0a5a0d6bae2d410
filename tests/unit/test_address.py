"""Which words say tú, and which only look as if they did."""

import pytest

from locales.address import tu_forms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tú decides.", ["tú", "decides"]),
        ("¿Te queda bien? Es para ti.", ["te", "ti"]),
        ("Tus datos, contigo, tuyos", ["tus", "contigo", "tuyos"]),
        ("Lo que escribiste no se perdió; lo cambiaste.", ["escribiste", "cambiaste"]),
        ("¿Trabajas? ¿Necesitas algo? ¿Puedes?", ["trabajas", "necesitas", "puedes"]),
        ("Cuando toques, marques o llegues", ["toques", "marques", "llegues"]),
        ("Lo sabrás, lo harás y lo dirás", ["sabrás", "harás", "dirás"]),
        ("¿Podrías? ¿Trabajarías?", ["podrías", "trabajarías"]),
        ("Puedo ayudarte, decírtelo y seguir esperándote.", ["ayudarte", "decírtelo", "esperándote"]),
        ("Escríbela, cuéntame, dime y llámanos.", ["escríbela", "cuéntame", "dime", "llámanos"]),
        ("Toca Ayuda. Si no, escribe o marca tres.", ["toca", "escribe", "marca"]),
        ("Por favor usa los botones.\nElige uno.", ["usa", "elige"]),
        ("Para corregir, toca Atrás.", ["toca"]),
        ("¿Así está bien? Revisa la lista.", ["revisa"]),
    ],
)
def test_what_says_tu_is_found(text: str, said: list[str]) -> None:
    assert tu_forms(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "¿Puede leer ahora? Toque Ayuda, escriba su nombre o marque tres.",
        "Escríbalo así, cuénteme y dígame.",
        "La busco y le pregunto; puedo ayudarle, saludarla y decírselo.",
        "¿Trabaja? ¿Busca trabajo? ¿Escribe usted?",
        "El equipo toca el tema y la persona que escribe lo marca.",
        "En otra parte existe un té fuerte; por suerte, detrás, el martes.",
        "Las preguntas, ayudas, cuentas, notas y panaderías de los días.",
        "Los meses, las horas, las opciones y los demás.",
        "¿Le hablo de tú o de usted?",
        "Prefiero no decir. Atrás. Seguir. Además, más tarde.",
        "",
    ],
)
def test_what_fits_usted_is_left_alone(text: str) -> None:
    assert tu_forms(text) == []
