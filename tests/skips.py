"""In CI a skipped test fails the run unless `ALLOWED_SKIPS` names it: a check that silently stopped running is none."""

import os
from collections.abc import Iterator

import pytest

ALLOWED_SKIPS: dict[str, str] = {}
"""Test id (without the bracketed parameters) → why CI may skip it."""


def skips_without_leave(config: pytest.Config) -> Iterator[str]:
    """The ids of tests and modules that were skipped in CI and stand on no list; none outside CI or in a worker."""
    terminal: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or "CI" not in os.environ or hasattr(config, "workerinput"):
        return
    for report in terminal.stats.get("skipped", []):
        if report.nodeid.partition("[")[0] not in ALLOWED_SKIPS:
            yield report.nodeid


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and any(skips_without_leave(session.config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for test in skips_without_leave(config):
        terminalreporter.write_line(f"skipped without leave: {test}", red=True)
