"""What holds for every test run.

A skipped test fails a run in CI unless `ALLOWED_SKIPS` names it: a check that silently stopped running is no check.
Figures that tests record under "figures" are printed after the run, whoever ran them and however they ended.
"""

import os
from collections.abc import Iterator

import pytest

ALLOWED_SKIPS: dict[str, str] = {}
"""Test id (without the bracketed parameters) → why CI may skip it."""


def _skips_without_leave(config: pytest.Config) -> Iterator[str]:
    """The ids of tests and modules that were skipped in CI and stand on no list; none outside CI or in a worker."""
    terminal: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or "CI" not in os.environ or hasattr(config, "workerinput"):
        return
    for report in terminal.stats.get("skipped", []):
        if report.nodeid.partition("[")[0] not in ALLOWED_SKIPS:
            yield report.nodeid


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and any(_skips_without_leave(session.config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _figures(terminal: pytest.TerminalReporter) -> Iterator[str]:
    for outcome in ("passed", "failed"):
        for report in terminal.stats.get(outcome, []):
            yield from (str(value) for key, value in report.user_properties if key == "figures")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in sorted(_figures(terminalreporter)):
        terminalreporter.write_line(line)
    for test in _skips_without_leave(config):
        terminalreporter.write_line(f"skipped without leave: {test}", red=True)
