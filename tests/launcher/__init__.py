"""Starts the processes of tests: nearly all from a warm parent that has imported everything, a few cold on purpose."""

from tests.launcher.launch import launch, run
from tests.launcher.process import Process, ended

__all__ = ["Process", "ended", "launch", "run"]
