"""Patches that bring whole plans: a file of spend, departments' plans merged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, field_validator

from mmm.arrays import FloatArray
from mmm.config import inside
from mmm.reporting.text import join_names
from mmm.response.calendar import read_spend_csv
from simulations.future import Future, Setting
from simulations.merging import clash_notes, read_department
from simulations.patch_base import WrittenBase
from simulations.patch_values import Name


class FollowPlan(WrittenBase):
    """``{plan: plan.csv}``: the spend of a file of week, channel, spend, such as ``mixwise plan`` writes."""

    plan: Name = Field(description="A CSV of week, channel, spend; each channel needs a row, if only with 0.")

    def apply(self, future: Future, setting: Setting) -> Future:
        path = inside(setting.folder, self.plan, where=setting.place("plan"))
        spend = read_spend_csv(path, setting.rows(future), setting.calendar.weeks)
        empty = int((spend.sum(axis=0) == 0).sum())
        said = f"{self.plan} spends nothing in {empty} of {spend.shape[1]} weeks of the horizon." if empty else None
        return replace(future, spend=spend).noting(said)

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"Spend as in {self.plan}"

    def files(self, folder: Path) -> tuple[str, ...]:  # noqa: ARG002  (one signature for all patches)
        return (self.plan,)


class MergePlans(WrittenBase):
    """``{merge: [brand.csv, performance.csv]}``: departments' separate plans, added up.

    Each file holds week, channel, spend for the channels of its department; channels that are in none keep what they
    spend. Two departments that spend on one channel pay for its saturation: that cost is stated.
    """

    whole_market = True

    merge: Annotated[tuple[Name, ...], Field(min_length=2)] = Field(
        description="CSV files of week, channel, spend, one a department."
    )

    @field_validator("merge")
    @classmethod
    def _different(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("a plan is named twice, and would be spent twice")
        return names

    def apply(self, future: Future, setting: Setting) -> Future:
        if future.parts:
            raise setting.refuse("merge", "plans are of the whole market", "Write merge before the roll-out.")
        rows, weeks = setting.rows(future), setting.calendar.weeks
        plans: dict[str, FloatArray] = {}
        named = np.zeros(len(rows), dtype=np.bool_)
        for index, name in enumerate(self.merge):
            path = inside(setting.folder, name, where=setting.place(f"merge.{index}"))
            plans[name], owned = read_department(path, rows, weeks)
            named |= owned
        merged = np.where(named[:, None], sum(plans.values(), np.zeros_like(future.spend)), future.spend)
        kept = [name for name, has in zip(rows, named, strict=True) if not has]
        said = f"{join_names(kept)}: in none of the merged plans, spend kept." if kept else None
        result = replace(future, spend=merged).noting(said)
        return result.noting(*clash_notes(result, plans, setting))

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        return f"The plans {join_names(self.merge)} are spent together"

    def files(self, folder: Path) -> tuple[str, ...]:  # noqa: ARG002  (one signature for all patches)
        return self.merge
