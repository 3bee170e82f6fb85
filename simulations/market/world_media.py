"""What a world file says of media: what is spent, what it buys, and the effect that it truly has."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mmm.config import StrictModel
from simulations.market.forms import CurveForm
from simulations.market.lags import DelayedCarryover
from simulations.market.patterns import SpendPattern
from simulations.market.sizes import LEAST_COST, MOST_COST, MOST_RETENTION

NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Exposure(StrictModel):
    """What the money buys, where the company records it.

    Attributes
    ----------
    name : str
        Such as impressions or clicks; the column is ``<channel>_<name>``.
    cost : float
        Money per exposure.
    noise : float
        Standard deviation of the log of a week's cost.
    """

    name: str = Field(default="impressions", pattern=NAME)
    cost: float = Field(ge=LEAST_COST, le=MOST_COST)
    noise: float = Field(default=0.05, ge=0, le=1)


class SaturationCurve(StrictModel):
    """Form of the response; ``half`` is in multiples of the mean media of the weeks on air."""

    form: CurveForm = CurveForm.HILL
    half: float = Field(default=1.0, ge=1e-3, le=1e9)
    slope: float = Field(default=1.0, gt=0, le=10)


class Channel(StrictModel):
    """A paid channel and the return it truly has.

    Attributes
    ----------
    spend : SpendPattern
    follows : dict of str to float
        Name of a control or hidden cause → by how much log spend rises with one unit of it: budgets that answer a
        rival, or a forecast that the data do not hold.
    exposure : Exposure, optional
        Without it the response is to money.
    adstock : float
        Weekly retention.
    carryover : DelayedCarryover, optional
        Instead of adstock.
    saturation : SaturationCurve
    roas : float
        Outcome (in money where there is a value) lost if the window's spend were zero, over that spend: of the
        channel's own effect, before synergy and capacity. May be left out where ``truths`` draw it.
    drift_to : float
        The effect at the window's end as a multiple of that at its start; a straight line between, constant outside.
    books_error : float
        Standard deviation of the log of what the books say of a week's spend over what was spent; the window's total
        is right.
    """

    spend: SpendPattern
    follows: dict[str, float] = Field(default_factory=dict)
    exposure: Exposure | None = None
    adstock: float = Field(default=0.0, ge=0, le=MOST_RETENTION)
    carryover: DelayedCarryover | None = None
    saturation: SaturationCurve = SaturationCurve()
    roas: float | None = Field(default=None, ge=0, le=1000)
    drift_to: float = Field(default=1.0, ge=0, le=10)
    books_error: float = Field(default=0.0, ge=0, le=2)

    @model_validator(mode="after")
    def _one_carryover(self) -> Self:
        if self.carryover is not None and self.adstock > 0:
            raise ValueError("give either adstock or carryover, not both")
        return self


class Organic(StrictModel):
    """Media that cost service rather than money.

    Attributes
    ----------
    volume : SpendPattern
        ``weekly`` is then a number of exposures, and ``books_in`` usually 1.
    share : float
        Part of the window's base outcome that would be lost without it.
    """

    volume: SpendPattern
    adstock: float = Field(default=0.0, ge=0, le=MOST_RETENTION)
    saturation: SaturationCurve = SaturationCurve()
    share: float = Field(ge=0, le=1)
