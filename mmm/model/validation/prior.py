"""What the ROAS priors decide: the same fit with every one of them twice as wide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.priors import ChannelPriors, PositivePrior
from mmm.model.spec import ModelSpec
from mmm.model.validation.base import Base
from mmm.model.validation.refits import Job, Refit
from mmm.reporting.numbers import percent
from mmm.reporting.text import join_parts

WIDER = 2.0
#: A mean ROAS that moves further rests on its prior.
RESTS = 0.25


@dataclass(frozen=True, eq=False)
class WiderPriors:
    """The fit beside the same with wider ROAS priors. C channels; none where the refit could not be used.

    Attributes
    ----------
    channels : tuple of str
    roas, wider : (C, S), (C, S')
        ROAS draws of the fit and of the refit.
    """

    channels: tuple[str, ...]
    roas: FloatArray
    wider: FloatArray

    @property
    def change(self) -> FloatArray:
        """Change of each channel's mean ROAS, as a share of the fit's, (C,)."""
        return np.asarray(self.wider.mean(axis=1) / self.roas.mean(axis=1) - 1.0, dtype=np.float64)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Name the channels whose ROAS rests on the prior."""
        if not self.channels:
            says = "The refit with wider priors could not be used."
            means = "The data alone may not hold the model."
            return (Finding("prior_influence", Severity.NOTE, says, "Keep the priors.", means=means),)
        far = [
            f"{name} ({percent(change, 0, signed=True)})"
            for name, change in zip(self.channels, self.change, strict=True)
            if abs(change) > RESTS
        ]
        if not far:
            says = f"With ROAS priors twice as wide no channel's ROAS moves by more than {percent(RESTS, 0)}."
            return (Finding("prior_influence", Severity.OK, says, "Nothing to do."),)
        return (
            Finding(
                "prior_influence",
                Severity.NOTE,
                f"With ROAS priors twice as wide the mean ROAS moves: {join_parts(far)}.",
                "Make sure that these priors say what the company believes; an experiment would tell more.",
                means="Part of these figures is the prior, not the data.",
                where=", ".join(n for n, c in zip(self.channels, self.change, strict=True) if abs(c) > RESTS),
            ),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the changes JSON-ready."""
        return {
            name: {"roas": float(one.mean()), "roas_wider_prior": float(other.mean()), "change": float(change)}
            for name, one, other, change in zip(self.channels, self.roas, self.wider, self.change, strict=True)
        }


def widened(base: Base) -> ModelSpec:
    """Return the refits' spec with every ROAS prior twice as wide on the log scale, about the same median."""
    priors, spec = base.fit.priors, base.spec
    own = dict(spec.priors.channels)
    for name, mu, sigma in zip(base.panel.channels, priors.roas_mu, priors.roas_sigma, strict=True):
        stated = own.get(name, ChannelPriors())
        wider = PositivePrior(mu=float(mu), sigma=WIDER * float(sigma))
        own[name] = stated.model_copy(update={"roas": wider, "mroas": None, "share_of_outcome": None})
    return spec.model_copy(update={"priors": spec.priors.model_copy(update={"channels": own})})


def count(base: Base) -> int:  # noqa: ARG001  (every check has this signature)
    """Return the number of refits."""
    return 1


def run(base: Base, refit: Callable[[Job], Refit]) -> WiderPriors:
    """Refit with wider ROAS priors."""
    done = refit(Job("ROAS priors twice as wide", widened(base), base.panel))
    if not done.usable:
        return WiderPriors((), np.empty((0, 0)), np.empty((0, 0)))
    return WiderPriors(done.channels, base.reference.roas, done.roas)
