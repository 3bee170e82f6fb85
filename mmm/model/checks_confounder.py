r"""How strong something unseen would have to be to halve a channel's ROAS.

In the linearised fit a driver U that was left out shifts a channel's coefficient by

.. math:: \sqrt{R^2_{y\sim U|x} R^2_{x\sim U} / (1 - R^2_{x\sim U})} \; \mathrm{sd}(y^{\perp}) / \mathrm{sd}(x^{\perp})

The robustness value is the share of what is left of both spend and outcome that U must explain to take a share *q* of
the effect away. With :math:`f = q\,\mathrm{sd}(x^{\perp}) / \mathrm{sd}(y^{\perp})` (the coefficient is 1 here) it is
:math:`RV_q = \tfrac12(\sqrt{f^4 + 4 f^2} - f^2)`. Cinelli & Hazlett (2020), "Making sense of sensitivity", JRSS B 82.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.health_linear import Linearised, apart
from mmm.reporting.text import isolate, join_parts

#: Robustness below which a channel's ROAS hangs on there being nothing unseen.
FRAGILE = 0.10


@dataclass(frozen=True)
class Robustness:
    """Of one channel's ROAS.

    Attributes
    ----------
    channel : str
    halves : float
        Share of what is left of both spend and outcome that something unseen must explain to halve the ROAS.
    rival : str
        The part of the baseline that already explains at least as much of both; empty if none does.
    """

    channel: str
    halves: float
    rival: str = ""


def robustness_value(f: float) -> float:
    """Return RV for the partial Cohen's f of the share of the effect that is to go."""
    return 0.5 * float(np.sqrt(f**4 + 4.0 * f**2) - f**2)


def robustness(linear: Linearised, channels: Sequence[str], share: float = 0.5) -> tuple[Robustness, ...]:
    """Return each paid channel's robustness.

    Parameters
    ----------
    linear : Linearised
    channels : sequence of str
    share : float
        Of the ROAS that is to go.
    """
    left = linear.take_out(np.vstack([linear.outcome, linear.effects]))
    outcome, media = left[0], left[1:]
    noise = apart(outcome, media)
    without = {
        name: linear.take_out(np.vstack([linear.outcome, linear.effects]), columns)
        for name, columns in linear.blocks.items()
    }
    found = []
    for c, name in enumerate(channels):
        own = apart(media[c], np.delete(media, c, axis=0))
        f = share * np.sqrt(float(own @ own) / max(float(noise @ noise), 1e-300))
        value = robustness_value(float(f))
        rivals = {block: _strength(without[block], own, noise, c) for block in without}
        rival = max(rivals, key=lambda block: rivals[block], default="")
        found.append(Robustness(name, value, rival if rivals and rivals[rival] >= value else ""))
    return tuple(found)


def _strength(left: FloatArray, own: FloatArray, noise: FloatArray, c: int) -> float:
    """Return the lesser of what a part of the baseline explains of a channel and of the outcome, all else given."""
    outcome, media = left[0], left[1:]
    channel = apart(media[c], np.delete(media, c, axis=0))
    rest = apart(outcome, media)
    of_channel = 1.0 - float(own @ own) / max(float(channel @ channel), 1e-300)
    of_outcome = 1.0 - float(noise @ noise) / max(float(rest @ rest), 1e-300)
    return max(min(of_channel, of_outcome), 0.0)


def check_confounder(linear: Linearised, channels: Sequence[str]) -> Finding:
    """Say how strong something unseen would have to be to halve each ROAS."""
    found = sorted(robustness(linear, channels), key=lambda one: one.halves)
    weak = [one for one in found if one.halves < FRAGILE or one.rival]
    shown = weak or found[:3]
    figures = join_parts(
        [
            f"{isolate(one.channel)} {100 * one.halves:.0f}%"
            + (f" (less than {one.rival} explains)" if one.rival else "")
            for one in shown
        ]
    )
    says = (
        "Something unseen would halve a channel's ROAS if it explained this share of what is left of both its spend "
        f"and the outcome: {figures}."
    )
    if not weak:
        return Finding(
            "unobserved_confounder", Severity.OK, says, "Nothing to do, unless you know of something so strong."
        )
    return Finding(
        "unobserved_confounder",
        Severity.NOTE,
        says,
        "Think of what could move both (a promotion, a competitor, a launch) and add it as a control; calibrate by an "
        "experiment where money hangs on it.",
        means="A modest driver that moves both spend and sales would change the answer for these channels.",
        where=", ".join(one.channel for one in weak),
    )
