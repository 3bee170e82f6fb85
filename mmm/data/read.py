"""``read_panel``: the way from a file to a panel, in four steps that further sources will share."""

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
from mmm.exceptions import SpecError
from mmm.findings import by_severity


def read_panel(
    spec: PanelSpec, folder: str | Path, *, today: date | None = None, name: str = "the model file"
) -> Panel:
    """Read the data file of a model, and its file of experiments where one is named, strictly.

    Parameters
    ----------
    spec : PanelSpec
        What the file holds.
    folder : path
        The folder of the model file; the data file and the file of experiments lie in it.
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
    log = ReadingLog()
    if spec.data.file is None:
        raise SpecError("several sources cannot be joined yet", where=f"{name}, sources", do="Name one file.")
    path = inside(Path(folder), spec.data.file, where=f"{name}, data.file")
    table = read_source(path, spec.data, [column for _, column in spec.columns()], log)
    refuse_personal(table)
    panel = assemble(map_columns(table, spec, log), spec, today or date.today(), log)
    if spec.lift_tests is None:
        return panel
    told = ReadingLog()
    tests = read_lift_tests(inside(Path(folder), spec.lift_tests, where=f"{name}, lift_tests"), panel, told)
    findings = by_severity([*panel.report.findings, *told.findings])
    return replace(panel, lift_tests=tests, report=replace(panel.report, findings=findings))
