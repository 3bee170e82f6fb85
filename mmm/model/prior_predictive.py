"""What the priors say before the data do: draws of every parameter, and data sets made from them.

A prior draw is made as the model is: media's parameters from their priors, each medium's size turned into its beta by
what its ROAS, mROAS or share would be at beta 1, the linear part from its normal prior. Nothing is sampled by Markov
chains, and the outcome enters by its scale only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.model.prepared import Prepared, prepare
from mmm.model.prior_parameters import ParameterDraws, draw_parameters
from mmm.model.spec import ModelSpec, Noise
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.metrics import contribution, mroas
from mmm.response.weekly import fitted_mean

#: Prior draws behind the sentences and the tables.
DRAWS = 1000
#: Shape and scale of the Gamma prior of Student-t residuals' degrees of freedom.
FREEDOM = (2.0, 10.0)


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
    if prepared.spec.noise is Noise.STUDENT_T:
        freedom = rng.gamma(*FREEDOM, n)
        unit = replace(unit, baseline=replace(unit.baseline, freedom=freedom))
    count = len(prepared.spec.channels)
    return replace(unit, paid=_scaled(unit.paid, sizes[:count]), organic=_scaled(unit.organic, sizes[count:]))


def _at_unit_beta(prepared: Prepared, parameters: ParameterDraws, rng: np.random.Generator) -> ResponseDraws:
    """Return draws whose media have beta 1 where their tilt is 1, in typical outcomes per week."""
    from mmm.model.posterior import Draws, demand_index, response_of  # noqa: PLC0415  (PyMC comes with them)
    from mmm.model.spreads import DEMAND_SCALE, WEEK_SPREAD, prior_spreads  # noqa: PLC0415

    n, geos, part = parameters.alpha.shape[1], len(prepared.panel.geos), prepared.linear
    waves = prepared.demand_columns.shape[1]
    demand = DEMAND_SCALE * rng.standard_normal((n, waves)) if waves else None
    now, later = demand_index(prepared, demand, n)
    differ = prior_spreads(prepared, n, rng)
    wide = np.ones((n, len(prepared.forms), geos))
    alpha, half, slope = (values.T for values in (parameters.alpha, parameters.half, parameters.slope))
    logit = np.log(alpha / (1.0 - alpha))[..., None] + differ["carryover"]
    amplitude = 0.5 * np.abs(rng.standard_normal(n)) if part.wander else None
    stated = prepared.priors.signed_controls
    sizes = [np.exp(c.mu + c.sigma * rng.standard_normal(n)) for c in stated]
    draws = Draws(
        alpha=1.0 / (1.0 + np.exp(-logit)) * wide,
        half=half[..., None] * np.exp(differ["half_saturation"]) * wide,
        slope=slope[..., None] * np.exp(differ["slope"]) * wide,
        tilt=np.exp(differ["size"]) * wide,
        common_alpha=alpha,
        common_half=half,
        common_slope=slope,
        roas=parameters.roas.T,
        organic=parameters.organic.T,
        share=np.ones((n, len(prepared.forms))),
        now=now,
        later=later,
        demand=None if demand is None else np.ascontiguousarray(demand.T),
        sigma=prepared.noise_scale * np.abs(rng.standard_normal((n, geos))),
        week_spread=WEEK_SPREAD * np.abs(rng.standard_normal(n)) if prepared.week_shocks else np.empty(0),
        rho=0.5 * np.abs(rng.standard_normal(n)) if part.own else np.zeros(n),
        sd=np.broadcast_to(part.scales(amplitude), (n, len(part.names))),
        control_size=np.array(sizes).reshape(len(stated), n).T,
    )
    linear = np.zeros((n, 1 + len(part.names), geos))
    linear[:, 0] = part.intercept_sd[0] * rng.standard_normal((n, 1))
    linear[:, 0] += part.intercept_sd[1] * rng.standard_normal((n, geos))
    linear[:, 1:] = (draws.sd * rng.standard_normal(draws.sd.shape))[..., None]
    own = draws.rho[:, None] * part.prior_sd[: part.own]
    linear[:, 1 : 1 + part.own] += own[..., None] * rng.standard_normal((n, part.own, geos))
    chain = np.arange(n, dtype=np.int64) * 2 // max(n, 1)
    return response_of(prepared, draws, np.ones((n, len(prepared.forms))), linear, chain)


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
    shock = base.common * rng.standard_normal(mean.shape[1]) if base.common.size else 0.0
    return np.where(draws.observed, mean + base.sigma * noise + shock, 0.0)
