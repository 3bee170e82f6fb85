"""``mixwise check``: reads the data strictly, says what was found, writes the data report."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mmm.config import load_yaml, parse
from mmm.data.check_page import data_page, verdict
from mmm.data.joining.spec import PanelGrain
from mmm.data.read import read_data
from mmm.data.room.campaigns_csv import write_campaigns
from mmm.data.room.files import keep_lineage, lineage_of
from mmm.data.room.panel_csv import write_panel
from mmm.data.room.report_json import report_dict
from mmm.data.room.terminal import print_report
from mmm.data.room.view import with_sources
from mmm.data.spec import PanelSpec
from mmm.reporting import write_page
from mmm.runs import Manifest, hash_file, staged_run, write_json


def run(model_file: Path, out: Path | None, *, spec_class: type[PanelSpec], quiet: bool, as_json: bool) -> int:
    """Check the data of a model file.

    Parameters
    ----------
    model_file : Path
    out : Path or None
        Folder of the report; ``check`` beside the model file by default.
    spec_class : type
        The schema of the model file: ``PanelSpec`` or what extends it.
    quiet : bool
        Print nothing.
    as_json : bool
        Print ``data_report.json`` instead of the findings.

    Returns
    -------
    int
        Exit code: 0. What cannot be used raises, with exit code 2.

    Raises
    ------
    SpecError, DataError
    """
    document = load_yaml(model_file)
    spec = parse(spec_class, document)
    if spec.join.grain is not PanelGrain.WEEK:
        from mmm.data.joining.table_command import check_table  # noqa: PLC0415  (seldom asked for)

        return check_table(spec, model_file, out, quiet=quiet, as_json=as_json)
    read = read_data(spec, model_file.parent, name=model_file.name)
    panel, table = read.panel, lineage_of(read, spec)
    file = Path(spec.data_name).name
    panel = with_sources(panel, spec, table)
    content = report_dict(panel, file)
    out = out if out is not None else model_file.parent / "check"
    inputs = {model_file.name: hash_file(model_file), spec.data_name: panel.source_hash, **panel.inputs}
    if spec.lift_tests is not None:
        inputs[spec.lift_tests] = hash_file(model_file.parent / spec.lift_tests)
    manifest = Manifest(
        command="check",
        inputs=inputs,
        configuration=spec.model_dump(mode="json"),
    )
    with staged_run(out, manifest) as folder:
        write_json(folder / "data_report.json", content)
        write_page(data_page(panel, file), folder / "report.html")
        write_panel(panel, spec, folder)
        if read.joined is not None:
            write_campaigns(read.joined, folder)
        keep_lineage(table, folder, out, model_file.parent)
    if as_json:
        print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201  (the result, asked for)
    elif not quiet:
        console = Console(highlight=False, markup=False)
        print_report(panel, verdict(panel), console)
        console.print(Text(f"Report: {out / 'report.html'}"))
        console.print(Text(f"Next: mixwise fit {model_file} --out {model_file.parent / 'fit'}"))
    return 0
