"""How a patch moves one of the model's controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from simulations.future import Future, Setting
from simulations.patch_values import signed


@dataclass(frozen=True)
class ControlMove:
    """A control changed in proportion, by a sum, or to a value: one of the three.

    Attributes
    ----------
    control : str
    change, add, value : float or None
    key : str
        The key that a relative change is written with.
    """

    control: str
    change: float | None = None
    add: float | None = None
    value: float | None = None
    key: str = "change"

    @classmethod
    def of(cls, control: str, change: float | None, add: float | None, value: float | None) -> Self:
        """Check that exactly one of the three is given.

        Raises
        ------
        ValueError
        """
        if sum(one is not None for one in (change, add, value)) != 1:
            raise ValueError(f"say what the control '{control}' does: one of change: -10%, add: 5, value: 1")
        return cls(control, change, add, value)

    def apply(self, future: Future, setting: Setting, weeks: BoolArray, otherwise: str) -> Future:
        """Move the control in some weeks.

        Parameters
        ----------
        future : Future
        setting : Setting
        weeks : (T,) bool
        otherwise : str
            What else one can write where the model has no such control.

        Raises
        ------
        SpecError
            The model has no such control, or a relative change is asked of one that is not positive.
        """
        names = setting.response.baseline.control_names
        if self.control not in names:
            known = f"Known: {', '.join(names)}" if names else "The model has none"
            raise setting.refuse(
                "control",
                f"the model has no control '{self.control}'",
                f"{known}. Fit with it among the controls, or {otherwise}.",
            )
        k = names.index(self.control)
        controls, seen = setting.controls(future), self._seen(setting, k)
        if self.change is not None and (seen <= 0).any():
            raise setting.refuse(
                self.key,
                f"the control '{self.control}' is 0 or less in the data, and a share of that says nothing",
                "Write add: with a difference, or value: with what it is.",
            )
        controls[k][:, weeks] = self._moved(controls[k][:, weeks])
        return replace(future, controls=controls).noting(self._beyond(controls[k][:, weeks], seen))

    def _moved(self, values: FloatArray) -> FloatArray:
        if self.value is not None:
            return np.full_like(values, self.value)
        return values * (1.0 + self.change) if self.change is not None else values + (self.add or 0.0)

    @staticmethod
    def _seen(setting: Setting, k: int) -> FloatArray:
        """Return the control's values in the data, where there is a row."""
        return np.asarray(setting.response.baseline.controls[k][setting.response.observed])

    def _beyond(self, values: FloatArray, seen: FloatArray) -> str | None:
        low, high = float(seen.min()), float(seen.max())
        out = values[(values < low - 1e-9 * abs(low)) | (values > high + 1e-9 * abs(high))]
        if not out.size:
            return None
        worst = float(out[np.abs(out - (low + high) / 2).argmax()])
        return (
            f"The control '{self.control}' goes to {worst:.4g}; the data saw {low:.4g} to {high:.4g}. What sales do "
            "there is the model's straight line, not experience."
        )

    def says(self) -> str:
        """Say it in a clause."""
        if self.value is not None:
            return f"the control {self.control} is {self.value:g}"
        if self.change is not None:
            return f"the control {self.control} is {signed(self.change)}"
        by = self.add or 0.0
        return f"the control {self.control} is {abs(by):g} {'higher' if by >= 0 else 'lower'}"
