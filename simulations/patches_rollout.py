"""The patch of a change that spreads over the market in steps, by shares or by geos."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from mmm.arrays import FloatArray
from mmm.reporting.numbers import money
from mmm.reporting.text import join_names
from simulations.future import Future, Part, Setting
from simulations.patch_base import WrittenBase
from simulations.patch_values import Name, as_share, percent_of
from simulations.rollouts import divided


def _step(value: object) -> object:
    """Read a share, or names of geos."""
    if isinstance(value, str) and value != "all" and not value.strip().endswith("%"):
        return (value,)
    return as_share(value)


def _written_as(value: object) -> str:
    """Tell a share from names of geos, and both from all the rest."""
    return "geos" if isinstance(value, tuple | list) else "rest" if value == "all" else "share"


Step = Annotated[
    Annotated[float, Field(gt=0, le=1), Tag("share")]
    | Annotated[Literal["all"], Tag("rest")]
    | Annotated[tuple[Name, ...], Field(min_length=1), Tag("geos")],
    Discriminator(_written_as),
    BeforeValidator(_step),
]


class RollOut(WrittenBase):
    """``{rollout: {1: 25%, 5: 50%, 9: 100%}}``: every change written before it spreads over the market in steps.

    From each of the weeks on, that share of the market (or those geos, beside the earlier ones) goes the changed way;
    the others still go the way of business as usual. Each part of the market carries over its own media.
    """

    whole_market = True

    rollout: Mapping[Annotated[int, Field(ge=1)] | date, Step] = Field(
        min_length=1,
        description="Week (number or date) → share of the market so far, or geos that join; `all`: the rest.",
    )

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        shares = [step for step in self.rollout.values() if isinstance(step, float)]
        if shares and len(shares) < len(self.rollout):
            raise ValueError("give shares of the market, or names of geos, not both")
        if sorted(shares) != shares or len(set(shares)) < len(shares):
            raise ValueError("the share of the market so far must rise from step to step: 25%, 50%, 100%")
        if len({isinstance(week, int) for week in self.rollout}) > 1:
            raise ValueError("name the weeks by number or by date, not both")
        weeks = list(self.rollout)
        if sorted(weeks, key=str if isinstance(weeks[0], date) else int) != weeks:  # type: ignore[arg-type]
            raise ValueError("write the steps in the order of their weeks")
        return self

    def apply(self, future: Future, setting: Setting) -> Future:
        usual = _widened(Future.as_usual(setting.calendar), future)
        if future.parts:
            raise setting.refuse("rollout", "the market is divided already", "Write one roll-out a scenario.")
        if future.season:
            do = "Write season_shift after the roll-out: it then holds in the whole market."
            raise setting.refuse("rollout", "a moved season cannot spread from one part of a market to another", do)
        if (future.price != 1).any():
            do = "Write {control: price, change: -10%} or {demand: +5%}: sales spread, and the margin stays as it is."
            raise setting.refuse("rollout", "profit is reckoned at one selling price for the whole market", do)
        parts: list[Part] = []
        left = np.ones(len(setting.response.geos))
        for first, weight in self._steps(setting):
            parts.append(Part(weight, _from_week(usual, future, first, setting)))
            left = left - weight
        if (left > 1e-9).any():
            parts.insert(0, Part(np.maximum(left, 0.0), replace(usual, notes=future.notes)))
        whole = divided(parts, setting)
        beyond = self._beyond(whole, future, setting)
        return replace(whole, supply_cap=future.supply_cap, backlog=future.backlog).noting(*beyond)

    @staticmethod
    def _beyond(whole: Future, future: Future, setting: Setting) -> Iterator[str]:
        """Say where a part spends more a head than the data saw, by more than the whole market's sum shows."""
        most, currency = setting.response.observed_max(), setting.response.currency
        for c, name in enumerate(setting.calendar.channels):
            there = float((future.spend[c] / future.cost[c]).max())
            shown = float((whole.spend[c] / future.cost[c]).max())
            if there > max(most[c], shown) * (1 + 1e-9):
                yield (
                    f"{name}: where the change has arrived, a week is bought as for {money(there, currency)} in the "
                    f"whole market; the data have seen {money(float(most[c]), currency)} at most."
                )

    def _steps(self, setting: Setting) -> Iterator[tuple[int, FloatArray]]:
        """Yield the first week (from 0) and the weight by geo, (G,), of each step.

        Raises
        ------
        SpecError
            A week is not in the horizon; a geo is not in the fit, or joins twice.
        """
        geos, taken = setting.response.geos, np.zeros(len(setting.response.geos))
        count = len(setting.calendar.weeks)
        for week, step in self.rollout.items():
            first = week - 1 if isinstance(week, int) else _week_of(week, setting)
            if not 0 <= first < count:
                says = f"the week {week} is not in the horizon of {count} weeks from {setting.calendar.weeks[0]}"
                raise setting.refuse("rollout", says, "Name weeks of the horizon.")
            if isinstance(step, float):
                weight = step - taken
            else:
                unknown = [name for name in step if name not in geos] if step != "all" else []
                if unknown:
                    national = "The fit is national: give shares of the market, such as 25%."
                    do = f"Known: {', '.join(geos)}." if len(geos) > 1 else national
                    raise setting.refuse("rollout", f"the geo '{unknown[0]}' is not in the fit", do)
                joins = np.isin(np.array(geos), np.array(geos if step == "all" else step)).astype(np.float64)
                weight = np.where(joins > 0, 1.0 - taken, 0.0) if step == "all" else joins
                if (taken + weight > 1).any():
                    raise setting.refuse("rollout", "a geo joins twice", "Name each geo in one step.")
            taken = taken + weight
            yield first, weight

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        def one(step: float | str | tuple[str, ...]) -> str:
            if isinstance(step, float):
                return "the whole market" if step == 1 else f"{percent_of(step)} of the market"
            return "the rest of the market" if isinstance(step, str) else join_names(step)

        steps = [
            f"{one(step)} from {'week ' if isinstance(week, int) else ''}{week} on"
            for week, step in self.rollout.items()
        ]
        return f"The changes before this spread in steps: {', '.join(steps)}"


def _week_of(day: date, setting: Setting) -> int:
    """Return the number, from 0, of the horizon's first week that starts on a day or after it."""
    return int(np.searchsorted(setting.calendar.weeks, np.datetime64(str(day))))


def _widened(usual: Future, future: Future) -> Future:
    """Give business as usual rows for what a future launches, without spend."""
    extra = len(future.launched)
    weeks = usual.spend.shape[1]
    return replace(
        usual,
        spend=np.vstack([usual.spend, np.zeros((extra, weeks))]),
        cost=np.vstack([usual.cost, np.ones((extra, weeks))]),
        launched=future.launched,
    )


def _from_week(usual: Future, changed: Future, first: int, setting: Setting) -> Future:
    """Return the course that is business as usual before a week and the changed one from it on."""
    late = np.arange(usual.spend.shape[1]) >= first
    controls = None
    if changed.controls is not None:
        controls = np.where(late, changed.controls, setting.controls(usual))
    return replace(
        changed,
        spend=np.where(late, changed.spend, usual.spend),
        cost=np.where(late, changed.cost, usual.cost),
        demand=np.where(late, changed.demand, usual.demand),
        base=np.where(late, changed.base, usual.base),
        price=np.where(late, changed.price, usual.price),
        controls=controls,
    )
