"""What is checked, and how thoroughly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """The long checks, in the order in which they run."""

    BACKTEST = "backtest"
    PLACEBO = "placebo"
    REFRESH = "refresh"
    CONFOUNDER = "confounder"
    DEMAND = "demand"
    PRIOR = "prior"


@dataclass(frozen=True)
class Settings:
    """How thoroughly to check.

    Attributes
    ----------
    folds : int
        Refits of the backtest, each on a longer history than the one before.
    horizon : int
        Weeks that each of them forecasts.
    placebos : int
        Made-up channels, each in a refit of its own.
    dropped : int
        Weeks left out at the end by the refresh check.
    strengths : tuple of float
        Strengths of the simulated hidden cause, rising: the share that it explains of what is otherwise unexplained
        in the channel's effect, and in the outcome.
    largest : int
        Channels that the checks of single channels look at, by contribution.
    tune, draws : int
        Warm-up and draws a chain of each refit, at most; a fit that used fewer keeps its own.
    """

    folds: int = 4
    horizon: int = 8
    placebos: int = 4
    dropped: int = 4
    strengths: tuple[float, ...] = (0.05, 0.15, 0.35)
    largest: int = 6
    tune: int = 500
    draws: int = 500
