"""Media in a market: what was spent, what it bought, and the weekly effect that it truly has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.transforms.adstock import decay_weeks, geometric_adstock, initial_state
from simulations.market.forms import CurveForm, effect_share
from simulations.market.lags import lagged
from simulations.market.patterns import Climate, SpendPattern
from simulations.market.regions import GeoShares
from simulations.market.streams import Streams
from simulations.market.world_media import Channel, Exposure, Organic, SaturationCurve


@dataclass(frozen=True, eq=False)
class Medium:
    """One channel over history, window and future (N weeks) in G geos, with its true parameters in raw units.

    Attributes
    ----------
    name : str
    spend : (G, N)
        Money a week; exposures for an organic channel.
    bought : (N,)
        Media units that one unit of money bought in each week; after the window what plans get, without weekly noise.
    typical_bought : float
        What plans get.
    form : CurveForm
    alpha, half_saturation, slope, beta : float
        Weekly effect = ``beta · f(adstock(media; alpha); half_saturation, slope)``, in outcome units, over all geos.
    half_share, beta_share : (G,)
        A geo's part of half-saturation and beta.
    lags : (L,), optional
        Weights of this and earlier weeks' media, instead of the geometric adstock.
    drift : (N,)
        Factor on the effect by week; later weeks have the last one's.
    books : (N,)
        What the books say over what was spent.
    """

    name: str
    spend: FloatArray
    bought: FloatArray
    typical_bought: float
    form: CurveForm
    alpha: float
    half_saturation: float
    slope: float
    beta: float
    half_share: FloatArray
    beta_share: FloatArray
    lags: FloatArray | None
    drift: FloatArray
    books: FloatArray

    @property
    def media(self) -> FloatArray:
        """Media units of each week, (G, N)."""
        return np.asarray(self.spend * self.bought, dtype=np.float64)

    @property
    def tail_weeks(self) -> int:
        """Weeks until 99.9 % of the carryover has gone."""
        return int(decay_weeks(np.array(self.alpha))) if self.lags is None else len(self.lags)

    def media_of(self, money: FloatArray) -> FloatArray:
        """Return what other money, (G, M) from the first week on, would buy."""
        more = max(money.shape[-1] - len(self.bought), 0)
        bought = np.concatenate([self.bought, np.full(more, self.typical_bought)])[: money.shape[-1]]
        return np.asarray(money * bought, dtype=np.float64)

    def effect(self, media: FloatArray) -> FloatArray:
        """Return the weekly effect of media, (G, M), starting from the steady state of its first eight weeks."""
        if self.lags is None:
            stock = geometric_adstock(media, self.alpha, initial_state(media))
        else:
            stock = lagged(media, self.lags)
        weeks = media.shape[-1]
        drift = np.concatenate([self.drift, np.full(max(weeks - len(self.drift), 0), self.drift[-1])])[:weeks]
        half = self.half_saturation * self.half_share[:, None]
        share = effect_share(self.form, stock, half, self.slope)
        return np.asarray(self.beta * self.beta_share[:, None] * drift * share, dtype=np.float64)

    def with_beta(self, beta: float) -> Medium:
        """Return the medium with another size of effect."""
        return replace(self, beta=beta)


@dataclass(frozen=True, eq=False)
class Scene:
    """What media are drawn in.

    Attributes
    ----------
    streams : Streams
    climate : Climate
        Of the N weeks.
    shares : GeoShares
    window : slice
    """

    streams: Streams
    climate: Climate
    shares: GeoShares
    window: slice


def draw_channel(name: str, spec: Channel, scene: Scene, answered: FloatArray) -> Medium:
    """Draw a paid channel's spend and exposures; its effect has unit size until the market sets it.

    Parameters
    ----------
    name : str
    spec : Channel
    scene : Scene
    answered : (N,)
        Factor on the spend: what it answers (see :attr:`Channel.follows`).
    """
    streams, window = scene.streams, scene.window
    spend = spec.spend.draw(streams(f"spend:{name}"), scene.climate)
    if spec.follows:
        booked = spec.spend.books_in
        spend = np.round(np.round(spend * answered / booked) * booked, 2)
    by_geo = scene.shares.divided(spend, streams(f"geos:spend:{name}"))
    bought, typical = np.ones(len(spend)), 1.0
    if spec.exposure is not None:
        bought = _bought(spec.exposure, spend, streams(f"exposure:{name}"))
        typical = 1.0 / spec.exposure.cost
        bought[window.stop :] = typical
    _refuse_dark(f"channels.{name}", (by_geo * bought)[:, window])
    medium = _medium(name, by_geo, bought, typical, spec.adstock, spec.saturation, scene)
    books = _books(spec.books_error, by_geo.sum(axis=0), streams(f"books:{name}"), window)
    lags = spec.carryover.weights()[: spec.carryover.tail_weeks()] if spec.carryover is not None else None
    lags = lags / lags.sum() if lags is not None else None
    return replace(medium, lags=lags, drift=_drift(spec.drift_to, len(spend), window), books=books)


def draw_organic(name: str, spec: Organic, scene: Scene) -> Medium:
    """Draw an organic channel's volume; its effect has unit size until the market sets it."""
    pattern: SpendPattern = spec.volume
    volume = pattern.draw(scene.streams(f"organic:{name}"), scene.climate)
    digits = 0 if pattern.books_in.is_integer() else 2
    by_geo = scene.shares.divided(volume, scene.streams(f"geos:organic:{name}"), digits)
    _refuse_dark(f"organic.{name}", by_geo[:, scene.window])
    return _medium(name, by_geo, np.ones(len(volume)), 1.0, spec.adstock, spec.saturation, scene)


def _refuse_dark(where: str, media: FloatArray) -> None:
    if not np.any(media > 0):
        raise SpecError(
            f"'{where.split('.', 1)[1]}' buys nothing in any of the window's weeks",
            where=where,
            do="Raise its weekly level, lower books_in or its cost, or move starts and stops.",
        )


def _bought(spec: Exposure, spend: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return exposures per money such that each week's exposures are whole numbers."""
    noisy = np.exp(spec.noise * rng.standard_normal(len(spend)) - 0.5 * spec.noise**2) / spec.cost
    some = spend > 0
    return np.where(some, np.round(spend * noisy) / np.where(some, spend, 1.0), noisy)


def _books(error: float, spend: FloatArray, rng: np.random.Generator, window: slice) -> FloatArray:
    """Return what the books say over what was spent, (N,): wrong weeks, and the right total of the window."""
    if error == 0.0:
        return np.ones(len(spend))
    factor = np.exp(error * rng.standard_normal(len(spend)))
    return np.asarray(factor * spend[window].sum() / (factor * spend)[window].sum(), dtype=np.float64)


def _drift(end: float, weeks: int, window: slice) -> FloatArray:
    line = np.linspace(1.0, end, window.stop - window.start)
    return np.concatenate([np.ones(window.start), line, np.full(weeks - window.stop, end)])


def _medium(
    name: str,
    spend: FloatArray,
    bought: FloatArray,
    typical: float,
    alpha: float,
    curve: SaturationCurve,
    scene: Scene,
) -> Medium:
    media = (spend * bought)[:, scene.window].sum(axis=0)
    shares, regions, weeks = scene.shares, scene.shares.spec, spend.shape[1]
    half, beta = shares.size, shares.size
    if regions is not None:
        half = shares.size * shares.spread(scene.streams(f"geos:half:{name}"), regions.half)
        beta = shares.size * shares.spread(scene.streams(f"geos:effect:{name}"), regions.effect)
    return Medium(
        name=name,
        spend=spend,
        bought=bought,
        typical_bought=typical,
        form=curve.form,
        alpha=alpha,
        half_saturation=curve.half * float(media[media > 0].mean()),
        slope=curve.slope,
        beta=1.0,
        half_share=half,
        beta_share=beta,
        lags=None,
        drift=np.ones(weeks),
        books=np.ones(weeks),
    )
