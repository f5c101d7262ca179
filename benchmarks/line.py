"""A line of the table: a number, the number it is compared with, and whether the target is met."""

from typing import Literal, NamedTuple


class Line(NamedTuple):
    """A number with its ceiling or baseline. `of` says whether the target is for the ratio or the number."""

    what: str
    measured: float
    unit: str
    beside: str  # the name of the other number
    baseline: float
    sign: Literal[">=", "<=", ""] = ""  # "": no target
    target: float = 0.0
    of: Literal["ratio", "measured"] = "ratio"
    note: str = ""  # the single turns, and how to read the number

    @property
    def ratio(self) -> float:
        return self.measured / self.baseline if self.baseline else float("inf")

    @property
    def ratio_shown(self) -> str:
        return f"{self.ratio:.2f}" if self.baseline else ""

    @property
    def met(self) -> bool | None:
        value = self.ratio if self.of == "ratio" else self.measured
        if not self.sign:
            return None
        return value >= self.target if self.sign == ">=" else value <= self.target

    @property
    def verdict(self) -> str:
        return {True: "met", False: "missed", None: "shown"}[self.met]

    @property
    def shown(self) -> str:
        return _number(self.measured, self.unit)

    @property
    def beside_shown(self) -> str:
        return f"{self.beside}: {_number(self.baseline, self.unit)}"

    @property
    def target_shown(self) -> str:
        if not self.sign:
            return "no target"
        value = f"{self.target:g}" if self.of == "ratio" else _number(self.target, self.unit)
        return f"{self.of} {self.sign} {value}"

    def as_json(self) -> dict[str, object]:
        """The line as `.bench/results.json` keeps it."""
        return {**self._asdict(), "ratio": self.ratio, "met": self.met}


def _number(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {unit}"
