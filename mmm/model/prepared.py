"""A panel prepared for the model: scaled arrays, the linear part, and every prior as numbers.

Scaling stays inside: a geo's outcome is divided by its size (population, else its own mean outcome) and the panel's
mean outcome per size; media by size and their typical (mean non-zero) week.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.data.panel import Panel
from mmm.exceptions import DataError
from mmm.model.experiments import Replays, replays
from mmm.model.kernel import pack
from mmm.model.linear import LinearPart, linear_arrays
from mmm.model.media_kernel import HILL, HILL_FREE, LOGISTIC, MARGIN
from mmm.model.prior_values import ResolvedPriors, RoasRule
from mmm.model.resolve import resolve_priors
from mmm.model.scales import media_scales, outcome_scales, typical_week
from mmm.model.spec import DemandForm, ModelSpec, Pool, SaturationForm, Trend
from mmm.model.weeks import week_arrays
from mmm.response.draws import RECENT_WEEKS
from mmm.transforms.adstock import initial_state
from mmm.transforms.time_bases import TimeBasis, fourier_columns

#: Weeks after the window whose carryover is summed one by one; what is left is summed as a geometric series.
TAIL_WEEKS = 104
#: Sine–cosine pairs of the demand index.
DEMAND_ORDER = 2
#: Weeks between the knots of a flexible baseline.
WANDER_WEEKS = 8


CODES = {SaturationForm.HILL: HILL, SaturationForm.HILL_FREE_SLOPE: HILL_FREE, SaturationForm.LOGISTIC: LOGISTIC}


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that the model needs, as arrays. M = C paid + O organic media.

    Attributes
    ----------
    spec : ModelSpec
        Of what the panel holds: columns that the data room left out are not in it.
    panel : Panel
    outcome_scale : (G,)
        Outcome of a typical week of each geo; the model's outcome unit.
    media : (M, G, T)
        In typical weeks.
    media_scale : (M, G)
    initial : (M, G)
        Adstock before the first week, in typical weeks.
    unseen, last_unseen : (G, T), (G,)
        1 where a geo has no row; the last such week, -1 without one.
    forms : tuple of SaturationForm
        One a medium.
    credit : (G, T)
        Value of one scaled outcome unit, week by week, over the value of all outcomes in the window; 0 where unseen.
    tail_credit : (G,)
        The same after the window, at the mean value of the last 13 weeks; 0 for a geo without a row in them.
    money_share : (C,)
        Each paid channel's spend over the value of all outcomes in the window.
    demand_columns, demand_tail : (T, D), (TAIL_WEEKS, D)
        Fourier columns of the demand index; D = 0 without one.
    basis : TimeBasis
    control_center, control_scale : (K, G)
    signed : (B, G, T)
        Scaled controls whose sign is stated: they are sampled, and are not in ``linear``.
    linear : LinearPart
        In scaled outcome units.
    noise_scale : float
        Scale of the residual's half-normal prior.
    priors : ResolvedPriors
    tests : Replays
    mroas_mu, mroas_sigma : (M,)
        Of the log of the marginal size, where an mROAS is stated; else sigma 0.
    """

    spec: ModelSpec
    panel: Panel
    outcome_scale: FloatArray
    media: FloatArray
    media_scale: FloatArray
    initial: FloatArray
    unseen: FloatArray
    last_unseen: IntArray
    forms: tuple[SaturationForm, ...]
    credit: FloatArray
    tail_credit: FloatArray
    money_share: FloatArray
    demand_columns: FloatArray
    demand_tail: FloatArray
    basis: TimeBasis
    control_center: FloatArray
    control_scale: FloatArray
    signed: FloatArray
    linear: LinearPart
    noise_scale: float
    priors: ResolvedPriors
    tests: Replays
    mroas_mu: FloatArray
    mroas_sigma: FloatArray

    @property
    def outcome(self) -> FloatArray:
        """The scaled outcome, (G, T)."""
        return self.panel.outcome / self.outcome_scale[:, None]

    @property
    def week_shocks(self) -> bool:
        """Whether geos share a weekly shock."""
        return self.spec.week_shocks and len(self.panel.geos) > 1

    @property
    def free_slope(self) -> tuple[int, ...]:
        """Media whose Hill slope is learned."""
        return tuple(i for i, form in enumerate(self.forms) if form is SaturationForm.HILL_FREE_SLOPE)


def prepare(spec: ModelSpec, panel: Panel) -> Prepared:
    """Scale a panel and resolve every default of the spec against it.

    Raises
    ------
    SpecError
        A panel that was read with another spec.
    DataError
        No paid channel is left; a medium or the outcome is zero throughout, or there are fewer weeks than parameters.
    """
    spec = spec.for_panel(panel)
    media = np.concatenate([panel.exposure, panel.organic])
    _refuse_empty(spec, panel, media)
    outcome_scale, size = outcome_scales(panel.outcome, panel.observed, panel.population)
    media_scale = media_scales(media, size, panel.observed)
    scaled = media / media_scale[..., None]
    value = panel.value_per_outcome * outcome_scale[:, None] * panel.observed
    seen = panel.observed[:, -RECENT_WEEKS:]
    recent = (panel.value_per_outcome[:, -RECENT_WEEKS:] * seen).sum(axis=-1) / np.maximum(seen.sum(axis=-1), 1)
    total_value = float((panel.value_per_outcome * panel.outcome * panel.observed).sum())
    center, scale = _standardise(panel)
    order = DEMAND_ORDER if spec.demand_index is DemandForm.YEARLY else 0
    after = panel.weeks[-1] + np.timedelta64(7, "D") * np.arange(1, TAIL_WEEKS + 1)
    money_share = panel.spend.sum(axis=(1, 2)) / total_value
    priors = resolve_priors(
        spec,
        money_share,
        outcome_is_money=panel.outcome_is_money,
        typical=typical_week(media_scale, media, panel.spend),
    )
    basis = _basis(spec, panel)
    spread = _spread(panel, outcome_scale)
    controls = (panel.controls - center[..., None]) / scale[..., None]
    signed = [control.index for control in priors.signed_controls]
    mroas = _marginal(priors, money_share, len(spec.media))
    unseen = (~panel.observed).astype(np.float64)
    return Prepared(
        spec=spec,
        panel=panel,
        outcome_scale=outcome_scale,
        media=scaled,
        media_scale=media_scale,
        initial=initial_state(scaled),
        unseen=unseen,
        last_unseen=np.where(unseen.any(axis=1), panel.n_weeks - 1 - unseen[:, ::-1].argmax(axis=1), -1),
        forms=tuple(spec.form(name) for name in spec.media),
        credit=value / total_value,
        tail_credit=recent * outcome_scale / total_value,
        money_share=money_share,
        demand_columns=fourier_columns(panel.weeks, order),
        demand_tail=fourier_columns(after, order),
        basis=basis,
        control_center=center,
        control_scale=scale,
        signed=controls[signed] * panel.observed,
        linear=_linear_part(spec, panel, basis, controls, priors, spread),
        noise_scale=spread,
        priors=priors,
        tests=replays(panel, media_scale, outcome_scale),
        mroas_mu=mroas[0],
        mroas_sigma=mroas[1],
    )


def media_arrays(prepared: Prepared) -> dict[str, Any]:
    """Return the media's data and what was measured of them under the kernel's names, in its order."""
    tests = prepared.tests
    return {
        "form": np.array([CODES[form] for form in prepared.forms], dtype=np.float64),
        "media": prepared.media,
        "unseen": prepared.unseen,
        "last_unseen": prepared.last_unseen.astype(np.float64),
        "initial": prepared.initial,
        "credit": prepared.credit,
        "tail_credit": prepared.tail_credit,
        "test_medium": tests.medium.astype(np.float64),
        "test_media": tests.media,
        "test_base": tests.base,
        "test_weight": tests.weight,
        "test_lift": tests.lift,
        "test_se": tests.standard_error,
        "mroas_mu": prepared.mroas_mu,
        "mroas_sigma": prepared.mroas_sigma,
    }


def packed(prepared: Prepared) -> FloatArray:
    """Return what is fixed in a fit as the kernel takes it."""
    shocks = week_arrays(prepared.linear, prepared.panel.observed, shocks=prepared.week_shocks)
    data = {**media_arrays(prepared), **linear_arrays(prepared.linear), **shocks}
    seasonal = prepared.demand_columns.shape[1] > 0
    return pack(data, n_paid=len(prepared.spec.channels), seasonal=seasonal, tail=TAIL_WEEKS)


def _spread(panel: Panel, outcome_scale: FloatArray) -> float:
    """Return the sd of the scaled outcome within geos."""
    weeks = panel.observed.sum(axis=1)
    scaled = panel.outcome * panel.observed / outcome_scale[:, None]
    off = (scaled - (scaled.sum(axis=1) / weeks)[:, None]) * panel.observed
    return float(np.sqrt((off**2).sum() / weeks.sum()))


def _marginal(priors: ResolvedPriors, money_share: FloatArray, media: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and sd of the log of the marginal size as the kernel measures it, (M,) each."""
    mu, sigma = np.zeros(media), np.zeros(media)
    for c, rule in enumerate(priors.roas_rule):
        if rule is RoasRule.MROAS:
            mu[c] = priors.mroas_mu[c] + np.log(2.0 * MARGIN * money_share[c])
            sigma[c] = priors.mroas_sigma[c]
    return mu, sigma


def _refuse_empty(spec: ModelSpec, panel: Panel, media: FloatArray) -> None:
    for name, series in zip(spec.media, media, strict=True):
        if not np.any(series > 0):
            raise DataError(
                f"'{name}' is zero in every week, so nothing can be learned of it",
                where=f"model.yaml, {'organic' if name in spec.organic else 'channels'}",
                do="Remove it from model.yaml, or give a longer history.",
            )
    for name, spend in zip(spec.channels, panel.spend, strict=True):
        if spend.sum() <= 0:
            raise DataError(
                f"the spend of '{name}' is zero in every week", where="model.yaml, channels", do="Remove it."
            )
    if (panel.value_per_outcome * panel.outcome).sum() <= 0 or not np.any(panel.outcome):
        raise DataError(
            f"the outcome '{panel.outcome_name}' adds up to nothing or less",
            where="model.yaml, data.outcome",
            do="Choose an outcome that media can raise above zero.",
        )
    if all(np.ptp(row[seen]) == 0 for row, seen in zip(panel.outcome, panel.observed, strict=True)):
        raise DataError(
            f"the outcome '{panel.outcome_name}' is the same in every week, so there is nothing to explain",
            where="model.yaml, data.outcome",
            do="Choose the column that holds what was sold.",
        )


def _basis(spec: ModelSpec, panel: Panel) -> TimeBasis:
    weeks = panel.n_weeks
    bends = np.linspace(0, weeks, spec.trend_knots + 2)[1:-1] if spec.trend is Trend.PIECEWISE else ()
    return TimeBasis.fit_window(
        panel.weeks,
        fourier_order=spec.seasonality,
        holidays=spec.holidays,
        trend=spec.trend is not Trend.NONE,
        knots=tuple(round(float(bend)) for bend in bends),
        wander=WANDER_WEEKS if spec.trend is Trend.FLEXIBLE else 0,
    )


def _standardise(panel: Panel) -> tuple[FloatArray, FloatArray]:
    """Return center and scale of the controls, (K, G) each.

    Each geo's mean, and one sd for all geos: a control that hardly moves in a geo is not blown up there.
    """
    weeks = panel.observed.sum(axis=1)
    seen = panel.controls * panel.observed
    center = seen.sum(axis=-1) / weeks
    off = (panel.controls - center[..., None]) * panel.observed
    spread = np.sqrt((off**2).sum(axis=(1, 2)) / weeks.sum())[:, None] * np.ones(len(panel.geos))
    return center, np.where(spread > 0, spread, 1.0)


def _linear_part(
    spec: ModelSpec, panel: Panel, basis: TimeBasis, controls: FloatArray, priors: ResolvedPriors, outcome_sd: float
) -> LinearPart:
    """Return calendar columns and controls with their prior scales; those that may differ between geos come first."""
    time = basis.design(panel.weeks).T
    geos = len(panel.geos)
    signed = {control.index for control in priors.signed_controls}
    columns: list[tuple[str, FloatArray, float]] = [
        (name, np.broadcast_to(column, (geos, panel.n_weeks)), prior_scale(name, outcome_sd))
        for name, column in zip(basis.names[1:], time[1:], strict=True)
    ]
    for k, name in enumerate(panel.control_names):
        stated = priors.control_sd[k] if priors.control_sd else None
        own = prior_scale(f"control:{name}", outcome_sd) if stated is None else stated
        columns += [] if k in signed else [(f"control:{name}", controls[k], own)]
    # Holidays and the wandering level are the same everywhere; the rest may differ between geos.
    alike = [column for column in columns if column[0].startswith(("holiday:", "wander_"))]
    columns = [column for column in columns if not column[0].startswith(("holiday:", "wander_"))] + alike
    _refuse_short(spec, panel, len(columns) + 1 + len(signed))
    names = tuple(name for name, _, _ in columns)
    return LinearPart.factorise(
        names,
        np.array([values for _, values, _ in columns]).reshape(-1, geos, panel.n_weeks).transpose(1, 0, 2),
        np.array([sd for _, _, sd in columns]),
        panel.observed,
        own=len(columns) - len(alike) if spec.pooling.baseline is Pool.PARTIAL else 0,
        wander=tuple(i for i, name in enumerate(names) if name.startswith("wander_")),
    )


def prior_scale(column: str, outcome_sd: float) -> float:
    """Return the prior standard deviation of a linear coefficient, in mean weekly outcomes.

    Wide against the outcome's own spread, so that the data decide; Fourier terms shrink with their order.
    """
    kind, _, rest = column.partition("_")
    if kind in ("sin", "cos"):
        return 1.5 * outcome_sd / float(rest)
    if column.startswith("trend_from"):
        return 1.5 * outcome_sd
    if kind == "wander":
        return outcome_sd
    return {"trend": 1.5, "holiday": 2.0}.get(column.partition(":")[0], 1.0) * outcome_sd


def _refuse_short(spec: ModelSpec, panel: Panel, linear_columns: int) -> None:
    wander = spec.trend is Trend.FLEXIBLE  # its knots share one learned amplitude
    needed = count_parameters(spec, linear_columns) - (round((panel.n_weeks - 1) / WANDER_WEEKS) if wander else 0)
    if int(panel.observed.sum()) < needed:
        what = "weeks" if len(panel.geos) == 1 else "geo-weeks"
        raise DataError(
            f"{int(panel.observed.sum())} {what} are fewer than the {needed} parameters of the model",
            where="model.yaml",
            do="Give more weeks, join channels, or drop controls, holidays or seasonality.",
        )


def count_parameters(spec: ModelSpec, linear_columns: int) -> int:
    """Return the number of parameters: retention, half-saturation and size a medium, slopes, demand, linear, noise."""
    slopes = sum(spec.form(name) is SaturationForm.HILL_FREE_SLOPE for name in spec.media)
    demand = 2 * DEMAND_ORDER if spec.demand_index is DemandForm.YEARLY else 0
    return 3 * len(spec.media) + slopes + demand + linear_columns + 1
