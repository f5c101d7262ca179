"""What is one for all processes of a server: it is made before they are forked, and lies in memory that they share."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from heropixel import metrics
from heropixel.api.guesses import Guesses
from heropixel.browser.seen_lately import SeenLately
from heropixel.clock import clock
from heropixel.cluster.nodes import new_node
from heropixel.concurrency.joint_count import JointCount
from heropixel.members.attempts import Attempts
from heropixel.metrics.part_processes import PartProcesses
from heropixel.metrics.region import Regions
from heropixel.metrics.value import count_in
from heropixel.processes.steps import room_of
from heropixel.recording.room import Room
from heropixel.settings import Settings
from heropixel.wire.rate_limits import RateLimit

DOOR = "door-"  # and a number: the name of a part that answers requests
ALONE = "server"  # the name of the one process that is all parts


class JointState(NamedTuple):
    """The state that all processes of a server share."""

    by_address: RateLimit
    by_pixel: RateLimit
    guesses: Guesses
    sign_ins: Attempts
    share_openings: Attempts
    listeners: JointCount  # connections that count in `max_listeners`
    waiting: JointCount  # pageviews that count in `max_waiting`
    room: Room
    seen_lately: SeenLately
    regions: Regions
    processes: PartProcesses
    doors: int  # how many parts answer requests
    node: str  # the name of this server among those of a cluster
    is_alone: bool  # one process is all parts

    @classmethod
    def made(cls, settings: Settings, parts: Sequence[str] = (ALONE,)) -> Self:
        """Make it, before the fork, for parts of these names."""
        return cls(
            by_address=RateLimit(settings.address_rate, settings.address_burst),
            by_pixel=RateLimit(settings.pixel_rate, settings.pixel_burst),
            guesses=Guesses(settings.secret_rate, settings.secret_burst),
            sign_ins=Attempts(),
            share_openings=Attempts(),
            listeners=JointCount(parts),
            waiting=JointCount(parts),
            room=room_of(settings),
            seen_lately=SeenLately(clock),
            regions=Regions(parts),
            processes=PartProcesses(parts),
            doors=max(1, sum(part.startswith(DOOR) for part in parts)),
            node=new_node(),
            is_alone=ALONE in parts,
        )

    def begin(self, part: str = ALONE) -> None:
        """This process is that part from now on, perhaps after another that has died."""
        self.listeners.begin(part)
        self.waiting.begin(part)
        self.processes.begin(part)
        count_in(self.regions.of[part])
        metrics.part_starts.labels(part).inc()
