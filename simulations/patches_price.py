"""Patches of controls, of the company's selling price, and of promotions."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from mmm.arrays import BoolArray, FloatArray
from simulations.future import Future, Setting
from simulations.patch_base import InWeeks
from simulations.patch_controls import ControlMove
from simulations.patch_values import Change, CostChange, Name, Part, percent_of, signed
from simulations.pricing import is_money, sales_factor
from simulations.shocks import base_shock, demand_shock


class ChangeControl(InWeeks):
    """``{control: promo, value: 1, weeks: [3, 4]}``: one of the model's controls changes, and base sales with it."""

    control: Name = Field(description="One of the model's controls.")
    change: Change | None = Field(None, description="A share of what it would be (as in the same weeks last year).")
    add: float | None = Field(None, description="A difference, in the control's own unit.")
    value: float | None = Field(None, description="What it is.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        self._move()
        return self

    def _move(self) -> ControlMove:
        return ControlMove.of(self.control, self.change, self.add, self.value)

    def apply(self, future: Future, setting: Setting) -> Future:
        otherwise = "state how sales answer: {price: -10%, elasticity: -1.5} or {promotion: 20%}"
        moved = self._move().apply(future, setting, setting.weeks(self.weeks), otherwise)
        return moved.noting(self._own_price())

    def _own_price(self) -> str | None:
        """Say that a price that is moved as a mere control leaves the margin alone."""
        if self.change is None or "price" not in self.control.casefold() or not self.change:
            return None
        return (
            f"Profit is reckoned at today's selling price. If {self.control} is the company's own price, write "
            f"{{price: {self.change:+.4g}, control: {self.control}}}: a unit's cost then stays, and the margin moves."
        )

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        said = self._move().says()
        return f"{said[:1].upper()}{said[1:]}{self._when()}"


class ChangePrice(InWeeks):
    """``{price: -10%, control: price}`` or ``{price: -10%, elasticity: -1.5}``: the company's own selling price moves.

    How sales answer is the model's where it has the price among its controls, and stated otherwise. Either way profit
    is reckoned at the new price: what a unit costs stays.
    """

    price: CostChange = Field(description="A share of today's price: `-10%` is cheaper.")
    control: Name | None = Field(None, description="The model's control that holds the price: sales answer as fitted.")
    elasticity: Annotated[float, Field(ge=-20, le=0)] | None = Field(
        None, description="Instead, stated: -1.5 sells 1.5 % fewer units at 1 % more price."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.control is None) == (self.elasticity is None):
            raise ValueError("say how sales answer: control: the model's price column, or elasticity: -1.5")
        return self

    def apply(self, future: Future, setting: Setting) -> Future:
        weeks = setting.weeks(self.weeks)
        result = replace(future, price=future.price * np.where(weeks, 1.0 + self.price, 1.0))
        if self.control is not None:
            move = ControlMove(self.control, change=self.price, key="price")
            return move.apply(result, setting, weeks, "state how sales answer: {price: -10%, elasticity: -1.5}")
        response = setting.response
        sales = sales_factor(1.0 + self.price, self.elasticity or 0.0, outcome_is_money=is_money(response)) - 1.0
        return replace(result, demand=demand_shock(result.demand, weeks, sales)).noting(
            f"How sales answer to the price is stated (elasticity {self.elasticity:g} of units sold), not learned from "
            "the data; what media add moves in the same proportion.".replace("-", "\N{MINUS SIGN}")
        )

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        how = (
            f"as the model's control {self.control} has it"
            if self.control is not None
            else f"by an elasticity of {self.elasticity:g}".replace("-", "\N{MINUS SIGN}")
        )
        return f"The selling price is {signed(self.price)}{self._when()}, and sales answer {how}"


class Promotion(InWeeks):
    """``{promotion: 20%, discount: 10%, pulled_forward: 30%, weeks: [3, 4]}``: a promotion whose lift is stated."""

    promotion: Annotated[Change, Field(gt=0)] = Field(description="Units of base sales above usual: `20%`.")
    discount: Part = Field(0.0, description="Off the selling price in these weeks.")
    pulled_forward: Part = Field(
        0.0, description="Share of the extra units that is missing afterwards, in as many weeks as the promotion had."
    )

    @model_validator(mode="after")
    def _has_weeks(self) -> Self:
        if self.weeks is None:
            raise ValueError("say in which weeks: [3, 4]")
        if self.discount >= 1:
            raise ValueError("a discount of all of the price sells nothing for money")
        if self.promotion * self.pulled_forward > 1:
            raise ValueError("more would be missing afterwards than is sold: lower pulled_forward")
        return self

    def apply(self, future: Future, setting: Setting) -> Future:
        weeks, response = setting.weeks(self.weeks), setting.response
        price = future.price * np.where(weeks, 1.0 - self.discount, 1.0)
        # Revenue of a unit that media sell falls with the price too.
        demand = demand_shock(future.demand, weeks, -self.discount if is_money(response) else 0.0)
        base = base_shock(future.base, weeks, self.promotion)
        after, beyond = self._after(weeks)
        base = base * (1.0 - self.promotion * self.pulled_forward * after)
        late = f"{beyond:g} of the weeks in which sales are missing come after the horizon and are not counted."
        return replace(future, base=base, demand=demand, price=price).noting(
            "What the promotion brings is stated, not learned from the data; it lifts base sales, and media sell as "
            "many units as without it.",
            late if self.pulled_forward and beyond else None,
        )

    @staticmethod
    def _after(weeks: BoolArray) -> tuple[FloatArray, int]:
        """Return 1 in as many weeks after the promotion as it has, (T,), and how many of them lie after the horizon."""
        last, count = int(np.flatnonzero(weeks)[-1]), int(weeks.sum())
        after = np.zeros(len(weeks))
        after[last + 1 : last + 1 + count] = 1.0
        return after, count - int(after.sum())

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        off = f" at {percent_of(self.discount)} off" if self.discount else ""
        back = f"; {percent_of(self.pulled_forward)} of that is missing afterwards" if self.pulled_forward else ""
        return f"A promotion{off} sells {percent_of(self.promotion)} more of base sales{self._when()}{back}"
