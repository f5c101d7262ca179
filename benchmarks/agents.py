"""Compares our kinds of devices and bots with the tests of Matomo's device-detector, for each half of them.

    .venv/bin/python -m benchmarks.agents FOLDER

The folder has its fixtures (`*.yml`), as in the source package `device-detector` of PyPI. Rules are found with the
first half and measured with the second: a rule that only fits the agents that it was made from shows in the difference.
"""

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from heropixel.enrichment import Device
from heropixel.enrichment.agent import seen_with
from heropixel.enrichment.bots import detect
from heropixel.enrichment.device import device_named


class Known(NamedTuple):
    """An agent, and what it is according to the tests."""

    agent: str
    device: str  # empty where we have no such kind
    bot: bool


def main(folder: Path) -> None:
    found = {known.agent: known for file in sorted(folder.glob("*.yml")) for known in read(file)}
    for half in (0, 1):
        compare(half, [known for known in found.values() if half_of(known.agent) == half])


def half_of(agent: str) -> int:
    """It stays the same when tests are added."""
    return hashlib.md5(agent.encode(), usedforsecurity=False).digest()[0] & 1


def read(file: Path) -> Iterator[Known]:
    """The lines of a file that matter: these tests are simpler than YAML is."""
    for test in re.split(r"(?m)^-\s*\n?", file.read_text())[1:]:
        if agent := re.search(r"(?m)^ *user_agent: (.+(?:\n {4,}\S.*)*)", test):
            kind = re.search(r"(?m)^ *device:\n(?: {4}.*\n)*? {4}type: [\"']?([\w ]*)", test)
            device = device_named(kind[1]) if kind else ""
            yield Known(plain(agent[1]), device, bool(re.search(r"(?m)^ +bot:", test)))


def plain(text: str) -> str:
    text = re.sub(r"\n\s+", " ", text.strip())
    if text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text[1:-1] if text[0] == text[-1] == '"' else text


def compare(half: int, known: list[Known]) -> None:
    bots = [of for of in known if of.bot]
    people = [of for of in known if not of.bot]
    devices = [of for of in people if of.device]
    total = Counter(of.device for of in devices)
    right = Counter(of.device for of in devices if seen_with(of.agent).device == of.device)
    print(f"half {half + 1}: {right.total() / total.total():.2%} of {total.total()} devices have their kind")
    for device in Device:
        print(f"    {device}: {right[device] / total[device]:.2%} of {total[device]}")
    print(f"    bots recognised: {share_of_bots(bots):.2%} of {len(bots)}")
    print(f"    people called bots: {share_of_bots(people):.3%} of {len(people)}")


def share_of_bots(known: list[Known]) -> float:
    return sum(detect(of.agent, "", False, False, False)[0] != "" for of in known) / len(known)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
