r"""How far a plan may move from the last one.

Money that is moved counts once: with r the last plan and x this one, both summed over the period that is compared,

.. math:: \tfrac12 \sum_{cp} |x_{cp} - r_{cp}| \;\le\; \text{share} \cdot \sum_{cp} r_{cp} .

Between plans of the same total this is what is taken from some channels and given to others; money that only comes on
top counts half.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from optimizer.limits import Constraint, Frame, Limit, listed
from optimizer.periods import Per


@dataclass(frozen=True, eq=False)
class StayWithin(Constraint):
    """The money moved against the last plan is at most a share of that plan's total.

    Attributes
    ----------
    channels : tuple of str or None
        None: every channel. Others are free.
    share : float
        0.2: at most 20 %.
    reference : (C, T), optional
        The last plan, money per week, for all channels of the fit; None: the baseline.
    source : str
        What the last plan is called in sentences.
    per : Per
        What is compared: ``HORIZON``: channel totals, so that money may move freely between weeks; ``WEEK``: each week.
    """

    channels: tuple[str, ...] | None
    share: float
    reference: FloatArray | None = None
    source: str = "the baseline"
    per: Per = Per.HORIZON

    def __post_init__(self) -> None:
        if not (np.isfinite(self.share) and self.share >= 0):
            raise SpecError(
                f"the share {self.share} is not 0 or more",
                where=self.name or self.default_name,
                do="Write 0.2 where at most 20 % of the last plan's money may be moved.",
            )

    @property
    def default_name(self) -> str:
        return "stay_within" if self.channels is None else f"stay_within({','.join(self.channels)})"

    def _last(self, frame: Frame, picked: list[int]) -> FloatArray:
        """Return the last plan's totals of the picked channels, (n, P)."""
        where = self.name or self.default_name
        last = frame.baseline if self.reference is None else self.reference
        if last.shape != frame.baseline.shape:
            says = f"the last plan has shape {last.shape}, not {frame.baseline.shape}"
            raise SpecError(says, where=where, do="Give a plan of the same channels and weeks, or the baseline.")
        if not last[picked].sum() > 0:
            raise SpecError(f"{self.source} spends nothing", where=where, do="Name a plan that spends money.")
        return frame.periods(self.per).totals(last[picked])

    def limits(self, spend: cp.Expression, frame: Frame) -> tuple[Limit, ...]:
        picked = frame.pick(self.channels, self.name or self.default_name)
        last = self._last(frame, picked)
        total = float(last.sum())
        # Each difference in its channel's own scale; the weights make money of them again.
        size = frame.typical[picked][:, None] * frame.periods(self.per).inside
        moved = cp.multiply(1.0 / size, frame.periods(self.per).rows(spend[picked, :])) - last / size
        row = 0.5 * cp.sum(cp.multiply(size / total, cp.abs(moved))) <= self.share
        return (Limit(row, lambda _: np.asarray(0.01)),)

    def sentence(self, frame: Frame) -> str:
        whose = "" if self.channels is None else f" of {listed(self.channels)}"
        when = "" if self.per is Per.HORIZON else f", compared {frame.periods(self.per).says(prorated=False)}"
        return f"Money moved against {self.source}: at most {self.share:.1%} of its total{whose}{when}."

    def loosening(self, frame: Frame) -> str:
        return f"One percentage point more of {self.source} to move"

    def loosened(self, units: float) -> Self | None:
        share = self.share + 0.01 * units
        return replace(self, share=share) if share >= 0 else None

    def size(self, frame: Frame) -> float:
        return 100.0 * max(self.share, 0.01)
