"""README shows the dashboard, in both themes."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURES = sorted((ROOT / "docs/pictures").iterdir())
LARGEST = 200_000  # bytes


def test_readme_shows_a_picture_of_the_dashboard_to_readers_with_a_light_and_with_a_dark_theme() -> None:
    (shown,) = re.findall(r"<picture>.*?</picture>", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    dark = re.findall(r'<source media="\(prefers-color-scheme: dark\)" srcset="(.*?)">', shown)
    light = re.findall(r'<img src="(.*?)" alt="The dashboard: ', shown)
    assert [*dark, *light] == ["docs/pictures/dashboard-dark.webp", "docs/pictures/dashboard-light.webp"]
    assert sorted(ROOT / name for name in (*dark, *light)) == PICTURES


def test_each_picture_is_below_200_kb() -> None:
    assert {file.name: size for file in PICTURES if (size := file.stat().st_size) >= LARGEST} == {}


def test_the_command_that_takes_the_pictures_is_documented() -> None:
    assert "make picture" in (ROOT / "CONTRIBUTING.md").read_text()
    assert "\npicture: setup\n\t$(BIN)/python -m tests.chromium.dashboard.picture\n" in (ROOT / "Makefile").read_text()
