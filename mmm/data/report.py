"""The data report: findings, and the ledger that shows that nothing was lost."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mmm.exceptions import DataError
from mmm.findings import Finding


@dataclass(frozen=True)
class Excluded:
    """Rows or spend that were read and are not in the panel, and why.

    Attributes
    ----------
    where : str
        File and rows, e.g. ``weekly.csv, row 210``.
    reason : str
    rows : int
    spend : Mapping
        Channel → money excluded.
    """

    where: str
    reason: str
    rows: int = 0
    spend: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Ledger:
    """Rows and spend in = used + listed as excluded.

    Attributes
    ----------
    rows_in, rows_used : int
        Data rows of the source file, and those of them that stand in the panel.
    spend_in, spend_used : Mapping
        Channel → money.
    excluded : tuple of Excluded
    """

    rows_in: int
    rows_used: int
    spend_in: Mapping[str, float]
    spend_used: Mapping[str, float]
    excluded: tuple[Excluded, ...] = ()

    def check(self, gross: Mapping[str, float] | None = None) -> None:
        """Raise DataError if a row or a unit of money is neither used nor listed.

        Parameters
        ----------
        gross : Mapping, optional
            Channel → sum of the sizes of its figures: rounding is judged by it where refunds cancel spend.
        """
        listed = sum(item.rows for item in self.excluded)
        if self.rows_in != self.rows_used + listed:
            raise DataError(f"{self.rows_in} rows were read but {self.rows_used} used and {listed} listed as excluded")
        for channel, money in self.spend_in.items():
            out = sum(item.spend.get(channel, 0.0) for item in self.excluded)
            used = self.spend_used.get(channel, 0.0)
            if abs(money - used - out) > 1e-9 * max(1.0, abs(money), (gross or {}).get(channel, 0.0)):
                raise DataError(f"spend of '{channel}' does not add up: {money} read, {used} used, {out} excluded")


@dataclass(frozen=True)
class DataReport:
    """What was found while a panel was read.

    Attributes
    ----------
    findings : tuple of Finding
    ledger : Ledger
    """

    findings: tuple[Finding, ...]
    ledger: Ledger

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON-ready values."""
        return {"findings": [finding.as_dict() for finding in self.findings], "ledger": asdict(self.ledger)}

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(f.severity)}</td><td>{html.escape(f.where)}</td><td>{html.escape(f.says)}</td>"
            f"<td>{html.escape(f.do)}</td></tr>"
            for f in self.findings
        )
        return f"<table><tr><th>severity</th><th>where</th><th>what was found</th><th>next step</th></tr>{rows}</table>"
