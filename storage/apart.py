"""Work that reads the store by columns, in a process of its own.

* Two SQLite libraries in one process undo each other's locks (storage/columns.py): only ADBC's opens a file here.
* All work of one `apart` sees one moment of the store, and whoever asked for it goes on meanwhile.
* The process ends with whoever started it, however that ends. One that is free is kept a while, for it takes longer to
  start one than to read a small store.
"""

from __future__ import annotations

import atexit
import os
import pickle
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, TypeVar

KEPT_S = 300.0
"""How long a process waits for more to do: as long as somebody may look at one figure before the next."""

_PIPE = 1 << 20
"""Bytes that a pipe holds, which is all that Linux lets it: the evidence of many women comes through it."""

_LEAN = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_TRIM_THRESHOLD_": "1000000"}
"""What is done with goes back to the system: of evidence for 100,000 women that is a third of the memory, and one
fifteenth of the time."""

_MAIN = "from storage.apart import serve; serve()"

T = TypeVar("T")


class Apart:
    """Such a process, at one moment of the store at that URL."""

    def __init__(self) -> None:
        there = {**os.environ, **_LEAN, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", _MAIN]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, pipesize=_PIPE, env=there)
        self.url = ""

    def begin(self) -> None:
        """From here on, what others write is not seen; without it, from the first work on."""
        self.run(_begin)

    def run(self, work: Callable[..., T], *, told: Callable[..., object] | None = None, **given: Any) -> T:
        """What `work(columns, **given)` returns; raises what it raises, and ChildProcessError if the process is lost.

        `work` is a function of a module. With `told` it is given that too: what it calls it with comes here.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump((self.url, work, given, told is not None), self._process.stdin)
            self._process.stdin.flush()
            while True:
                which, what = pickle.load(self._process.stdout)
                if which == "told" and told is not None:
                    told(*what)
                elif which == "failed":
                    raise what
                else:
                    return what  # type: ignore[no-any-return]
        except (EOFError, BrokenPipeError):
            raise ChildProcessError("the process that reads the store is gone; perhaps memory ran out") from None
        except BaseException:
            self.end()  # before anybody clears up what its threads may still be writing
            raise

    def end(self) -> None:
        """Stop it, whatever it does."""
        self._process.kill()
        with suppress(BrokenPipeError), self._process:  # closes the pipes, with what nobody read, and waits
            pass


@contextmanager
def apart(url: str) -> Iterator[Apart]:
    """A process that reads the database of that URL, at one moment. One in which something failed is not used again."""
    process = _ready(url)
    try:
        yield process
        process.run(_let_go)
    except BaseException:
        process.end()
        raise
    _free.append(process)
    while len(_free) > 1:
        _free.pop(0).end()


_free: list[Apart] = []
"""The process that nobody uses, if there is one."""


def _ready(url: str) -> Apart:
    """A process that has imported all it needs, so that nobody waits for that while others cannot write."""
    while True:
        try:
            process, kept = _free.pop(), True
        except IndexError:
            process, kept = Apart(), False
        process.url = url
        try:
            process.run(_let_go)
            return process
        except BaseException as error:
            process.end()
            if not (kept and isinstance(error, ChildProcessError)):  # a kept one may have waited for long enough
                raise


@atexit.register
def _end_all() -> None:
    while _free:
        _free.pop().end()


def _begin(columns: Any) -> None:
    columns.begin()


def _let_go(columns: Any) -> None:
    columns.close()


# --- in that process


def serve() -> None:
    """What such a process does, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both; who started this one also ends it
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints shall not print into the replies
    _forgo_pandas()
    from storage.columns import open_columns, read_alone  # only now: it imports pyarrow's parts

    read_alone()
    columns, of = None, None
    while select.select([sys.stdin], [], [], KEPT_S)[0]:
        try:
            url, work, given, tells = pickle.load(sys.stdin.buffer)
            if columns is None or url != of:
                columns, of = open_columns(url), url
            tell = {"told": lambda *what: _send(replies, "told", what=what)} if tells else {}
            _send(replies, "done", what=work(columns, **given, **tell))
        except (EOFError, BrokenPipeError):
            return
        except Exception as error:
            _send(replies, "failed", what=_as_sent(error))


def _send(replies: BinaryIO, which: str, *, what: object) -> None:
    pickle.dump((which, what), replies, pickle.HIGHEST_PROTOCOL)
    replies.flush()


def _as_sent(error: Exception) -> Exception:
    """The error as it can be sent, with where it was raised."""
    told = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(str(error))
    error.add_note(told)
    return error


class _NoPandas:
    @staticmethod
    def find_spec(name: str, *_where: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def _forgo_pandas() -> None:
    """Let pyarrow find no pandas: with the first array it imports it, 60 MB that hardly anything here needs.

    Whatever does (storage/exports/statistics.py) imports it itself.
    """
    import pyarrow as pa

    hidden: Any = _NoPandas
    sys.meta_path.insert(0, hidden)
    pa.array([])
    sys.meta_path.remove(hidden)
