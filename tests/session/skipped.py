"""Lists at the end of a run which tests were skipped, why, and what to install."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("not tried", sep="-")
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} skipped. {reason}")
    if config.option.markexpr:
        terminalreporter.write_line(
            f"Only tests that are '{config.option.markexpr}' were asked for; `make test` runs all."
        )
    if not reasons:
        terminalreporter.write_line("Nothing was skipped.")


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return text.removeprefix("Skipped: ")
