"""An operator at the command line: a home of her own, and the commands as she types them.

* Commands run in this process by typer's runner, or as the real console script where a process matters.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from bot.cli import app

SCRIPT = Path(sys.executable).with_name("hilo")
NOBODY_LISTENS = "http://127.0.0.1:9"
"""The discard port: no Bot API server is there."""


@dataclass(frozen=True)
class Operator:
    """Types commands in a home; whatever HILO_* the machine has is out of her sight."""

    home: Path
    environment: dict[str, str]
    answers: str = ""
    """What she types where a command asks."""

    def types(self, *command: str | Path, **settings: str) -> Result:
        """Run a command in this process; `settings` are HILO_* by their short names."""
        hidden = dict.fromkeys((name for name in os.environ if name.startswith("HILO_")), None)
        typed = [str(word) for word in command]
        return CliRunner().invoke(app, typed, input=self.answers, env={**hidden, **self._env(settings)})

    def runs(self, *command: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the console script in a process of its own."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith("HILO_")}
        return subprocess.run(
            [SCRIPT, *command],
            env={**outside, **self._env(settings)},
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
        )

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
