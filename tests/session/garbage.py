"""Keeps Python from looking for garbage among thousands of collected tests, again and again: none of it ever is.

Tests themselves run with the collector as it is.
"""

import gc

import pytest


def pytest_configure() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    gc.enable()  # where collecting failed
