"""A fit's run folder, complete: the files, the report page, and the manifest and marker that later commands ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mmm.model.fit_page import fit_page
from mmm.model.resolved import resolved_configuration
from mmm.model.storage import save_fit
from mmm.reporting import write_page
from mmm.runs import Manifest, staged_run

if TYPE_CHECKING:
    from mmm.model.fit import Fit

PAGE = "report.html"


def write_run(fit: Fit, out: Path, inputs: Mapping[str, str], keep: Callable[[Path], None] | None = None) -> None:
    """Write a fit as a completed run of ``mixwise fit``.

    Parameters
    ----------
    fit : Fit
    out : Path
        New, empty, or an earlier run, which is replaced.
    inputs : Mapping
        Name of each input file beside the data → SHA-256.
    keep : callable, optional
        Writes what else the folder is to hold, as the lineage of the data, into the folder that it is given.

    Raises
    ------
    SpecError
        ``out`` holds other files, or is being written by another run.
    """
    data = fit.spec.data_name
    manifest = Manifest(
        command="fit",
        inputs={**inputs, data: fit.source_hash},
        configuration=resolved_configuration(fit),
        seed=fit.seed,
    )
    with staged_run(out, manifest) as folder:
        save_fit(fit, folder)
        write_page(fit_page(fit, data_file=Path(data).name), folder / PAGE)
        if keep is not None:
            keep(folder)
