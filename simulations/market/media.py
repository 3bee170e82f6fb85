"""Media in a market: what was spent, what it bought, and the weekly effect that it truly has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import Saturation, saturate
from simulations.market.patterns import Climate, SpendPattern
from simulations.market.streams import Streams
from simulations.market.world import Channel, Exposure, Organic, SaturationCurve


@dataclass(frozen=True, eq=False)
class Medium:
    """One channel over history, window and future, with its true parameters in raw units.

    Attributes
    ----------
    name : str
    spend : (N,)
        Money a week; exposures for an organic channel.
    bought : (N,)
        Media units that one unit of money bought in each week.
    typical_bought : float
        The same without its weekly noise: what plans get.
    form : Saturation
    alpha, half_saturation, slope, beta : float
        Weekly effect = ``beta · f(adstock(media; alpha); half_saturation, slope)``, in outcome units.
    """

    name: str
    spend: FloatArray
    bought: FloatArray
    typical_bought: float
    form: Saturation
    alpha: float
    half_saturation: float
    slope: float
    beta: float

    @property
    def media(self) -> FloatArray:
        """Media units of each week, (N,)."""
        return self.spend * self.bought

    def effect(self, media: FloatArray) -> FloatArray:
        """Return the weekly effect of media, (N,), starting from the steady state of its first eight weeks."""
        stock = geometric_adstock(media, self.alpha, initial_state(media))
        return self.beta * saturate(self.form, stock, self.half_saturation, self.slope)

    def with_beta(self, beta: float) -> Medium:
        """Return the medium with another size of effect."""
        return replace(self, beta=beta)


def draw_channel(name: str, spec: Channel, streams: Streams, climate: Climate, window: slice) -> Medium:
    """Draw a paid channel's spend and exposures; its effect has unit size until the market sets it."""
    spend = spec.spend.draw(streams(f"spend:{name}"), climate)
    bought, typical = np.ones(len(spend)), 1.0
    if spec.exposure is not None:
        bought, typical = _bought(spec.exposure, spend, streams(f"exposure:{name}")), 1.0 / spec.exposure.cost
    return _medium(name, spend, bought, typical, spec.adstock, spec.saturation, window)


def draw_organic(name: str, spec: Organic, streams: Streams, climate: Climate, window: slice) -> Medium:
    """Draw an organic channel's volume; its effect has unit size until the market sets it."""
    pattern: SpendPattern = spec.volume
    volume = pattern.draw(streams(f"organic:{name}"), climate)
    return _medium(name, volume, np.ones(len(volume)), 1.0, spec.adstock, spec.saturation, window)


def _bought(spec: Exposure, spend: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return exposures per money such that each week's exposures are whole numbers."""
    noisy = np.exp(spec.noise * rng.standard_normal(len(spend)) - 0.5 * spec.noise**2) / spec.cost
    some = spend > 0
    return np.where(some, np.round(spend * noisy) / np.where(some, spend, 1.0), noisy)


def _medium(
    name: str,
    spend: FloatArray,
    bought: FloatArray,
    typical: float,
    alpha: float,
    curve: SaturationCurve,
    window: slice,
) -> Medium:
    media = (spend * bought)[window]
    if not np.any(media > 0):
        raise SpecError(
            f"'{name}' has no media in any of the window's weeks",
            where=name,
            do="Raise its weekly level, lower books_in, or move starts and stops.",
        )
    half = curve.half * float(media[media > 0].mean())
    return Medium(name, spend, bought, typical, curve.form, alpha, half, curve.slope, beta=1.0)
