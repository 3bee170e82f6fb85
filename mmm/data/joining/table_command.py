"""``mixwise check`` of a model file that asks for days or months: the joined table, checked and written."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mmm.data.joining.room import read_joined
from mmm.data.joining.written import FILE, write_table
from mmm.data.privacy import safe
from mmm.data.spec import PanelSpec
from mmm.findings import Severity, by_severity
from mmm.runs import Manifest, hash_file, staged_run, write_json


def check_table(spec: PanelSpec, model_file: Path, out: Path | None, *, quiet: bool, as_json: bool) -> int:
    """Join the sources at the grain that the model file asks for; write the table, its accounts and its findings.

    Returns
    -------
    int
        Exit code: 0. What cannot be used raises, with exit code 2.

    Raises
    ------
    SpecError, DataError
    """
    joined, log = read_joined(spec, model_file.parent)
    periods = sorted({str(day) for day in joined.columns.days})
    findings = by_severity(log.findings)
    content = {
        "grain": str(spec.join.grain),
        "periods": {"first": periods[0], "last": periods[-1], "count": len(periods)},
        "geos": sorted(set(joined.columns.geo)),
        "findings": [finding.as_dict() for finding in findings],
        "sources": [source.as_dict() for source in joined.sources],
        "excluded": [asdict(item) for item in log.excluded],
        "reconciled": [asdict(line) for line in joined.reconciled],
    }
    out = out if out is not None else model_file.parent / "check"
    inputs = {model_file.name: hash_file(model_file), **joined.inputs}
    with staged_run(out, Manifest("check", inputs=inputs, configuration=spec.model_dump(mode="json"))) as folder:
        write_table(joined, folder, str(spec.join.grain))
        write_json(folder / "data_report.json", content)
    if as_json:
        print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201  (the result, asked for)
    elif not quiet:
        console = Console(highlight=False, markup=False)
        for finding in findings:
            if finding.severity is not Severity.OK:
                where = f"{finding.where}: " if finding.where else ""
                console.print(Text(safe(f"{finding.severity.upper():8}{where}{finding.says}", limit=1000)))
        console.print(Text(f"Table of {len(periods)} {spec.join.grain}s: {out / FILE}"))
        console.print(Text("Models are fitted to weeks: remove join.grain to fit one."))
    return 0
