"""A clock for tests, with the time that it shows and the time that has passed."""

from datetime import UTC, datetime


class Clock:
    """Two clocks: the one on the wall may jump, the other never does."""

    def __init__(self, at: str) -> None:
        self.now = _milliseconds(at)
        self.passed = 1000.0

    def __call__(self) -> int:
        """As the wall says it, in Unix milliseconds."""
        return self.now

    def elapsed(self) -> float:
        """Seconds that have passed."""
        return self.passed

    def go_to(self, at: str) -> None:
        """Let the time pass until then."""
        self.passed += (_milliseconds(at) - self.now) / 1000
        self.now = _milliseconds(at)

    def wait(self, **time: float) -> None:
        """Let minutes, hours or days pass."""
        seconds = time.get("minutes", 0) * 60 + time.get("hours", 0) * 3600 + time.get("days", 0) * 86_400
        self.passed += seconds
        self.now += int(seconds * 1000)

    def jump_to(self, at: str) -> None:
        """Put the clock on the wall; no time passes."""
        self.now = _milliseconds(at)


def _milliseconds(at: str) -> int:
    return int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000)
