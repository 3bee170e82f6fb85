"""What ``data_report.json`` holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from mmm.data.panel import Panel
from mmm.data.room.coverage import coverage_of
from mmm.data.watch_learning import learning
from mmm.data.watch_together import together


def _number(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None


def report_dict(panel: Panel, file: str) -> dict[str, Any]:
    """Return the data report as plain JSON-ready values.

    Parameters
    ----------
    panel : Panel
        With its sources' rows by week.
    file : str
        What the data is called.
    """
    moves = together(panel)
    told = panel.report.as_dict()
    compared = told.pop("reconciled")
    for source in told["sources"]:
        source.pop("rows_by_period")  # they stand under coverage
    covered = coverage_of(panel.report.sources, panel.weeks)
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
        **told,
        "coverage": {} if covered is None else covered.as_dict(),
        "ledger_comparison": compared,
        "learning": {
            "condition_number": moves.condition,
            "media": [
                {key: _number(x) if isinstance(x, float) else x for key, x in asdict(one).items()}
                | {"verdict": one.verdict}
                for one in learning(panel, moves)
            ],
        },
    }
