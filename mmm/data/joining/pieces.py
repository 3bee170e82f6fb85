"""Figures on their way into the table: each is used, or set aside for a reason that is listed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.joining.lines import NONE, Lines

#: Name of the reason of figures that the model file does not name.
UNUSED = "unused_figures"


@dataclass(frozen=True)
class Reason:
    """Why figures are not in the panel.

    Attributes
    ----------
    name : str
        Of the finding.
    says : str
        After "5 rows excluded:".
    do : str
    means : str
        What it may do to the result: the finding is then a warning.
    """

    name: str
    says: str
    do: str = "Nothing, if that is what was meant."
    means: str = ""


class Pieces:
    """P pieces of L lines: one a line, until figures of long periods are divided by days.

    Attributes
    ----------
    lines : Lines
    line : (P,) ints
    first, last : (P,) datetime64[D]
        Days that the piece covers.
    value : (P,)
        In the panel's currency, once converted.
    series : (P,) ints
        Number of the series; -1 where the model does not use the figure.
    geo : (P,) ints
        Number of the panel's geo; -1 where the figure is national.
    period : (P,) datetime64[D]
        First day of its period.
    reason : (P,) ints
        0 while it is used, else the number of its reason.
    reasons : list of Reason
    """

    def __init__(self, lines: Lines) -> None:
        many = len(lines)
        self.lines = lines
        self.line: IntArray = np.arange(many, dtype=np.int64)
        self.first, self.last, self.period = lines.first.copy(), lines.last.copy(), lines.first.copy()
        self.value = lines.value.copy()
        self.series: IntArray = np.full(many, NONE, dtype=np.int64)
        self.geo: IntArray = np.full(many, NONE, dtype=np.int64)
        self.reason: IntArray = np.zeros(many, dtype=np.int64)
        self.reasons: list[Reason] = []

    @property
    def used(self) -> BoolArray:
        """Which pieces are still on their way, (P,)."""
        return np.asarray(self.reason == 0)

    @property
    def source(self) -> IntArray:
        """The source of each piece, (P,)."""
        return self.lines.source[self.line]

    @property
    def spans(self) -> IntArray:
        """How many days each piece covers, (P,)."""
        return np.asarray((self.last - self.first).astype(np.int64) + 1)

    def set_aside(self, which: BoolArray, why: Reason) -> None:
        """Set pieces aside that are still used."""
        gone = which & self.used
        if not gone.any():
            return
        if why not in self.reasons:
            self.reasons.append(why)
        self.reason[gone] = self.reasons.index(why) + 1

    def divided(self, count: IntArray) -> None:
        """Repeat each piece ``count`` times; whoever asks then divides days and values."""
        for name in ("line", "first", "last", "period", "value", "series", "geo", "reason"):
            setattr(self, name, np.repeat(getattr(self, name), count))
