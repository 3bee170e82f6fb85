"""The panel as one CSV, with the model file's own column names: it can be read again as a single data file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from mmm.data.panel import NATIONAL, Panel
from mmm.data.room.figures import figures
from mmm.data.spec import PanelSpec
from mmm.reporting.text import csv_text

FILE = "panel.csv"


def write_panel(panel: Panel, spec: PanelSpec, folder: Path) -> None:
    """Write ``panel.csv``: a row a week and geo that was observed, sorted by geo and week.

    Names that a spreadsheet would take for a formula get a leading apostrophe. Weeks in which a geo has no row are
    missing here too.

    Parameters
    ----------
    panel : Panel
    spec : PanelSpec
    folder : Path
    """
    columns = figures(panel, spec)
    national = panel.geos == (NATIONAL,)
    people = spec.data.population if panel.has_population else None
    head = [spec.data.date, *([] if national else [spec.data.geo or "geo"]), *columns, *([people] if people else [])]
    with (folder / FILE).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([csv_text(name) for name in head])
        for g, t in np.argwhere(panel.observed):
            place = [str(panel.weeks[t]), *([] if national else [csv_text(panel.geos[g])])]
            row = [repr(float(values[g, t])) for values in columns.values()]
            writer.writerow([*place, *row, *([repr(float(panel.population[g]))] if people else [])])
