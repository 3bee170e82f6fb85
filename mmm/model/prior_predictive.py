"""What the priors say before the data do: draws of every parameter, and data sets made from them.

A prior draw is made as the model is: media's parameters from their priors, each medium's size turned into its beta by
what its ROAS, mROAS or share would be at beta 1, the linear part from its normal prior. Nothing is sampled by Markov
chains, and the outcome enters by its scale only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.model.prepared import Prepared, prepare
from mmm.model.prior_parameters import ParameterDraws, draw_parameters
from mmm.model.spec import ModelSpec
from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws
from mmm.response.metrics import contribution, mroas
from mmm.response.weekly import fitted_mean

#: Prior draws behind the sentences and the tables.
DRAWS = 1000


def prior_draws(spec: ModelSpec, panel: Panel, n: int = DRAWS, seed: int = 0) -> ResponseDraws:
    """Draw every parameter from its prior.

    Parameters
    ----------
    spec : ModelSpec
    panel : Panel
        Gives media, spend, calendar and the outcome's scale.
    n : int
        Number of draws S.
    seed : int

    Returns
    -------
    ResponseDraws
        Two chains' worth of draws: half of them are chain 0, half chain 1.
    """
    return draw_from(prepare(spec, panel), n, seed)


def draw_from(prepared: Prepared, n: int, seed: int) -> ResponseDraws:
    """Draw every parameter from the priors of a prepared panel, whose scales stay as they are."""
    rng = np.random.default_rng([seed, 7])
    parameters = draw_parameters(prepared.spec, prepared.priors, prepared.money_share, n, rng)
    unit = _at_unit_beta(prepared, parameters, rng)
    sizes = _sizes(parameters, unit)
    count = len(prepared.spec.channels)
    return replace(unit, paid=_scaled(unit.paid, sizes[:count]), organic=_scaled(unit.organic, sizes[count:]))


@dataclass(frozen=True, eq=False)
class _Linear:
    """Prior draws of the linear part, in scaled outcome units: coef (P, G, S), sigma (G, S), demand (D, S)."""

    coef: FloatArray
    sigma: FloatArray
    demand: FloatArray


def _linear(prepared: Prepared, n: int, rng: np.random.Generator) -> _Linear:
    from mmm.model.build import DEMAND_SCALE  # noqa: PLC0415  (PyMC comes with it; tables of priors need none)

    part, geos = prepared.linear, len(prepared.panel.geos)
    noise = rng.standard_normal((len(part.prior_mean), geos, n))
    coef = part.prior_mean[:, None, None] + part.prior_sd[:, None, None] * noise
    first = coef.shape[0] - len(prepared.spec.controls)
    for control in prepared.priors.signed_controls:
        size = np.exp(control.mu + control.sigma * rng.standard_normal(n))
        coef[first + control.index] = control.sign * size
    sigma = prepared.noise_scale * np.abs(rng.standard_normal((geos, n)))
    return _Linear(coef, sigma, DEMAND_SCALE * rng.standard_normal((prepared.demand_columns.shape[1], n)))


def _at_unit_beta(prepared: Prepared, parameters: ParameterDraws, rng: np.random.Generator) -> ResponseDraws:
    """Return draws whose media have beta 1, in mean outcomes per week."""
    panel, n = prepared.panel, parameters.alpha.shape[1]
    linear = _linear(prepared, n, rng)
    scale = prepared.outcome_scale[:, None]
    count = len(panel.channels)
    baseline = BaselineDraws(
        basis=prepared.basis,
        control_names=panel.control_names,
        controls=panel.controls,
        control_center=prepared.control_center,
        control_scale=prepared.control_scale,
        coef=linear.coef * scale,
        sigma=linear.sigma * scale,
    )
    return ResponseDraws(
        weeks=panel.weeks,
        geos=panel.geos,
        outcome_name=panel.outcome_name,
        outcome_is_money=panel.outcome_is_money,
        currency=panel.currency,
        outcome=panel.outcome,
        value_per_outcome=panel.value_per_outcome,
        spend=panel.spend,
        paid=_family(prepared, parameters, slice(0, count)),
        organic=_family(prepared, parameters, slice(count, None)),
        baseline=baseline,
        demand=DemandIndex(panel.weeks, linear.demand) if len(linear.demand) else None,
        chain=np.arange(n, dtype=np.int64) * 2 // max(n, 1),
        population=panel.population,
        observed=panel.observed,
    )


def _family(prepared: Prepared, draws: ParameterDraws, members: slice) -> MediaDraws:
    raw = np.concatenate([prepared.panel.exposure, prepared.panel.organic])[members]
    ones = np.ones((*raw.shape[:2], 1))
    return MediaDraws(
        names=prepared.spec.media[members],
        media=raw,
        saturation=tuple(form.function for form in prepared.forms[members]),
        alpha=draws.alpha[members, None, :] * ones,
        half_saturation=draws.half[members, None, :] * prepared.media_scale[members][..., None],
        slope=draws.slope[members, None, :] * ones,
        beta=np.ones_like(draws.slope[members, None, :]) * ones * prepared.outcome_scale[:, None],
    )


def _sizes(draws: ParameterDraws, unit: ResponseDraws) -> FloatArray:
    """Return beta of every medium over its unit, (M, S): the stated size over the size at beta 1."""
    spend = unit.spend.sum(axis=(1, 2))[:, None]
    size = np.asarray(draws.roas * spend / contribution(unit).to_numpy(), dtype=np.float64)
    by_margin = np.isnan(draws.roas)
    if by_margin.any():
        size = np.where(by_margin, draws.mroas / mroas(unit).to_numpy(), size)
    if not unit.organic.names:
        return size
    total = float((unit.value_per_outcome * unit.outcome).sum())
    return np.concatenate([size, draws.organic * total / organic_contribution(unit)])


def organic_contribution(response: ResponseDraws) -> FloatArray:
    """Return what each organic medium's activity in the window makes, (O, S), in value units."""
    # It is a paid one without a demand index.
    alone = replace(response, paid=response.organic, spend=response.organic.media, demand=None)
    return np.asarray(contribution(alone), dtype=np.float64)


def _scaled(media: MediaDraws, size: FloatArray) -> MediaDraws:
    return replace(media, beta=media.beta * size[:, None, :])


def simulate_outcome(draws: ResponseDraws, index: int, rng: np.random.Generator) -> FloatArray:
    """Make one data set from one draw.

    Parameters
    ----------
    draws : ResponseDraws
        From :func:`prior_draws`, or a posterior.
    index : int
        Which draw.
    rng : Generator
        For the residual noise.

    Returns
    -------
    (G, T)
        Outcome units per week; 0 where the panel holds no row. A refit to it must keep the scales of the panel that
        the draws were made from, or the priors move with the data.
    """
    one = draws.select(np.array([index]))
    mean, base = fitted_mean(one)[..., 0], one.baseline
    noise = rng.standard_t(base.freedom[0], mean.shape) if base.freedom.size else rng.standard_normal(mean.shape)
    return np.where(draws.observed, mean + base.sigma * noise, 0.0)
