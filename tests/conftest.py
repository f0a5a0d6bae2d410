"""What holds for every test run.

A skipped test fails a run in CI unless `ALLOWED_SKIPS` names it: a check that silently stopped running is no check.
Figures that tests record under "figures" are printed after the run, also when workers ran them.
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for report in terminalreporter.stats.get("passed", []):
        for key, value in report.user_properties:
            if key == "figures":
                terminalreporter.write_line(str(value))
    for test in _skips_without_leave(config):
        terminalreporter.write_line(f"skipped without leave: {test}", red=True)
