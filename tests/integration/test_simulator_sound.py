"""Sound through the simulator, as the bot's client sends it: recordings and voice notes, and each again by its id."""

import io
from datetime import UTC, datetime

import pytest
from telegram import Bot
from telegram.error import BadRequest

from bot.demo import samples
from bot.demo.simulator import Simulator

TOKEN = "4242:una-palabra"
NOON = datetime(2026, 3, 4, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask python-telegram-bot for the types of its next version: it warns otherwise, and warnings are errors here."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


async def test_recordings_are_sent_once_and_again_by_their_id() -> None:
    simulator = Simulator(token=TOKEN, now=lambda: NOON)
    rosa = simulator.phone(user_id=101, first_name="Rosa")
    rosa.start()
    async with simulator.serve() as url, Bot(TOKEN, base_url=f"{url}/bot") as bot:
        prompt = await bot.send_audio(101, io.BytesIO(samples.voice(70)), filename="aviso.ogg", duration=70)
        assert prompt.audio is not None
        sent = prompt.audio.to_dict()
        assert (sent["duration"], sent["file_name"], sent["mime_type"]) == (70, "aviso.ogg", "audio/ogg")
        assert (await bot.send_audio(101, prompt.audio.file_id)).audio == prompt.audio
        note = await bot.send_voice(101, samples.voice())
        assert note.voice is not None
        assert (await bot.send_voice(101, note.voice.file_id)).voice == note.voice
        with pytest.raises(BadRequest, match="Can't use file of type voicenote as audio"):
            await bot.send_audio(101, note.voice.file_id)
        with pytest.raises(BadRequest, match="Can't use file of type audio as voicenote"):
            await bot.send_voice(101, prompt.audio.file_id)
        kinds = [message.attachment.kind for message in rosa.messages if message.attachment]
        assert kinds == ["audio", "audio", "voice", "voice"]
        assert len(samples.voice(70)) > len(samples.voice())
