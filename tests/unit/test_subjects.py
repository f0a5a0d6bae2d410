"""What nobody is asked in a chat, by many ways of asking it; and what only sounds like it."""

import pytest

from conversations.errors import InstrumentInvalid
from conversations.instrument import Choice, Instrument, Question, QuestionType
from conversations.subjects import REASONS, Finding, Subject, forbidden_subjects, forbidden_words
from conversations.xlsform import parse_instrument
from tests.support.instruments import shipped

FORBIDDEN: dict[Subject, tuple[str, ...]] = {
    Subject.OFFENCE: (
        "¿Por qué delito te llevaron?", "Delitos contra la salud", "¿De qué te acusaron?", "¿Te acusaban de algo?",
        "¿Te declararon culpable?", "¿Por qué estuviste presa?", "¿Por qué te detuvieron?",
        "¿Por qué caíste en la cárcel?", "¿Cuál fue el motivo de tu detención?", "¿Alguna vez has robado?",
        "Homicidio", "Robo calificado", "¿Qué crimen fue?", "¿Has tenido problemas con la ley?",
        "¿Tienes antecedentes penales?", "¿Por qué caíste?", "¿Y por qué fue que caíste?", "¿Cuándo caíste?",
        "¿Vendes drogas?", "¿Vendías droga?", "¿Alguna vez vendiste mariguana?", "Did you sell drugs?",
        "¿Cometiste otro robo?", "¿Eras inocente?", "¿Te han levantado cargos?", "¿Te imputaron algo?",
        "What was your offence?", "Which offense was it?", "What crime was it?", "What were you charged with?",
        "Why were you in jail?", "Were you found guilty?",
    ),
    Subject.SENTENCE: (
        "¿De cuánto fue tu sentencia?", "¿A cuántos años te sentenciaron?", "¿Ya cumpliste tu CONDENA?",
        "¿Cuántos años te dieron?", "¿Cuánto tiempo estuviste en la cárcel?", "¿Cuántos meses estuviste encerrada?",
        "¿Tienes libertad condicional?", "¿Sigue abierto tu proceso penal?", "¿Te falta purgar algo de la pena?",
        "¿Cuánto te echaron?", "¿Cuánto tiempo te echaron?", "¿Te dieron cinco años?", "¿Te dieron muchos años?",
        "¿Te echaron más de 10 años?", "¿Ya viste al juez?", "¿Qué te dijo la jueza?", "¿Tienes que ir al juzgado?",
        "¿Tienes abogado de oficio?", "¿Sigue el proceso penal?", "¿Tienes defensora pública?",
        "Have you seen the judge?",
        "Do you have to go to court?",
        "Were you convicted?", "How long was your sentence?", "How many years were you in prison?",
        "Are you on parole?",
    ),
    Subject.TORTURE: (
        "¿Te torturaron?", "¿Sufriste tortura?", "¿Te obligaron a firmar algo?", "¿Te dieron toques eléctricos?",
        "Were you tortured?", "Were you made to confess?",
    ),
    Subject.VIOLENCE_INSIDE: (
        "¿Te golpearon los custodios?", "¿Alguien te maltrató en el penal?", "¿Viviste violencia en prisión?",
        "¿Te pegaron los policías?", "¿Te castigaban cuando estabas adentro?", "¿Sufriste abuso en la celda?",
        "¿Estuviste en la celda de castigo?", "¿Los custodios te trataban mal?",
        "¿Los custodios te hicieron algún daño?",
        "¿Te insultaban las custodias?", "¿Algún custodio te tocaba o te gritaba? ¿Te tocaron los custodios?",
        "¿Te golpearon al detenerte?", "¿Te violaron?", "¿Te pegaron cuando te detuvieron?",
        "Did the guards hurt you?", "Were you beaten while you were inside?",
    ),
    Subject.DRUGS_INSIDE: (
        "¿Consumías en la cárcel?", "¿Consumiste drogas cuando estabas adentro?", "¿Te drogabas en el penal?",
        "En prisión, ¿fumabas mariguana?", "¿Consumías algo allá adentro?", "¿Tomabas alcohol adentro?",
        "¿Había droga en el reclusorio?",
        "Did you use drugs in prison?",
    ),
    Subject.REARREST: (
        "¿Has caído presa otra vez?", "¿Caíste detenida?", "¿Cuántas veces has caído?", "¿Caíste presa?",
        "¿Has reincidido?", "REINCIDENCIA", "¿Volviste a la cárcel?", "¿Te volvieron a detener?",
        "¿Te han detenido otra vez?", "¿Has estado detenida este mes?", "¿Tienes orden de aprehensión?",
        "¿Volviste a caer?", "¿Te volvieron a agarrar?", "¿Regresaste a Santa Martha?", "¿Volviste a Santa Marta?",
        "¿Has vuelto a robar?",
        "¿Reingresaste al penal?", "¿Has vuelto a delinquir?", "¿Te arrestaron?", "Have you been re-arrested?",
        "Have you been arrested?", "Did you go back to prison?", "Have you reoffended?",
    ),
}  # fmt: skip

HARMLESS = (
    "Sentí que el día pasó rápido", "¿Te sentiste mejor esta semana?", "Completa la oración: hoy me siento…",
    "¿Cuál es tu sentido del humor?", "¿Te sientes culpable por pedir ayuda?", "¿Te dio pena pedir ayuda?",
    "¿Trabajaste en La Cana la semana pasada?", "¿Qué te detuvo para buscar trabajo?", "La obra está detenida",
    "¿Te robaron algo en el camino?", "¿Tu pareja te pegó en la casa?", "¿Has vivido violencia en tu casa?",
    "¿Alguien te amenazó en tu casa?", "¿Cuánto te dieron por la pieza?", "¿Cuánto tiempo llevas en ese trabajo?",
    "¿Volviste a la escuela?", "¿Volviste a trabajar esta semana?", "¿Reingresaste a la escuela?",
    "¿Regresaste al taller?", "¿Te pidieron carta de antecedentes no penales?", "A tu juicio, ¿cómo va el negocio?",
    "¿Te negaron un trabajo por tus antecedentes?", "¿Por qué dejaste ese trabajo?",
    "¿Por qué motivo dejaste de buscar trabajo?", "¿Qué hiciste para vender más?", "¿Hace cuánto saliste?",
    "¿Cometiste algún error al llenar tus papeles?", "¿Estás presionada en el trabajo?", "¿Estuviste enferma?",
    "¿Tienes la custodia de tus hijos?", "¿Te castigaron en el trabajo por faltar?", "¿Confeccionaste ropa?",
    "¿Estuviste interna en el hospital por golpes?", "Nadie de la policía ni del juzgado lee lo que escribes.",
    "¿Te caíste en el trabajo?", "¿Por qué te caíste?", "¿Cuándo te caíste?", "¿Por qué caíste enferma?",
    "¿Te echaron de menos en casa?", "¿Cuánto te echaron de menos?", "¿Puedes venir el jueves?",
    "¿Juegas con tus hijos?",
    "¿Cómo va tu proceso de capacitación?", "¿Tomas alguna medicina?", "¿Vendes medicinas?", "¿Vendes en el mercado?",
    "¿Te dieron tres meses de garantía?", "¿Te dieron tres meses de prueba?", "¿Cuántos años tienes?",
    "¿Ya tienes tu carta de no antecedentes penales?", "¿Tienes que ir al juzgado familiar por tus hijos?",
    "¿Cuánto consumes de luz?", "¿Consumes alimentos adentro del mercado?", "¿Te dieron trabajo hace dos años?",
    "¿Te ha caído bien el desayuno?", "¿Te cayó bien el dinero?", "¿Has caído en cama?", "¿Tienes abogada?",
    "¿Cuántos te echaron la mano?", "¿Te has caído?", "¿Ya habías caído en deudas?", "¿Vendes artesanías de cristal?",
    "¿Ya viste al juez familiar?", "¿Tomas alcohol?", "¿La policía te quitó mercancía?",
    "¿Volviste a caer enferma?", "¿Te volviste a caer?", "¿Volvieron a agarrarte confianza?",
    "¿Te volvieron a pagar tarde?", "¿Cometiste otro error?", "¿Te hicieron cargos extra en la tarjeta?",
    "¿Regresaste a Santa Fe?", "¿Ya te quitaron los cargos de la tarjeta?", "¿Tuviste que detener el negocio?",
    "¿Te violaron tus derechos en el trabajo?",
    "Do you feel judged at work?", "Do you play on a basketball court?", "Do you buy drugs at the pharmacy?",
    "Complete the sentence", "Did you feel guilty asking for help?", "Did you go back to school?",
    "Does a job ask for your criminal record?", "Did someone hurt you at home?", "Is your stall inside the market?",
    "How long have you been in this job?", "Are you on trial in your new job?",
)  # fmt: skip


def test_there_is_enough_to_judge_by() -> None:
    assert min(len(asked) for asked in FORBIDDEN.values()) >= 6
    assert sum(len(asked) for asked in FORBIDDEN.values()) >= 30
    assert len(HARMLESS) >= 30
    assert set(FORBIDDEN) == set(REASONS) == set(Subject)


@pytest.mark.parametrize(
    ("subject", "text"), [(subject, text) for subject, texts in FORBIDDEN.items() for text in texts]
)
def test_what_must_not_be_asked(subject: Subject, text: str) -> None:
    assert subject in dict(forbidden_words(text))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_sounds_like_it(text: str) -> None:
    assert forbidden_words(text) == []


def test_words_of_different_sentences_do_not_add_up() -> None:
    assert forbidden_words("¿Te pegaron en la calle? Avisa a la policía.") == []
    assert forbidden_words("¿Te pegó la policía en la calle?") != []


def test_what_is_shipped_asks_nothing_of_the_kind() -> None:
    assert [finding for instrument in shipped() for finding in forbidden_subjects(instrument)] == []


FORM = """
| settings |
| | version |
| | 1 |
| survey |
| | type | name | label::Español (es) | label::English (en) | hint |
| | select_one l | salud | ¿Cómo estás? | How are you? | |
| | text | reingreso | ¿Algo nuevo? | Were you arrested? | |
| | select_one l | otra | ¿Y tu hija? | | ¿Sufrió tortura? |
| choices |
| | list_name | name | label |
| | l | bien | Bien |
| | l | mal | Mal, por mi condena |
"""


def test_loading_refuses_it_where_it_stands() -> None:
    with pytest.raises(InstrumentInvalid) as refused:
        parse_instrument("prueba", FORM)
    told = [(problem.sheet, problem.row, problem.message.split(", which")[0]) for problem in refused.value.problems]
    assert told == [
        ("survey", 3, "'reingreso' asks about being arrested again"),
        ("survey", 3, "'arrested' asks about being arrested again"),
        ("survey", 4, "'tortura' asks about torture"),
        ("choices", 3, "'condena' asks about the sentence"),
    ]
    assert "remove it (" in refused.value.problems[0].message


def test_findings_name_question_and_choice() -> None:
    choice = Choice("a", {"es": "La sentencia", "en": "Other"})
    question = Question("q", QuestionType.SELECT_ONE, {"es": "¿Qué?"}, choices=(choice,))
    found = forbidden_subjects(Instrument("i", "1", {"es": "I"}, (question,)))
    assert found == [Finding("q", "a", Subject.SENTENCE, "sentencia")]
