"""An operator at the command line: a home of her own, and the commands as she types them.

* Commands run in this process by typer's runner, or as the real console script where a process matters.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from bot.cli import app
from tests.support.listening import EAR

SCRIPT = Path(sys.executable).with_name("hilo")
NOBODY_LISTENS = "http://127.0.0.1:9"
"""The discard port: no Bot API server is there."""


@cache
def _begun() -> Path:
    """The home of somebody who has just begun; made once a process, to be copied and not changed."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    begun = Operator(Path(folder) / "home", {"HILO_BOT_API_URL": NOBODY_LISTENS})
    begun.done("init", "--no-input")
    return begun.home


@dataclass(frozen=True)
class Operator:
    """Types commands in a home; whatever HILO_* the machine has is out of her sight."""

    home: Path
    environment: dict[str, str]
    answers: str = ""
    """What she types where a command asks."""

    def begins(self) -> None:
        """Have an installation that stands, as `hilo init` leaves it: a copy of one."""
        shutil.copytree(_begun(), self.home)
        if key := self.environment.get("HILO_KEY_FILE"):
            for file in self.home.glob("key*"):
                file.rename(Path(key).with_name(file.name))

    def types(self, *command: str | Path, **settings: str) -> Result:
        """Run a command in this process; `settings` are HILO_* by their short names."""
        hidden = dict.fromkeys((name for name in os.environ if name.startswith("HILO_")), None)
        typed = [str(word) for word in command]
        return CliRunner().invoke(app, typed, input=self.answers, env={**hidden, **self._env(settings)})

    def runs(self, *command: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the console script in a process of its own."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith("HILO_")}
        ended = subprocess.run(
            [SCRIPT, *command],
            env={**outside, **self._env(settings)},
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
        )
        EAR.overhear(ended)
        return ended

    def done(self, *command: str | Path, **settings: str) -> str:
        """Run a command that must succeed; returns what it printed."""
        result = self.types(*command, **settings)
        assert result.exit_code == 0, result.output
        return result.stdout

    def read(self, *command: str | Path, **settings: str) -> Any:
        """Run a command with --json, and read what it printed."""
        return json.loads(self.done(*command, "--json", **settings))

    def refused(self, *command: str | Path, **settings: str) -> str:
        """Run a command that must be refused with one clear text on standard error; returns it."""
        result = self.types(*command, **settings)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.stderr.strip(), "a refusal says why"
        assert "Traceback" not in result.output
        return result.stderr

    def _env(self, settings: dict[str, str]) -> dict[str, str]:
        given = {f"HILO_{name.upper()}": value for name, value in settings.items()}
        return {"HILO_HOME": str(self.home), **self.environment, **given}
