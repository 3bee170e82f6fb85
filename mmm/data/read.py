"""``read_panel``: the way from one file, or from several sources, to a panel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from mmm.config import inside
from mmm.data.assemble import assemble
from mmm.data.columns import map_columns
from mmm.data.log import ReadingLog
from mmm.data.panel import Panel
from mmm.data.privacy import refuse_personal
from mmm.data.read_lift_tests import read_lift_tests
from mmm.data.source import read_source
from mmm.data.spec import PanelSpec
from mmm.findings import by_severity


def read_panel(
    spec: PanelSpec, folder: str | Path, *, today: date | None = None, name: str = "the model file"
) -> Panel:
    """Read the data of a model (one file, or sources), and its file of experiments where one is named, strictly.

    Parameters
    ----------
    spec : PanelSpec
        What the file or the sources hold.
    folder : path
        The folder of the model file; all files lie in it.
    today : date, optional
        Dates after it are refused, and the week it stands in is left out. Default: the day it is.
    name : str
        What errors call the model file.

    Returns
    -------
    Panel
        With its report: findings gravest first, and the ledger of rows and spend, which balances.

    Raises
    ------
    DataError
        Names file, row and column, what was found, and what to do.
    """
    panel = _panel(spec, Path(folder), today or date.today(), name)
    if spec.lift_tests is None:
        return panel
    told = ReadingLog()
    tests = read_lift_tests(inside(Path(folder), spec.lift_tests, where=f"{name}, lift_tests"), panel, told)
    findings = by_severity([*panel.report.findings, *told.findings])
    return replace(panel, lift_tests=tests, report=replace(panel.report, findings=findings))


def _panel(spec: PanelSpec, folder: Path, today: date, name: str) -> Panel:
    """Make the panel of one file, or of several sources."""
    if spec.data.file is None:
        from mmm.data.joining.room import read_room  # noqa: PLC0415  (one file needs none of it, and starts faster)

        return read_room(spec, folder, today=today, name=name).panel
    log = ReadingLog()
    path = inside(folder, spec.data.file, where=f"{name}, data.file")
    table = read_source(path, spec.data, [column for _, column in spec.columns()], log)
    refuse_personal(table)
    return assemble(map_columns(table, spec, log), spec, today, log)
