"""The lock of the data folder."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from heropixel.folder import held, holder_of, make
from heropixel.troubles import FolderInUse
from tests.callers import calling


def test_looking_up_the_holder_of_a_folder_does_not_prevent_opening_it(tmp_path: Path) -> None:
    with held(tmp_path, "first"):
        pass
    looking = threading.Event()

    def look(enough: threading.Event) -> None:
        while not enough.is_set():
            holder_of(tmp_path)
            looking.set()

    with calling(*[look] * 3):
        assert looking.wait(60)
        for _ in range(50):
            with held(tmp_path, "again"):
                pass


def test_threads_that_look_at_once_whether_a_folder_is_writable_find_that_it_is(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert {*threads.map(make, [tmp_path / "data"] * 400)} == {tmp_path / "data"}


def test_a_folder_that_another_has_open_is_refused_by_name(tmp_path: Path) -> None:
    with held(tmp_path, "heropixel serve"), pytest.raises(FolderInUse, match=r"heropixel serve, pid \d+"):
        held(tmp_path, "heropixel report").__enter__()
