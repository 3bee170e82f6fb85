r"""How strong a cause that nobody measured would have to be to halve a channel's ROAS, found by refitting.

For each channel a control *u* is made that is related to the channel's weekly effect and to what the model leaves
unexplained of the outcome, and to nothing else in the model; it is added, and the model refitted. With unit vectors
*d* (the channel's mean effect), *e* (the residual) and *n* (noise), all cleared of everything else in the model,

.. math:: u = r\,d + r\sqrt{1-r^2}\,e + (1-r^2)\,n,

so that *u* explains the share :math:`r^2` of the rest of *d*, and the same share of the rest of the outcome given *d*:
the partial :math:`R^2` of Cinelli & Hazlett (2020), "Making sense of sensitivity", for equal strengths. Their closed
formula holds for least squares. Here the refit may answer with another carryover, saturation or baseline, and its
priors hold: what it says is what the analyst would have found, had the cause been measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.validation.base import Base
from mmm.model.validation.edits import with_control
from mmm.model.validation.parts import Parts
from mmm.model.validation.refits import Job, Refit
from mmm.reporting.numbers import percent
from mmm.reporting.text import join_parts

#: Halved by a weaker cause: fragile, or worth knowing.
FRAGILE, WEAK = 0.05, 0.15


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """One channel under hidden causes of growing strength.

    Attributes
    ----------
    channel : str
    strengths : (N,)
        From 0, rising, as far as refits were made.
    roas : (N,)
        Mean ROAS at each.
    """

    channel: str
    strengths: FloatArray
    roas: FloatArray

    @property
    def halves_at(self) -> float:
        """The strength that halves the ROAS, between refits by a straight line; infinite where none did."""
        half = self.roas[0] / 2.0
        below = np.flatnonzero(self.roas <= half)
        if not below.size:
            return float("inf")
        i = int(below[0])
        (x0, x1), (y0, y1) = self.strengths[i - 1 : i + 1], self.roas[i - 1 : i + 1]
        return float(x0 + (x1 - x0) * (y0 - half) / (y0 - y1))


@dataclass(frozen=True, eq=False)
class Sensitivities:
    """Every channel that was looked at.

    Attributes
    ----------
    channels : tuple of Sensitivity
    known : dict of str to dict
        Channel → name of what is measured (the calendar, each control) → the strength that it has, for comparison.
    strongest : float
        The strongest cause that was tried.
    """

    channels: tuple[Sensitivity, ...]
    known: dict[str, dict[str, float]]
    strongest: float

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Name the channels that a weak hidden cause would halve."""
        if not self.channels:
            return ()
        fragile = [one for one in self.channels if one.halves_at < FRAGILE]
        weak = [one for one in self.channels if FRAGILE <= one.halves_at < WEAK]
        found = []
        do = "Measure what it could be (demand, price, distribution, competitors) and add it; or test by experiment."
        for group, grave, limit in ((fragile, Severity.WARNING, FRAGILE), (weak, Severity.NOTE, WEAK)):
            if group:
                found.append(
                    Finding(
                        "hidden_cause",
                        grave,
                        f"An unmeasured cause would halve the ROAS of {join_parts([_said(one) for one in group])}.",
                        do,
                        means=f"Under {percent(limit, 0)} of what the model cannot explain is easily overlooked.",
                        where=", ".join(one.channel for one in group),
                    )
                )
        if not found:
            says = f"No cause that explains under {percent(WEAK, 0)} of the rest of spend and outcome halves a ROAS."
            found.append(Finding("hidden_cause", Severity.OK, says, "Nothing to do."))
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """Return the curves JSON-ready; ``halves_at`` is null where no cause that was tried halves the ROAS."""
        return {
            "strongest_tried": self.strongest,
            "channels": {
                one.channel: {
                    "halves_at": one.halves_at if np.isfinite(one.halves_at) else None,
                    "strengths": one.strengths.tolist(),
                    "roas": one.roas.tolist(),
                    "known_causes": self.known[one.channel],
                }
                for one in self.channels
            },
        }


def _said(one: Sensitivity) -> str:
    return f"{one.channel} if it explained {percent(one.halves_at)} of the rest of both"


def count(base: Base) -> int:
    """Return the number of refits, at most."""
    return len(base.largest) * len(base.settings.strengths)


def run(base: Base, refit: Callable[[Job], Refit]) -> Sensitivities:
    """Add hidden causes of growing strength, channel by channel, until the ROAS is halved."""
    parts = base.parts
    found, known = [], {}
    for number, channel in enumerate(base.largest):
        rng = np.random.default_rng([base.fit.seed, 41, number])
        axes = parts.axes(channel, rng)
        levels, roas = [0.0], [base.reference.mean_roas(channel)]
        for strength in base.settings.strengths:
            spec, panel = with_control(base.spec, base.panel, "a hidden cause", axes.cause(strength))
            done = refit(Job(f"hidden cause of {channel}, strength {percent(strength, 0)}", spec, panel))
            if done.usable:
                levels.append(strength)
                roas.append(done.mean_roas(channel))
            if done.usable and roas[-1] <= roas[0] / 2.0:
                break
        if len(levels) > 1:
            found.append(Sensitivity(channel, np.array(levels), np.array(roas)))
            known[channel] = _known(parts, channel)
    return Sensitivities(tuple(found), known, base.settings.strengths[-1])


def _known(parts: Parts, channel: str) -> dict[str, float]:
    return {name: parts.strength_of(name, channel) for name in parts.groups}
