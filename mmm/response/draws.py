"""Posterior draws of every response as plain arrays: all that planning and simulation need of a fit."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray, WeekArray
from mmm.exceptions import FitError
from mmm.transforms.saturation import Saturation
from mmm.transforms.time_bases import TimeBasis, fourier_columns

#: Weeks whose cost per exposure is taken as today's.
RECENT_WEEKS = 13


@dataclass(frozen=True, eq=False)
class MediaDraws:
    """Posterior draws of one family of media (paid or organic), in raw units.

    The effect in a week is ``beta · f(adstock(media; alpha); half_saturation, slope)``.

    Attributes
    ----------
    names : tuple of str
        C channels.
    media : (C, G, T)
        What the model saw in the fitted weeks: exposures or money.
    saturation : tuple of Saturation
        One form a channel.
    alpha, half_saturation, slope, beta : (C, G, S)
        Weekly retention; media units per week at half effect; Hill slope (1 for the logistic); the most that the
        channel can add, in outcome units per week.
    """

    names: tuple[str, ...]
    media: FloatArray
    saturation: tuple[Saturation, ...]
    alpha: FloatArray
    half_saturation: FloatArray
    slope: FloatArray
    beta: FloatArray

    def __post_init__(self) -> None:
        lead = (len(self.names), self.media.shape[1])
        for name in ("alpha", "half_saturation", "slope", "beta"):
            value = getattr(self, name)
            if value.shape[:2] != lead:
                raise ValueError(f"MediaDraws.{name} has shape {value.shape}, expected {lead} + (S,).")
        if len(self.saturation) != len(self.names):
            raise ValueError("MediaDraws.saturation needs one form a channel.")

    def only(self, name: str) -> MediaDraws:
        """Keep one channel."""
        c = slice(self.names.index(name), self.names.index(name) + 1)
        return MediaDraws(
            (name,),
            self.media[c],
            self.saturation[c],
            self.alpha[c],
            self.half_saturation[c],
            self.slope[c],
            self.beta[c],
        )

    def parameters(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return alpha, half-saturation, slope and beta as the kernels take them, each (C, G, S)."""
        alpha, half, slope, beta = (
            np.ascontiguousarray(one, dtype=np.float64)
            for one in (self.alpha, self.half_saturation, self.slope, self.beta)
        )
        return alpha, half, slope, beta

    def select(self, draws: BoolArray | IntArray | slice) -> MediaDraws:
        """Keep some draws."""
        return replace(
            self,
            alpha=np.ascontiguousarray(self.alpha[..., draws]),
            half_saturation=np.ascontiguousarray(self.half_saturation[..., draws]),
            slope=np.ascontiguousarray(self.slope[..., draws]),
            beta=np.ascontiguousarray(self.beta[..., draws]),
        )


@dataclass(frozen=True, eq=False)
class BaselineDraws:
    """Posterior draws of the part of the outcome that media do not make.

    Attributes
    ----------
    basis : TimeBasis
        Calendar columns (P of them).
    control_names : tuple of str
        K controls.
    controls : (K, G, T)
        Raw values in the fitted weeks.
    control_center, control_scale : (K, G)
        The model saw ``(control − center) / scale``.
    coef : (P + K, G, S)
        In outcome units per week.
    sigma : (G, S)
        Residual standard deviation, outcome units per week; the scale of Student-t residuals.
    freedom : (S,)
        Degrees of freedom of Student-t residuals; empty where residuals are normal.
    common : (G, S)
        Standard deviation, outcome units per week, of a weekly shock that all geos share; empty without one.
    """

    basis: TimeBasis
    control_names: tuple[str, ...]
    controls: FloatArray
    control_center: FloatArray
    control_scale: FloatArray
    coef: FloatArray
    sigma: FloatArray
    freedom: FloatArray = field(default_factory=lambda: np.zeros(0))
    common: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def whole_sigma(self) -> FloatArray:
        """Standard deviation of a geo's week around its mean, what all geos share included, (G, S)."""
        return np.sqrt(self.sigma**2 + self.common**2) if self.common.size else self.sigma

    def mean(self, weeks: WeekArray, controls: FloatArray) -> FloatArray:
        """Return the expected baseline.

        Parameters
        ----------
        weeks : (N,)
        controls : (K, G, N)
            Raw control values in those weeks.

        Returns
        -------
        (G, N, S)
            Outcome units per week.
        """
        time = self.basis.design(weeks)
        scaled = (controls - self.control_center[..., None]) / self.control_scale[..., None]
        coef = self.coef.transpose(1, 0, 2)
        size = time.shape[1]
        return np.asarray(time @ coef[:, :size] + scaled.transpose(1, 2, 0) @ coef[:, size:], dtype=np.float64)

    def select(self, draws: BoolArray | IntArray | slice) -> BaselineDraws:
        """Keep some draws."""
        freedom = self.freedom[draws] if self.freedom.size else self.freedom
        common = self.common[..., draws] if self.common.size else self.common
        return replace(self, coef=self.coef[..., draws], sigma=self.sigma[..., draws], freedom=freedom, common=common)


@dataclass(frozen=True, eq=False)
class DemandIndex:
    """A learned yearly index of demand that scales paid media effects; its mean over the fitted weeks is 1.

    Attributes
    ----------
    weeks : (T,)
        The fitted weeks, over which the index is normalised.
    coef : (2 · order, S)
        Coefficients of the Fourier columns inside the exponential.
    """

    weeks: WeekArray
    coef: FloatArray

    def multiplier(self, weeks: WeekArray) -> FloatArray:
        """Return the (N, S) factor on media effects in any weeks."""
        order = self.coef.shape[0] // 2
        level = np.exp(fourier_columns(self.weeks, order) @ self.coef).mean(axis=0)
        return np.asarray(np.exp(fourier_columns(weeks, order) @ self.coef) / level, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class ResponseDraws:
    """A fit's posterior as plain arrays, with the history that planning needs.

    Attributes
    ----------
    weeks : (T,) datetime64[D]
    geos : tuple of str
        G of them; ``("national",)`` for national data.
    outcome_name, currency : str
    outcome_is_money : bool
        Whether ``outcome × value_per_outcome`` is money in ``currency``.
    outcome, value_per_outcome : (G, T)
    spend : (C, G, T)
        Money per week of the paid channels.
    paid, organic : MediaDraws
    baseline : BaselineDraws
    demand : DemandIndex or None
    chain : (S,)
        The chain of each draw.
    population : (G,)
        Ones where none was given.
    observed : (G, T) bool
        False where a geo has no row in that week: missing, not zero. Default: all True.
    national_channels : tuple of str
        Paid channels that run only nationally: their spend by geo is a division, and no geo can be given more of them.
    """

    weeks: WeekArray
    geos: tuple[str, ...]
    outcome_name: str
    outcome_is_money: bool
    currency: str
    outcome: FloatArray
    value_per_outcome: FloatArray
    spend: FloatArray
    paid: MediaDraws
    organic: MediaDraws
    baseline: BaselineDraws
    demand: DemandIndex | None
    chain: IntArray
    population: FloatArray = field(default_factory=lambda: np.ones(0))
    observed: BoolArray = field(default_factory=lambda: np.ones((0, 0), dtype=np.bool_))
    national_channels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.population.size == 0:
            object.__setattr__(self, "population", np.ones(len(self.geos)))
        if self.observed.size == 0:
            object.__setattr__(self, "observed", np.ones((len(self.geos), len(self.weeks)), dtype=np.bool_))
        shape = (len(self.geos), len(self.weeks))
        if self.observed.shape != shape or self.population.shape != shape[:1]:
            raise ValueError(f"ResponseDraws.observed and .population need shapes {shape} and {shape[:1]}.")

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the paid channels."""
        return self.paid.names

    @property
    def n_draws(self) -> int:
        """Number of posterior draws S."""
        return len(self.chain)

    @property
    def n_weeks(self) -> int:
        """Number of fitted weeks T."""
        return len(self.weeks)

    @property
    def active(self) -> BoolArray:
        """Whether a geo has a row in the last 13 weeks, (G,).

        Only these are planned and forecast, and only in them do media still work after the window: a geo that has
        ended sells no more.
        """
        return np.asarray(self.observed[:, -RECENT_WEEKS:].any(axis=1))

    def cost_per_exposure(self) -> FloatArray:
        """Return today's cost of one media unit, (C, G): the last 13 weeks' spend over media; 1 where media is money.

        Falls back to the whole window for a channel without media in the last 13 weeks. Refunds (negative spend) are
        left out: they pay back media that was bought, and buy none. So are weeks without a row, whose media has no
        known price.
        """
        cost = np.ones(self.spend.shape[:2])
        paid, media = self.gross_spend(), self.paid.media * self.observed
        for window in (slice(None), slice(-RECENT_WEEKS, None)):
            money, units = paid[..., window].sum(-1), media[..., window].sum(-1)
            known = (units > 0) & (money > 0)
            cost[known] = money[known] / units[known]
        return cost

    def gross_spend(self) -> FloatArray:
        """Return spend without refunds, (C, G, T): what bought media."""
        return np.maximum(self.spend, 0.0)

    def national_spend(self) -> FloatArray:
        """Return money per week over the geos that a plan spends in (see :attr:`active`), (C, T)."""
        going = self.active if self.active.any() else np.ones(len(self.geos), dtype=np.bool_)
        return np.asarray(self.spend[:, going].sum(axis=1), dtype=np.float64)

    def observed_max(self) -> FloatArray:
        """Return the largest weekly national spend of each channel, (C,)."""
        return np.asarray(self.national_spend().max(axis=-1), dtype=np.float64)

    def observed_min(self) -> FloatArray:
        """Return the smallest weekly national spend of each channel, (C,)."""
        return np.asarray(self.national_spend().min(axis=-1), dtype=np.float64)

    def geo_shares(self) -> FloatArray:
        """Return each geo's share of a channel's recent spend, (C, G): how a national budget is split.

        By the last 13 weeks; a channel that spent nothing in them is split by the whole window, one that never spent
        evenly. Geos that have ended (see :attr:`active`) get nothing, unless all have.
        """
        paid = self.gross_spend() * (self.active if self.active.any() else np.ones(len(self.geos)))[:, None]
        recent = paid[..., -RECENT_WEEKS:].sum(-1)
        empty = recent.sum(1) <= 0
        recent[empty] = paid.sum(-1)[empty]
        total = recent.sum(1, keepdims=True)
        even = self.active / float(self.active.sum()) if self.active.any() else 1.0 / len(self.geos)
        return np.where(total > 0, recent / np.where(total > 0, total, 1.0), even)

    def select(self, draws: BoolArray | IntArray | slice) -> ResponseDraws:
        """Keep some draws, by mask or index."""
        return replace(
            self,
            paid=self.paid.select(draws),
            organic=self.organic.select(draws),
            baseline=self.baseline.select(draws),
            demand=replace(self.demand, coef=self.demand.coef[:, draws]) if self.demand else None,
            chain=self.chain[draws],
        )

    def thinned(self, at_most: int) -> ResponseDraws:
        """Keep that many draws, evenly spaced over all chains; all where there are no more."""
        if self.n_draws <= at_most:
            return self
        return self.select(np.linspace(0, self.n_draws - 1, at_most).round().astype(np.int64))

    def _first_half(self) -> BoolArray:
        chains = np.unique(self.chain)
        if len(chains) < 2:
            raise FitError(
                "the fit has one chain, and a plan is chosen on one half of the chains and judged on the other",
                do="Fit again with sampling: {chains: 4}.",
            )
        return np.isin(self.chain, chains[: len(chains) // 2])

    def planning(self) -> ResponseDraws:
        """Return the draws of the first half of the chains, on which plans are chosen."""
        return self.select(self._first_half())

    def held_back(self) -> ResponseDraws:
        """Return the draws of the other chains, from which uplift and probabilities are reported."""
        return self.select(~self._first_half())

    def _repr_html_(self) -> str:
        names = ", ".join(html.escape(name) for name in self.channels)
        return (
            f"<p><b>Response draws</b>: {self.n_draws} draws of {len(np.unique(self.chain))} chains; "
            f"{len(self.channels)} paid channels ({names}); {self.n_weeks} weeks to {self.weeks[-1]}.</p>"
        )
