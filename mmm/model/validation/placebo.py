"""Placebo channels: made-up spend that sold nothing. A sound model credits it with next to nothing.

Each placebo is a real channel with its blocks of weeks in another order: the same size, the same flights, the same
media prices, and no effect. It is fitted like a channel that nobody knows anything about, with the default priors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.findings import Finding, Severity
from mmm.model.validation.base import Base
from mmm.model.validation.edits import with_channel
from mmm.model.validation.refits import Job, Refit
from mmm.reporting.numbers import percent
from mmm.reporting.text import join_names

#: The 90 % interval of a placebo's contribution is to end below this share of the outcome (reliability row 6).
GOAL = 0.02
#: An interval that begins above this share credits it with something.
CREDITED = 0.01
#: Weeks that stay together.
BLOCK = 6
#: An order is taken when the placebo's spend correlates at most this much with every real channel's.
ALIKE = 0.3
TRIES = 60


@dataclass(frozen=True, eq=False)
class Placebo:
    """One made-up channel.

    Attributes
    ----------
    like : str
        The channel whose pattern and size it has.
    spend_share : float
        Its spend over the value of the outcome.
    share : (S,)
        Draws of the share of the outcome that the model credits it with.
    """

    like: str
    spend_share: float
    share: FloatArray

    @property
    def interval(self) -> tuple[float, float, float]:
        """Mean, 5 % and 95 % of the share."""
        low, high = np.quantile(self.share, [0.05, 0.95])
        return float(self.share.mean()), float(low), float(high)


@dataclass(frozen=True, eq=False)
class Placebos:
    """Every placebo, and the real channels beside them.

    Attributes
    ----------
    placebos : tuple of Placebo
    real : dict of str to (S,)
        Share of the outcome of each real channel, in the fit.
    """

    placebos: tuple[Placebo, ...]
    real: dict[str, FloatArray]

    @property
    def bar(self) -> float:
        """What a real channel must pass to stand out: the 95th percentile of all placebos' draws together."""
        return float(np.quantile(np.concatenate([one.share for one in self.placebos]), 0.95))

    @property
    def hidden(self) -> tuple[str, ...]:
        """Real channels whose 5 % quantile does not pass the bar."""
        return tuple(name for name, share in self.real.items() if np.quantile(share, 0.05) <= self.bar)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Whether placebos stay small, and which channels do not stand out from them."""
        if not self.placebos:
            means = "Whether the model credits spend that sold nothing is not known."
            says = "No placebo refit converged, or none was asked for."
            return (Finding("placebo", Severity.NOTE, says, "Run with --placebos 4, or sample longer.", means=means),)
        return (self._small(), self._stand_out())

    def _small(self) -> Finding:
        ends = [one.interval for one in self.placebos]
        passed = sum(high <= GOAL for _, _, high in ends)
        says = (
            f"{passed} of {len(ends)} made-up channels are credited with less than {percent(GOAL, 0)} of the outcome; "
            f"the largest interval is {percent(ends[_worst(ends)][1])} to {percent(ends[_worst(ends)][2])}."
        )
        lows = np.array([low for _, low, _ in ends])
        if (lows > CREDITED).any():
            means = (
                "Spend that sold nothing is said to have sold, so the same may be true of real channels of this size."
            )
            do = (
                "Add what moves the baseline (controls, holidays, trend: flexible) or state lower ROAS priors, and "
                "validate again."
            )
            grave = Severity.ERROR if (lows > GOAL).mean() >= 0.5 else Severity.WARNING
            return Finding("placebo", grave, says, do, means=means)
        if passed < 0.75 * len(ends):
            means = "So much may be credited to a channel that sells nothing: this is how finely this history can tell."
            do = "Read contributions of that size as 'not told from nothing'; a longer history sharpens them."
            return Finding("placebo", Severity.NOTE, says, do, means=means)
        return Finding("placebo", Severity.OK, says, "Nothing to do.")

    def _stand_out(self) -> Finding:
        if not self.hidden:
            says = f"Every channel's interval lies above what placebos reach ({percent(self.bar)} of the outcome)."
            return Finding("placebo_real", Severity.OK, says, "Nothing to do.")
        return Finding(
            "placebo_real",
            Severity.NOTE,
            f"{join_names(self.hidden)}: the lower end of the contribution is not above what placebos reach "
            f"({percent(self.bar)} of the outcome).",
            "Before cutting or raising it much, test it by experiment (a holdout or a pulse).",
            means="From this history it cannot be told from a channel that sells nothing.",
            where=", ".join(self.hidden),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the intervals JSON-ready, as shares of the outcome."""
        keys = ("mean", "q05", "q95")
        return {
            "placebos": [
                {"like": one.like, "spend_share": one.spend_share, **dict(zip(keys, one.interval, strict=True))}
                for one in self.placebos
            ],
            "bar": self.bar if self.placebos else None,
            "not_told_from_nothing": list(self.hidden) if self.placebos else [],
            "unit": "share of the outcome",
        }


def _worst(ends: list[tuple[float, float, float]]) -> int:
    return max(range(len(ends)), key=lambda i: ends[i][2])


def count(base: Base) -> int:
    """Return the number of refits."""
    return base.settings.placebos


def run(base: Base, refit: Callable[[Job], Refit]) -> Placebos:
    """Fit one placebo at a time, beside all real channels."""
    panel, reference = base.panel, base.reference
    found = []
    for number in range(base.settings.placebos):
        like = base.largest[number % len(base.largest)]
        c = panel.channels.index(like)
        order = shuffled_weeks(panel.spend.sum(axis=1), c, np.random.default_rng([base.fit.seed, 31, number]))
        spec, longer, name = with_channel(base.spec, panel, like, panel.spend[c][:, order], panel.exposure[c][:, order])
        done = refit(Job(f"placebo {number + 1} of {base.settings.placebos}, like {like}", spec, longer))
        if done.usable:
            spent = float(done.spend[done.channels.index(name)]) / done.value
            found.append(Placebo(like, spent, done.share(name)))
    real = {name: reference.share(name) for name in panel.channels}
    return Placebos(tuple(found), real)


def shuffled_weeks(spend: FloatArray, channel: int, rng: np.random.Generator) -> IntArray:
    """Return an order of weeks, (T,), in which blocks of a channel's spend look like no real channel's.

    Parameters
    ----------
    spend : (C, T)
        National.
    channel : int
    rng : Generator
    """
    weeks = spend.shape[1]
    best, least = np.arange(weeks), np.inf
    for _ in range(TRIES):
        turned = np.roll(np.arange(weeks), int(rng.integers(weeks)))
        blocks = np.array_split(turned, max(weeks // BLOCK, 2))
        order = np.concatenate([blocks[i] for i in rng.permutation(len(blocks))])
        alike = max(abs(_correlation(spend[channel][order], other)) for other in spend)
        if alike < least:
            best, least = order, alike
        if least <= ALIKE:
            break
    return np.asarray(best, dtype=np.int64)


def _correlation(one: FloatArray, other: FloatArray) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) > 0 and np.ptp(other) > 0 else 0.0
