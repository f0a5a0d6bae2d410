"""One chat as calls see it: messages that are sent, changed and taken away, in its language.

* Texts go out as HTML; everything that is not ours is escaped.
* Nothing previews links, and nothing can be forwarded or saved by a tap.
* No message is longer than Telegram takes: what is left too long is cut here, says so, and keeps its buttons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import IO, Any

from telegram import InputFile

from bot.api import Call
from bot.fitting import MOST_IN_CAPTION, MOST_IN_MESSAGE, MOST_IN_TOAST, clipped, fitted
from bot.keyboards import Keyboard, Keyboards
from conversations.speech import Changed, ChatCleaned, ChatCleared, Phrase, Relayed, Said, TapAnswered
from locales.catalog import Catalog
from storage.traces import Standing

MAX_DELETED = 100
"""message_ids in one deleteMessages call (Bot API)."""

PICTURE = "grafica.png"
SOUND = "voz.ogg"
"""What a voice note is called that somebody else sent."""


class StoredFile(InputFile):
    """A file on disk, opened anew for each attempt to send it, and read only as it leaves."""

    __slots__ = ("_path",)

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(b"", filename=name)
        self._path = path

    @property
    def field_tuple(self) -> tuple[str, IO[bytes], str]:
        """Its name, the open file and its type, as python-telegram-bot hands them to the request."""
        return self.filename, self._path.open("rb"), self.mimetype


@dataclass(frozen=True, slots=True)
class Page:
    """One chat in one language, with the messages that stand in it."""

    catalog: Catalog
    language: str
    chat_id: int
    standing: tuple[Standing, ...]

    def text(self, phrase: Phrase) -> str:
        """The words of the catalogue, with those of the lines below it."""
        said = self.catalog.text(phrase.key, self.language, **phrase.values)
        return "\n".join((said, *map(self.text, phrase.lines)))

    def fitted(self, text: str, *, most: int = MOST_IN_MESSAGE) -> str:
        """The text, which may hold tags of ours, as far as a message shows it."""
        return fitted(text, most, tail=self.text(Phrase("page.cut")))

    def send(self, text: str, keyboard: Keyboard | None = None) -> Call:
        """A message with this text, which may hold tags of ours."""
        params: dict[str, Any] = {
            "chat_id": self.chat_id,
            "text": self.fitted(text),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "protect_content": True,
        }
        if keyboard:
            params["reply_markup"] = {"inline_keyboard": keyboard}
        return Call("sendMessage", params)

    def said(self, said: Said | Changed) -> Call:
        """A message of the catalogue's words."""
        return self.send(self.text(escaped(said.phrase)), self._keyboard(said))

    def _keyboard(self, shown: Said | Changed | Relayed) -> Keyboard:
        keys = Keyboards(shown.session or 0, self.language, self.text)
        return [[keys.tap(shown.sprint, button) for button in row] for row in shown.rows]

    def relayed(self, one: Relayed) -> Call:
        """The team's own words, below what they sent where they sent anything."""
        call = self.send(plain(one.text), self._keyboard(one))
        if not one.kind:
            return call
        kept = {name: value for name, value in call.params.items() if name not in ("text", "link_preview_options")}
        caption = self.fitted(plain(one.text), most=MOST_IN_CAPTION)
        return Call(f"send{one.kind.title()}", {**kept, one.kind: one.file_id, "caption": caption})

    def says_now(self, changed: Changed) -> list[Call]:
        """The message with another text and other buttons; one that is gone is sent again."""
        said = self.said(changed)
        kept = ("text", "parse_mode", "link_preview_options", "reply_markup")
        params = {name: said.params[name] for name in kept if name in said.params}
        return self.changed(changed.sprint, "editMessageText", **params) or [said]

    def answered(self, answer: TapAnswered) -> Call:
        """The tap is seen to, with a short word where there is one."""
        text = {} if answer.phrase is None else {"text": clipped(self.text(answer.phrase), MOST_IN_TOAST)}
        return Call("answerCallbackQuery", {"callback_query_id": answer.tap, **text})

    def commands(self, commands: Sequence[str]) -> Call:
        """The list of commands beside the field for typing; with none, the one that everybody has."""
        scope = {"type": "chat", "chat_id": self.chat_id}
        if not commands:
            return Call("deleteMyCommands", {"scope": scope})
        listed = [{"command": name, "description": self.text(Phrase(f"command.{name}"))} for name in commands]
        return Call("setMyCommands", {"commands": listed, "scope": scope})

    def played(self, path: Path | None) -> list[Call]:
        """A recording as a voice note; nothing where it is not there, since the text says the same."""
        if path is None:
            return []
        return [self.voice(path.read_bytes(), path.name)]

    def voice(self, sound: bytes, name: str = SOUND) -> Call:
        """A voice note that can be heard and not be passed on."""
        voice = InputFile(sound, filename=name)
        return Call("sendVoice", {"chat_id": self.chat_id, "voice": voice, "protect_content": True})

    def file(self, name: str, content: bytes) -> Call:
        """A file that was made for whoever reads here: to be kept, printed and passed on."""
        return Call("sendDocument", {"chat_id": self.chat_id, "document": InputFile(content, filename=name)})

    def stored_file(self, name: str, path: Path) -> Call:
        """The same of a file that stands on disk. Raises FileNotFoundError if it is not there."""
        path.stat()
        return Call("sendDocument", {"chat_id": self.chat_id, "document": StoredFile(path, name)})

    def picture(self, content: bytes) -> Call:
        """A picture of ours, seen where it stands."""
        return Call("sendPhoto", {"chat_id": self.chat_id, "photo": InputFile(content, filename=PICTURE)})

    def message_of(self, sprint: int) -> int | None:
        """The last message of ours that this sprint showed: the one with the buttons."""
        ours = [message.message_id for message in self.standing if message.ours and message.sprint == sprint]
        return ours[-1] if ours else None

    def without_buttons(self, sprint: int) -> list[Call]:
        """What this sprint showed keeps its text alone."""
        return self.changed(sprint, "editMessageReplyMarkup", reply_markup={"inline_keyboard": []})

    def changed(self, sprint: int, method: str, **params: Any) -> list[Call]:
        """A call that changes what this sprint showed, if it stands."""
        message_id = self.message_of(sprint)
        return (
            [] if message_id is None else [Call(method, {"chat_id": self.chat_id, "message_id": message_id, **params})]
        )

    def withdrawn(self, sprints: range) -> list[Call]:
        """What we showed in these sprints goes; what Telegram no longer lets us delete loses its buttons at least. What
        she wrote stays hers."""
        shown = [message for message in self.standing if message.ours and message.sprint in sprints]
        bare = [self._bare(message.message_id) for message in shown if not message.deletable]
        return [*self.deleted([message.message_id for message in shown if message.deletable]), *bare]

    def _bare(self, message_id: int) -> Call:
        without = {"chat_id": self.chat_id, "message_id": message_id, "reply_markup": {"inline_keyboard": []}}
        return Call("editMessageReplyMarkup", without)

    def cleaned(self, cleaned: ChatCleaned) -> list[Call]:
        """What stands of this goes, hers and ours, as far as Telegram lets it."""
        gone = [message for message in self.standing if message.deletable and cleaned.covers(message.sprint)]
        return self.deleted([message.message_id for message in gone])

    def cleared(self, cleared: ChatCleared) -> list[Call]:
        """Only what is harmless stays, and files where they may. What Telegram no longer lets us delete is put into
        other words, if it is ours; the last of ours, too, where nothing harmless stands."""
        telling = [message for message in self.standing if not message.harmless or (cleared.files and message.is_file)]
        kept = {message.message_id for message in telling if message.ours and message.words and not message.deletable}
        if not kept and len(telling) == len(self.standing):
            kept |= {message.message_id for message in telling if message.ours and message.words and message.deletable}
            kept = {max(kept)} if kept else set()
        gone = [message.message_id for message in telling if message.deletable and message.message_id not in kept]
        return [*self.deleted(gone), *(self._reworded(message_id, cleared.left) for message_id in sorted(kept))]

    def _reworded(self, message_id: int, phrase: Phrase) -> Call:
        params = {"chat_id": self.chat_id, "message_id": message_id, "text": self.text(phrase), "parse_mode": "HTML"}
        return Call("editMessageText", {**params, "reply_markup": {"inline_keyboard": []}})

    def deleted(self, message_ids: Sequence[int]) -> list[Call]:
        """These messages go."""
        groups = (message_ids[start : start + MAX_DELETED] for start in range(0, len(message_ids), MAX_DELETED))
        return [Call("deleteMessages", {"chat_id": self.chat_id, "message_ids": list(group)}) for group in groups]


def escaped(phrase: Phrase) -> Phrase:
    """The phrase with all that is not ours made safe."""
    values = {name: plain(value) if isinstance(value, str) else value for name, value in phrase.values.items()}
    return Phrase(phrase.key, values, tuple(map(escaped, phrase.lines)))


def plain(text: str) -> str:
    """Text that is not ours, safe to stand between our tags."""
    return escape(text, quote=False)
