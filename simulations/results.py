"""What a simulation gives: draws by scenario, and the estimates that tables and pages show."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.response.metrics import summarise
from mmm.response.probability import p_positive, paired
from simulations.finance import Cash, Terms
from simulations.future import Future
from simulations.periods import Period, Periods, divide

if TYPE_CHECKING:
    import pandas as pd

    from simulations.grids import GridResults
    from simulations.tornado import SweepResults


@dataclass(frozen=True)
class Estimate:
    """A mean over draws and its 90 % interval."""

    mean: float
    q05: float
    q95: float

    @staticmethod
    def of(draws: FloatArray) -> Estimate:
        """Summarise (S,) draws."""
        found = summarise(draws)
        return Estimate(found["mean"], found["q05"], found["q95"])

    @property
    def zero(self) -> bool:
        """Whether it is of a difference that is none: mean and interval are exactly zero."""
        return self.mean == self.q05 == self.q95 == 0.0

    def as_dict(self) -> dict[str, float]:
        """Return the estimate JSON-ready."""
        return {"mean": self.mean, "q05": self.q05, "q95": self.q95}


@dataclass(frozen=True, eq=False)
class ScenarioDraws:
    """One course of events under one fit.

    Attributes
    ----------
    name, says : str
        What it is called, and what changes in it.
    future : Future
        Its spend, prices and demand.
    expected : (T, S)
        Outcome of each week of the horizon, without residual noise, outcome units.
    media : (C, S)
        What each channel's spend in the horizon adds, in the horizon and after it; where supply is limited, to what
        is wanted.
    after : (S,)
        What the horizon's media, and orders that wait, bring after the horizon.
    marginal : (C, S)
        Derivative of ``media`` when a channel's spend is scaled in proportion (per 100 % of it).
    capped : (T, S) or None
        Outcome of each week with residual noise where supply is limited: what is wanted with its noise, as far as it
        can be sold. None without a limit: ``expected`` and the noise add up.
    cash : Cash or None
        Profit over business as usual; None without a margin or a value in money.
    """

    name: str
    says: str
    future: Future
    expected: FloatArray
    media: FloatArray
    after: FloatArray
    marginal: FloatArray
    capped: FloatArray | None = None
    cash: Cash | None = None

    @property
    def spend(self) -> FloatArray:
        """Spend in the horizon by channel, (C,)."""
        return np.asarray(self.future.spend.sum(axis=1), dtype=np.float64)

    @property
    def effect(self) -> FloatArray:
        """Outcome of the horizon and what its media still add after it, (S,); differences of it are exact."""
        return np.asarray(self.expected.sum(axis=0) + self.after, dtype=np.float64)


@dataclass(frozen=True)
class BeyondObserved:
    """Spend that the data never saw: the response there rests on the model's form.

    Attributes
    ----------
    scenario, channel : str
    weeks : int
        Weeks of the horizon it concerns.
    planned, observed : float
        The most (least) weekly spend planned, at today's cost of an exposure, and the most (least) in the data.
    above : bool
        Above the most in the data, or below the least.
    """

    scenario: str
    channel: str
    weeks: int
    planned: float
    observed: float
    above: bool


@dataclass(frozen=True, eq=False)
class ScenarioResults:
    """Scenarios and business as usual on the same draws.

    Attributes
    ----------
    channels : tuple of str
    weeks : (T,)
    outcome_name, currency : str
    value : float or None
        Money per outcome unit in the horizon; None where the outcome has no money value.
    margin : float or None
        Profit before media per unit of value.
    fiscal_year_start : int
    noise : (T, S)
        Residual noise, the same in every scenario, outcome units.
    bau : ScenarioDraws
    scenarios : tuple of ScenarioDraws
    observed_min, observed_max : (C,)
        Least and most weekly spend in the data, money.
    beyond : tuple of BeyondObserved
    assumptions : tuple of str
        What the figures rest on, full sentences.
    seed : int
    discount_rate : float or None
        A year; with it present values are stated.
    grid : GridResults or None
        All combinations of changes, where they were asked for.
    sweep : SweepResults or None
        What a random sweep over ranges found, where it was asked for.
    """

    channels: tuple[str, ...]
    weeks: WeekArray
    outcome_name: str
    currency: str
    value: float | None
    margin: float | None
    fiscal_year_start: int
    noise: FloatArray
    bau: ScenarioDraws
    scenarios: tuple[ScenarioDraws, ...]
    observed_min: FloatArray
    observed_max: FloatArray
    beyond: tuple[BeyondObserved, ...]
    assumptions: tuple[str, ...]
    seed: int
    discount_rate: float | None = None
    grid: GridResults | None = None
    sweep: SweepResults | None = None

    def __getitem__(self, name: str) -> ScenarioDraws:
        """Return a scenario, or business as usual, by name."""
        for one in self.all:
            if one.name == name:
                return one
        raise KeyError(f"no scenario '{name}'; there are {', '.join(one.name for one in self.all)}")

    @property
    def all(self) -> tuple[ScenarioDraws, ...]:
        """Business as usual and the scenarios, in order."""
        return (self.bau, *self.scenarios)

    @property
    def n_draws(self) -> int:
        """Number of paired draws S."""
        return int(self.noise.shape[1])

    @property
    def outcome_is_money(self) -> bool:
        """Whether the outcome itself is money (and not units with a value)."""
        return self.value == 1.0

    @property
    def unit(self) -> str:
        """Unit of outcomes: the currency, or the outcome's name."""
        return self.currency if self.outcome_is_money else self.outcome_name

    @property
    def return_unit(self) -> str:
        """Unit of ROAS: money per money, or outcome units per money."""
        top = self.outcome_name if self.value is None else self.currency
        return f"{top} per {self.currency}"

    @property
    def terms(self) -> Terms:
        """How outcomes become money."""
        return Terms(self.value, self.margin, self.discount_rate)

    def level(self, one: ScenarioDraws) -> FloatArray:
        """Outcome of each week, residual noise included, (T, S)."""
        return one.expected + self.noise if one.capped is None else one.capped

    def outcome(self, one: ScenarioDraws) -> Estimate:
        """Outcome in the horizon, residual noise included."""
        return Estimate.of(self.level(one).sum(axis=0))

    def revenue(self, one: ScenarioDraws) -> Estimate | None:
        """Money that the horizon's outcome is worth, residual noise included; None where nobody knows its value."""
        worth = self.terms.worth(one.future)
        return None if worth is None else Estimate.of(worth @ self.level(one))

    def profit(self, one: ScenarioDraws) -> FloatArray | None:
        """Profit after media spend in each week, residual noise included, (T, S); None without a margin or value."""
        return self.terms.profit(one.future, self.level(one))

    def weekly_gain(self, one: ScenarioDraws) -> FloatArray | None:
        """Profit over business as usual's in each week of the horizon, paired, without noise, (T, S)."""
        ours = self.terms.profit(one.future, one.expected)
        usual = self.terms.profit(self.bau.future, self.bau.expected)
        return None if ours is None or usual is None else ours - usual

    def in_horizon(self, one: ScenarioDraws) -> FloatArray:
        """Difference from business as usual in the horizon, paired, without noise, (S,)."""
        return paired(one.expected.sum(axis=0), self.bau.expected.sum(axis=0))

    def after_horizon(self, one: ScenarioDraws) -> FloatArray:
        """Difference from business as usual after the horizon, paired, (S,)."""
        return paired(one.after, self.bau.after)

    def delta(self, one: ScenarioDraws) -> FloatArray:
        """Difference from business as usual, in the horizon and after it, paired, (S,)."""
        return self.in_horizon(one) + self.after_horizon(one)

    def spend_change(self, one: ScenarioDraws) -> float:
        """Spend over business as usual's, money."""
        # Adding zero turns −0 into 0.
        return float(one.spend.sum() - self.bau.spend.sum()) + 0.0

    def profit_delta(self, one: ScenarioDraws) -> FloatArray | None:
        """Profit over business as usual's, in the horizon and after it, (S,); None without a margin or value."""
        return None if one.cash is None or self.margin is None or self.value is None else one.cash.gain

    def roas(self, one: ScenarioDraws, channel: int | None = None) -> Estimate | None:
        """ROAS of the horizon's spend, of all media or of one channel; None where nothing is spent."""
        return self._per_spend(one, one.media, channel)

    def mroas(self, one: ScenarioDraws, channel: int | None = None) -> Estimate | None:
        """Marginal ROAS when the scenario's spend is scaled in proportion; None where nothing is spent."""
        return self._per_spend(one, one.marginal, channel)

    def _per_spend(self, one: ScenarioDraws, made: FloatArray, channel: int | None) -> Estimate | None:
        which = slice(None) if channel is None else slice(channel, channel + 1)
        spend = float(one.spend[which].sum())
        worth = self.terms.worth(one.future)
        value = 1.0 if worth is None else float(worth.mean())
        return Estimate.of(made[which].sum(axis=0) * value / spend) if spend > 0 else None

    def divided(self, kind: Period) -> Periods:
        """Divide the horizon over weeks, months or fiscal quarters."""
        return divide(self.weeks, kind, self.fiscal_year_start)

    def summary(self) -> pd.DataFrame:
        """Return one row a scenario, business as usual first. See :mod:`simulations.tables`."""
        from simulations.tables import summary  # noqa: PLC0415

        return summary(self)

    def by_period(self, kind: Period) -> pd.DataFrame:
        """Return one row a scenario and week, month or fiscal quarter. See :mod:`simulations.tables`."""
        from simulations.tables import by_period  # noqa: PLC0415

        return by_period(self, kind)

    def by_channel(self) -> pd.DataFrame:
        """Return one row a scenario and channel. See :mod:`simulations.tables`."""
        from simulations.tables import by_channel  # noqa: PLC0415

        return by_channel(self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(one.name)}</td><td>{one.spend.sum():,.0f}</td><td>{delta.mean:+,.0f} "
            f"({delta.q05:+,.0f} to {delta.q95:+,.0f})</td><td>{'equal' if delta.zero else f'{p:.0%}'}</td></tr>"
            for one in self.scenarios
            for delta, p in ((Estimate.of(self.delta(one)), p_positive(self.delta(one))),)
        )
        return (
            f"<p><b>Scenarios</b>: {len(self.weeks)} weeks from {self.weeks[0]}, {self.n_draws} paired draws; business "
            f"as usual spends {html.escape(self.currency)} {self.bau.spend.sum():,.0f}.</p><table><tr><th>scenario</th>"
            f"<th>spend, {html.escape(self.currency)}</th><th>outcome over business as usual, {html.escape(self.unit)} "
            f"(90 % interval)</th><th>P(beats it)</th></tr>{rows}</table>"
        )
