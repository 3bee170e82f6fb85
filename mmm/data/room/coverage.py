"""Which weeks each source covers: rows by week, against what is usual for the source; missing and thin weeks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mmm.arrays import FloatArray, IntArray, WeekArray
from mmm.data.log import counted, listed
from mmm.data.report import SourceAccount
from mmm.findings import Finding, Severity

if TYPE_CHECKING:
    import pyarrow as pa

#: Share of its usual rows below which a week of a steady source is thin.
THIN = 0.6
#: A source is steady where it has rows in at least this share of the weeks between its first and its last.
_STEADY = 0.85
#: Most of its weeks have rows within this of the usual number, share of it.
_EVEN = 0.25


@dataclass(frozen=True, eq=False)
class Coverage:
    """Rows of each source by week of the panel, or by day or month of a table.

    Attributes
    ----------
    weeks : (T,) datetime64[D]
    sources : tuple of str
    rows : (S, T) ints
        Rows of the source's files that gave something to the week; 0 where it has none.
    """

    weeks: WeekArray
    sources: tuple[str, ...]
    rows: IntArray

    @property
    def usual(self) -> FloatArray:
        """Median rows of each source's weeks that have any, (S,)."""
        return np.asarray([float(np.median(row[row > 0])) if row.any() else 0.0 for row in self.rows])

    @property
    def share(self) -> FloatArray:
        """Rows over the source's usual week, at most 1, (S, T)."""
        return np.minimum(self.rows / np.maximum(self.usual, 1.0)[:, None], 1.0)

    def as_dict(self, noun: str = "week") -> dict[str, Any]:
        """Return the coverage JSON-ready; ``noun`` is what a period is called."""
        return {
            f"{noun}s": [str(week) for week in self.weeks],
            "sources": {
                name: {"rows": row.tolist(), f"{noun}s_with_rows": int((row > 0).sum()), "usual_rows": usual}
                for name, row, usual in zip(self.sources, self.rows, self.usual.tolist(), strict=True)
            },
        }


def coverage_of(accounts: Sequence[SourceAccount], weeks: WeekArray) -> Coverage | None:
    """Return the coverage that accounts hold; None where their rows were not counted by these weeks."""
    if not accounts or any(len(account.rows_by_period) != len(weeks) for account in accounts):
        return None
    rows = np.asarray([account.rows_by_period for account in accounts], dtype=np.int64)
    return Coverage(weeks, tuple(account.source for account in accounts), rows)


def coverage(table: pa.Table, weeks: WeekArray, sources: Sequence[str]) -> Coverage:
    """Count rows by source and week.

    Parameters
    ----------
    table : pyarrow.Table
        Of :func:`mmm.data.room.lineage.schema`.
    weeks : (T,) datetime64[D]
        Of the panel.
    sources : sequence of str
        In the order of the model file; a source without any row in the panel stays, with zeros.

    Returns
    -------
    Coverage
        A row of a file that gives several figures of a week counts once.
    """
    import pyarrow.compute as pc  # noqa: PLC0415

    own = table.filter(pc.is_valid(table["file"]))
    # A row's figures (spend, clicks, …) share their place; rows added up by the reader count as many as they are.
    place = ["source", "week", "file", "row", "last_row", "label", "geo"]
    alone = own.group_by(place).aggregate([("rows", "max")])
    single = alone.filter(pc.equal(alone["row"], alone["last_row"]))
    many = alone.filter(pc.not_equal(alone["row"], alone["last_row"]))
    single = single.group_by(["source", "week", "file", "row"]).aggregate([("rows_max", "max")])
    found = np.zeros((len(sources), len(weeks)), dtype=np.int64)
    at = {name: i for i, name in enumerate(sources)}
    for part, column in ((single, "rows_max_max"), (many, "rows_max")):
        source = np.asarray([at.get(name, -1) for name in part["source"].to_pylist()], dtype=np.int64)
        week = np.searchsorted(weeks, part["week"].to_numpy().astype("datetime64[D]"))
        kept = source >= 0
        np.add.at(found, (source[kept], week[kept]), part[column].to_numpy()[kept].astype(np.int64))
    return Coverage(weeks, tuple(sources), found)


def _steady(row: IntArray, usual: float) -> tuple[bool, bool]:
    """Say whether a source has rows in nearly every week of its span, and nearly as many in each."""
    there = np.flatnonzero(row)
    if len(there) < 2:
        return False, False
    span = row[there[0] : there[-1] + 1]
    often = float((span > 0).mean()) >= _STEADY
    even = float((np.abs(span[span > 0] - usual) <= _EVEN * usual).mean()) >= _STEADY
    return often, often and even


def coverage_findings(found: Coverage, noun: str = "week") -> Iterator[Finding]:
    """Yield warnings of weeks that a source lacks, of weeks that are thin, and of sources that end early.

    Sources that come and go by their nature (a channel in flights) are not warned of. ``noun`` is what a period is
    called.
    """
    for name, row, usual in zip(found.sources, found.rows, found.usual.tolist(), strict=True):
        often, even = _steady(row, usual)
        there = np.flatnonzero(row)
        where = f"source {name}"
        if often:
            gap = found.weeks[there[0] : there[-1] + 1][row[there[0] : there[-1] + 1] == 0]
            if len(gap):
                yield Finding(
                    "source_gap",
                    Severity.WARNING,
                    f"'{name}' has no row in {counted(len(gap), noun)} between its first and last: {listed(gap)}.",
                    f"Ask for an export of these {noun}s, or confirm that nothing happened.",
                    means="What it holds counts as zero, or as missing, there: an export may have failed.",
                    where=where,
                )
            late = len(row) - 1 - int(there[-1])
            if late:
                yield Finding(
                    "source_ends_early",
                    Severity.WARNING,
                    f"'{name}' has rows until the {noun} of {found.weeks[there[-1]]}: the panel's last "
                    f"{counted(late, noun)} {'has' if late == 1 else 'have'} none.",
                    f"Ask for the missing {noun}s, or end the data where all sources end.",
                    means=f"Its channels look switched off in the very {noun}s that a plan starts from.",
                    where=where,
                )
        if even:
            thin = found.weeks[:-1][((row > 0) & (row < THIN * usual))[:-1]]  # joining warns of the last week
            if len(thin):
                yield Finding(
                    f"thin_{noun}s",
                    Severity.WARNING,
                    f"'{name}' has under {100 * THIN:.0f} % of its usual {usual:,.0f} rows in "
                    f"{counted(len(thin), noun)}: {listed(thin)}.",
                    f"Compare these {noun}s with the platform, and export them again if they grew.",
                    means=f"Data that came late, or an export that was cut off, makes such a {noun} look weak.",
                    where=where,
                )
