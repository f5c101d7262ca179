"""Rules for the source that no linter checks."""

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
WRITTEN = [file for folder in ("src", "tests", "benchmarks") for file in sorted((ROOT / folder).rglob("*.py"))]

# Names that say nothing of what a thing is for.
EMPTY_WORDS = {"manager", "service", "helper", "handler", "utils", "common", "core", "data", "info", "process"}


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_opens_with_its_reason(file: Path) -> None:
    assert said(file).reason, "its first line says why there is this file"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_name_of_a_file_or_a_class_is_an_empty_word(file: Path) -> None:
    for name in [file.stem, *said(file).all_classes]:
        words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)}
        assert not words & EMPTY_WORDS, name


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_has_more_than_400_lines(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 400


def test_only_server_doctor_and_commands_know_the_settings() -> None:
    allowed = {"settings.py", "server.py", "sample", "doctor", "cli", "processes"}
    package = ROOT / "src/heropixel"
    knowing = {file.relative_to(package).parts[0] for file in SOURCES if "heropixel.settings" in file.read_text()}
    assert knowing <= allowed


class Said(NamedTuple):
    """What a file says of itself."""

    reason: str | None
    all_classes: list[str]
    outer_classes: list[str]


@cache  # three tests look at each file
def said(file: Path) -> Said:
    tree = ast.parse(file.read_text())
    outer = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    return Said(ast.get_docstring(tree), [found.name for found in classes(tree)], outer)


def classes(node: ast.AST) -> Iterator[ast.ClassDef]:
    """All classes, in whatever statement they are. Expressions have none: looking there takes ten times as long."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield child
        if not isinstance(child, ast.expr):
            yield from classes(child)


def comments(file: Path) -> Iterator[str]:
    with tokenize.open(file) as source:
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.COMMENT:
                yield token.string


def test_a_name_of_a_class_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for file in SOURCES:
        for name in said(file).outer_classes:
            places.setdefault(name, []).append(str(file.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_every_exception_to_a_check_gives_its_reason() -> None:
    for file in WRITTEN:
        text = file.read_text()
        if "type: ignore" not in text and "noqa" not in text:
            continue  # to take a file apart takes a hundred times as long as to look for these words
        for comment in comments(file):
            if "type: ignore" in comment:
                assert re.match(r"# type: ignore\[[\w, -]+\] *# *\S", comment), f"{file}: {comment}"
            if "noqa" in comment:
                assert re.search(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \S", comment), f"{file}: {comment}"


def test_only_the_launcher_starts_heropixel() -> None:
    tests = ROOT / "tests"
    others = [file for file in tests.rglob("*.py") if file.parent != tests / "launcher" and file != Path(__file__)]
    assert [file for file in others if '"heropixel.cli"' in file.read_text()] == []


def test_the_version_is_that_of_the_changelog() -> None:
    version = re.findall(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)[0]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()
