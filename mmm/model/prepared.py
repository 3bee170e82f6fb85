"""A panel prepared for the model: scaled arrays, the linear part, and every prior as numbers.

Scaling stays inside: the outcome is divided by its mean, media by their typical (mean non-zero) week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.exceptions import DataError, SpecError
from mmm.model.likelihood import LinearPart
from mmm.model.resolve import ResolvedPriors, resolve_priors
from mmm.model.spec import DemandForm, ModelSpec, SaturationForm, Trend
from mmm.response.draws import RECENT_WEEKS
from mmm.transforms.adstock import initial_state
from mmm.transforms.time_bases import TimeBasis, fourier_columns

#: Weeks after the window whose carryover is summed one by one; what is left is summed as a geometric series.
TAIL_WEEKS = 104
#: Sine–cosine pairs of the demand index.
DEMAND_ORDER = 2


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that the model needs, as arrays. M = C paid + O organic media.

    Attributes
    ----------
    spec : ModelSpec
        Of what the panel holds: columns that the data room left out are not in it.
    panel : Panel
    outcome_scale : (G,)
        Mean outcome of a week; the model's outcome unit.
    media : (M, G, T)
        In typical weeks.
    media_scale : (M, G)
    initial : (M, G)
        Adstock before the first week, in typical weeks.
    forms : tuple of SaturationForm
        One a medium.
    credit : (G, T)
        Value of one scaled outcome unit, week by week, over the value of all outcomes in the window.
    tail_credit : (G,)
        The same after the window, at the mean value of the last 13 weeks.
    money_share : (C,)
        Each paid channel's spend over the value of all outcomes in the window.
    demand_columns, demand_tail : (T, D), (TAIL_WEEKS, D)
        Fourier columns of the demand index; D = 0 without one.
    basis : TimeBasis
    control_center, control_scale : (K, G)
    linear : LinearPart
        In scaled outcome units.
    noise_scale : float
        Scale of the residual's half-normal prior.
    priors : ResolvedPriors
    """

    spec: ModelSpec
    panel: Panel
    outcome_scale: FloatArray
    media: FloatArray
    media_scale: FloatArray
    initial: FloatArray
    forms: tuple[SaturationForm, ...]
    credit: FloatArray
    tail_credit: FloatArray
    money_share: FloatArray
    demand_columns: FloatArray
    demand_tail: FloatArray
    basis: TimeBasis
    control_center: FloatArray
    control_scale: FloatArray
    linear: LinearPart
    noise_scale: float
    priors: ResolvedPriors

    @property
    def outcome(self) -> FloatArray:
        """The scaled outcome, (G, T)."""
        return self.panel.outcome / self.outcome_scale[:, None]

    @property
    def free_slope(self) -> tuple[int, ...]:
        """Media whose Hill slope is learned."""
        return tuple(i for i, form in enumerate(self.forms) if form is SaturationForm.HILL_FREE_SLOPE)


def prepare(spec: ModelSpec, panel: Panel) -> Prepared:
    """Scale a panel and resolve every default of the spec against it.

    Raises
    ------
    SpecError
        More than one geo; a panel that was read with another spec.
    DataError
        No paid channel is left; a medium or the outcome is zero throughout, or there are fewer weeks than parameters.
    """
    if len(panel.geos) > 1:
        raise SpecError(
            f"the data has {len(panel.geos)} geos, and this version fits national data",
            where="model.yaml, data.geo",
            do="Sum the geos into one row a week and remove 'geo'.",
        )
    spec = spec.for_panel(panel)
    media = np.concatenate([panel.exposure, panel.organic])
    _refuse_empty(spec, panel, media)
    outcome_scale = np.abs(panel.outcome).mean(axis=-1)
    media_scale = media.sum(-1) / np.maximum((media > 0).sum(-1), 1)
    scaled = media / media_scale[..., None]
    value = panel.value_per_outcome * outcome_scale[:, None]
    recent = panel.value_per_outcome[:, -RECENT_WEEKS:].mean(axis=-1)
    total_value = float((panel.value_per_outcome * panel.outcome).sum())
    basis = _basis(spec, panel)
    center, scale = _standardise(panel.controls)
    scaled_sd = float((panel.outcome / outcome_scale[:, None]).std())
    order = DEMAND_ORDER if spec.demand_index is DemandForm.YEARLY else 0
    after = panel.weeks[-1] + np.timedelta64(7, "D") * np.arange(1, TAIL_WEEKS + 1)
    money_share = panel.spend.sum(axis=(1, 2)) / total_value
    return Prepared(
        spec=spec,
        panel=panel,
        outcome_scale=outcome_scale,
        media=scaled,
        media_scale=media_scale,
        initial=initial_state(scaled),
        forms=tuple(spec.form(name) for name in spec.media),
        credit=value / total_value,
        tail_credit=recent * outcome_scale / total_value,
        money_share=money_share,
        demand_columns=fourier_columns(panel.weeks, order),
        demand_tail=fourier_columns(after, order),
        basis=basis,
        control_center=center,
        control_scale=scale,
        linear=_linear_part(spec, panel, basis, center, scale, scaled_sd),
        noise_scale=scaled_sd,
        priors=resolve_priors(spec, money_share, outcome_is_money=panel.outcome_is_money),
    )


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
    if np.ptp(panel.outcome) == 0:
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
    )


def _standardise(controls: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return center and scale, (K, G) each: mean and sd."""
    spread = controls.std(axis=-1)
    return controls.mean(axis=-1), np.where(spread > 0, spread, 1.0)


def _linear_part(
    spec: ModelSpec, panel: Panel, basis: TimeBasis, center: FloatArray, scale: FloatArray, outcome_sd: float
) -> LinearPart:
    """Return intercept, calendar columns and controls with their prior scales, in scaled outcome units."""
    time = basis.design(panel.weeks)
    geos = len(panel.geos)
    controls = ((panel.controls - center[..., None]) / scale[..., None]).transpose(1, 2, 0)
    design = np.concatenate([np.broadcast_to(time, (geos, *time.shape)), controls], axis=-1)
    names = (*basis.names, *(f"control:{name}" for name in panel.control_names))
    _refuse_short(spec, panel, len(names))
    mean = np.array([1.0 if name == "intercept" else 0.0 for name in names])
    spread = np.array([prior_scale(name, outcome_sd) for name in names])
    return LinearPart.factorise(design, mean, spread)


def prior_scale(column: str, outcome_sd: float) -> float:
    """Return the prior standard deviation of a linear coefficient, in mean weekly outcomes.

    Wide against the outcome's own spread, so that the data decide; Fourier terms shrink with their order.
    """
    kind, _, rest = column.partition("_")
    if column == "intercept":
        return 0.5
    if kind in ("sin", "cos"):
        return 1.5 * outcome_sd / float(rest)
    if column.startswith("trend_from"):
        return 1.5 * outcome_sd
    return {"trend": 1.5, "holiday": 2.0}.get(column.partition(":")[0], 1.0) * outcome_sd


def _refuse_short(spec: ModelSpec, panel: Panel, linear_columns: int) -> None:
    needed = count_parameters(spec, linear_columns)
    if panel.n_weeks < needed:
        raise DataError(
            f"{panel.n_weeks} weeks are fewer than the {needed} parameters of the model",
            where="model.yaml",
            do="Give more weeks, join channels, or drop controls, holidays or seasonality.",
        )


def count_parameters(spec: ModelSpec, linear_columns: int) -> int:
    """Return the number of parameters: retention, half-saturation and size a medium, slopes, demand, linear, noise."""
    slopes = sum(spec.form(name) is SaturationForm.HILL_FREE_SLOPE for name in spec.media)
    demand = 2 * DEMAND_ORDER if spec.demand_index is DemandForm.YEARLY else 0
    return 3 * len(spec.media) + slopes + demand + linear_columns + 1
