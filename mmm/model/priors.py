"""Priors that people state in their own units: for every channel, for named ones, and for controls."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from mmm.config import StrictModel
from mmm.model.distributions import Distribution, Parameter
from mmm.model.stated import PositivePrior, SharePrior, beta_quantiles, beta_with_quantiles
from mmm.model.studies import Z95, Study

__all__ = [
    "Z95",
    "ChannelPriors",
    "ControlPrior",
    "PositivePrior",
    "Priors",
    "SharePrior",
    "Shrinkage",
    "Sign",
    "Study",
    "beta_quantiles",
    "beta_with_quantiles",
]

#: Statements that say the same thing in other words: one of each at a time.
SIZE = ("roas", "mroas", "share_of_outcome")
CARRY = ("half_life", "carryover")
HALF = ("half_saturation", "half_saturation_spend", "half_saturation_media")
#: Where a distribution from the list is kept as it is; elsewhere only a log-normal can be converted.
NAMED = {
    Parameter.ROAS: "roas",
    Parameter.SHARE: "share_of_outcome",
    Parameter.CARRYOVER: "carryover",
    Parameter.HALF_SATURATION: "half_saturation",
    Parameter.SLOPE: "slope",
}


class Sign(StrEnum):
    """Which way a control moves the outcome."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    ANY = "any"


class Shrinkage(StrEnum):
    """Whether channels without a ROAS prior of their own share a learned centre and spread.

    ``auto``: where at least eight paid channels have the default prior.
    """

    NONE = "none"
    POOLED = "pooled"
    AUTO = "auto"


def log_normal_only(prior: PositivePrior | None, key: str, instead: str) -> None:
    """Refuse a distribution that is not log-normal where it would have to be converted."""
    custom = prior.custom() if prior is not None else None
    if custom is not None:
        raise ValueError(f"'{key}' takes LogNormal only, not {custom.name}: {instead}")


class ControlPrior(StrictModel):
    """What may be stated of a control.

    Attributes
    ----------
    sign : Sign
        Which way the outcome goes when the control rises.
    size : PositivePrior
        The effect of one standard deviation of the control, as a share of the mean outcome.
    """

    sign: Sign = Sign.ANY
    size: PositivePrior | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.size is None and self.sign is Sign.ANY:
            raise ValueError("a control's prior states its 'sign' (positive or negative), its 'size', or both")
        log_normal_only(self.size, "size", "state 'median' and 'q95'")
        return self


class ChannelPriors(StrictModel):
    """What may be stated of a channel; anything left out keeps its default.

    Attributes
    ----------
    roas : PositivePrior
        Outcome value per unit of spend. Or:
    mroas : PositivePrior
        Outcome value of one more unit of spend, at the fitted spend. Or:
    share_of_outcome : PositivePrior
        Its share of the outcome: for organic channels, and of a paid channel in the place of its ROAS.
    half_life : PositivePrior
        Weeks until half of the carryover has gone. Or:
    carryover : SharePrior
        Share of the effect kept from one week to the next.
    half_saturation : PositivePrior
        Weekly media at which half of the most possible effect is reached, in units of the channel's typical
        (mean non-zero) week. Or:
    half_saturation_spend : PositivePrior
        The same in money per week, nationally; for paid channels. Or:
    half_saturation_media : PositivePrior
        The same in exposures or organic activity per week, nationally.
    slope : PositivePrior
        Hill slope, where the form is ``hill_free_slope``.
    """

    roas: PositivePrior | None = None
    mroas: PositivePrior | None = None
    share_of_outcome: PositivePrior | None = None
    half_life: PositivePrior | None = None
    carryover: SharePrior | None = None
    half_saturation: PositivePrior | None = None
    half_saturation_spend: PositivePrior | None = None
    half_saturation_media: PositivePrior | None = None
    slope: PositivePrior | None = None

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        for group in (SIZE[:2], CARRY, HALF):
            given = [name for name in group if getattr(self, name) is not None]
            if len(given) > 1:
                raise ValueError(f"give '{given[0]}' or '{given[1]}', not both")
        for key in ("roas", "half_saturation", "slope"):
            custom = getattr(self, key).custom() if getattr(self, key) else None
            if custom is not None and custom.only_shares:
                raise ValueError(f"'{key}' may be above 1, so its prior cannot be a {custom.name}: that is for shares")
        log_normal_only(self.mroas, "mroas", "state 'low' and 'high', or the distribution of 'roas'")
        log_normal_only(self.half_life, "half_life", "state the distribution of 'carryover'")
        for key in HALF[1:]:
            log_normal_only(getattr(self, key), key, "state the distribution of 'half_saturation'")
        return self

    def carryover_parameters(self) -> tuple[float, float] | None:
        """Return (a, b) of the Beta prior of the weekly retention, or None where nothing was stated."""
        if self.carryover is not None:
            return self.carryover.beta_parameters()
        if self.half_life is None:
            return None
        mu, sigma = self.half_life.log_moments()
        median, q95 = (0.5 ** (1.0 / np.exp(mu + z * sigma)) for z in (0.0, Z95))
        return beta_with_quantiles(float(median), float(q95))

    def custom(self) -> dict[Parameter, Distribution]:
        """Return the distributions that stay as they were named."""
        stated = {parameter: getattr(self, key) for parameter, key in NAMED.items()}
        found = {parameter: prior.custom() for parameter, prior in stated.items() if prior is not None}
        return {parameter: distribution for parameter, distribution in found.items() if distribution is not None}


class Priors(ChannelPriors):
    """Priors for every channel, and for named channels where they differ.

    Attributes
    ----------
    share_of_outcome : PositivePrior
        At this place: of every organic channel.
    media_share : PositivePrior
        Share of the outcome that all paid media make together; centres the ROAS prior where money cannot.
    shrinkage : Shrinkage
    channels : dict
        Channel → its own priors.
    controls : dict
        Control → what is known of its effect.
    """

    media_share: PositivePrior = PositivePrior(median=0.15, q95=0.6)
    shrinkage: Shrinkage = Shrinkage.AUTO
    channels: dict[str, ChannelPriors] = Field(default_factory=dict)
    controls: dict[str, ControlPrior] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _meant_for_all(self) -> Self:
        for key in HALF[1:]:
            if getattr(self, key) is not None:
                raise ValueError(f"'{key}' differs from channel to channel: state it under 'channels'")
        log_normal_only(self.media_share, "media_share", "state 'median' and 'q95'")
        return self

    def stated(self, channel: str, *, organic: bool = False) -> ChannelPriors:
        """Return what is stated for a channel: its own, else everyone's."""
        own = self.channels.get(channel, ChannelPriors())
        values = {name: getattr(own, name) for name in ChannelPriors.model_fields}
        meant = ("share_of_outcome",) if organic else ("roas", "mroas")
        for group in (SIZE, CARRY, HALF, ("slope",)):
            if all(values[name] is None for name in group):
                values |= {name: getattr(self, name) for name in group if group != SIZE or name in meant}
        return ChannelPriors(**values)

    def of(self, media: Collection[str], controls: Collection[str]) -> Priors:
        """Return the priors without those of channels and controls that are not named here."""
        return self.model_copy(
            update={
                "channels": {name: own for name, own in self.channels.items() if name in media},
                "controls": {name: own for name, own in self.controls.items() if name in controls},
            }
        )

    def refuse_strangers(self, paid: Collection[str], organic: Collection[str], controls: Collection[str]) -> None:
        """Refuse, with a ValueError, priors of what the model does not name or of what cannot have them."""
        for key, named, known, kind in (
            ("channels", self.channels, {*paid, *organic}, "a channel or organic channel"),
            ("controls", self.controls, {*controls}, "a control"),
        ):
            unknown = sorted(set(named) - known)
            if unknown:
                raise ValueError(f"'priors.{key}' names '{unknown[0]}', which is not {kind} here")
        for name, own in self.channels.items():
            sizes = [key for key in SIZE if getattr(own, key) is not None]
            wrong = ("roas", "mroas", "half_saturation_spend") if name in organic else ()
            for key in wrong:
                if getattr(own, key) is not None:
                    raise ValueError(f"'priors.channels.{name}.{key}' cannot be stated of an organic channel")
            if len(sizes) > 1:
                raise ValueError(f"'priors.channels.{name}': give '{sizes[0]}' or '{sizes[1]}', not both")
