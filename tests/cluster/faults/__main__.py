"""Injects faults into a cluster under load, and compares what it answered with what it has: `make crash`."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.cluster.faults.injecting import FAULTS, Fault
from tests.cluster.faults.ledger import Ledger
from tests.cluster.faults.load import Load
from tests.cluster.faults.stand import Stand, new_stand, until

_BEFORE, _AFTER = 0.7, 0.7  # seconds of load


class Phase(NamedTuple):
    """One fault, and what was seen."""

    fault: Fault
    silence: float  # the longest time without a 200, in seconds
    compared: Counter[str]


def run(stand: Stand, load: Load, fault: Fault, chance: random.Random) -> Phase:
    """One fault under load; then everything is compared.

    Raises:
        AssertionError: something is lost, false, or there twice.
    """
    since = time.monotonic()
    with load.running():
        time.sleep(_BEFORE)
        fault(stand, load, chance)
        until(lambda: all(_is_ready(stand, number) for number in range(3)), "all nodes are ready")
        healed = time.monotonic()
        until(lambda: len(load.ledger.recorded_between(healed, time.monotonic())) > 5, "answers")
        time.sleep(_AFTER)
        silence = load.ledger.longest_silence(since)
    load.look(chance)
    return Phase(fault, silence, compare(stand, load))


def _is_ready(stand: Stand, number: int) -> bool:
    try:
        url = f"{stand.nodes[number].url}/ready"
        return httpx.get(url, timeout=20, verify=False, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def compare(stand: Stand, load: Load) -> Counter[str]:
    """Compare all answers with all rows, once all is loaded and erased."""
    until(lambda: stand.waiting() == 0, "everything is loaded")
    erased = sum(len(titles) for titles in load.ledger.erased.values())
    until(lambda: _nameless(stand) >= erased, "everything is erased")
    rows = stand.events("SELECT title, user_id FROM pageviews")
    return load.ledger.check((title, user) for title, user in rows)


def _nameless(stand: Stand) -> int:
    return int(stand.events("SELECT count() FROM pageviews WHERE title = ''")[0][0])


def _choose(count: int, chance: random.Random) -> list[Fault]:
    """Each at least once where there are so many, in an order of the seed."""
    chosen: list[Fault] = []
    while len(chosen) < count:
        chosen += chance.sample(FAULTS, min(len(FAULTS), count - len(chosen)))
    return chosen


def _table(phases: list[Phase]) -> str:
    lines = ["", f"{'fault':<108} {'times':>5} {'longest s without a 200':>24}"]
    for fault in FAULTS:
        silences = [phase.silence for phase in phases if phase.fault is fault]
        if silences:
            lines.append(f"{fault.__doc__ or '':<108} {len(silences):>5} {max(silences):>24.1f}")
    return "\n".join(lines)


def _summary(ledger: Ledger, last: Phase) -> str:
    counts = {
        **last.compared,
        "people merged from two nodes at once": len(ledger.merged),
        "people suppressed at one node and sent to another": len(ledger.suppressed),
        "people erased": len(ledger.erased),
        "requests": len(ledger.answers),
    }
    lines = [f"{count:>8} {what}" for what, count in counts.items()]
    reasons = ", ".join(f"{count} {reason}" for reason, count in ledger.reasons.most_common() if reason)
    return "\n".join([*lines, f"answers other than 200: {reasons}"])


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="make crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="to repeat a run")
    parser.add_argument("--faults", type=int, default=50, help="how many")
    parser.add_argument("--only", help="the name of one fault, which is injected each time")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    only = [fault for fault in FAULTS if fault.__name__ == given.only]
    chosen = only * given.faults if given.only else _choose(given.faults, chance)
    say(f"seed {given.seed}: {len(chosen)} faults")
    phases: list[Phase] = []
    folder = Path(tempfile.mkdtemp(prefix="hp-crash-"))
    began = time.monotonic()
    with new_stand(folder) as stand:
        load = Load(stand, given.seed)
        try:
            for number, fault in enumerate(chosen, 1):
                at = time.monotonic()
                phases.append(run(stand, load, fault, random.Random(f"{given.seed}-{number}")))
                seen = ", ".join(f"{count} {what}" for what, count in sorted(phases[-1].compared.items()))
                took = time.monotonic() - at
                say(f"{number:>3} {took:5.1f} s, silent {phases[-1].silence:4.1f} s: {fault.__doc__}\n      {seen}")
        except BaseException:
            say(f"seed {given.seed}, fault {len(phases) + 1}: {fault.__name__}; the logs of the nodes are in {folder}")
            raise
        finally:
            say(_table(phases))
            load.close()
        took = time.monotonic() - began
        say(f"\n{len(phases)} faults in {took:.0f} s, seed {given.seed}. Nothing is lost, false, or there twice:")
        say(_summary(load.ledger, phases[-1]))
    return 0


def say(text: str) -> None:
    """Print it at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
