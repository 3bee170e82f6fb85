"""What happened while a file was read: repairs, warnings and exclusions, gathered on the way to the data report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mmm.data.report import Excluded
from mmm.findings import Finding, Severity


class ReadingLog:
    """Collects findings and exclusions; the reading functions write to it, the report is made from it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.excluded: list[Excluded] = []

    def repaired(self, name: str, says: str, *, where: str, do: str = "Nothing, if that is what was meant.") -> None:
        """List a repair: what, how many cells, where."""
        self.findings.append(Finding(name=name, severity=Severity.NOTE, says=says, do=do, where=where))

    def warned(self, name: str, says: str, *, where: str, means: str, do: str) -> None:
        """List something accepted that may harm the result."""
        self.findings.append(Finding(name=name, severity=Severity.WARNING, says=says, do=do, means=means, where=where))

    def exclude(self, where: str, reason: str, *, rows: int = 0, spend: Mapping[str, float] | None = None) -> None:
        """List rows or spend that were read and will not stand in the panel."""
        self.excluded.append(Excluded(where=where, reason=reason, rows=rows, spend=dict(spend or {})))


def listed(items: Iterable[object], limit: int = 3) -> str:
    """Say the first few of many: ``3, 4, 9 and 12 more``."""
    every = [str(item) for item in items]
    more = len(every) - limit
    return ", ".join(every[:limit]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, noun: str) -> str:
    """Say a number of things: ``1 row``, ``2 rows``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
