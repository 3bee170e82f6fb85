"""``mixwise check``: reads the data strictly, says what was found, writes the data report."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmm.config import load_yaml, parse
from mmm.data.check_page import data_page, verdict
from mmm.data.panel import Panel
from mmm.data.privacy import safe
from mmm.data.read import read_panel
from mmm.data.spec import PanelSpec
from mmm.findings import Severity
from mmm.reporting import write_page
from mmm.runs import Manifest, hash_file, staged_run, write_json

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan", Severity.OK: "green"}


def report_dict(panel: Panel, file: str) -> dict[str, Any]:
    """Return what ``data_report.json`` holds."""
    return {
        "file": file,
        "sha256": panel.source_hash,
        "weeks": {"first": str(panel.weeks[0]), "last": str(panel.weeks[-1]), "count": panel.n_weeks},
        "geos": list(panel.geos),
        "geo_weeks": {"observed": int(panel.observed.sum()), "missing": int((~panel.observed).sum())},
        "national_channels": list(panel.national_channels),
        "lift_tests": [
            {key: list(x) if isinstance(x, tuple) else str(x) if isinstance(x, np.datetime64) else x for key, x in t}
            for t in (asdict(test).items() for test in panel.lift_tests)
        ],
        "outcome": {
            "name": panel.outcome_name,
            "total": float(panel.outcome.sum()),
            "is_money": panel.outcome_is_money,
        },
        "currency": panel.currency,
        "channels": {
            name: {
                "spend": float(spend.sum()),
                "modelled_on": "exposure" if based else "spend",
                "weeks_active": int((spend.sum(axis=0) > 0).sum()),
            }
            for name, spend, based in zip(panel.channels, panel.spend, panel.exposure_based, strict=True)
        },
        "organic": list(panel.organic_names),
        "controls": list(panel.control_names),
        **panel.report.as_dict(),
    }


def _plain(text: str) -> str:
    """Take control characters out of what the file or the model file named: a terminal would obey them."""
    return safe(text, limit=1000)


def _print(panel: Panel, out: Path, model_file: Path, console: Console) -> None:
    """Print findings gravest first, the ledger, and the next step; names are never read as markup."""
    console.print(Text(verdict(panel), style="bold"))
    for finding in panel.report.findings:
        line = Text(f"{finding.severity.upper():8}", style=_STYLE[finding.severity])
        line.append(_plain(f"{finding.where}: ") if finding.where else "", style="bold")
        line.append(_plain(f"{finding.says} {finding.means}".rstrip()), style="default")
        console.print(line)
        if finding.severity is not Severity.OK:
            console.print(Text(f"        → {_plain(finding.do)}", style="dim"))
    console.print(_ledger(panel))
    console.print(Text(f"Report: {out / 'report.html'}"))
    console.print(Text(f"Next: mixwise fit {model_file} --out {model_file.parent / 'fit'}"))


def _ledger(panel: Panel) -> Table:
    ledger = panel.report.ledger
    table = Table(title=f"Spend in {panel.currency}, and rows", title_justify="left")
    table.add_column("")
    for label in ("in", "used", "excluded"):
        table.add_column(label, justify="right")
    out = ledger.rows_in - ledger.rows_used
    table.add_row("rows", f"{ledger.rows_in:,}", f"{ledger.rows_used:,}", f"{out:,}")
    for name, money in ledger.spend_in.items():
        used = ledger.spend_used.get(name, 0.0)
        table.add_row(Text(_plain(name)), f"{money:,.2f}", f"{used:,.2f}", f"{money - used:,.2f}")
    return table


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
    panel = read_panel(spec, model_file.parent, name=model_file.name)
    file = Path(spec.data_name).name
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
    if as_json:
        print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201  (the result, asked for)
    elif not quiet:
        _print(panel, out, model_file, Console(highlight=False, markup=False))
    return 0
