"""Patches: each a small frozen change to business as usual, told apart by its key, said in one sentence.

A new kind of patch is a class here with ``apply`` and ``says``, and its key in :data:`KINDS`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, Protocol

import numpy as np
from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from mmm.arrays import BoolArray
from mmm.config import StrictModel, inside
from mmm.reporting.numbers import money
from mmm.reporting.text import join_names
from mmm.response.calendar import read_spend_csv
from simulations.flighting import SAYS, Flighting, flight
from simulations.future import Future, Setting
from simulations.patch_values import Change, CostChange, Name, Names, Weeks, as_share, signed
from simulations.shocks import cost_shock, demand_shock


class Patch(Protocol):
    """A change to a future. Applied in the order written."""

    def apply(self, future: Future, setting: Setting) -> Future:
        """Return the changed future; raise SpecError, with the key's place, where it cannot be."""
        ...

    def says(self, currency: str) -> str:
        """Describe the change in one sentence without its stop, with its figures."""
        ...


class _InWeeks(StrictModel):
    """What holds in all weeks of the horizon, or in a range of them."""

    weeks: Weeks | None = None

    def _when(self) -> str:
        if self.weeks is None:
            return ""
        first, last = self.weeks
        if isinstance(first, int):
            return f" in week {first}" if first == last else f" in weeks {first} to {last}"
        return f" in the weeks that start from {first} to {last}"


class _OnChannels(_InWeeks):
    """What acts on one channel, on several, or on all."""

    channel: Name | None = None
    channels: Names = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> _OnChannels:
        if (self.channel is None) == (self.channels is None):
            raise ValueError("give either channel: one name, or channels: all or a list of names")
        if self.channels == ():
            raise ValueError("the list of channels is empty")
        return self

    def _mask(self, setting: Setting, future: Future) -> BoolArray:
        if self.channel is not None:
            return setting.channels("channel", (self.channel,), future)
        return setting.channels("channels", self.channels or "all", future)

    def _who(self) -> str:
        if self.channel is not None:
            return self.channel
        return join_names(self.channels) if isinstance(self.channels, tuple) else "All channels"


class ChangeSpend(_OnChannels):
    """``{channel: tv, change: -0.2}``: spend raised or cut in proportion."""

    change: Change

    def apply(self, future: Future, setting: Setting) -> Future:
        where = np.outer(self._mask(setting, future), setting.weeks(self.weeks))
        return _with_spend(future, np.where(where, future.spend * (1.0 + self.change), future.spend))

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"{self._who()}: spend {signed(self.change)}{self._when()}"


class GoDark(_OnChannels):
    """``{channel: tv, dark: true}``: nothing is spent."""

    dark: Literal[True]

    def apply(self, future: Future, setting: Setting) -> Future:
        where = np.outer(self._mask(setting, future), setting.weeks(self.weeks))
        return _with_spend(future, np.where(where, 0.0, future.spend))

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"{self._who()}: nothing is spent{self._when()}"


class Reflight(_OnChannels):
    """``{channels: all, flighting: front_loaded}``: the same totals, laid over the weeks in another shape."""

    flighting: Flighting

    def apply(self, future: Future, setting: Setting) -> Future:
        mask, weeks = self._mask(setting, future), setting.weeks(self.weeks)
        history = setting.last_year()[:, weeks] if self.flighting is Flighting.AS_HISTORY else None
        spend = future.spend.copy()
        spend[np.ix_(mask, weeks)] = flight(spend[:, weeks], self.flighting, history)[mask]
        result = _with_spend(future, spend)
        if history is None:
            return result
        silent = tuple(np.array(setting.calendar.channels)[mask & (history.sum(axis=1) <= 0)].tolist())
        if not silent:
            return result
        return _with_note(
            result, f"{join_names(silent)}: nothing was spent in these weeks a year earlier; timing kept."
        )

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"{self._who()}: the same total{self._when()}, {SAYS[self.flighting]}"


class ShiftSpend(_InWeeks):
    """``{shift: 50000, from: tv, to: search}`` or ``{shift: 20%, …}``: money moved between two channels.

    It is taken in proportion to what the first channel spends in each week and added in proportion to what the second
    one does, or evenly where that spends nothing.
    """

    shift: float | str
    source: Name = Field(alias="from")
    target: Name = Field(alias="to")

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
        return _with_spend(future, spend)

    def says(self, currency: str) -> str:
        amount = (
            money(self.shift, currency) if isinstance(self.shift, float) else f"{self.shift} of {self.source}'s spend"
        )
        return f"{amount} moves from {self.source} to {self.target}{self._when()}"


class ChangeCost(_OnChannels):
    """``{channel: social, cost_per_exposure: +0.15}``: the same money buys fewer or more exposures."""

    cost_per_exposure: CostChange

    def apply(self, future: Future, setting: Setting) -> Future:
        cost = cost_shock(future.cost, self._mask(setting, future), setting.weeks(self.weeks), self.cost_per_exposure)
        return _with_note(replace(future, cost=cost), self._doubt())

    def _doubt(self) -> str | None:
        """Ask whether a rise above 100 % is not a factor written as a change."""
        if self.cost_per_exposure <= 1.0:
            return None
        times = 1.0 + self.cost_per_exposure
        return (
            f"{self._who()}: a change of {self.cost_per_exposure:+.0%} is {times:.4g} times today's cost of an "
            f"exposure; for {self.cost_per_exposure:.4g} times write {self.cost_per_exposure - 1.0:+.0%}."
        )

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"{self._who()}: an exposure costs {self._price()}{self._when()}, the spend stays as it is"

    def _price(self) -> str:
        return f"{abs(self.cost_per_exposure) * 100:.4g}% {'more' if self.cost_per_exposure >= 0 else 'less'}"


class DemandShock(_InWeeks):
    """``{demand: -0.1}``: the market asks for less, so base sales and what media add both fall."""

    demand: Change

    def apply(self, future: Future, setting: Setting) -> Future:
        demand = demand_shock(future.demand, setting.weeks(self.weeks), self.demand)
        return replace(future, demand=demand)

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"Demand {signed(self.demand)}{self._when()}: base sales and media effects alike"


class FollowPlan(StrictModel):
    """``{plan: plan.csv}``: the spend of a file of week, channel, spend, such as ``mixwise plan`` writes."""

    plan: Name

    def apply(self, future: Future, setting: Setting) -> Future:
        path = inside(setting.folder, self.plan, where=setting.place("plan"))
        spend = read_spend_csv(path, setting.calendar.channels, setting.calendar.weeks)
        empty = int((spend.sum(axis=0) == 0).sum())
        said = f"{self.plan} spends nothing in {empty} of {spend.shape[1]} weeks of the horizon." if empty else None
        return _with_note(_with_spend(future, spend), said)

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"Spend as in {self.plan}"


def _with_spend(future: Future, spend: np.ndarray[Any, np.dtype[np.float64]]) -> Future:
    return replace(future, spend=spend)


def _with_note(future: Future, note: str | None) -> Future:
    return future.noting(note)


#: The key that tells what a patch is. Its tag is the key in angle brackets, which no key of a file is.
KINDS: dict[str, type[StrictModel]] = {
    "change": ChangeSpend,
    "dark": GoDark,
    "flighting": Reflight,
    "shift": ShiftSpend,
    "cost_per_exposure": ChangeCost,
    "demand": DemandShock,
    "plan": FollowPlan,
}


def _kind(value: Any) -> str | None:
    """Return the tag of what a patch is; None where it has none of the keys, or more than one."""
    if isinstance(value, dict):
        found = [key for key in KINDS if key in value]
        return f"<{found[0]}>" if len(found) == 1 else None
    return next((f"<{key}>" for key, kind in KINDS.items() if isinstance(value, kind)), None)


WrittenPatch = Annotated[
    Annotated[ChangeSpend, Tag("<change>")]
    | Annotated[GoDark, Tag("<dark>")]
    | Annotated[Reflight, Tag("<flighting>")]
    | Annotated[ShiftSpend, Tag("<shift>")]
    | Annotated[ChangeCost, Tag("<cost_per_exposure>")]
    | Annotated[DemandShock, Tag("<demand>")]
    | Annotated[FollowPlan, Tag("<plan>")],
    Discriminator(
        _kind,
        custom_error_type="patch_kind",
        custom_error_message=f"a patch changes one thing and has exactly one of the keys {', '.join(KINDS)}",
    ),
]
