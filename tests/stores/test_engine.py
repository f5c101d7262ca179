"""The embedded engine and its folder: which version wrote it, and which may open it."""

from pathlib import Path

import chdb
import pytest

from heropixel.events.engine import NOTE, check_engine
from heropixel.troubles import FolderFromNewerEngine

OURS = str(chdb.engine_version)


def _noted(folder: Path) -> str:
    return (folder / NOTE).read_text().strip()


def test_a_new_folder_notes_the_engine_before_it_is_opened(tmp_path: Path) -> None:
    check_engine(tmp_path / "new" / "events")
    assert _noted(tmp_path / "new" / "events") == OURS
    assert [file.name for file in (tmp_path / "new" / "events").iterdir()] == [NOTE]


def test_a_folder_whose_first_start_was_interrupted_opens(tmp_path: Path) -> None:
    (tmp_path / f"{NOTE}.0123abcd").write_text("26.")
    check_engine(tmp_path)
    assert _noted(tmp_path) == OURS


@pytest.mark.parametrize("before", ["1.2.3.4", "25.12.1.1", OURS, ".".join([*OURS.split(".")[:2], "99999", "1"])])
def test_a_folder_of_an_older_engine_is_ours_from_now_on(before: str, tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / NOTE).write_text(f"{before}\n")
    check_engine(tmp_path)
    assert _noted(tmp_path) == OURS


@pytest.mark.parametrize("made_by", ["100.1.1.1", f"{OURS.split('.', maxsplit=1)[0]}.99.1.1"])
def test_a_folder_of_a_newer_engine_is_refused_and_keeps_its_note(made_by: str, tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / NOTE).write_text(f"{made_by}\n")
    with pytest.raises(FolderFromNewerEngine, match=f"{made_by}; this one is {OURS}"):
        check_engine(tmp_path)
    assert _noted(tmp_path) == made_by


def test_a_folder_with_data_and_no_note_is_refused(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    with pytest.raises(FolderFromNewerEngine, match="no note"):
        check_engine(tmp_path)
    assert not (tmp_path / NOTE).exists()
