"""Some faults of a cluster under load, the cheap ones; `make crash` injects all of them, again and again."""

import random
from pathlib import Path

from tests.cluster.faults.__main__ import run
from tests.cluster.faults.injecting import kill_a_writer, kill_the_primary_in_commit, pause_both_standbys
from tests.cluster.faults.load import Load
from tests.cluster.faults.stand import new_stand

_SHORT = (kill_a_writer, pause_both_standbys, kill_the_primary_in_commit)


def test_nothing_that_three_nodes_answered_is_lost_or_there_twice_whatever_fails(tmp_path: Path) -> None:
    with new_stand(tmp_path) as stand:
        load = Load(stand, 1)
        try:
            for number, fault in enumerate(_SHORT):
                phase = run(stand, load, fault, random.Random(number))
        finally:
            load.close()
        assert phase.compared["answered 200"] > 50
        assert phase.compared["linked"] > 20
