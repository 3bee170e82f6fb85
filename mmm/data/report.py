"""The data report: findings, and the ledger that shows that nothing was lost."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
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


_LISTS = ("files", "rows_by_period", "currencies")


@dataclass(frozen=True)
class SourceAccount:
    """What one of several sources brought, in the panel's currency: in = used + excluded.

    Attributes
    ----------
    source : str
    files : tuple of str
        As in the folder of the model file.
    rows_in, rows_used : int
        Data rows of its files, and those of them that stand in the panel.
    first_day, last_day : date, optional
        Of its figures; none where it has no figure.
    money_in, money_used, money_excluded : Mapping
        Channel, or the outcome's column → money that could be read, and what became of it.
    rows_by_period : tuple of int
        Rows that gave something to each week (or day, or month) of the panel; empty where they were not counted.
    currencies : tuple of str
        That its money was written in.
    """

    source: str
    files: tuple[str, ...]
    rows_in: int
    rows_used: int
    first_day: date | None
    last_day: date | None
    money_in: Mapping[str, float] = field(default_factory=dict)
    money_used: Mapping[str, float] = field(default_factory=dict)
    money_excluded: Mapping[str, float] = field(default_factory=dict)
    rows_by_period: tuple[int, ...] = ()
    currencies: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the account as plain JSON-ready values."""
        days = {"first_day": self.first_day and str(self.first_day), "last_day": self.last_day and str(self.last_day)}
        lists = {key: list(getattr(self, key)) for key in _LISTS}
        return {**asdict(self), **lists, **days}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SourceAccount:
        """Return the account that :meth:`as_dict` wrote.

        Raises
        ------
        TypeError, ValueError
            Other content.
        """
        days = {key: values[key] and date.fromisoformat(values[key]) for key in ("first_day", "last_day")}
        return cls(**{**values, **days, **{key: tuple(values[key]) for key in _LISTS}})


@dataclass(frozen=True)
class LedgerLine:
    """Spend of one channel in one month, in the company's own account and in the panel.

    Attributes
    ----------
    month : str
        ``2024-03``, or ``2024-P03`` of a fiscal calendar.
    channel : str
    ledger, panel, difference : float
        Money; the difference is the panel's less the ledger's.
    agrees : bool
        Within the declared tolerance.
    whole : bool
        False where the panel's weeks do not hold every day of the month: then they cannot agree.
    """

    month: str
    channel: str
    ledger: float
    panel: float
    difference: float
    agrees: bool
    whole: bool = True


@dataclass(frozen=True)
class DataReport:
    """What was found while a panel was read.

    Attributes
    ----------
    findings : tuple of Finding
    ledger : Ledger
    sources : tuple of SourceAccount
        Where several sources were joined; the one file too, where a command counted its rows by week.
    reconciled : tuple of LedgerLine
        The comparison with the company's own account of spend, where one is given.
    """

    findings: tuple[Finding, ...]
    ledger: Ledger
    sources: tuple[SourceAccount, ...] = ()
    reconciled: tuple[LedgerLine, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON-ready values."""
        return {
            "findings": [finding.as_dict() for finding in self.findings],
            "ledger": asdict(self.ledger),
            "sources": [source.as_dict() for source in self.sources],
            "reconciled": [asdict(line) for line in self.reconciled],
        }

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(f.severity)}</td><td>{html.escape(f.where)}</td><td>{html.escape(f.says)}</td>"
            f"<td>{html.escape(f.do)}</td></tr>"
            for f in self.findings
        )
        return f"<table><tr><th>severity</th><th>where</th><th>what was found</th><th>next step</th></tr>{rows}</table>"
