"""What a run folder keeps of the data room: the lineage, and beside a check the panel itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mmm.data.read import DataRead
from mmm.data.room.file_cells import file_cells
from mmm.data.room.lineage import lineage, write_lineage
from mmm.data.spec import PanelSpec

if TYPE_CHECKING:
    import pyarrow as pa


def lineage_of(read: DataRead, spec: PanelSpec) -> pa.Table:
    """Return the lineage of a panel of one file, or of several sources.

    Parameters
    ----------
    read : DataRead
    spec : PanelSpec

    Returns
    -------
    pyarrow.Table
        Of :func:`mmm.data.room.lineage.schema`.
    """
    if read.joined is not None:
        return lineage(read.joined.cells, read.panel, spec)
    if read.columns is None:
        raise ValueError("the panel was not read from a file or from sources")
    return lineage(file_cells(read.columns, read.panel, spec), read.panel, spec)


def keep_lineage(table: pa.Table, staging: Path, out: Path, folder: Path) -> None:
    """Write the lineage into a run folder that is being staged.

    Parameters
    ----------
    table : pyarrow.Table
        Of :func:`lineage_of`.
    staging : Path
        The folder that is being written.
    out : Path
        Where it will stand.
    folder : Path
        Of the model file: the way to it is kept, so that ``mixwise trace`` finds the sources.
    """
    try:
        way = Path(os.path.relpath(folder.resolve(), out.resolve())).as_posix()
    except ValueError:  # another drive
        way = ".."
    write_lineage(staging, table, way)
