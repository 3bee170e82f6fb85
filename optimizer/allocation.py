"""The answer: a plan, how good it is and how that is known."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray, WeekArray
from mmm.findings import Finding
from mmm.response.split import geo_split
from optimizer.problem import AllocationProblem, Progress
from optimizer.risk_report import RiskReport
from optimizer.volumes import volumes


@dataclass(frozen=True)
class Interval:
    """Mean and 90 % interval over draws."""

    mean: float
    q05: float
    q95: float

    @classmethod
    def of(cls, draws: FloatArray) -> Interval:
        """Summarise draws, (S,)."""
        low, high = np.quantile(draws, [0.05, 0.95])
        return cls(float(draws.mean()), float(low), float(high))

    def as_dict(self) -> dict[str, float]:
        """Return the interval JSON-ready."""
        return {"mean": self.mean, "q05": self.q05, "q95": self.q95}


@dataclass(frozen=True)
class ShadowPrice:
    """What one unit of loosening a constraint adds to the best value.

    Attributes
    ----------
    value : float
        In the objective's unit, per unit of loosening.
    kind : str
        ``dual``, ``re-solved locally at ±1 %`` or ``local dual``.
    says : str
        The sentence with both units.
    by_channel : Mapping
        Its parts, where the constraint binds each channel by itself.
    """

    value: float
    kind: str
    says: str
    by_channel: Mapping[str, float]


@dataclass(frozen=True)
class ChannelPlan:
    """One channel under the plan and under the baseline; figures of the held-back draws.

    Attributes
    ----------
    spend, baseline_spend : float
        Money over the horizon.
    value, baseline_value : Interval
        Incremental outcome (horizon and tail), in the response's unit.
    roas, mroas, baseline_roas, baseline_mroas : Interval or None
        Money (outcome units where their value is not known) per unit of money; None without spend.
    max_week, observed_max : float
        Largest planned and largest observed week, money, the latter at the planned prices.
    """

    spend: float
    baseline_spend: float
    value: Interval
    baseline_value: Interval
    roas: Interval | None
    mroas: Interval | None
    baseline_roas: Interval | None
    baseline_mroas: Interval | None
    max_week: float
    observed_max: float

    @property
    def extrapolation(self) -> float:
        """Largest planned week over largest observed week: above 1 the plan leaves the observed range."""
        if self.observed_max > 0:
            return self.max_week / self.observed_max
        return float("inf") if self.max_week > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Allocation:
    """A plan with its certificate.

    Attributes
    ----------
    problem : AllocationProblem
    spend : (C, T)
        Money per week.
    row_spend : (U, T)
        The same as it was decided: by channel, or by channel and geo.
    value, upper_bound : float
        Of the planning draws, in ``problem.value_unit``; no plan's value is above the bound.
    gap : float
        (bound − value) / max(|value|, floor), after smoothing and rounding. The floor is 1 % of the budget, in the
        objective's unit; next to nothing where no price leads from money to that unit.
    gap_base : str
        What the gap is a share of: ``its value``, or the floor in words.
    gap_before_rounding : float
        Of the solver's own plan, before smoothing and rounding: what was certified.
    gap_asked : float
    gap_of_uplift : float or None
        (bound − value) / (bound − baseline value); None where the baseline reaches the bound.
    bound_method : str
    monte_carlo_error : float
        Standard error of ``value`` over the planning draws, their correlation within chains counted.
    baseline_value, held_back_value, held_back_baseline_value : float
    uplift : Interval
        Over the baseline, paired held-back draws.
    risk : RiskReport
        The uplift's bad tail, whatever was maximised.
    p_beats_baseline : float
        Of the held-back draws; ties count half.
    shadow_prices : Mapping of str to ShadowPrice
    binding : tuple of str
    after_horizon : float
        The part of ``value`` that comes after the horizon.
    channels : Mapping of str to ChannelPlan
    findings : tuple of Finding
    notes : tuple of str
    status : str
        How the solve ended, a full sentence.
    seconds : float
    evaluations : int
        Of value, gradient and Hessian over all planning draws.
    history : tuple of Progress
    """

    problem: AllocationProblem
    spend: FloatArray
    row_spend: FloatArray
    value: float
    upper_bound: float
    gap: float
    gap_base: str
    gap_before_rounding: float
    gap_asked: float
    gap_of_uplift: float | None
    bound_method: str
    monte_carlo_error: float
    baseline_value: float
    held_back_value: float
    held_back_baseline_value: float
    uplift: Interval
    risk: RiskReport
    p_beats_baseline: float
    shadow_prices: Mapping[str, ShadowPrice]
    binding: tuple[str, ...]
    after_horizon: float
    channels: Mapping[str, ChannelPlan]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    status: str
    seconds: float
    evaluations: int
    history: tuple[Progress, ...]

    @property
    def certified(self) -> bool:
        """Whether the gap that was asked for was reached, before smoothing and rounding."""
        return self.gap_before_rounding <= self.gap_asked

    @property
    def weeks(self) -> WeekArray:
        """First days of the horizon's weeks, (T,)."""
        return self.problem.weeks

    @property
    def totals(self) -> dict[str, float]:
        """Planned money of each channel over the horizon."""
        return dict(zip(self.problem.channels, self.spend.sum(axis=1).tolist(), strict=True))

    @property
    def baseline_totals(self) -> dict[str, float]:
        """Business-as-usual money of each channel over the horizon."""
        return dict(zip(self.problem.channels, self.problem.baseline.sum(axis=1).tolist(), strict=True))

    @property
    def sentences(self) -> dict[str, str]:
        """Every constraint in words, by name."""
        problem = self.problem
        return {name: constraint.in_words(problem.frame_of(name)) for name, constraint in problem.named.items()}

    @property
    def geo_split(self) -> dict[str, dict[str, float]]:
        """How each channel's spend is divided: channel → geo → share; empty for national data."""
        response = self.problem.horizon.response
        if len(response.geos) < 2 or not self.problem.granularity.by_geo:
            return geo_split(response)
        money = self.geo_spend.sum(axis=2)
        total = money.sum(axis=1, keepdims=True)
        shares = np.where(total > 0, money / np.where(total > 0, total, 1.0), response.geo_shares())
        return {
            name: dict(zip(response.geos, shares[c].tolist(), strict=True)) for c, name in enumerate(response.channels)
        }

    @property
    def geo_spend(self) -> FloatArray:
        """Planned money of each channel in each geo and week, (C, G, T): decided so, or national spend by share."""
        return self.problem.horizon.units.by_block(self.row_spend)

    @property
    def volumes(self) -> Mapping[str, FloatArray]:
        """What the plan serves or buys by week, (T,), of each channel that the model sees by volume or exposure."""
        return volumes(self.problem, self.row_spend)

    def by_geo(self) -> pd.DataFrame:
        """Return one row a week, channel and geo: week, channel, geo, spend, baseline."""
        response = self.problem.horizon.response
        planned = self.geo_spend.transpose(2, 0, 1)
        before = self.problem.horizon.units.by_block(self.problem.row_baseline).transpose(2, 0, 1)
        weeks, channels, geos = planned.shape
        return pd.DataFrame(
            {
                "week": np.repeat(self.weeks, channels * geos),
                "channel": np.tile(np.repeat(np.asarray(response.channels, dtype=object), geos), weeks),
                "geo": np.tile(np.asarray(response.geos, dtype=object), weeks * channels),
                "spend": planned.ravel(),
                "baseline": before.ravel(),
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a week and channel: week, channel, spend, baseline."""
        channels, weeks = self.spend.shape
        return pd.DataFrame(
            {
                "week": np.repeat(self.weeks, channels),
                "channel": list(self.problem.channels) * weeks,
                "spend": self.spend.T.ravel(),
                "baseline": self.problem.baseline.T.ravel(),
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Return the plan as ``plan.json`` has it."""
        return {
            "allocation": self._rows(),
            "totals": self.totals,
            "value": self.value,
            "upper_bound": _finite(self.upper_bound),
            "gap": _finite(self.gap),
            "gap_of_uplift": self.gap_of_uplift,
            "bound_method": self.bound_method,
            "baseline": {"value": self.baseline_value, "totals": self.baseline_totals},
            "held_back": {"value": self.held_back_value, "baseline_value": self.held_back_baseline_value},
            "uplift": self.uplift.as_dict(),
            "p_beats_baseline": self.p_beats_baseline,
            "shadow_prices": {
                name: {"value": p.value, "kind": p.kind, "says": p.says, "by_channel": dict(p.by_channel)}
                for name, p in self.shadow_prices.items()
            },
            "binding": list(self.binding),
            "after_horizon": self.after_horizon,
            "extrapolation": {name: _finite(c.extrapolation) for name, c in self.channels.items()},
            "volumes": {name: series.tolist() for name, series in self.volumes.items()},
            **({"geo_split": self.geo_split} if self.geo_split else {}),
            "seconds": self.seconds,
            "evaluations": self.evaluations,
            **self._more(),
        }

    def _rows(self) -> list[dict[str, Any]]:
        by_geo = self.problem.granularity.by_geo
        frame = self.by_geo() if by_geo else self.to_frame()
        frame["week"] = frame["week"].dt.strftime("%Y-%m-%d")
        kept = ["week", "channel", *(["geo"] if by_geo else []), "spend"]
        return [dict(zip(kept, row, strict=True)) for row in frame[kept].itertuples(index=False)]

    def _more(self) -> dict[str, Any]:
        def interval(value: Interval | None) -> dict[str, float] | None:
            return None if value is None else value.as_dict()

        kept = ("value", "baseline_value", "roas", "mroas", "baseline_roas", "baseline_mroas")
        return {
            "gap_base": self.gap_base,
            "gap_before_rounding": _finite(self.gap_before_rounding),
            "gap_asked": self.gap_asked,
            "certified": self.certified,
            "unit": self.problem.unit,
            "value_unit": self.problem.value_unit,
            "objective": self.problem.says,
            "risk": self.risk.to_json(),
            "monte_carlo_error": self.monte_carlo_error,
            "channels": {name: {key: interval(getattr(c, key)) for key in kept} for name, c in self.channels.items()},
            "constraints": self.sentences,
            "findings": [finding.as_dict() for finding in self.findings],
            "notes": [*self.problem.notes, *self.notes],
            "status": self.status,
        }

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{c.baseline_spend:,.0f}</td><td>{c.spend:,.0f}</td>"
            f"<td>{_text(c.roas)}</td><td>{_text(c.mroas)}</td></tr>"
            for name, c in self.channels.items()
        )
        unit, value_unit = html.escape(self.problem.unit), html.escape(self.problem.value_unit)
        value, before, bound = (
            f"{x:,.0f}" if abs(x) >= 1000 else f"{x:,.3g}" for x in (self.value, self.baseline_value, self.upper_bound)
        )
        return (
            f"<p><b>Plan</b>: value {value} {value_unit} (baseline {before}); no plan is above "
            f"{bound} (gap {self.gap:.2%}). Held-back draws: uplift {self.uplift.mean:,.0f} {unit} "
            f"(90 % interval {self.uplift.q05:,.0f} to {self.uplift.q95:,.0f}), "
            f"P(beats baseline) {self.p_beats_baseline:.0%}.</p>"
            "<table><tr><th>channel</th><th>baseline</th><th>plan</th><th>ROAS</th><th>mROAS</th></tr>"
            f"{cells}</table>"
        )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _text(value: Interval | None) -> str:
    return "–" if value is None else f"{value.mean:.2f} ({value.q05:.2f}–{value.q95:.2f})"
