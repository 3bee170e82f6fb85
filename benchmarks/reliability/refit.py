"""Refit a prepared panel to another outcome with every scale and prior as it was: what calibration needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.build import build_model
from mmm.model.diagnostics import FAIL_DIVERGENT, FAIL_RHAT, diagnose
from mmm.model.form import choose_form
from mmm.model.posterior import respond
from mmm.model.prepared import Prepared
from mmm.model.sampling import sample
from mmm.model.tree import posterior_tree
from mmm.response.draws import ResponseDraws
from mmm.response.metrics import roas
from mmm.response.weekly import fitted_mean


@dataclass(frozen=True, eq=False)
class Refit:
    """A posterior and whether the sampler did its work."""

    response: ResponseDraws
    max_rhat: float
    divergent: float
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether the fit fails by the model's own verdict, so that nobody would use it."""
        return not self.max_rhat <= FAIL_RHAT or self.divergent > FAIL_DIVERGENT


def refit(prepared: Prepared, outcome: FloatArray, seed: int) -> Refit:
    """Fit another outcome, (G, T), under the prepared scales and priors."""
    own = replace(prepared, panel=prepared.panel.with_outcome(outcome))
    form = choose_form(own.spec).form
    sampled = sample(build_model(own, form), own.spec.sampling, seed=seed, progress=False)
    draws, response = respond(own, sampled.tree, np.random.default_rng([seed, 1]), form=form)
    found = diagnose(posterior_tree(own, sampled.tree, draws, response))
    return Refit(response, found.max_rhat, found.divergences / max(found.draws, 1), sampled.seconds_sampling)


def quantities(response: ResponseDraws, outcome: FloatArray) -> dict[str, FloatArray]:
    """Return everything that is ranked, (S,) each: parameters, ROI, and the outcome's joint log-likelihood."""
    found: dict[str, FloatArray] = {}
    for family in (response.paid, response.organic):
        for i, name in enumerate(family.names):
            found[f"carryover[{name}]"] = family.alpha[i, 0]
            found[f"half_saturation[{name}]"] = family.half_saturation[i, 0]
            found[f"beta[{name}]"] = family.beta[i, 0]
            if np.ptp(family.slope[i, 0]) > 0 or not np.all(family.slope[i, 0] == 1.0):
                found[f"slope[{name}]"] = family.slope[i, 0]
    for name, draws in zip(response.channels, roas(response).to_numpy(), strict=True):
        found[f"roi[{name}]"] = draws
    base = response.baseline
    for i, name in enumerate((*base.basis.names, *base.control_names)):
        found[f"coefficient[{name}]"] = base.coef[i, 0]
    found["sigma"] = base.sigma[0]
    z = (outcome[..., None] - fitted_mean(response)) / base.sigma[:, None, :]
    density = -0.5 * z**2 - np.log(base.sigma)[:, None, :]
    found["log_likelihood"] = density[response.observed].sum(axis=0)
    return found


def rank(truth: dict[str, FloatArray], posterior: dict[str, FloatArray], kept: Sequence[int]) -> dict[str, int]:
    """Return each true value's rank among the kept posterior draws."""
    index = np.asarray(kept)
    return {name: int((posterior[name][index] < value[0]).sum()) for name, value in truth.items()}
