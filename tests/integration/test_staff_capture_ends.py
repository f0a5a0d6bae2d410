"""What belongs to an interview that staff hold, and what does not: messages that are changed, and a wish to be left
alone."""

from __future__ import annotations

import pytest

from storage.schema import answers, captures, cases, stops
from tests.support.asking import asking, halfway, ledger_row, rows, standing, taken_over, through
from tests.support.chat import Bot
from tests.support.world import Store


@pytest.fixture
def bot(store: Store) -> Bot:
    return Bot(store)


# --- a message that she changes


async def test_a_changed_message_of_other_work_is_no_answer(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    before = await standing(store)
    await lupe.say("/difusion")
    await lupe.tap("Nueva")
    await lupe.say("Hola, mañana hay taller")
    await lupe.edit("no", of="taller")
    assert await standing(store) == before
    assert "no cuenta" in lupe.last.text


async def test_nor_is_it_once_the_interview_goes_on(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await lupe.say("/difusion")
    await lupe.tap("Nueva")
    await lupe.say("Hola, mañana hay taller")
    before = await standing(store)
    await lupe.say("/capturar")
    await lupe.tap("Seguir yo")
    await lupe.edit("ayuda", of="taller")
    assert await standing(store) == before
    assert not await rows(store, cases)
    assert "no cuenta" in lupe.last.text


async def test_an_answer_is_changed_by_changing_its_message(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await lupe.say("Sí, trabajé")
    await lupe.edit("no trabajé", of="trabajé")
    assert '"trabaje"' not in (await standing(store))["trabajo_semana"][0]  # type: ignore[operator]


async def test_after_the_interview_a_changed_answer_is_nothing_any_more(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await through(lupe)
    hers = next(text for text in lupe.texts if text == "no necesito nada por ahora")
    await lupe.tap("Terminar y borrar")
    before = await standing(store)
    await lupe.say("/difusion")
    await lupe.tap("Nueva")
    await lupe.say("Hola")
    await lupe.edit("Rosa", of="Hola")
    assert "no cuenta" in lupe.last.text
    await lupe.tap("Cambiar el texto")
    await lupe.say("Hola, mañana hay taller")
    assert "Hola, mañana hay taller" in lupe.last.text, "the next words are still the draft's"
    assert await standing(store) == before
    assert hers not in lupe.texts


async def test_an_interview_that_is_put_away_by_time_takes_no_more_words(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await bot.pass_time(days=2)
    assert "quedó a medias" in lupe.last.text
    await lupe.say("Rosa")
    assert "Elígela" not in lupe.last.text


# --- a wish to be left alone


async def test_what_she_says_to_whoever_asks_her_is_recorded_and_ends_it(store: Store, bot: Bot) -> None:
    lupe = await asking(bot)
    await lupe.say("no necesito nada por ahora")
    await lupe.say("ya no me escriban")
    assert "no quiere que la busquemos" in lupe.last.text
    assert "Su tarjeta" in " ".join(lupe.last.buttons)
    (stop,) = await rows(store, stops)
    assert (stop.how, stop.lifted_at) == ("llamada", None)
    (capture,) = await rows(store, captures)
    assert capture.ended_how == "left"
    kept = len(await rows(store, answers))
    await lupe.say("Sí, trabajé")
    assert len(await rows(store, answers)) == kept
    assert not any("necesitas" in text.casefold() for text in lupe.texts), "what was said has left the chat"


async def test_face_to_face_it_is_recorded_as_that_and_erasing_is_a_case(store: Store, bot: Bot) -> None:
    lupe = await asking(bot, "En persona")
    await lupe.say("ya no me escriban y borren mis datos")
    assert "se borre lo suyo" in lupe.newest("no quiere que la busquemos").text
    (stop,) = await rows(store, stops)
    assert stop.how == "en_persona"
    (case,) = await rows(store, cases)
    assert case.participant_id == stop.participant_id


async def test_what_she_writes_in_her_own_chat_ends_it_as_well(store: Store, bot: Bot) -> None:
    rosa, lupe = await taken_over(bot)
    before = await standing(store)
    await rosa.say("ya no me escriban")
    await lupe.say("Sí, trabajé")
    assert "pidió que no la busquemos" in lupe.last.text
    assert await standing(store) == before
    (capture,) = await rows(store, captures)
    assert capture.ended_at is not None
    row = await ledger_row(store)
    assert row.fate is None or row.fate == "refused"


async def test_nothing_is_begun_with_her_then(bot: Bot) -> None:
    rosa, lupe = await halfway(bot)
    await rosa.say("ya no me escriban")
    await lupe.say("/capturar Rosa")
    await lupe.tap("Rosa")
    assert "pidió que no la busquemos" in lupe.last.text
