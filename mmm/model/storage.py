"""A fit as files: JSON and netCDF only. Opening one runs no code from it."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr
from pydantic import ValidationError

from mmm.data.report import DataReport, Excluded, Ledger, LedgerLine, SourceAccount
from mmm.exceptions import DataError
from mmm.findings import Finding, Severity
from mmm.model.calibration import Calibration
from mmm.model.distributions import Parameter
from mmm.model.form import Form
from mmm.model.lift_test_json import lift_test_json, read_lift_test
from mmm.model.migrations import migrate
from mmm.model.spec import ModelSpec
from mmm.response.storage import load_response, save_response
from mmm.runs import hash_file, write_json

if TYPE_CHECKING:
    from mmm.model.fit import Fit

FIT, POSTERIOR, SUMMARY, CHANNELS = "fit.json", "posterior.nc", "summary.json", "channels.csv"
#: Raise it when ``fit.json`` changes, and say in :mod:`mmm.model.migrations` how the format before is read.
FORMAT = 4


def save_fit(fit: Fit, folder: Path) -> None:
    """Write ``fit.json``, ``posterior.nc``, ``response.nc`` and ``.json``, ``summary.json`` and ``channels.csv``."""
    encoding: dict[str, Any] = {
        f"/{name}": {
            str(variable): {"zlib": True, "complevel": 4}
            for variable, values in group.data_vars.items()
            if values.ndim and values.size
        }
        for name, group in fit.draws.children.items()
    }
    fit.draws.to_netcdf(folder / POSTERIOR, engine="h5netcdf", encoding=encoding)
    save_response(fit.response, folder)
    summary = fit.summary()
    write_json(folder / SUMMARY, summary)
    _write_channels(summary, folder / CHANNELS)
    write_json(
        folder / FIT,
        {
            "format": FORMAT,
            "spec": fit.spec.model_dump(mode="json"),
            "seed": fit.seed,
            "calibration": [one.as_dict() for one in fit.calibration],
            "form": fit.form,
            "form_why": fit.form_why,
            "route_why": fit.route_why,
            "own_priors": [list(key) for key in fit.own_priors],
            "source_hash": fit.source_hash,
            "seconds": {
                "compiling": fit.seconds_compiling,
                "sampling": fit.seconds_sampling,
                "total": fit.seconds_total,
            },
            "data": _report_json(fit.data_report),
            "lift_tests": [lift_test_json(test) for test in fit.lift_tests],
            "posterior_sha256": hash_file(folder / POSTERIOR),
        },
    )


def _write_channels(summary: dict[str, Any], path: Path) -> None:
    """Write one row a channel: spend, and mean and interval of contribution, ROAS and mROAS."""
    measures = ("contribution", "roas", "mroas")
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["channel", "spend", *(f"{m}_{q}" for m in measures for q in ("mean", "q05", "q50", "q95"))])
        for name, figures in summary["channels"].items():
            # A name that a spreadsheet would take for a formula is written as text.
            shown = f"'{name}" if name[:1] in "=+-@\t\r" else name
            writer.writerow([shown, figures["spend"], *(v for m in measures for v in figures[m].values())])


def _report_json(report: DataReport) -> dict[str, Any]:
    ledger = report.ledger
    return {
        "findings": [finding.as_dict() for finding in report.findings],
        "rows_in": ledger.rows_in,
        "rows_used": ledger.rows_used,
        "spend_in": dict(ledger.spend_in),
        "spend_used": dict(ledger.spend_used),
        "excluded": [
            {"where": item.where, "reason": item.reason, "rows": item.rows, "spend": dict(item.spend)}
            for item in ledger.excluded
        ],
        "sources": [account.as_dict() for account in report.sources],
        "reconciled": [asdict(line) for line in report.reconciled],
    }


def _read_report(values: dict[str, Any]) -> DataReport:
    findings = tuple(Finding(**{**item, "severity": Severity(item["severity"])}) for item in values["findings"])
    excluded = tuple(Excluded(**item) for item in values["excluded"])
    figures = {key: values[key] for key in ("rows_in", "rows_used", "spend_in", "spend_used")}
    sources = tuple(SourceAccount.from_dict(account) for account in values["sources"])
    reconciled = tuple(LedgerLine(**line) for line in values["reconciled"])
    return DataReport(findings, Ledger(**figures, excluded=excluded), sources, reconciled)


def load_fit(folder: Path) -> Fit:
    """Read a fit; see :meth:`mmm.model.fit.Fit.load`."""
    from mmm.model.fit import Fit  # noqa: PLC0415  (fit imports this module when it saves)

    redo = "Run 'mixwise fit' again."
    response = load_response(folder)
    try:
        stored = migrate(json.loads((folder / FIT).read_text(encoding="utf-8")), where=str(folder / FIT), to=FORMAT)
        if hash_file(folder / POSTERIOR) != stored["posterior_sha256"]:
            raise DataError("the posterior was changed after it was written", where=str(folder / POSTERIOR), do=redo)
        with xr.open_datatree(folder / POSTERIOR, engine="h5netcdf") as opened:
            draws = opened.load()
        return Fit(
            spec=ModelSpec.model_validate(stored["spec"]),
            response=response,
            draws=draws,
            data_report=_read_report(stored["data"]),
            source_hash=stored["source_hash"],
            seed=stored["seed"],
            lift_tests=tuple(read_lift_test(values) for values in stored["lift_tests"]),
            seconds_compiling=float(stored["seconds"]["compiling"]),
            seconds_sampling=float(stored["seconds"]["sampling"]),
            seconds_total=float(stored["seconds"]["total"]),
            calibration=tuple(Calibration(**values) for values in stored["calibration"]),
            form=Form(stored["form"]),
            form_why=str(stored["form_why"]),
            route_why=str(stored["route_why"]),
            own_priors=tuple((Parameter(parameter), str(name)) for parameter, name in stored["own_priors"]),
        )
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise DataError("the fit cannot be read", where=str(folder), do=redo) from error
