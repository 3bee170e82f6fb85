"""``mixwise check`` of a model file that asks for days or months: the joined table, checked, written and shown."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from mmm.data.joining.room import read_joined
from mmm.data.joining.written import FILE, write_table
from mmm.data.room.coverage import coverage_findings, coverage_of
from mmm.data.room.table_page import FOR_A_FIT, TableReport, table_page
from mmm.data.room.terminal import print_comparison, print_findings, print_sources
from mmm.data.room.view import counted_by_period
from mmm.data.spec import PanelSpec
from mmm.findings import by_severity
from mmm.reporting import write_page
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
    noun = str(spec.join.grain)
    report = TableReport(
        columns=joined.columns,
        spec=spec,
        findings=by_severity(log.findings),
        excluded=log.excluded,
        sources=joined.sources,
        reconciled=joined.reconciled,
        inputs=joined.inputs,
    )
    sources = counted_by_period(joined.sources, spec, joined.cells, report.periods)
    covered = coverage_of(sources, report.periods)
    missing = coverage_findings(covered, noun) if covered is not None else ()
    report = replace(report, sources=sources, findings=by_severity([*log.findings, *missing]))
    content = _content(report)
    out = out if out is not None else model_file.parent / "check"
    inputs = {model_file.name: hash_file(model_file), **joined.inputs}
    with staged_run(out, Manifest("check", inputs=inputs, configuration=spec.model_dump(mode="json"))) as folder:
        write_table(joined, folder, noun)
        write_json(folder / "data_report.json", content)
        write_page(table_page(report, Path(spec.data_name).name), folder / "report.html")
    if as_json:
        print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201  (the result, asked for)
    elif not quiet:
        console = Console(highlight=False, markup=False)
        print_findings(report.lead, report.findings, console)
        print_sources(report.sources, report.span, spec.currency, spec.data.outcome, console, noun)
        print_comparison(report.reconciled, spec.currency, console)
        console.print(Text(f"Table of {report.span}: {out / FILE}"))
        console.print(Text(f"Report: {out / 'report.html'}"))
        console.print(Text(FOR_A_FIT))
    return 0


def _content(report: TableReport) -> dict[str, Any]:
    """Return what ``data_report.json`` holds."""
    periods = report.periods
    covered = coverage_of(report.sources, periods)
    return {
        "grain": report.noun,
        "periods": {"first": str(periods[0]), "last": str(periods[-1]), "count": len(periods)},
        "geos": sorted(set(report.columns.geo)),
        "findings": [finding.as_dict() for finding in report.findings],
        "sources": [
            {key: value for key, value in source.as_dict().items() if key != "rows_by_period"}
            for source in report.sources
        ],
        "coverage": {} if covered is None else covered.as_dict(report.noun),
        "excluded": [asdict(item) for item in report.excluded],
        "reconciled": [asdict(line) for line in report.reconciled],
    }
