"""One fit of a market whose truth is known, in the words of every row: errors, coverage, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from benchmarks.model.defaults.candidates import merge
from benchmarks.model.mechanism import TrueMarket
from benchmarks.model.posterior_figures import channel_figures
from mmm.data.lift_tests import LiftTest
from mmm.findings import Severity

if TYPE_CHECKING:
    from mmm.model.fit import Fit

#: Findings of these severities ask for attention; a fit without one is green.
ALARMS = (Severity.ERROR, Severity.WARNING)


def fit_market(
    market: TrueMarket, seed: int, settings: Mapping[str, Any] | None = None, *, tests: tuple[LiftTest, ...] = ()
) -> Fit:
    """Fit a market as a company would: its books, the default model and what ``settings`` change."""
    from mmm import ModelSpec, fit_model

    spec = ModelSpec.model_validate(merge(market.settings(), settings or {}))
    return fit_model(spec, market.panel(lift_tests=tests), seed=seed, progress=False)


def compare(market: TrueMarket, fit: Fit) -> dict[str, dict[str, float]]:
    """Return every channel's figures beside its truth; channels without effect are left out."""
    truth = market.roas
    return {
        name: channel_figures(fit.roas[i], truth[name])
        for i, name in enumerate(fit.response.channels)
        if truth[name] > 0
    }


def alarms(fit: Fit) -> list[str]:
    """Return the names of the checks that ask for attention."""
    return sorted({finding.name for finding in fit.findings if finding.severity in ALARMS})


def error_of(channel: Mapping[str, float]) -> float:
    """Return a channel's relative error, of the posterior mean."""
    return channel["mean"] / channel["true"] - 1.0


def is_covered(channel: Mapping[str, float]) -> bool:
    """Return whether the 90 % interval holds the truth."""
    return channel["q05"] <= channel["true"] <= channel["q95"]
