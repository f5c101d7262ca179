"""A test process may open as many files as the system lets it.

The embedded event store keeps three open for each thread that has ever called it, and a test process has hundreds.
"""

import resource


def pytest_configure() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
