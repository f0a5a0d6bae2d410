"""Words that ask for a person however much else they say, and words beside them that ask for nobody."""

from __future__ import annotations

import pytest

from conversations.reading.pleas import asks_for_a_person


@pytest.mark.parametrize(
    "text",
    [
        "necesito ayuda con mi hijo",
        "me urge hablar con alguien",
        "nesesito alluda para mis papeles",
        "es urgente",
        "Urgente!!",
        "hola, ¿me pueden ayudar con un trámite?",
        "ayúdenme por favor con la renta",
        "no tengo trabajo y necesito ayuda",
        "quiero hablar con la licenciada",
        "llámenme cuando puedan",
        "ocupo que me ayuden con la despensa",
        "tengo una emergencia",
        "podrían ayudarme a sacar mi INE",
        "I need some help with my papers",
        "necesito hablar de mis papeles",
        "nesecito ablar con ustedes urgente",
        "me hace falta apoyo",
        "sí necesito ayuda",
        "no sé qué hacer, necesito mucha ayuda",
        "no puedo pagar, ayúdenme",
        "quisiera hablar con alguien",
        "oigan me urge",
        "necesito que me llamen hoy",
        "disculpe me puede orientar con lo de mi acta",
        "Me Urje ayuda",
        "ayudeme porfa con mi hijo",
        "Buenas tardes, busco apoyo para mi renta",
        "no tengo donde dormir",
        "no tenemos en dónde quedarnos",
    ],
)
def test_help_is_asked_for(text: str) -> None:
    assert asks_for_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "ya no necesito ayuda, gracias",
        "ya tengo donde dormir",
        "no tengo donde trabajar",
        "no es urgente",
        "no me urge",
        "mi mamá me ayuda con los niños",
        "gracias por ayudarme",
        "quiero contarles algo",
        "no me han llamado",
        "la ayuda ya me llegó",
        "me cambié de casa y quiero avisarles",
        "mi teléfono es el mismo",
        "otra cosa que no sé si decir",
        "necesito ayudar a mi mamá en el puesto",
        "necesito hablar con mi hija mañana",
        "quiero hablar con mi novio",
        "no necesito ninguna ayuda",
        "ya no quiero ayuda",
        "mi vecina me ayudó mucho",
        "fui a urgencias",
        "surgen dudas",
        "no nos hace falta ayuda",
        "quiero platicarles que ya tengo trabajo",
        "es donde vivo ahora",
        "no quiero hablar con nadie",
        "ya hablé con la licenciada",
        "tampoco es urgente",
        "por si necesito ayuda les aviso",
        "hola",
        "",
    ],
)
def test_help_is_not_asked_for(text: str) -> None:
    assert not asks_for_a_person(text)
