"""Constraints on groups of channels: a department, brand against performance, a market."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.constraints_amount import Ranged
from optimizer.limits import Constraint, Frame, Limit, at_least, at_most, listed
from optimizer.periods import Per
from optimizer.ranges import SMALL, check_range, said, widened


@dataclass(frozen=True)
class GroupShare(Constraint):
    """A group of channels keeps a minimum or maximum share of all spend.

    Attributes
    ----------
    group : str
        What to call it.
    channels : tuple of str
    min_share, max_share : float, optional
        Between 0 and 1.
    per : Per
    """

    group: str
    channels: tuple[str, ...]
    min_share: float | None = None
    max_share: float | None = None
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        where = self.name or self.default_name
        check_range(self.min_share, self.max_share, where)
        if max(self.min_share or 0.0, self.max_share or 0.0) > 1:
            raise SpecError("a share is above 1", where=where, do="Write 0.4 for 40 %.")

    @property
    def default_name(self) -> str:
        return f"share({self.group})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        over = frame.periods(self.per)
        group, whole = cp.sum(over.rows(spend[picked, :]), axis=0), cp.sum(over.rows(spend), axis=0)
        scale = float(frame.typical.sum()) * over.inside

        def point(plan: FloatArray) -> FloatArray:
            return np.asarray(0.01 * over.totals(plan).sum(axis=0) / scale)

        rows: list[Limit] = []
        if self.min_share is not None:
            rows.append(Limit(cp.multiply(1.0 / scale, self.min_share * whole - group) <= 0, point))
        if self.max_share is not None:
            rows.append(Limit(cp.multiply(1.0 / scale, group - self.max_share * whole) <= 0, point))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        share = said(self.min_share, self.max_share, "{:.1%}".format)
        when = frame.periods(self.per).says(prorated=False)
        return f"{self.group} ({listed(self.channels)}): {share} of all spend {when}."

    def loosening(self, frame: Frame) -> str:
        return f"One percentage point more room for the share of {self.group}{self.per.in_each}"

    def loosened(self, units: float) -> Self | None:
        moved = widened(self.min_share, self.max_share, 0.01 * units)
        if moved is None or (moved[0] or 0.0) > 1:
            return None
        return replace(self, min_share=moved[0], max_share=None if moved[1] is None else min(moved[1], 1.0))

    def size(self, frame: Frame) -> float:
        return 100.0 * max(self.min_share or 0.0, self.max_share or 0.0, 0.01)


@dataclass(frozen=True)
class GroupBounds(Ranged):
    """A group of channels together spends at least or at most a sum of money.

    Attributes
    ----------
    group : str
        What to call it.
    channels : tuple of str
    least, most : float, optional
    per : Per
    """

    group: str
    channels: tuple[str, ...]
    least: float | None = None
    most: float | None = None
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        check_range(self.least, self.most, self.name or self.default_name)

    @property
    def default_name(self) -> str:
        return f"group({self.group})"

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        over = frame.periods(self.per)
        x, floor = cp.sum(over.rows(spend[picked, :]), axis=0), SMALL * float(frame.typical[picked].sum()) * over.inside
        rows: list[Limit] = []
        if self.most is not None:
            most = self.most * over.part
            rows.append(at_most(x, most, np.maximum(most, floor), over.part))
        if self.least:
            least = self.least * over.part
            rows.append(at_least(x, least, np.maximum(least, floor), over.part))
        return tuple(rows)

    def sentence(self, frame: Frame) -> str:
        money, when = said(self.least, self.most, frame.money), frame.periods(self.per).says(prorated=True)
        return f"{self.group} ({listed(self.channels)}): {money} together {when}."

    def loosening(self, frame: Frame) -> str:
        return f"{frame.currency} 1 more room for {self.group}{self.per.in_each}"
