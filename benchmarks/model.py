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


class Limit(NamedTuple):
    """The rate at which a part, or the machine, has no processor time left."""

    rate: float  # pageviews a second
    of: str


def limits(cost: Mapping[str, float], cores: int) -> list[Limit]:
    """The limits of all parts, the lowest first, for their microseconds of processor time a pageview."""
    doors = max(1, min(_MOST_DOORS, cores - 1))
    door = sum(spent for part, spent in cost.items() if part.startswith(DOOR))
    return sorted(
        [
            Limit(doors * 1e6 / door, f"{doors} doors"),
            Limit(1e6 / cost["writer"], "the writer"),
            Limit(1e6 / cost["engine"], "the engine"),
            Limit(cores * 1e6 / sum(cost.values()), "all cores"),
        ]
    )


def lines(cost: Mapping[str, float], measured: float) -> Iterator[Line]:
    """The model beside the rate that was measured here, together with the load on one machine."""
    for cores in MODELLED:
        first, *others = limits(cost, cores)
        what = f"model: pageviews on {cores} cores, limited by {first.of}"
        note = ", ".join(f"{limit.of} {limit.rate:,.0f}" for limit in others)
        yield Line(what, first.rate, "/s", "measured here, one door", measured, note=f"the other limits: {note} /s")
