"""``summary.json``: the figures of a fit that programs read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mmm.arrays import FloatArray
from mmm.response.metrics import summarise, value_unit

if TYPE_CHECKING:
    from mmm.model.fit import Fit


def summary(fit: Fit) -> dict[str, Any]:
    """Return channels, diagnostics, fit and checks; a figure that is not a number is null."""
    response, found, weekly = fit.response, fit.diagnostics, fit.predictive
    unit = value_unit(response)
    channels = {
        name: {
            "roas": _figures(fit.roas[i]),
            "mroas": _figures(fit.mroas[i]),
            "contribution": _figures(fit.contributions[i]),
            "spend": float(response.spend[i].sum()),
        }
        for i, name in enumerate(response.channels)
    }
    checks = [{key: value for key, value in finding.as_dict().items() if value} for finding in fit.findings]
    return {
        "channels": channels,
        "organic": {name: {"contribution": _figures(draws)} for name, draws in organic_contributions(fit).items()},
        "diagnostics": {
            "max_rhat": _number(found.max_rhat),
            "min_ess_bulk": _number(found.min_ess_bulk),
            "min_ess_tail": _number(found.min_ess_tail),
            "divergences": found.divergences,
            "bfmi": _number(found.bfmi),
            "seconds_sampling": round(fit.seconds_sampling, 3),
            "seconds_total": round(fit.seconds_total, 3),
        },
        "fit": {"r2": _number(weekly.r2), "mape": _number(weekly.mape), "crps": _number(weekly.crps)},
        "checks": checks,
        "verdict": {"outcome": str(fit.verdict.outcome), "says": list(fit.verdict.sentences)},
        "units": {
            "roas": f"{unit} per {response.currency}",
            "contribution": unit,
            "crps": response.outcome_name,
            "mape": "share of the outcome",
        },
        "seed": fit.seed,
    }


def organic_contributions(fit: Fit) -> dict[str, FloatArray]:
    """Return each organic medium's contribution over the fitted window, (S,), in the unit of paid contributions."""
    response = fit.response
    if not response.organic.names:
        return {}
    total = float((response.value_per_outcome * response.outcome).sum())
    shares = fit.draws["posterior"]["organic_share"].to_numpy().reshape(-1, len(response.organic.names))
    return {name: shares[:, i] * total for i, name in enumerate(response.organic.names)}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _figures(draws: FloatArray) -> dict[str, float | None]:
    return {key: _number(value) for key, value in summarise(draws).items()}
