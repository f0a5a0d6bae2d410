"""Functions and files stay small enough to be read at one sitting.

The maxima are hard; the medians are printed after the run, as a habit to have and not a number to reach. A length
counts everything from the first decorator to the last line, nested functions and docstring included. An exemption
that nobody needs any more fails, so the list can only be true.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from statistics import median, quantiles

from tests.architecture.tree import ROOMS, named, parsed, sources

FUNCTION_LINES = 50
FILE_LINES = 400
PARAMETERS = 5
POSITIONAL = 2

DATA_FILES: dict[str, str] = {
    "storage/schema*": "one table after another",
    "storage/migrations/*": "made by Alembic, never edited again",
}
"""Files whose length is data and whose functions are not ours to shape: pattern → reason."""

GIVEN_SIGNATURES: dict[str, str] = {
    "*.step": "the Dialogue protocol: a state, an event, facts",
    "conversations/session.py:resume": "the engine's one call: an instrument, a session, an event",
    "bot/cli/commands*.py:*": "typer makes an option of each parameter",
    "bot/http.py:AiohttpRequest.do_request": "python-telegram-bot's BaseRequest",
    "bot/web.py:Surface.__call__": "ASGI",
}
"""Functions whose parameters are chosen elsewhere: pattern of `file.py:Class.function` → by whom."""

CONTEXT = "tx"
"""The transaction that a function of the store works in comes first, as `self` does, and is not counted either."""

LANGUAGE_SIGNATURES = {"__exit__", "__aexit__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Measured:
    """One function: where it stands, its lines, all its parameters, and how many may be given by position."""

    name: str
    lines: int
    parameters: int
    positional: int


def _functions(node: ast.AST, prefix: str, in_class: bool) -> Iterator[Measured]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield _measured(child, prefix + child.name, in_class)
            yield from _functions(child, f"{prefix}{child.name}.", in_class=False)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.", in_class=True)
        else:
            yield from _functions(child, prefix, in_class)


def _measured(function: Function, name: str, in_class: bool) -> Measured:
    given = function.args
    bound = in_class and not any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    positional = len(names) - bound - (names[:1] == [CONTEXT])
    rest = len(given.kwonlyargs) + (given.vararg is not None) + (given.kwarg is not None)
    first = min(d.lineno for d in (function, *function.decorator_list))
    assert function.end_lineno is not None
    return Measured(name, function.end_lineno - first + 1, positional + rest, positional)


def _exempt(path: Path) -> bool:
    return any(fnmatch(named(path), pattern) for pattern in DATA_FILES)


def _measured_functions() -> list[Measured]:
    found = [
        function
        for path in sources(*ROOMS)
        if not _exempt(path)
        for function in _functions(parsed(path), f"{named(path)}:", in_class=False)
    ]
    assert found, "no function was measured"
    return found


def _file_lines(*folders: str) -> dict[str, int]:
    return {
        named(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(*folders)
        if not _exempt(path)
    }


def _figures(lengths: list[int]) -> str:
    p95 = quantiles(lengths, n=20, method="inclusive")[-1] if len(lengths) > 1 else lengths[0]
    return f"{len(lengths)}, median {median(lengths):g} lines, 95th percentile {p95:g}, longest {max(lengths)}"


def test_functions_are_short(record_property: Callable[[str, object], None]) -> None:
    functions = _measured_functions()
    record_property("figures", f"functions: {_figures([function.lines for function in functions])}")
    too_long = [f"{function.name}: {function.lines} lines" for function in functions if function.lines > FUNCTION_LINES]
    assert not too_long, "\n".join(["functions too long:", *too_long])


def test_files_are_short(record_property: Callable[[str, object], None]) -> None:
    record_property("figures", f"files: {_figures(list(_file_lines(*ROOMS).values()))}")
    too_long = [f"{name}: {lines} lines" for name, lines in _file_lines(*ROOMS, "tests").items() if lines > FILE_LINES]
    assert not too_long, "\n".join(["files too long:", *too_long])


def _takes_too_much(function: Measured) -> bool:
    ours = function.name.rpartition(".")[2] not in LANGUAGE_SIGNATURES
    return ours and (function.parameters > PARAMETERS or function.positional > POSITIONAL)


def test_functions_take_few_parameters() -> None:
    breaking = {function.name: function for function in _measured_functions() if _takes_too_much(function)}
    for pattern in GIVEN_SIGNATURES:
        assert any(fnmatch(name, pattern) for name in breaking), f"an exemption that nobody needs: {pattern}"
    too_much = [
        f"{name}: {function.parameters} parameters, {function.positional} by position"
        for name, function in breaking.items()
        if not any(fnmatch(name, pattern) for pattern in GIVEN_SIGNATURES)
    ]
    assert not too_much, "\n".join([f"more than {PARAMETERS}, or more than {POSITIONAL} by position:", *too_much])


def test_the_measure_sees_what_it_should() -> None:
    source = "class A:\n  @property\n  def b(self, c, d, *e, f=1):\n    def g(h): ...\n    return g\n"
    assert list(_functions(ast.parse(source), "x.py:", in_class=False)) == [
        Measured("x.py:A.b", lines=4, parameters=4, positional=2),
        Measured("x.py:A.b.g", lines=1, parameters=1, positional=1),
    ]
