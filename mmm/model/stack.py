r"""Stacking: how much weight each of several fits deserves, and one response that mixes their draws.

Weights maximise the leave-one-out log score of the mixture, :math:`\sum_i \log \sum_k w_k \exp(\mathrm{elpd}_{ki})`
over :math:`w_k \ge 0, \sum_k w_k = 1` (Yao, Vehtari, Simpson & Gelman 2018, "Using stacking to average Bayesian
predictive distributions", Bayesian Analysis 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import optimize

from mmm.arrays import FloatArray, IntArray
from mmm.exceptions import FitError
from mmm.response.draws import MediaDraws, ResponseDraws


def stacking_weights(pointwise: FloatArray) -> FloatArray:
    """Return the stacking weight of each of K models.

    Parameters
    ----------
    pointwise : (K, N)
        Log-density of each of the same N observations, left out, under each model.

    Returns
    -------
    (K,)
        At least 0, sum 1.

    Raises
    ------
    ValueError
        A log-density is not a number.
    """
    scores = np.asarray(pointwise, dtype=np.float64)
    if scores.ndim != 2 or not np.isfinite(scores).all():
        raise ValueError("stacking needs a finite log-density for every model and observation")
    count = len(scores)
    if count == 1:
        return np.ones(1)
    densities = np.exp(scores - scores.max(axis=0))

    def loss(weights: FloatArray) -> float:
        return -float(np.log(np.maximum(weights @ densities, 1e-300)).mean())

    def slope(weights: FloatArray) -> FloatArray:
        return np.asarray(-(densities / np.maximum(weights @ densities, 1e-300)).mean(axis=1), dtype=np.float64)

    found = optimize.minimize(
        loss,
        np.full(count, 1.0 / count),
        jac=slope,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints=optimize.LinearConstraint(np.ones(count), 1.0, 1.0),
        options={"ftol": 1e-12, "maxiter": 1000},
    )
    weights = np.clip(found.x, 0.0, None)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def stack_responses(
    responses: Sequence[ResponseDraws], weights: Sequence[float] | FloatArray, *, n_draws: int | None = None, seed: int
) -> ResponseDraws:
    """Mix the draws of several fits of the same data into one response.

    Chains keep their halves: the first half of the mixture's chains is drawn from the first halves only, so that a plan
    is still chosen on draws other than those it is judged on. A channel's forms must agree; Hill with slope 1 and Hill
    with a learned slope are one form with a slope a draw.

    Parameters
    ----------
    responses : sequence of ResponseDraws
        K of them, two chains or more each.
    weights : (K,)
        At least 0; normalised here.
    n_draws : int, optional
        Of the mixture; default: as many as the first response has. Rounded down to a multiple of 4.
    seed : int

    Raises
    ------
    FitError
        The fits are not of the same data, or their forms or baselines have other columns.
    """
    share = np.asarray(weights, dtype=np.float64)
    if len(responses) != len(share) or not len(share) or (share < 0).any() or share.sum() <= 0:
        raise ValueError("stack_responses needs one weight of 0 or more a response, and one above 0")
    for other in responses[1:]:
        _refuse_strangers(responses[0], other)
    rng = np.random.default_rng([seed, 6])
    quarter = (n_draws or responses[0].n_draws) // 4
    members = [_halves(response) for response in responses]
    order = [_choose([halves[h] for halves in members], share / share.sum(), 2 * quarter, rng) for h in (0, 1)]
    which, draws = (np.concatenate([half[i] for half in order]) for i in (0, 1))
    return _mix(responses, which, draws, np.repeat(np.arange(4, dtype=np.int64), quarter))


def _refuse_strangers(one: ResponseDraws, other: ResponseDraws) -> None:
    do = "Stack fits of the same data whose saturation is 'hill' or 'hill_free_slope' and whose baseline is the same."
    same_data = (
        np.array_equal(one.weeks, other.weeks)
        and one.geos == other.geos
        and np.array_equal(one.outcome, other.outcome)
        and np.array_equal(one.spend, other.spend)
    )
    if not same_data:
        raise FitError("the fits are not of the same data", do=do)
    for family, second in ((one.paid, other.paid), (one.organic, other.organic)):
        if family.names != second.names or family.saturation != second.saturation:
            raise FitError("the fits' channels or their forms of saturation differ", do=do)
    base, others = one.baseline, other.baseline
    if base.basis.names != others.basis.names or base.control_names != others.control_names:
        raise FitError("the fits' baselines have other columns", do=do)
    if (one.demand is None) != (other.demand is None) or bool(base.freedom.size) != bool(others.freedom.size):
        raise FitError("only one of the fits has a demand index, or Student-t noise", do=do)


def _halves(response: ResponseDraws) -> tuple[IntArray, IntArray]:
    """Return the positions of the draws of the first and of the second half of the chains."""
    chains = np.unique(response.chain)
    if len(chains) < 2:
        raise FitError("a fit with one chain has no halves to keep apart", do="Fit again with sampling: {chains: 4}.")
    first = np.isin(response.chain, chains[: len(chains) // 2])
    return np.flatnonzero(first), np.flatnonzero(~first)


def _choose(
    pools: Sequence[IntArray], share: FloatArray, size: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Return (which fit, which of its draws) for ``size`` draws, shuffled; counts follow the weights exactly."""
    counts = np.floor(share * size).astype(np.int64)
    rest = np.argsort(-(share * size - counts))[: size - int(counts.sum())]
    counts[rest] += 1
    which = np.repeat(np.arange(len(pools)), counts)
    draws = np.concatenate(
        [rng.choice(pool, count, replace=count > len(pool)) for pool, count in zip(pools, counts, strict=True)]
    )
    order = rng.permutation(size)
    return which[order], draws[order]


def _mix(responses: Sequence[ResponseDraws], which: IntArray, draws: IntArray, chain: IntArray) -> ResponseDraws:
    first = responses[0]

    def gather(arrays: Sequence[FloatArray]) -> FloatArray:
        """Take each draw (last axis) from its own fit."""
        mixed = np.empty((*arrays[0].shape[:-1], len(draws)))
        for k, values in enumerate(arrays):
            mixed[..., which == k] = values[..., draws[which == k]]
        return mixed

    def media(families: Sequence[MediaDraws]) -> MediaDraws:
        return replace(
            families[0],
            alpha=gather([family.alpha for family in families]),
            half_saturation=gather([family.half_saturation for family in families]),
            slope=gather([family.slope for family in families]),
            beta=gather([family.beta for family in families]),
        )

    bases = [response.baseline for response in responses]
    baseline = replace(
        bases[0],
        coef=gather([base.coef for base in bases]),
        sigma=gather([base.sigma for base in bases]),
        freedom=gather([base.freedom for base in bases]) if bases[0].freedom.size else bases[0].freedom,
        common=gather([base.common for base in bases]) if bases[0].common.size else bases[0].common,
    )
    indices = [response.demand for response in responses if response.demand is not None]
    return replace(
        first,
        paid=media([response.paid for response in responses]),
        organic=media([response.organic for response in responses]),
        baseline=baseline,
        demand=replace(indices[0], coef=gather([index.coef for index in indices])) if indices else None,
        chain=chain,
    )
