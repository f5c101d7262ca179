"""The wheel contains the browser script and the dashboard, or it is not built."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.chromium.chromium import need_dashboard, need_script
from tests.chromium.site import SCRIPT

pytestmark = pytest.mark.process

ROOT = Path(__file__).parent.parent


def build(project: Path, into: Path) -> "subprocess.CompletedProcess[str]":
    """Build a wheel with what is installed here: there may be no network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into)]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def test_a_wheel_has_the_script_and_the_dashboard_in_it_and_no_picture(tmp_path: Path) -> None:
    need_script()
    need_dashboard()
    done = build(ROOT, tmp_path)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert packed.read("heropixel/static/pixel.js") == SCRIPT.read_bytes()
        for page in ("dashboard", "explore"):
            built = {file.name for file in (SCRIPT.parent / page).iterdir()}
            assert "index.html" in built
            assert built == {name.rpartition("/")[2] for name in packed.namelist() if f"/static/{page}/" in name}
        assert {name.partition("/")[0] for name in packed.namelist()} == {
            "heropixel",
            f"{wheel.stem.partition('-py')[0]}.dist-info",
        }
        assert [name for name in packed.namelist() if name.endswith(".webp")] == []  # they are README's


def test_without_them_building_the_wheel_fails_with_what_to_do(tmp_path: Path) -> None:
    package = tmp_path / "project/src/heropixel"
    package.mkdir(parents=True)
    shutil.copy(ROOT / "src/heropixel/__init__.py", package)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / "project")
    done = build(tmp_path / "project", tmp_path)
    assert done.returncode != 0
    assert "pixel.js is missing. Run `make setup`, and build again." in done.stderr
