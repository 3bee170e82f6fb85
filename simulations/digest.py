"""What is said of one scenario: its figures, summed up over the draws."""

from __future__ import annotations

from dataclasses import dataclass

from mmm.arrays import FloatArray
from mmm.response.probability import p_positive
from simulations.results import Estimate, ScenarioDraws, ScenarioResults


@dataclass(frozen=True)
class Payback:
    """When what was laid out has come back.

    Attributes
    ----------
    week : float
        Median over draws, weeks from the horizon's first day; 0: nothing is ever laid out; infinity: half of the draws
        or more never get there.
    p : float
        Probability that it comes back, carryover included.
    """

    week: float
    p: float


@dataclass(frozen=True, eq=False)
class Digest:
    """One scenario against business as usual.

    Attributes
    ----------
    name, says : str
    channel_spend : (C,)
        Money in the horizon.
    spend_change : float
        Over business as usual's, money.
    outcome : Estimate
        In the horizon, residual noise included.
    revenue, profit : Estimate or None
        What the outcome is worth, and leaves after cost and media spend, in the horizon, residual noise included.
    delta, in_horizon, after_horizon : Estimate
        Outcome over business as usual's, paired, without noise: in all, in the horizon and after it.
    p_beats_bau : float
    profit_delta, npv : Estimate or None
        Profit over business as usual's after media spend, in the horizon and after it, and its present value.
    p_more_profit, p_more_npv : float or None
    payback : Payback or None
    roas, mroas : Estimate or None
        Of all media; None where nothing is spent.
    unseen : tuple of str
        Channels with weeks of more spend than the data have seen.
    """

    name: str
    says: str
    channel_spend: FloatArray
    spend_change: float
    outcome: Estimate
    revenue: Estimate | None
    profit: Estimate | None
    delta: Estimate
    in_horizon: Estimate
    after_horizon: Estimate
    p_beats_bau: float
    profit_delta: Estimate | None
    p_more_profit: float | None
    npv: Estimate | None
    p_more_npv: float | None
    payback: Payback | None
    roas: Estimate | None
    mroas: Estimate | None
    unseen: tuple[str, ...]

    @property
    def spend(self) -> float:
        """Spend in the horizon, all channels."""
        return float(self.channel_spend.sum())


def digest(results: ScenarioResults, one: ScenarioDraws) -> Digest:
    """Sum up one scenario, or business as usual, of these results."""
    delta, gain, profit = results.delta(one), results.profit_delta(one), results.profit(one)
    cash = one.cash if gain is not None else None
    npv = None if cash is None else cash.npv
    worth = one.future.spend / one.future.cost
    unseen = (worth > results.observed_max[:, None] * (1 + 1e-9)).any(axis=1)
    return Digest(
        name=one.name,
        says=one.says,
        channel_spend=one.spend,
        spend_change=results.spend_change(one),
        outcome=results.outcome(one),
        revenue=results.revenue(one),
        profit=None if profit is None else Estimate.of(profit.sum(axis=0)),
        delta=Estimate.of(delta),
        in_horizon=Estimate.of(results.in_horizon(one)),
        after_horizon=Estimate.of(results.after_horizon(one)),
        p_beats_bau=p_positive(delta),
        profit_delta=_maybe(gain),
        p_more_profit=None if gain is None else p_positive(gain),
        npv=_maybe(npv),
        p_more_npv=None if npv is None else p_positive(npv),
        payback=None if cash is None else Payback(cash.payback_week, cash.p_pays_back),
        roas=results.roas(one),
        mroas=results.mroas(one),
        unseen=tuple(name for name, flag in zip(results.channels, unseen, strict=True) if flag),
    )


def _maybe(draws: FloatArray | None) -> Estimate | None:
    return None if draws is None else Estimate.of(draws)
