"""From the sampler's draws to the posterior in raw units, and to the response draws that planning needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray
from mmm.model.prepared import TAIL_WEEKS, Prepared
from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws
from mmm.response.forecast import fitted_effect
from mmm.transforms.saturation import Saturation, saturate

#: Parameters that the sampler moves; the linear part is drawn exactly, given them.
SAMPLED = ("carryover", "half_saturation", "slope", "roas", "organic_share", "demand", "sigma")


@dataclass(frozen=True, eq=False)
class _Draws:
    """Sampled parameters as (·, S) arrays, chains after one another, in the model's scaled units."""

    alpha: FloatArray
    half: FloatArray
    slope: FloatArray
    share: FloatArray
    demand: FloatArray | None
    sigma: FloatArray


def _stack(posterior: xr.Dataset, name: str) -> FloatArray:
    values = posterior[name].to_numpy()
    return np.ascontiguousarray(values.reshape(-1, *values.shape[2:]).T, dtype=np.float64)


def _read(prepared: Prepared, posterior: xr.Dataset) -> _Draws:
    alpha = _stack(posterior, "carryover")
    slope = np.ones_like(alpha)
    if prepared.free_slope:
        slope[list(prepared.free_slope)] = _stack(posterior, "slope")
    share = _stack(posterior, "roas") * prepared.money_share[:, None]
    if prepared.spec.organic:
        share = np.concatenate([share, _stack(posterior, "organic_share")])
    demand = _stack(posterior, "demand") if prepared.demand_columns.shape[1] else None
    return _Draws(alpha, _stack(posterior, "half_saturation"), slope, share, demand, _stack(posterior, "sigma"))


def size_at_unit_beta(
    prepared: Prepared,
    medium: int,
    alpha: FloatArray,
    half: FloatArray,
    slope: FloatArray,
    demand: tuple[FloatArray, FloatArray] | None = None,
) -> FloatArray:
    """Return a medium's share of the outcome's value at beta 1, draw by draw: what its ROAS or share is divided by.

    Parameters
    ----------
    alpha, half, slope : (S,)
    demand : ((T, S), (TAIL_WEEKS, S)), optional
        Demand index in the window and after it.
    """
    form = prepared.forms[medium].function
    with_media = np.repeat(prepared.initial[medium][:, None], len(alpha), axis=1)
    without = with_media
    size = np.zeros(len(alpha))
    for week in range(prepared.panel.n_weeks):
        with_media = alpha * with_media + (1.0 - alpha) * prepared.media[medium, :, week, None]
        without = alpha * without
        lost = saturate(form, with_media, half, slope) - saturate(form, without, half, slope)
        size += (prepared.credit[:, week] @ lost) * (demand[0][week] if demand else 1.0)
    after = np.zeros_like(size)
    for week in range(TAIL_WEEKS):
        with_media = alpha * with_media
        after = prepared.tail_credit @ saturate(form, with_media, half, slope)
        size += after * (demand[1][week] if demand else 1.0)
    ratio = alpha ** (slope if form is Saturation.HILL else 1.0)
    return np.asarray(size + after * ratio / (1.0 - ratio), dtype=np.float64)


def _betas(prepared: Prepared, draws: _Draws) -> FloatArray:
    """Return beta of every medium, (M, S), scaled."""
    demand = None
    if draws.demand is not None:
        level = np.exp(prepared.demand_columns @ draws.demand)
        demand = (level / level.mean(0), np.exp(prepared.demand_tail @ draws.demand) / level.mean(0))
    paid = len(prepared.spec.channels)
    sizes = [
        size_at_unit_beta(prepared, m, draws.alpha[m], draws.half[m], draws.slope[m], demand if m < paid else None)
        for m in range(len(prepared.forms))
    ]
    return draws.share / np.array(sizes)


def _family(prepared: Prepared, draws: _Draws, beta: FloatArray, members: slice) -> MediaDraws:
    """Return paid or organic media in raw units, (·, G, S)."""
    panel = prepared.panel
    raw = np.concatenate([panel.exposure, panel.organic])[members]
    scale = prepared.media_scale[members][..., None]
    ones = np.ones_like(scale)
    return MediaDraws(
        names=prepared.spec.media[members],
        media=raw,
        saturation=tuple(form.function for form in prepared.forms[members]),
        alpha=draws.alpha[members, None, :] * ones,
        half_saturation=draws.half[members, None, :] * scale,
        slope=draws.slope[members, None, :] * ones,
        beta=beta[members, None, :] * prepared.outcome_scale[:, None],
    )


def respond(prepared: Prepared, tree: Any, rng: np.random.Generator) -> ResponseDraws:
    """Return the response draws: media in raw units, and the linear part drawn from its exact conditional.

    Parameters
    ----------
    prepared : Prepared
    tree : DataTree
        With group ``posterior``, as the sampler gave it.
    rng : Generator
        For the linear part.
    """
    panel, posterior = prepared.panel, tree["posterior"].dataset
    draws = _read(prepared, posterior)
    beta = _betas(prepared, draws)
    count = len(panel.channels)
    paid = _family(prepared, draws, beta, slice(0, count))
    organic = _family(prepared, draws, beta, slice(count, None))
    demand = DemandIndex(panel.weeks, draws.demand) if draws.demand is not None else None
    effect = fitted_effect(paid).sum(axis=0)
    if demand is not None:
        effect = effect * demand.multiplier(panel.weeks)
    effect = effect + fitted_effect(organic).sum(axis=0)
    scale = prepared.outcome_scale[:, None]
    coef = prepared.linear.draw(prepared.outcome[..., None] - effect / scale[..., None], draws.sigma, rng)
    baseline = BaselineDraws(
        basis=prepared.basis,
        control_names=panel.control_names,
        controls=panel.controls,
        control_center=prepared.control_center,
        control_scale=prepared.control_scale,
        coef=coef * scale,
        sigma=draws.sigma * scale,
    )
    chains, length = posterior.sizes["chain"], posterior.sizes["draw"]
    return ResponseDraws(
        weeks=panel.weeks,
        geos=panel.geos,
        outcome_name=panel.outcome_name,
        outcome_is_money=panel.outcome_is_money,
        currency=panel.currency,
        outcome=panel.outcome,
        value_per_outcome=panel.value_per_outcome,
        spend=panel.spend,
        paid=paid,
        organic=organic,
        baseline=baseline,
        demand=demand,
        chain=np.repeat(np.arange(chains, dtype=np.int64), length),
    )


def posterior_tree(sampled: Any, response: ResponseDraws) -> xr.DataTree:
    """Return an arviz-ready tree: posterior in raw units, sampler statistics, observed and constant data.

    National data: figures by geo have no geo axis here.
    """
    raw = sampled["posterior"].dataset
    shape = (raw.sizes["chain"], raw.sizes["draw"])
    wide = {"chain": np.arange(shape[0]), "draw": np.arange(shape[1])}
    media = (*response.paid.names, *response.organic.names)
    terms = (*response.baseline.basis.names, *(f"control:{name}" for name in response.baseline.control_names))

    def by_chain(values: FloatArray) -> FloatArray:
        return np.moveaxis(values, -1, 0).reshape(*shape, *values.shape[:-1]).astype(np.float32)

    posterior = {
        name: (raw[name].dims, raw[name].to_numpy())
        for name in SAMPLED
        if name in raw and name not in ("half_saturation", "sigma")
    }
    both = (response.paid, response.organic)
    half = np.concatenate([family.half_saturation[:, 0] for family in both])
    beta = np.concatenate([family.beta[:, 0] for family in both])
    posterior |= {
        "half_saturation": (("chain", "draw", "medium"), by_chain(half)),
        "beta": (("chain", "draw", "medium"), by_chain(beta)),
        "coefficient": (("chain", "draw", "term"), by_chain(response.baseline.coef[:, 0])),
        "sigma": (("chain", "draw"), by_chain(response.baseline.sigma[0])),
    }
    coords = {
        name: raw.coords[name].to_numpy() for name in ("channel", "organic", "free", "wave") if name in raw.coords
    }
    dataset = xr.Dataset(posterior, coords=wide | coords | {"medium": list(media), "term": list(terms)})
    stats = sampled["sample_stats"].dataset
    kept = ("diverging", "energy", "n_steps", "step_size", "tree_depth", "depth", "logp")
    statistics = xr.Dataset(
        {name: (("chain", "draw"), stats[name].to_numpy()) for name in kept if name in stats}, coords=wide
    )
    weeks = {"week": response.weeks.astype("datetime64[ns]")}
    observed = xr.Dataset({"outcome": ("week", response.outcome.sum(0))}, coords=weeks)
    constant = xr.Dataset(
        {
            "spend": (("channel", "week"), response.spend.sum(1)),
            "media": (("medium", "week"), np.concatenate([family.media.sum(1) for family in both])),
        },
        coords=weeks | {"channel": list(response.channels), "medium": list(media)},
    )
    groups = {"posterior": dataset, "sample_stats": statistics, "observed_data": observed, "constant_data": constant}
    return xr.DataTree.from_dict(groups)
