"""Whether the sampler did its work: R-hat, effective sample sizes, divergences, energy; and the thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from arviz_stats.base.array import array_stats as _untyped

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.convergence import measure
from mmm.model.posterior import SAMPLED

#: ArviZ ships no types for its array functions.
array_stats: Any = _untyped

MAX_RHAT, FAIL_RHAT = 1.01, 1.05
MIN_ESS = 400.0
MAX_DIVERGENT, FAIL_DIVERGENT = 0.001, 0.01
MIN_BFMI = 0.3


@dataclass(frozen=True)
class Diagnostics:
    """Convergence of the sampled parameters, ROAS among them.

    Attributes
    ----------
    max_rhat, min_ess_bulk, min_ess_tail : float
        Worst over parameters; NaN where a parameter does not move or is not a number.
    worst : str
        The parameter with the largest R-hat.
    divergences, draws : int
    bfmi : float
        Worst over chains.
    chains : int
    finite : bool
        Whether every draw is a number.
    """

    max_rhat: float
    min_ess_bulk: float
    min_ess_tail: float
    worst: str
    divergences: int
    draws: int
    bfmi: float
    chains: int
    finite: bool


def diagnose(tree: xr.DataTree) -> Diagnostics:
    """Measure convergence of a tree's ``posterior`` and ``sample_stats``: of what was sampled, ROAS among it."""
    posterior, stats = tree["posterior"].dataset, tree["sample_stats"].dataset
    names, draws = _columns(posterior)
    found = measure(draws)
    worst = int(np.argmax(np.where(np.isnan(found.rhat), np.inf, found.rhat)))
    energy = stats["energy"].to_numpy()
    return Diagnostics(
        max_rhat=float(found.rhat[worst]),
        # NaN if any is NaN: an unknown size is no proof of a large one.
        min_ess_bulk=float(np.min(found.ess_bulk)),
        min_ess_tail=float(np.min(found.ess_tail)),
        worst=names[worst],
        divergences=int(stats["diverging"].to_numpy().sum()),
        draws=int(posterior.sizes["chain"] * posterior.sizes["draw"]),
        bfmi=float(np.min(array_stats.bfmi(energy))) if np.isfinite(energy).all() else float("nan"),
        chains=int(posterior.sizes["chain"]),
        finite=bool(np.isfinite(draws).all()),
    )


def _columns(posterior: xr.Dataset) -> tuple[list[str], FloatArray]:
    """Return the name of every sampled scalar, and the draws, (P, chain, draw)."""
    names: list[str] = []
    draws = []
    for name in SAMPLED:
        if name not in posterior:
            continue
        values = posterior[name]
        names += [f"{name}[{', '.join(label)}]" if label else name for label in product(*_labels(values))]
        flat = values.to_numpy().astype(np.float64).reshape(*values.shape[:2], -1)
        draws.append(np.moveaxis(flat, -1, 0))
    return names, np.concatenate(draws)


def _labels(values: xr.DataArray) -> list[list[str]]:
    """Return the labels along every axis after chain and draw; a place's number where it has no label."""
    dims = [str(dim) for dim in values.dims[2:]]
    return [
        [str(label) for label in (values[dim].to_numpy() if dim in values.coords else range(values.sizes[dim]))]
        for dim in dims
    ]


def judge(found: Diagnostics) -> tuple[Finding, ...]:
    """Say each threshold's outcome. An ERROR means that the fit must not be used (exit code 4)."""
    return (_judge_numbers(found), _judge_rhat(found), _judge_ess(found), _judge_divergences(found), _judge_bfmi(found))


def _judge_numbers(found: Diagnostics) -> Finding:
    if found.finite and np.isfinite(found.max_rhat):
        return Finding("finite", Severity.OK, "Every draw is a number.", "Nothing to do.")
    return Finding(
        "finite",
        Severity.ERROR,
        "Some draws are not numbers, or a parameter never moved.",
        "Do not use this fit. Look for extreme values in the data report, and at the priors stated in model.yaml.",
    )


def _judge_rhat(found: Diagnostics) -> Finding:
    value = found.max_rhat
    says = f"The largest R-hat is {value:.3f} ({found.worst}), over {found.chains} chains."
    if value <= MAX_RHAT:
        return Finding("max_rhat", Severity.OK, says, "Nothing to do: the chains agree.")
    if value <= FAIL_RHAT:
        do = "Sample longer (sampling: {tune: 2000, draws: 2000}) before money depends on it."
        return Finding("max_rhat", Severity.WARNING, says, do, means="The chains agree only roughly.")
    do = "Do not use this fit. Sample longer, state tighter priors, or join channels that move together."
    return Finding("max_rhat", Severity.ERROR, says, do, means="The chains found different answers.")


def _judge_ess(found: Diagnostics) -> Finding:
    least = np.min([found.min_ess_bulk, found.min_ess_tail])
    says = (
        f"The smallest effective sample size is {found.min_ess_bulk:.0f} in the bulk and {found.min_ess_tail:.0f} "
        f"in the tails, of {found.draws} draws."
    )
    if least >= MIN_ESS:
        return Finding("min_ess", Severity.OK, says, "Nothing to do: means and intervals are settled.")
    return Finding(
        "min_ess",
        Severity.WARNING,
        says,
        "Sample longer: sampling: {draws: 3000}.",
        means=f"Below {MIN_ESS:.0f}, interval ends move from run to run.",
    )


def _judge_divergences(found: Diagnostics) -> Finding:
    share = found.divergences / max(found.draws, 1)
    says = f"{found.divergences} of {found.draws} draws diverged ({100 * share:.2g}%)."
    if share <= MAX_DIVERGENT:
        return Finding("divergences", Severity.OK, says, "Nothing to do.")
    means = "The sampler could not follow part of the posterior, which may be under-represented."
    if share <= FAIL_DIVERGENT:
        do = "Raise sampling: {target_accept: 0.97}."
        return Finding("divergences", Severity.WARNING, says, do, means=means)
    do = "Do not use this fit. Raise target_accept to 0.99; if they stay, state tighter priors or simplify the model."
    return Finding("divergences", Severity.ERROR, says, do, means=means)


def _judge_bfmi(found: Diagnostics) -> Finding:
    says = f"The smallest BFMI is {found.bfmi:.2f}."
    if found.bfmi >= MIN_BFMI:
        return Finding("bfmi", Severity.OK, says, "Nothing to do.")
    means = "The sampler explores the energy slowly: tails may be too thin."
    return Finding("bfmi", Severity.WARNING, says, "Sample longer, or state tighter priors.", means=means)
