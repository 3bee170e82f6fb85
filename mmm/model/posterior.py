"""From the sampler's draws to the posterior in raw units, and to the response draws that planning needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray
from mmm.model.centring import Centring
from mmm.model.distributions import Parameter
from mmm.model.form import Form
from mmm.model.information import guess_errors
from mmm.model.kernel import DRAW, Table
from mmm.model.linear import LEVEL
from mmm.model.media_priors import Maker, Piece, layout, makers_of
from mmm.model.prepared import TAIL_WEEKS, Prepared, packed
from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws

#: Parameters that the sampler moves and that have a meaning of their own, for tables and diagnostics.
SAMPLED = (
    "carryover", "half_saturation", "slope", "roas", "organic_share", "demand", "sigma", "control_size", "nu",
    "size_spread", "carryover_spread", "half_saturation_spread", "slope_spread", "deviation", "wander", "roas_center",
    "roas_spread", "week_spread", "size_geo", "carryover_geo", "half_saturation_geo", "slope_geo",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Draws:
    """Sampled parameters by draw, chains after one another, in the model's scaled units.

    Attributes
    ----------
    alpha, half, slope, tilt : (S, M, G)
    common_alpha, common_half, common_slope : (S, M)
        Before geos differ.
    roas, organic : (S, C), (S, O)
    share : (S, M)
    now, later : (S, T), (S, A)
    demand : (D, S) or None
    sigma : (S, G)
    rho : (S,)
    sd : (S, K)
    control_size : (S, B)
    week_spread : (S,)
        Standard deviation of the weekly shock that all geos share; empty without one.
    freedom : (S,)
        Degrees of freedom of Student-t residuals; empty where they are normal.
    """

    alpha: FloatArray
    half: FloatArray
    slope: FloatArray
    tilt: FloatArray
    common_alpha: FloatArray
    common_half: FloatArray
    common_slope: FloatArray
    roas: FloatArray
    organic: FloatArray
    share: FloatArray
    now: FloatArray
    later: FloatArray
    demand: FloatArray | None
    sigma: FloatArray
    rho: FloatArray
    sd: FloatArray
    control_size: FloatArray
    freedom: FloatArray = field(default_factory=lambda: np.empty(0))
    week_spread: FloatArray = field(default_factory=lambda: np.empty(0))


def _stack(posterior: xr.Dataset, name: str) -> FloatArray:
    values = posterior[name].to_numpy()
    return np.ascontiguousarray(values.reshape(-1, *values.shape[2:]), dtype=np.float64)


def _assemble(prepared: Prepared, posterior: xr.Dataset, parts: Sequence[Piece], count: int, draws: int) -> FloatArray:
    """Return one parameter of every label, (S, count)."""
    whole, pooled = np.empty((draws, count)), prepared.priors.pooled
    for part in parts:
        values, members = _stack(posterior, part.name).reshape(draws, -1), list(part.members)
        if part.name == "roas_z" and pooled is not None:
            center, spread = _stack(posterior, "roas_center"), _stack(posterior, "roas_spread")
            own = Centring(spread[:, None], guess_errors(prepared).total[members])
            values = np.exp(own.value(values, center[:, None], pooled.mu))
        whole[:, members] = values
    return whole


def _log_tilt(prepared: Prepared, posterior: xr.Dataset) -> FloatArray:
    """Return how geos differ in size, on the log scale, (S, M, G)."""
    spread = _stack(posterior, "size_spread")[..., None]
    return np.asarray(Centring(spread, guess_errors(prepared).by_geo).value(_stack(posterior, "size_geo")))


def read_draws(
    prepared: Prepared, posterior: xr.Dataset, own_priors: Mapping[tuple[Parameter, str], Maker] | None = None
) -> Draws:
    """Read what the sampler moved."""
    spec, makers = prepared.spec, makers_of(prepared, own_priors)
    found = layout(prepared, makers)
    draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    media, geos, paid = len(spec.media), len(prepared.panel.geos), len(spec.channels)
    alpha = _assemble(prepared, posterior, found.carryover, media, draws)
    half = _assemble(prepared, posterior, found.half_saturation, media, draws)
    slope = np.ones((draws, media))
    free = list(prepared.free_slope)
    slope[:, free] = _assemble(prepared, posterior, found.slope, len(free), draws)
    roas = _assemble(prepared, posterior, found.roas, paid, draws)
    for c, name in enumerate(spec.channels):
        if (Parameter.SHARE, name) in makers and (Parameter.ROAS, name) not in makers:
            roas[:, c] /= prepared.money_share[c]
    organic = _assemble(prepared, posterior, found.organic_share, len(spec.organic), draws)

    def differ(name: str) -> FloatArray:
        if name not in found.by_geo:
            return np.zeros((1, 1, 1))
        spread = _stack(posterior, f"{name}_spread")
        return spread.reshape(draws, -1, 1) * _stack(posterior, f"{name}_geo")

    wide = np.ones((draws, media, geos))
    by_slope = slope[..., None] * wide
    if "slope" in found.by_geo:
        by_slope[:, free] *= np.exp(differ("slope"))
    logit = np.log(alpha / (1.0 - alpha))[..., None] + differ("carryover")
    demand = _stack(posterior, "demand") if prepared.demand_columns.shape[1] else None
    now, later = demand_index(prepared, demand, draws)
    amplitude = _stack(posterior, "wander") if prepared.linear.wander else None
    nothing = np.zeros(draws)
    return Draws(
        alpha=1.0 / (1.0 + np.exp(-logit)) * wide,
        half=half[..., None] * np.exp(differ("half_saturation")) * wide,
        slope=by_slope,
        tilt=np.exp(_log_tilt(prepared, posterior)) if "size" in found.by_geo else wide,
        common_alpha=alpha,
        common_half=half,
        common_slope=slope,
        roas=roas,
        organic=organic,
        share=np.concatenate([roas * prepared.money_share, organic], axis=1),
        now=now,
        later=later,
        demand=None if demand is None else np.ascontiguousarray(demand.T),
        sigma=_stack(posterior, "sigma"),
        rho=_stack(posterior, "deviation") if "deviation" in posterior else nothing,
        sd=np.broadcast_to(prepared.linear.scales(amplitude), (draws, len(prepared.linear.names))),
        control_size=_stack(posterior, "control_size") if "control_size" in posterior else np.empty((draws, 0)),
        freedom=_stack(posterior, "nu") if "nu" in posterior else np.empty(0),
        week_spread=_stack(posterior, "week_spread") if "week_spread" in posterior else np.empty(0),
    )


def demand_index(prepared: Prepared, demand: FloatArray | None, draws: int) -> tuple[FloatArray, FloatArray]:
    """Return the demand index in the window, mean 1, and after it, (S, T) and (S, A), from coefficients (S, D)."""
    if demand is None:
        return np.ones((draws, prepared.panel.n_weeks)), np.ones((draws, TAIL_WEEKS))
    level = np.exp(demand @ prepared.demand_columns.T)
    mean = level.mean(axis=1, keepdims=True)
    return level / mean, np.exp(demand @ prepared.demand_tail.T) / mean


def run_draws(prepared: Prepared, draws: Draws, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Run every draw through the kernel.

    Returns
    -------
    size : (S, M)
        Each medium's share of the outcome's value at beta 1.
    lift : (S, J)
        Of the replayed experiments, in their scaled units.
    linear : (S, 1 + K, G)
        Level and shared columns of the linear part, drawn from their exact conditional, scaled.
    """
    part = prepared.linear
    geos, columns, owns = len(prepared.panel.geos), len(part.names), part.own_basis.shape[1]
    table = Table(DRAW, packed(prepared))
    count = len(draws.roas)
    size, lift = np.empty((count, len(prepared.forms))), np.empty((count, len(prepared.tests.medium)))
    linear, mean = np.zeros((count, 1 + columns, geos)), np.empty(prepared.outcome.shape)
    signs = np.array([control.sign for control in prepared.priors.signed_controls])
    theta = np.ascontiguousarray(np.stack([draws.alpha, draws.half, draws.slope, draws.tilt], axis=1))
    target, shock = prepared.outcome - LEVEL, np.zeros(prepared.panel.n_weeks)
    spread = draws.week_spread if len(draws.week_spread) else np.zeros(count)
    for s in range(count):
        own = target
        if len(signs):
            own = target - np.einsum("b,bgt->gt", draws.control_size[s] * signs, prepared.signed)
        given = [
            own, draws.now[s], draws.later[s], theta[s], draws.share[s], draws.sigma[s], draws.rho[s : s + 1],
            np.ascontiguousarray(draws.sd[s]), spread[s : s + 1],
        ]  # fmt: skip
        normal = rng.standard_normal(1 + columns + geos + geos * owns + (len(shock) if prepared.week_shocks else 0))
        table.run(given, [mean, size[s], lift[s], normal, linear[s], shock])
    return size, lift, linear


def predicted_lift(prepared: Prepared, draws: Draws) -> FloatArray:
    """Return what every draw says of the replayed experiments, (S, J), in their scaled units."""
    return run_draws(prepared, draws, np.random.default_rng(0))[1]


def respond(
    prepared: Prepared,
    tree: Any,
    rng: np.random.Generator,
    *,
    form: Form = Form.FAST,
    own_priors: Mapping[tuple[Parameter, str], Maker] | None = None,
) -> tuple[Draws, ResponseDraws]:
    """Return the parameters, and the response draws in raw units.

    In the fast form the linear part is drawn from its exact conditional.

    Parameters
    ----------
    prepared : Prepared
    tree : DataTree
        With group ``posterior``, as the sampler gave it.
    rng : Generator
        For the linear part.
    form : Form
    own_priors : Mapping
        As given to :func:`mmm.model.build.build_model`.
    """
    posterior = tree["posterior"].dataset
    draws = read_draws(prepared, posterior, own_priors)
    size, _, linear = run_draws(prepared, draws, rng)
    if form is not Form.FAST:
        linear = _explicit_linear(prepared, posterior, draws)
    chain = np.repeat(np.arange(posterior.sizes["chain"], dtype=np.int64), posterior.sizes["draw"])
    return draws, response_of(prepared, draws, draws.share / size, linear, chain)


def _explicit_linear(prepared: Prepared, posterior: xr.Dataset, draws: Draws) -> FloatArray:
    """Return the linear part that the general form has sampled, (S, 1 + K, G), scaled."""
    part = prepared.linear
    columns = len(part.names)
    coef = np.zeros((len(draws.roas), 1 + columns, len(prepared.panel.geos)))
    coef[:, 0] = part.intercept_sd[0] * _stack(posterior, "level")[:, None]
    if part.intercept_sd[1] > 0:
        coef[:, 0] += part.intercept_sd[1] * _stack(posterior, "geo_level")
    if columns:
        coef[:, 1:] = (draws.sd * _stack(posterior, "linear"))[..., None]
    if part.own:
        scale = draws.rho[:, None] * part.prior_sd[: part.own]
        coef[:, 1 : 1 + part.own] += scale[..., None] * _stack(posterior, "geo_linear")
    return coef


def response_of(
    prepared: Prepared, draws: Draws, size: FloatArray, linear: FloatArray, chain: np.ndarray[Any, np.dtype[np.int64]]
) -> ResponseDraws:
    """Return response draws in raw units.

    Parameters
    ----------
    prepared : Prepared
    draws : Draws
    size : (S, M)
        Beta of every medium where its tilt is 1, scaled.
    linear : (S, 1 + K, G)
        Level and shared columns of the linear part, scaled.
    chain : (S,)
    """
    panel = prepared.panel
    count = len(panel.channels)
    beta = (size[..., None] * draws.tilt).transpose(1, 2, 0) * prepared.outcome_scale[:, None]
    scale = prepared.outcome_scale[:, None]
    baseline = BaselineDraws(
        basis=prepared.basis,
        control_names=panel.control_names,
        controls=panel.controls,
        control_center=prepared.control_center,
        control_scale=prepared.control_scale,
        coef=_coefficients(prepared, draws, linear) * scale,
        sigma=draws.sigma.T * scale,
        freedom=draws.freedom,
        common=draws.week_spread * scale if len(draws.week_spread) else np.zeros((0, 0)),
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
        paid=_family(prepared, draws, beta, slice(0, count)),
        organic=_family(prepared, draws, beta, slice(count, None)),
        baseline=baseline,
        demand=DemandIndex(panel.weeks, draws.demand) if draws.demand is not None else None,
        chain=chain,
        population=panel.population,
        observed=panel.observed,
        national_channels=tuple(name for name in panel.channels if name in panel.national_channels),
    )


def _family(prepared: Prepared, draws: Draws, beta: FloatArray, members: slice) -> MediaDraws:
    """Return paid or organic media in raw units, (·, G, S)."""
    panel = prepared.panel

    def moved(values: FloatArray) -> FloatArray:
        return np.ascontiguousarray(values[:, members].transpose(1, 2, 0))

    return MediaDraws(
        names=prepared.spec.media[members],
        media=np.concatenate([panel.exposure, panel.organic])[members],
        saturation=tuple(form.function for form in prepared.forms[members]),
        alpha=moved(draws.alpha),
        half_saturation=moved(draws.half) * prepared.media_scale[members][..., None],
        slope=moved(draws.slope),
        beta=np.ascontiguousarray(beta[members]),
    )


def _coefficients(prepared: Prepared, draws: Draws, linear: FloatArray) -> FloatArray:
    """Return coefficients of the uncentred columns: calendar, then all controls, (P + K, G, S), scaled."""
    part, names = prepared.linear, prepared.panel.control_names
    at = {name: 1 + i for i, name in enumerate(part.names)}
    wanted = (*prepared.basis.names[1:], *(f"control:{name}" for name in names))
    signed = {names[control.index]: b for b, control in enumerate(prepared.priors.signed_controls)}
    coef = np.empty((1 + len(wanted), linear.shape[2], len(linear)))
    coef[0] = LEVEL + (linear[:, 0] - np.einsum("gk,skg->sg", part.center, linear[:, 1:])).T
    for row, name in enumerate(wanted, start=1):
        if name in at:
            coef[row] = linear[:, at[name]].T
        else:
            b = signed[name.removeprefix("control:")]
            coef[row] = prepared.priors.signed_controls[b].sign * draws.control_size[:, b]
    return coef
