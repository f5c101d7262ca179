"""How many pageviews a second a machine of so many cores answers, computed from the processor time of each part.

A door and the writer have one thread that works, so each takes a core at most. The engine is counted so, too: its event
engine uses more threads, so this is careful. Clients and proxies are counted as being on other machines.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks.line import Line
from benchmarks.processes import DOOR

MODELLED = (4, 8, 16)  # cores
_MOST_DOORS = 8  # by default


class Saturated(NamedTuple):
    """The rate at which a part, or the machine, has no processor time left."""

    rate: float  # pageviews a second
    by: str


def saturated(cost: Mapping[str, float], cores: int) -> Saturated:
    """The first part that saturates, for its microseconds of processor time a pageview."""
    doors = max(1, min(_MOST_DOORS, cores - 1))
    door = sum(spent for part, spent in cost.items() if part.startswith(DOOR))
    limits = [
        Saturated(doors * 1e6 / door, f"{doors} doors"),
        Saturated(1e6 / cost["writer"], "the writer"),
        Saturated(1e6 / cost["engine"], "the engine"),
        Saturated(cores * 1e6 / sum(cost.values()), "all cores"),
    ]
    return min(limits)


def lines(cost: Mapping[str, float], measured: float) -> Iterator[Line]:
    """The model beside the rate that was measured here, together with the load on one machine."""
    for cores in MODELLED:
        rate, by = saturated(cost, cores)
        yield Line(f"model: pageviews on {cores} cores, until {by}", rate, "/s", "measured here, one door", measured)
