"""``read_panel``: the way from one file, or from several sources, to a panel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mmm.config import inside
from mmm.data.assemble import assemble
from mmm.data.columns import Columns, map_columns
from mmm.data.log import ReadingLog
from mmm.data.panel import Panel
from mmm.data.privacy import refuse_personal
from mmm.data.read_lift_tests import read_lift_tests
from mmm.data.source import read_source
from mmm.data.spec import PanelSpec
from mmm.findings import by_severity

if TYPE_CHECKING:
    from mmm.data.joining.joined import Joined


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
    return read_data(spec, folder, today=today, name=name).panel


@dataclass(frozen=True, eq=False)
class DataRead:
    """A panel with what it was made of; one of ``columns`` and ``joined``.

    Attributes
    ----------
    panel : Panel
    columns : Columns, optional
        Of one data file.
    joined : Joined, optional
        Of several sources.
    """

    panel: Panel
    columns: Columns | None = None
    joined: Joined | None = None


def read_data(
    spec: PanelSpec, folder: str | Path, *, today: date | None = None, name: str = "the model file"
) -> DataRead:
    """Read the data of a model as :func:`read_panel` does, and keep what says where each figure comes from."""
    read = _read(spec, Path(folder), today or date.today(), name)
    if spec.lift_tests is None:
        return read
    told = ReadingLog()
    panel = read.panel
    tests = read_lift_tests(inside(Path(folder), spec.lift_tests, where=f"{name}, lift_tests"), panel, told)
    findings = by_severity([*panel.report.findings, *told.findings])
    panel = replace(panel, lift_tests=tests, report=replace(panel.report, findings=findings))
    return replace(read, panel=panel)


def _read(spec: PanelSpec, folder: Path, today: date, name: str) -> DataRead:
    """Make the panel of one file, or of several sources."""
    if spec.data.file is None:
        from mmm.data.joining.room import read_room  # noqa: PLC0415  (one file needs none of it, and starts faster)

        room = read_room(spec, folder, today=today, name=name)
        return DataRead(room.panel, joined=room.joined)
    log = ReadingLog()
    path = inside(folder, spec.data.file, where=f"{name}, data.file")
    table = read_source(path, spec.data, [column for _, column in spec.columns()], log)
    refuse_personal(table)
    columns = map_columns(table, spec, log)
    return DataRead(assemble(columns, spec, today, log), columns=columns)
