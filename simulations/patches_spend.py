"""Patches of how much is spent: cuts and rises, a sum of money, a channel dark, money moved between two channels."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from mmm.reporting.numbers import money
from simulations.future import Future, Setting
from simulations.patch_base import InWeeks, OnChannels
from simulations.patch_values import Change, Name, as_share, signed


class ChangeSpend(OnChannels):
    """``{channel: tv, change: -20%}``: spend raised or cut in proportion."""

    change: Change = Field(description="A share of what it spends: `-20%` or `-0.2`.")

    def apply(self, future: Future, setting: Setting) -> Future:
        where = self._cells(setting, future)
        return replace(future, spend=np.where(where, future.spend * (1.0 + self.change), future.spend))

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"{self._who()}: spend {signed(self.change)}{self._when()}"


class GoDark(OnChannels):
    """``{channel: tv, dark: true}``: nothing is spent."""

    dark: Literal[True] = Field(description="Nothing is spent.")

    def apply(self, future: Future, setting: Setting) -> Future:
        return replace(future, spend=np.where(self._cells(setting, future), 0.0, future.spend))

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"{self._who()}: nothing is spent{self._when()}"


class SetTotal(OnChannels):
    """``{channels: [tv, radio], total: 500_000}``: what they spend together becomes this sum, in the same proportions.

    Where they spend nothing, it is divided evenly over channels and weeks.
    """

    total: Annotated[float, Field(ge=0)] = Field(description="Money over the weeks, of the channels together.")

    def apply(self, future: Future, setting: Setting) -> Future:
        where = self._cells(setting, future)
        already = np.where(where, future.spend, 0.0)
        shape = already if already.sum() > 0 else where.astype(np.float64)
        return replace(future, spend=np.where(where, self.total * shape / shape.sum(), future.spend))

    def says(self, currency: str) -> str:
        return f"{self._who()}: {money(self.total, currency)}{self._when() or ' over the horizon'}, timing and mix kept"


class ShiftSpend(InWeeks):
    """``{shift: 50000, from: tv, to: search}`` or ``{shift: 20%, …}``: money moved between two channels.

    It is taken in proportion to what the first channel spends in each week and added in proportion to what the second
    one does, or evenly where that spends nothing.
    """

    shift: float | str = Field(description="A sum of money, or a share of what the first channel spends: `20%`.")
    source: Name = Field(alias="from", description="The channel that gives.")
    target: Name = Field(alias="to", description="The channel that gets.")

    @field_validator("shift", mode="before")
    @classmethod
    def _sum_or_share(cls, value: object) -> object:
        share = as_share(value)
        if share is not value and isinstance(share, float) and 0 < share <= 1:
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 1 <= value < float("inf"):
            return float(value)
        raise ValueError("a shift is a sum of money of at least 1, or a share of the channel's spend written 20%")

    @model_validator(mode="after")
    def _two_channels(self) -> ShiftSpend:
        if self.source == self.target:
            raise ValueError("from and to name the same channel")
        return self

    def apply(self, future: Future, setting: Setting) -> Future:
        weeks = setting.weeks(self.weeks)
        source = int(np.flatnonzero(setting.channels("from", (self.source,), future))[0])
        target = int(np.flatnonzero(setting.channels("to", (self.target,), future))[0])
        spend = future.spend.copy()
        there = float(spend[source, weeks].sum())
        share = as_share(self.shift)
        amount = share * there if isinstance(self.shift, str) and isinstance(share, float) else float(self.shift)
        if amount > there * (1 + 1e-9):
            raise setting.refuse(
                "shift",
                f"{self.source} spends {setting.response.currency} {there:,.0f}{self._when() or ' in the horizon'}, "
                f"less than the {amount:,.0f} to move",
                "Move less, or write a share such as 20%.",
            )
        if there > 0:
            spend[source, weeks] *= max(0.0, 1.0 - amount / there)
        already = spend[target, weeks]
        shape = already if already.sum() > 0 else np.ones_like(already)
        spend[target, weeks] = already + amount * shape / shape.sum()
        return replace(future, spend=spend)

    def says(self, currency: str) -> str:
        amount = (
            money(self.shift, currency) if isinstance(self.shift, float) else f"{self.shift} of {self.source}'s spend"
        )
        return f"{amount} moves from {self.source} to {self.target}{self._when()}"
