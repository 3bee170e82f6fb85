"""A market with any true mechanism, in numpy: what the company sees of it, and its truth by counterfactual.

The ROAS is DESIGN.md's: outcome lost if the channel's spend in the window were zero, what it carries out of the window
included and what earlier spend carries in kept, over that spend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.model.curves import LAGS, Curve
from mmm.arrays import FloatArray, WeekArray
from mmm.data.lift_tests import LiftTest
from mmm.data.panel import NATIONAL, Panel
from mmm.data.report import DataReport, Ledger

#: Weeks that happened before the data, whose carryover enters them.
HISTORY = LAGS
WEEK = np.timedelta64(7, "D")
FIRST_WEEK = np.datetime64("2022-01-03", "D")


@dataclass(frozen=True, eq=False)
class TrueChannel:
    """One channel over history and window (N weeks).

    Attributes
    ----------
    name : str
    spend : (N,)
        Money that was truly spent.
    lags : (LAGS,)
        Weights of this week's and earlier weeks' spend.
    curve : Curve
        In money.
    beta : (N,) or float
        The most that it can add a week, outcome units; by week where the effect drifts.
    recorded : (T,), optional
        What the company's books say of the window's weeks, where that is not what was spent.
    """

    name: str
    spend: FloatArray
    lags: FloatArray
    curve: Curve
    beta: FloatArray | float = 1.0
    recorded: FloatArray | None = None

    def effect(self, spend: FloatArray) -> FloatArray:
        """Return the effect by week of a spend, (N + A,); weeks after the window have the last week's beta."""
        stock = np.convolve(spend, self.lags)[: len(spend)]
        beta = np.broadcast_to(np.asarray(self.beta, dtype=np.float64), (len(self.spend),))
        longer = np.concatenate([beta, np.full(len(spend) - len(beta), beta[-1])])
        return np.asarray(longer * self.curve.value(stock))


#: What channels do together beyond the sum of their own effects: (C, N) effects → (N,).
Together = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class TrueMarket:
    """A market that has happened.

    Attributes
    ----------
    channels : tuple of TrueChannel
    base : (T,)
        What would be sold in the window without any media, noise included.
    controls : mapping of str to (T,)
        What the company records besides.
    noise_sd : float
    together : callable, optional
    """

    channels: tuple[TrueChannel, ...]
    base: FloatArray
    controls: Mapping[str, FloatArray] = field(default_factory=dict)
    noise_sd: float = 0.0
    together: Together | None = None

    @property
    def n_weeks(self) -> int:
        """Weeks T of the window."""
        return len(self.base)

    @property
    def weeks(self) -> WeekArray:
        """First days of the window's weeks."""
        return calendar(self.n_weeks)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(channel.name for channel in self.channels)

    @property
    def spend(self) -> FloatArray:
        """Money truly spent in the window, (C, T)."""
        return np.stack([channel.spend[HISTORY:] for channel in self.channels])

    def media(self, spend: FloatArray | None = None, *, after: int = LAGS) -> FloatArray:
        """Return what all channels make in the window and ``after`` weeks without spend, (T + after,).

        Parameters
        ----------
        spend : (C, T), optional
            Other money in the window; default what was spent.
        """
        window = self.spend if spend is None else spend
        effects = []
        for channel, money in zip(self.channels, window, strict=True):
            whole = np.concatenate([channel.spend[:HISTORY], money, np.zeros(after)])
            effects.append(channel.effect(whole)[HISTORY:])
        total = np.sum(effects, axis=0)
        return np.asarray(total if self.together is None else total + self.together(np.stack(effects)))

    @property
    def outcome(self) -> FloatArray:
        """What was sold, (T,)."""
        return np.asarray(self.base + self.media(after=0))

    @property
    def roas(self) -> dict[str, float]:
        """True ROAS by channel."""
        spend, full = self.spend, float(self.media().sum())
        result = {}
        for i, name in enumerate(self.names):
            without = spend.copy()
            without[i] = 0.0
            result[name] = (full - float(self.media(without).sum())) / float(spend[i].sum())
        return result

    def lift(self, spend: FloatArray, weeks: slice) -> float:
        """Return the outcome of ``weeks`` with what was spent minus that with another (C, T) spend."""
        return float((self.media(after=0) - self.media(spend, after=0))[weeks].sum())

    def panel(self, *, lift_tests: tuple[LiftTest, ...] = ()) -> Panel:
        """Return what the company has: outcome, its books, its controls."""
        books = [self.spend[i] if c.recorded is None else c.recorded for i, c in enumerate(self.channels)]
        spend = np.stack(books)[:, None]
        weeks, outcome = self.n_weeks, self.outcome[None]
        totals = dict(zip(self.names, spend.sum(axis=(1, 2)).tolist(), strict=True))
        controls = np.array(list(self.controls.values()), dtype=np.float64).reshape(len(self.controls), 1, weeks)
        return Panel(
            weeks=self.weeks,
            geos=(NATIONAL,),
            outcome=outcome,
            value_per_outcome=np.ones_like(outcome),
            outcome_is_money=True,
            outcome_name="revenue",
            currency="EUR",
            channels=self.names,
            spend=spend,
            exposure=spend,
            exposure_based=np.zeros(len(spend), dtype=np.bool_),
            organic_names=(),
            organic=np.zeros((0, 1, weeks)),
            control_names=tuple(self.controls),
            controls=controls,
            population=np.ones(1),
            report=DataReport((), Ledger(weeks, weeks, totals, totals)),
            lift_tests=lift_tests,
        )

    def settings(self) -> dict[str, object]:
        """Return the least ``model.yaml`` for the panel."""
        return {
            "data": {"file": "weekly.csv", "date": "week", "outcome": "revenue", "allow_future": True},
            "channels": {name: {"spend": f"{name}_spend"} for name in self.names},
            "controls": list(self.controls),
        }


def calendar(n_weeks: int) -> WeekArray:
    """Return the first days of a window's weeks."""
    return np.asarray(FIRST_WEEK + WEEK * np.arange(n_weeks), dtype="datetime64[D]")


def sized(channel: TrueChannel, roas: float, drift: FloatArray | None = None) -> TrueChannel:
    """Give a channel the size that its true ROAS asks for, alone; ``drift`` (N,) is its size's shape over the weeks."""
    shaped = replace(channel, beta=1.0 if drift is None else drift)
    window = channel.spend[HISTORY:]
    history = np.concatenate([channel.spend[:HISTORY], np.zeros(len(window) + LAGS)])
    actual = np.concatenate([channel.spend, np.zeros(LAGS)])
    lost = float((shaped.effect(actual) - shaped.effect(history)).sum())
    return replace(shaped, beta=np.asarray(shaped.beta) * (roas * float(window.sum()) / lost))
