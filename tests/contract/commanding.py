"""What commands print for scripts."""

import json
from typing import Any

from tests.world import World, command

MD5_OF_ANNA = "6b56db1f84a3997b902509d3fbf0a306"  # anna@example.com


def as_json(world: World, *words: str) -> Any:
    return json.loads(command(world, *words))


PEOPLE = """\
Email,External_ID,plan,note
anna@example.com,1,pro,
not an address,2,free,
ben@example.com,,free,"says ""hi"", often"
undefined,,free,
,,free,nobody
carla@example.com,3,pro,Bern,8000
"""
