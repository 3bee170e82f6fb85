"""The joined table as a file, at whichever grain it was made."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from mmm.data.joining.joined import Joined
from mmm.data.panel import NATIONAL
from mmm.reporting.text import csv_text

FILE = "table.csv"


def write_table(joined: Joined, folder: Path, period: str) -> None:
    """Write ``table.csv``: the period's first day, geo where there are several, and a column a series.

    An empty cell is missing, not zero; text that a spreadsheet would take for a formula is written as text.

    Parameters
    ----------
    joined : Joined
    folder : Path
    period : str
        What the first column is called: ``day``, ``week`` or ``month``.
    """
    columns = joined.columns
    national = set(columns.geo) <= {NATIONAL}
    head = [period, *([] if national else ["geo"]), *(csv_text(series.column) for series in columns.series)]
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        values = [series.values.tolist() for series in columns.series]
        for day, geo, *figures in zip(columns.days, columns.geo, *values, strict=True):
            place = [str(day), *([] if national else [csv_text(geo)])]
            writer.writerow([*place, *("" if np.isnan(x) else repr(x) for x in figures)])
