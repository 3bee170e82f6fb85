"""The brief's ``objective`` key: what is maximised, what a unit of outcome leaves, and how draws are summed up."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from mmm.arrays import FloatArray
from mmm.config import StrictModel
from mmm.exceptions import SpecError
from optimizer.objectives import Objective, Outcome, PresentValue, Profit, discount_factors
from optimizer.risk import CVaR, Mean, MeanCVaR, MeanSd, ReachProbability, Risk, WorstFit

Share = Annotated[float, Field(gt=0, le=1)]


class MeanCVaRKey(StrictModel):
    """A mix of the mean and the mean of the worst draws."""

    level: Share = Field(description="Share of draws in the tail: 0.1 for the worst 10 %.")
    weight: Annotated[float, Field(ge=0, le=1)] = Field(0.5, description="Weight of the tail; the rest is the mean's.")


class WithinFitKey(StrictModel):
    """What is taken within each fit before the worst is looked for."""

    cvar: Share | None = Field(None, description="The mean of this share of worst draws.")
    mean_cvar: MeanCVaRKey | None = Field(None, description="A mix of the mean and the worst draws.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.cvar is None) == (self.mean_cvar is None):
            raise ValueError("give cvar or mean_cvar")
        return self

    def inner(self) -> CVaR | MeanCVaR:
        """Return the measure."""
        if self.mean_cvar is not None:
            return MeanCVaR(self.mean_cvar.level, self.mean_cvar.weight)
        return CVaR(self.cvar or 1.0)


class RiskKey(StrictModel):
    """How the draws of the uplift over the baseline are summed up; one of these."""

    cvar: Share | None = Field(None, description="The mean of this share of worst draws: 0.1 for the worst 10 %.")
    mean_cvar: MeanCVaRKey | None = Field(None, description="A mix of the mean and the worst draws.")
    mean_sd: Annotated[float, Field(ge=0)] | None = Field(
        None, description="The mean less so many standard deviations; a local optimum."
    )
    reach: float | None = Field(
        None, description="The probability that the uplift reaches this figure, in the objective's unit; local."
    )
    worst_fit: WithinFitKey | None = Field(
        None, description="The worst of several fits, and what is taken within each."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give one of cvar, mean_cvar, mean_sd, reach and worst_fit, or write risk: mean")
        return self

    def measure(self) -> Risk:
        """Return the measure."""
        if self.worst_fit is not None:
            return WorstFit(self.worst_fit.inner())
        if self.mean_cvar is not None:
            return MeanCVaR(self.mean_cvar.level, self.mean_cvar.weight)
        if self.mean_sd is not None:
            return MeanSd(self.mean_sd)
        if self.reach is not None:
            return ReachProbability(self.reach)
        return CVaR(self.cvar or 1.0)


def _kind(value: object) -> str:
    return "word" if isinstance(value, str) else "measure"


RiskWord = Annotated[Literal["mean", "worst_fit"], Tag("word")]
RiskMeasure = Annotated[RiskKey, Tag("measure")]


class CostShare(StrictModel):
    """Cost of goods as a share of the outcome's value."""

    share: Annotated[float, Field(ge=0, lt=1)] = Field(description="0.6 for 60 % of the value.")


class ObjectiveKey(StrictModel):
    """What to maximise."""

    maximise: Literal["outcome", "profit", "npv"] = Field(
        "outcome",
        description="`outcome`; `profit`: what the outcome's value leaves after cost, less spend; `npv`: profit with "
        "each week's money discounted to the first day of the horizon.",
    )
    margin: Share | None = Field(
        None, description="What remains of a unit of money of outcome before media: 0.4 for 40 %."
    )
    cost_of_goods: Annotated[float, Field(ge=0)] | CostShare | None = Field(
        None, description="Instead of the margin: money that a unit of outcome costs, or `{share: 0.6}` of its value."
    )
    discount_rate: Annotated[float, Field(ge=0, lt=1)] | None = Field(
        None, description="For `npv`: a year, 0.08 for 8 %."
    )
    risk: Annotated[RiskWord | RiskMeasure, Discriminator(_kind)] = Field(
        "mean", description="How the draws are summed up: `mean`, `worst_fit` (of several fits), or a measure."
    )

    @field_validator("maximise", mode="before")
    @classmethod
    def _known(cls, value: object) -> object:
        if value not in ("outcome", "profit", "npv"):
            raise ValueError("choose outcome, profit or npv")
        return value

    @field_validator("risk", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if isinstance(value, str) and value not in ("mean", "worst_fit"):
            raise ValueError("write mean, worst_fit, {cvar: 0.1}, {mean_cvar: …}, {mean_sd: 1} or {reach: 1_000_000}")
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.maximise == "outcome":
            for name in ("margin", "cost_of_goods", "discount_rate"):
                if getattr(self, name) is not None:
                    raise ValueError(f"'{name}' is for maximise: profit or npv")
            return self
        if self.margin is None and self.cost_of_goods is None:
            raise ValueError(
                f"{self.maximise} needs the key 'margin' or 'cost_of_goods': write margin: 0.4 for 40 % of the "
                "outcome's value"
            )
        if self.margin is not None and self.cost_of_goods is not None:
            raise ValueError("give 'margin' or 'cost_of_goods', not both")
        if (self.maximise == "npv") != (self.discount_rate is not None):
            raise ValueError("npv needs the key 'discount_rate', and only npv takes it: write discount_rate: 0.08")
        return self

    @property
    def valued(self) -> bool:
        """Whether the objective needs money per unit of outcome."""
        return self.maximise != "outcome"

    def share_left(self, value: float) -> float:
        """Return what remains of a unit of money of outcome before media.

        Parameters
        ----------
        value : float
            Money per unit of outcome.

        Raises
        ------
        SpecError
            A unit costs what it brings, or more.
        """
        if self.margin is not None:
            return self.margin
        cost = self.cost_of_goods
        share = cost.share if isinstance(cost, CostShare) else (cost or 0.0) / value
        if not share < 1:
            raise SpecError(
                f"a unit of outcome costs {share * value:,g} and brings {value:,g}: nothing is left",
                where="objective.cost_of_goods",
                do="Give the cost of one unit in money, or {share: 0.6} of its value.",
            )
        return 1.0 - share

    def objective(self, value: float | None, weeks: int) -> Objective:
        """Return the objective for money per unit of outcome and a horizon of so many weeks."""
        if not self.valued or value is None:
            return Outcome()
        if self.discount_rate is not None:
            return PresentValue(self.share_left(value), self.discount_rate, weeks)
        return Profit(self.share_left(value))

    def measure(self) -> Risk:
        """Return the risk measure."""
        if isinstance(self.risk, RiskKey):
            return self.risk.measure()
        return WorstFit() if self.risk == "worst_fit" else Mean()

    def week_values(self, value: float | None, weeks: int) -> FloatArray | None:
        """Return what a unit of outcome counts for in each week of horizon and tail, (weeks,); None: one."""
        if not self.valued or value is None:
            return None
        return value * discount_factors(self.discount_rate or 0.0, weeks)
