"""The ``journeys:`` part of a world file: how many people are followed, and how they come to a purchase."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from mmm.config import StrictModel

#: Visits on one's own account, without a channel that led there.
DIRECT = "direct"


class Research(StrictModel):
    """Visits on one's own account before a purchase, or before giving up: they show interest, and cause nothing.

    Attributes
    ----------
    share : float
        Of the people about to buy who look around first.
    visits : float
        Mean number of their visits; after each a further one follows with the same chance, so it is geometric.
    days : float
        Mean days that a visit lies before the purchase; exponential.
    """

    share: float = Field(default=0.6, ge=0, le=1)
    visits: float = Field(default=3.0, ge=0, le=10)
    days: float = Field(default=7.0, gt=0, le=365)


class AtLeast(StrictModel):
    """A share of journeys with at least so much of something."""

    at_least: float = Field(gt=0)
    share: float = Field(gt=0, lt=1)


class Targets(StrictModel):
    """Figures that the journeys shall show; the dials of :class:`Research` are then solved for.

    Attributes
    ----------
    source : str, optional
        Who says so; it is told beside the figures, and nothing follows from it.
    two_touches : float, optional
        Share of purchases with at least two touches before them; moves ``research.share``.
    sessions : AtLeast, optional
        Of the multi-device journeys that end in a purchase, by number of sessions; moves ``research.visits``.
    days : AtLeast, optional
        Of the same journeys, by days from the first session to the purchase; moves ``research.days``.
    """

    source: str | None = None
    two_touches: float | None = Field(default=None, gt=0, lt=1)
    sessions: AtLeast | None = None
    days: AtLeast | None = None


class JourneySettings(StrictModel):
    """How single people are followed through a market of consumers.

    Attributes
    ----------
    people : int
        Persons followed, spread over the geos as the population is.
    lookback_days : float
        A journey is at most so long: touches further back from the purchase belong to an earlier one.
    devices : dict of str to float
        Device → share of people whose own it is; adds up to 1.
    other_device : float
        Share of sessions on another device than one's own.
    bought_offline : float
        Share of purchases made in a shop or by telephone.
    offline : tuple of str
        Channels that reach people away from any device; no session comes of them.
    unlogged : tuple of str
        Channels of which the company's log holds nothing, such as television.
    linked : float
        Share of people whom the company knows again on another device or in a shop. For the others each device is a
        journey of its own in the log, and a purchase in a shop has no journey.
    research : Research
    targets : Targets
    """

    people: int = Field(default=5_000, ge=1, le=500_000)
    lookback_days: float = Field(default=30.0, gt=0, le=365)
    devices: dict[str, float] = Field(default_factory=lambda: {"phone": 0.6, "computer": 0.3, "tablet": 0.1})
    other_device: float = Field(default=0.25, ge=0, le=1)
    bought_offline: float = Field(default=0.0, ge=0, le=1)
    offline: tuple[str, ...] = ()
    unlogged: tuple[str, ...] = ()
    linked: float = Field(default=1.0, ge=0, le=1)
    research: Research = Research()
    targets: Targets = Targets()

    @field_validator("devices")
    @classmethod
    def _whole(cls, devices: dict[str, float]) -> dict[str, float]:
        if not devices or min(devices.values()) < 0 or abs(sum(devices.values()) - 1.0) > 1e-6:
            raise ValueError("the devices' shares must be at least 0 and add up to 1")
        return devices

    @model_validator(mode="after")
    def _somewhere_to_go(self) -> Self:
        if self.other_device > 0 and sum(share > 0 for share in self.devices.values()) < 2:
            raise ValueError("sessions on another device need a second device with a share")
        return self
