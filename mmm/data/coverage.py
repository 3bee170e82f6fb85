"""Which week of which geo has a row: a geo-week without one is missing, not zero, and no reason to refuse the file."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, WeekArray
from mmm.data.calendar import Grain, refuse_gaps
from mmm.data.columns import Role
from mmm.data.grid import FLOWS, Grid, fill_of, presence
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.rows import RowAccount
from mmm.data.spec import DataSpec, Fill, Gaps
from mmm.exceptions import DataError
from mmm.findings import Finding, Severity

#: Share of missing geo-weeks from which the finding is a warning.
_MANY = 0.1
#: Fewer observed weeks than half a year say little of a geo.
SHORT_GEO = 26


def drop_empty_rows(account: RowAccount, spec: DataSpec) -> None:
    """Set aside rows of a geo file in which outcome and media are all empty: such a row says nothing.

    Where a fill is declared for one of these columns, an empty cell has a meaning and the row stays.
    """
    if spec.geo is None:
        return
    series = [s for s in account.columns.series if s.role in (Role.OUTCOME, *FLOWS)]
    if any(fill_of(s, spec) is not Fill.REFUSE for s in series):
        return
    empty = np.all([~np.isfinite(s.values) for s in series], axis=0)
    if empty.all():
        return
    account.exclude(
        np.flatnonzero(empty),
        "empty_rows",
        "outcome and media are empty, which counts as no row",
        "Nothing, or fill in these rows.",
    )


def settle_coverage(grid: Grid, spec: DataSpec, account: RowAccount, log: ReadingLog) -> tuple[Grid, BoolArray]:
    """Decide which dates of which geos are known.

    Parameters
    ----------
    grid : Grid
        Of whole weeks.
    spec : DataSpec
    account : RowAccount
        Rows of geo-weeks that are not whole are set aside in it.
    log : ReadingLog

    Returns
    -------
    grid : Grid
        Without geos that have no row left.
    present : (G, D) bool
        True for all dates of an observed week; national data are known throughout.

    Raises
    ------
    DataError
        Dates that are missing in national data, or in every geo, and are not declared as no spend.
    """
    file = account.columns.table.file
    grid = _with_rows(grid, file, log)
    if len(grid.geos) == 1:
        there = grid.known()
        if spec.gaps is Gaps.REFUSE or not (there[0, 0] and there[0, -1]):
            refuse_gaps(grid.axis, there[0], "", file)
        return grid, np.ones_like(there)
    if spec.gaps is Gaps.REFUSE:
        refuse_gaps(grid.axis, grid.known().any(axis=0), " in every geo", file)
    present = presence(grid, spec)
    if grid.axis.grain is Grain.DAILY:
        whole = np.repeat(present.reshape(len(present), -1, 7).all(axis=2), 7, axis=1)
        torn = present & ~whole
        account.exclude(
            grid.rows[torn & (grid.rows >= 0)],
            "partial_week",
            "the geo has a part of this week only",
            "Add the missing days, or declare data.gaps: no_spend if a day without a row had no spend.",
        )
        grid, present = _with_rows(grid.without(torn), file, log), whole
        present = present[present.any(axis=1)]
    return grid, present


def _with_rows(grid: Grid, file: str, log: ReadingLog) -> Grid:
    """Leave out geos without any usable row; each is named."""
    kept = (grid.rows >= 0).any(axis=1)
    if kept.all():
        return grid
    if not kept.any():
        raise DataError("no geo has a whole week", where=file, do="Give a file that covers more weeks.")
    gone = [name for name, keep in zip(grid.geos, kept, strict=True) if not keep]
    log.warned(
        "geo_left_out",
        f"{counted(len(gone), 'geo')} left out, without a usable row: {listed(gone, 10)}.",
        where=file,
        means="Nothing is said of these places; their rows are listed as excluded.",
        do="Add their rows, or remove them from the file.",
    )
    return grid.of_geos(kept)


def _spans(missing: BoolArray, weeks: WeekArray) -> str:
    """Say when one geo has no rows, (T,): ``before 2024-03-04, 2024-05-06``."""
    there = np.flatnonzero(~missing)
    first, last = int(there[0]), int(there[-1])
    inside = np.flatnonzero(missing[first:last]) + first
    runs = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1) if len(inside) else []
    said = [f"before {weeks[first]}"] if first else []
    said += [str(weeks[run[0]]) + (f" to {weeks[run[-1]]}" if len(run) > 1 else "") for run in runs]
    said += [f"after {weeks[last]}"] if last < len(weeks) - 1 else []
    return listed(said, 4)


def coverage_findings(observed: BoolArray, geos: tuple[str, ...], weeks: WeekArray, file: str) -> list[Finding]:
    """Say which geos miss which weeks, and which have too few.

    Parameters
    ----------
    observed : (G, T) bool
    geos : G names
    weeks : (T,) datetime64[D]
    file : str
    """
    found: list[Finding] = []
    missing = ~observed
    if missing.any():
        share = float(missing.mean())
        most_first = np.argsort(-missing.sum(axis=1), kind="stable")[: int(missing.any(axis=1).sum())]
        told = [f"'{geos[g]}' {_spans(missing[g], weeks)}" for g in most_first]
        found.append(
            Finding(
                name="unbalanced",
                severity=Severity.WARNING if share >= _MANY else Severity.NOTE,
                says=f"{int(missing.sum()):,} of {missing.size:,} geo-weeks ({100 * share:.1f} %) have no row: "
                f"{'; '.join(told[:6])}{f' and {counted(len(told) - 6, "more geo")}' if len(told) > 6 else ''}.",
                means="They are missing, not zero: nothing is learned from them, no outcome and no spend is counted in "
                "them, and the carryover is run through them at the media of the weeks around.",
                do="Add the rows if they exist. If no row means that nothing was spent, write zeros, "
                "or declare data.gaps: no_spend.",
                where=file,
            )
        )
    counts = observed.sum(axis=1)
    few = np.flatnonzero(counts < min(SHORT_GEO, observed.shape[1]))
    if len(few):
        told = [f"'{geos[g]}' ({counts[g]})" for g in few]
        found.append(
            Finding(
                name="short_geo",
                severity=Severity.WARNING,
                says=f"{counted(len(few), 'geo')} with fewer than {SHORT_GEO} weeks: {listed(told, 6)}.",
                means="What is said of such a geo comes from the other geos.",
                do="Give a longer history of it, or join it to a like geo.",
                where=file,
            )
        )
    return found
