"""A figure and the table it is printed in."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing: the value, what it may be at most or has to be at least, and what it was measured beside."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    beside: str = ""
    beside_value: float | None = None
    at_least: float | None = None

    @property
    def row(self) -> str:
        limit, is_met = _number(self.at_most, self.unit), self.at_most is None or self.value <= self.at_most
        if self.at_least is not None:
            limit, is_met = f"≥ {_number(self.at_least, self.unit)}", self.value >= self.at_least
        verdict = ("yes" if is_met else "**no**") if limit else ""
        ratio = f"{self.value / self.beside_value:.2f} ×" if self.beside_value else ""
        beside = f"{self.beside} {_number(self.beside_value, self.unit)}" if self.beside_value is not None else ""
        return f"| {self.what} | {_number(self.value, self.unit)} | {limit} | {verdict} | {beside} | {ratio} |"


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    head = "| what | measured | limit | met | measured beside it | ratio |\n|---|---|---|---|---|---|"
    return "\n".join([head, *(figure.row for figure in figures)])


def middle(values: Iterable[float]) -> float:
    """The median."""
    return median(values)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"
