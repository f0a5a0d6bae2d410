"""Where the recorded prompts of instruments stand: FOLDER/INSTRUMENT/FILE, in the first folder that has it."""

from __future__ import annotations

from pathlib import Path

from bot.library import SHIPPED
from bot.rendering import Recorded

SHIPPED_RECORDINGS = SHIPPED / "audio"


def recorded_in(*folders: Path) -> Recorded:
    """Finds recordings in these folders. A name that leads out of them finds nothing."""

    def find(instrument: str, file: str) -> Path | None:
        if Path(file).name != file:
            return None
        paths = (folder / instrument / file for folder in folders)
        return next((path for path in paths if path.is_file()), None)

    return find
