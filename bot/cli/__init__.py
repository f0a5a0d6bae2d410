"""The command line: `hilo VERB …`.

* Exit status 0: done; 1: refused or failed, with a clear line on standard error; 2: wrong usage.
* Nothing heavy is imported before a command needs it: `hilo --help` answers at once.
"""

from bot.cli.commands import app


def main() -> None:
    """The console script."""
    app(prog_name="hilo")
