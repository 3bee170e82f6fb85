"""The public way to a panel: from ``model.yaml``, or from a spec made in Python."""

from __future__ import annotations

from pathlib import Path

from mmm.data.panel import Panel
from mmm.data.read import read_panel as read
from mmm.data.spec import PanelSpec
from mmm.model.spec import ModelSpec


def read_panel(source: str | Path | PanelSpec, folder: str | Path | None = None) -> Panel:
    """Read and validate the data of a model.

    Parameters
    ----------
    source : path or PanelSpec
        ``model.yaml``, or a spec.
    folder : path, optional
        Where the spec's file lies; default the folder of ``model.yaml``, or the current one.

    Returns
    -------
    Panel

    Raises
    ------
    SpecError, DataError
        One sentence: file, place, remedy.
    """
    if isinstance(source, PanelSpec):
        return read(source, Path(folder or "."))
    path = Path(source)
    return read(ModelSpec.from_yaml(path), Path(folder or path.parent), name=path.name)
