"""Turns every skipped or expectedly failing test into a failure: a test that did not run proves nothing."""

from __future__ import annotations

from collections.abc import Generator

import pytest

REASON = "Skipped tests are not allowed here: make the test able to run, or mark it `host` if it needs what a container lacks."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a test that skipped itself, or was expected to fail, as failed."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{report.longrepr}\n{REASON}"
        vars(report).pop("wasxfail", None)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Report a file that skipped itself while it was read as failed."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{report.longrepr}\n{REASON}"
    return report
