"""Rows that ``only`` leaves out, and totals of a date, listed with their money, whichever way the file was read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmm.arrays import BoolArray
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.sources.draft import Draft
from mmm.data.total_names import TotalRows


def set_others_aside(
    draft: Draft,
    column: str,
    cells: Sequence[str],
    gone: BoolArray,
    values: Sequence[str],
    currency: str,
    log: ReadingLog,
) -> None:
    """Set rows with other values of a column aside.

    Parameters
    ----------
    draft : Draft
    column : str
    cells : sequence of str
        The different cells of the column.
    gone : (N,) bool
        Records with other values.
    values : sequence of str
        Those that are meant.
    currency : str
        The model's.
    log : ReadingLog
    """
    # The column may be any, and what it holds a name: only what the model file itself says is told.
    meant = [repr(safe(value)) for value in values]
    others = counted(len({name_key(cell) for cell in cells} - {name_key(value) for value in values}), "other value")
    if gone.all():
        log.warned(
            "only_nothing",
            f"No row has {' or '.join(meant)} in the column '{safe(column)}'; it holds {others}.",
            where=draft.file,
            means="The whole file is set aside.",
            do="Correct the values in data.only of the model file.",
        )
    reason = f"'{safe(column)}' holds {others} than {listed(meant, 4)}, which `only` leaves out"
    draft.exclude(gone, "only", reason, log, currency=currency)


def set_totals_aside(draft: Draft, totals: Sequence[TotalRows], currency: str, log: ReadingLog) -> None:
    """Set rows aside that repeat others of their date."""
    for one in totals:
        gone = np.zeros(len(draft.used), dtype=bool)
        gone[one.at] = True
        do = "Nothing; or declare data.totals: keep, if they count beside the others."
        draft.exclude(gone, "dated_totals", one.reason, log, currency=currency, do=do)
