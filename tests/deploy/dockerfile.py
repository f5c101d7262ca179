"""Reads a Dockerfile: its stages, and their instructions in order. Only what ours uses."""

import json
import re
import shlex
from typing import NamedTuple


class Instruction(NamedTuple):
    """A word such as RUN, and what follows it."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What follows, as a list: of JSON, or as a shell splits it."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


class Stage(NamedTuple):
    """A stage: the image that it begins with, its name, and its instructions."""

    image: str
    name: str
    instructions: list[Instruction]

    def last(self, word: str) -> Instruction:
        """The instruction of this word that counts."""
        return next(one for one in reversed(self.instructions) if one.word == word)


def stages_of(text: str) -> list[Stage]:
    """The stages of a Dockerfile."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            stages.append(Stage(image, name, []))
        else:
            stages[-1].instructions.append(Instruction(word, rest.strip()))
    return stages
