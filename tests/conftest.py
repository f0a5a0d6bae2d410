"""What holds for every test run.

The files that take longest are begun first, so that no worker is left alone with one of them at the end.
Figures that tests record under "figures" are printed after the run, whoever ran them and however they ended.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests import skips
from tests.support.listening import judged, listen

LONGEST = (
    "browser/test_lucia.py",
    "property/test_ledger_invariants.py",
    "integration/test_process_staff.py",
    "browser/test_rosa.py",
    "faults/test_schedules.py",
    "integration/test_permissions.py",
    "integration/test_process_instruments.py",
    "faults/test_ledger_kills.py",
    "integration/test_process_trouble.py",
    "integration/test_process_export.py",
    "integration/test_staff_export.py",
    "faults/test_broadcast_kills.py",
    "integration/test_process.py",
    "property/test_funnel.py",
    "integration/test_seguimiento_updates.py",
    "integration/test_cohort.py",
    "integration/test_process_demo.py",
    "integration/test_process_voice.py",
    "transcripts/test_transcripts.py",
    "integration/test_cli_process.py",
    "browser/test_page.py",
)
"""Files that take longest, those that wait between those that compute: xdist alone would leave them to the end."""


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One worker more than there are cores: of all, some wait for a browser or for another process."""
    return (yield) + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whatever a test does, nothing that is written tells of anybody."""
    return judged((yield))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(skips)
    listen()
    if config.pluginmanager.has_plugin("xdist"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    rank = {here / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def _figures(terminal: pytest.TerminalReporter) -> Iterator[str]:
    for outcome in ("passed", "failed"):
        for report in terminal.stats.get(outcome, []):
            yield from (str(value) for key, value in report.user_properties if key == "figures")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in sorted(_figures(terminalreporter)):
        terminalreporter.write_line(line)
