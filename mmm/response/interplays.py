"""Two interplays between channels that are stated, not fitted: synergy of pairs, and an outcome that multiplies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Synergy:
    r"""Pairs of rows bring more together: :math:`\Phi = \sum_u r_u + \sum_p \gamma_p \sqrt{r_{a_p} r_{b_p}}`.

    The geometric mean is concave and rises in both, so for :math:`\gamma \ge 0` tangents bound the plan.

    Attributes
    ----------
    pairs : tuple of (int, int)
        P pairs of a plan's rows.
    strength : (P, S)
        0 or more; 0.2: two rows that bring 100 each bring 20 more together.
    """

    pairs: tuple[tuple[int, int], ...]
    strength: FloatArray

    def __post_init__(self) -> None:
        if self.strength.ndim != 2 or len(self.strength) != len(self.pairs) or (self.strength < 0).any():
            raise ValueError("strength needs shape (pairs, draws) and values of 0 or more")

    @property
    def concave(self) -> bool:
        """Concave and rising."""
        return True

    def outcome(self, parts: FloatArray) -> FloatArray:
        """Return the outcome, (S,), of parts (U, S)."""
        whole = parts.sum(axis=0)
        for (a, b), strength in zip(self.pairs, self.strength, strict=True):
            whole = whole + strength * np.sqrt(np.maximum(parts[a], 0.0) * np.maximum(parts[b], 0.0))
        return np.asarray(whole)

    def slopes(self, parts: FloatArray) -> FloatArray:
        """Return the derivatives in the parts, (U, S)."""
        slope, safe = np.ones_like(parts), np.maximum(parts, 1e-12 * (1.0 + np.abs(parts).max(initial=0.0)))
        for (a, b), strength in zip(self.pairs, self.strength, strict=True):
            slope[a] += 0.5 * strength * np.sqrt(safe[b] / safe[a])
            slope[b] += 0.5 * strength * np.sqrt(safe[a] / safe[b])
        return slope

    def select(self, draws: BoolArray | IntArray) -> Synergy:
        """Return the synergy of some draws."""
        return Synergy(self.pairs, self.strength[:, draws])


@dataclass(frozen=True, eq=False)
class LogOutcome:
    r"""The logarithm of the outcome is additive: :math:`\Phi = B \, (e^{\sum_u r_u / B} - 1)`.

    Convex in the parts, so that no tangent bounds it.

    Attributes
    ----------
    base : (S,)
        What is sold over horizon and tail without media, above 0, in the parts' unit.
    """

    base: FloatArray

    def __post_init__(self) -> None:
        if self.base.ndim != 1 or not (self.base > 0).all():
            raise ValueError("base needs shape (draws,) and values above 0")

    @property
    def concave(self) -> bool:
        """Convex in the parts."""
        return False

    def outcome(self, parts: FloatArray) -> FloatArray:
        """Return the outcome, (S,), of parts (U, S)."""
        return np.asarray(self.base * np.expm1(parts.sum(axis=0) / self.base))

    def slopes(self, parts: FloatArray) -> FloatArray:
        """Return the derivatives in the parts, (U, S)."""
        return np.asarray(np.exp(parts.sum(axis=0) / self.base) * np.ones_like(parts))

    def select(self, draws: BoolArray | IntArray) -> LogOutcome:
        """Return the interplay of some draws."""
        return LogOutcome(self.base[draws])
