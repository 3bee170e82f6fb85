"""Data that may not all be there yet: a last period far below what a source usually holds."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.columns import Role
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces
from mmm.data.log import ReadingLog

#: Periods before the last that say what is usual, and how few of them say nothing.
_BEFORE, _FEW = 8, 4
#: Share of the usual rows, and of the usual outcome, below which the last period is suspected.
_ROWS, _OUTCOME = 0.6, 0.5


def warn_of_late_data(pieces: Pieces, names: SeriesNames, periods: Periods, log: ReadingLog) -> None:
    """Warn of sources whose last period has far fewer rows, or far less outcome, than the eight before."""
    used = pieces.used
    if not used.any():
        return
    last = pieces.period[used].max()
    outcome = np.asarray([role is Role.OUTCOME for role, _, _ in names.all])
    for s, source in enumerate(pieces.lines.sources):
        own = used & (pieces.source == s)
        rows = pieces.lines.rows[pieces.line].astype(np.float64)
        checks = [("rows", own, rows, _ROWS)]
        sold = own & outcome[pieces.series]
        if sold.any():
            checks.append(("outcome", sold, np.nan_to_num(pieces.value), _OUTCOME))
        for what, which, amounts, share in checks:
            starts, group = np.unique(pieces.period[which], return_inverse=True)
            sums = np.bincount(group, amounts[which])
            part = _part(sums)
            if len(starts) and starts[-1] == last and part < share:
                log.warned(
                    "late_data",
                    f"The last {periods.noun} ({last}) of the source '{source}' has {100 * part:.0f} % of its usual "
                    f"{what}.",
                    where=f"source {source}",
                    means="An export's last figures often arrive late; what looks like a fall may be missing data.",
                    do=f"Export again in a few days, or leave the {periods.noun} out.",
                )
                break


def _part(sums: FloatArray) -> float:
    """Return the last figure over the median of those before, where that stands out; 1 where nothing can be said."""
    before = sums[-1 - _BEFORE : -1]
    if len(before) < _FEW:
        return 1.0
    usual = float(np.median(before))
    if usual <= 0 or sums[-1] >= before.min():
        return 1.0
    return float(sums[-1] / usual)
