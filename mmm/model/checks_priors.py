"""Whether data or priors speak: how far each ROAS moved from its prior, and how far it still moves with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.power_scaling import SENSITIVE, Sensitivity
from mmm.model.priors import Z95
from mmm.model.resolve import ResolvedPriors
from mmm.reporting.numbers import percent
from mmm.reporting.text import isolate, join_names, join_parts

NOTHING = "Nothing to do."
#: A posterior at least this wide against its prior (sd of the logarithm), and moved less than half a prior sd, has
#: learned little.
LEARNED, MOVED = 0.85, 0.5
#: Prior sds from the prior's median beyond which a posterior's median lies outside its central 98 % (80 %).
OUTSIDE, EDGE = 2.33, 1.28
#: Least change of a figure, were the prior's weight doubled, that is worth a note.
MATERIAL = 0.10


def prior_interval(mu: float, sigma: float) -> tuple[float, float, float]:
    """Return median, 5 % and 95 % of a log-normal prior."""
    return float(np.exp(mu)), float(np.exp(mu - Z95 * sigma)), float(np.exp(mu + Z95 * sigma))


def check_priors(
    roas: FloatArray, channels: Sequence[str], priors: ResolvedPriors, found: Sequence[Sensitivity] = ()
) -> tuple[Finding, ...]:
    """Compare ROAS posteriors, (C, S), with their priors; and judge their power-scaling sensitivities."""
    log = np.log(np.maximum(roas, 1e-300))
    width = log.std(axis=1) / priors.roas_sigma
    shift = (np.median(log, axis=1) - priors.roas_mu) / priors.roas_sigma
    by_name = {one.name: one for one in found}
    return (
        _dominates(channels, width, shift, by_name),
        _conflict(channels, shift, by_name),
        *([_sensitive(found)] if found else []),
    )


def _dominates(channels: Sequence[str], width: FloatArray, shift: FloatArray, found: dict[str, Sensitivity]) -> Finding:
    unlearned = [
        name
        for name, w, s in zip(channels, width, shift, strict=True)
        if (w > LEARNED and abs(s) < MOVED) or (name in found and found[name].prior_alone and w > LEARNED / 2)
    ]
    figures = join_parts([f"{isolate(name)} {100 * w:.0f}%" for name, w in zip(channels, width, strict=True)])
    if not unlearned:
        says = f"The data narrowed every channel's ROAS prior (width left, on the log scale: {figures})."
        return Finding("prior_dominates", Severity.OK, says, NOTHING)
    return Finding(
        "prior_dominates",
        Severity.NOTE,
        f"The data say little about {join_names(unlearned)}: what the fit says is close to the prior (width "
        f"left of it, on the log scale: {figures}).",
        "Test by experiment (a holdout or a pulse), or state what past studies found as a ROAS prior.",
        means="The interval is honest, and wide; a plan that moves much money there rests on the prior.",
        where=", ".join(unlearned),
    )


def _conflict(channels: Sequence[str], shift: FloatArray, found: dict[str, Sensitivity]) -> Finding:
    moved = dict(zip(channels, shift, strict=True))
    far = [name for name, s in moved.items() if abs(s) > OUTSIDE]
    pulled = [
        name
        for name, s in moved.items()
        if name in found and found[name].conflict and abs(s) > EDGE and name not in far
    ]
    furthest = max(moved, key=lambda name: abs(moved[name]))
    if not far and not pulled:
        says = f"Prior and data agree on every ROAS (furthest: {isolate(furthest)}, {moved[furthest]:+.1f} prior sd)."
        return Finding("prior_conflict", Severity.OK, says, NOTHING)
    if far:
        figures = join_parts([f"{isolate(name)} {moved[name]:+.1f} prior sd" for name in far])
        return Finding(
            "prior_conflict",
            Severity.WARNING,
            f"The ROAS of {join_names(far)} lies outside the central 98% of its prior ({figures}).",
            "Check units and currency of that spend; if they are right, state a prior that fits the business.",
            means="Either the data or the prior is wrong about this channel.",
            where=", ".join(far),
        )
    figures = join_parts([f"{isolate(name)} {moved[name]:+.1f} prior sd" for name in pulled])
    return Finding(
        "prior_conflict",
        Severity.NOTE,
        f"Prior and data pull the ROAS of {join_names(pulled)} different ways ({figures}; it moves with the weight of "
        "either).",
        "Ask whether the prior fits this channel; an experiment settles it.",
        means="What the fit says is a compromise between two that disagree.",
        where=", ".join(pulled),
    )


def _sensitive(found: Sequence[Sensitivity]) -> Finding:
    leaning = [one for one in found if one.prior > SENSITIVE and abs(one.moved) > MATERIAL]
    shown = leaning or sorted(found, key=lambda one: -one.prior)[:3]
    figures = join_parts([f"{_label(one.name)} about {percent(one.moved, 0, signed=True)}" for one in shown])
    says = f"Were its priors' weight doubled, ROAS would move: {figures} (power-scaling)."
    if not leaning:
        return Finding("prior_sensitivity", Severity.OK, says, NOTHING)
    return Finding(
        "prior_sensitivity",
        Severity.NOTE,
        says,
        "State these priors with care (mixwise shows them beside the posterior), or let an experiment decide.",
        means="Another analyst with another sensible prior would report another ROAS here.",
        where=", ".join(one.name for one in leaning),
    )


def _label(name: str) -> str:
    return "all paid media together" if name == "total" else isolate(name)
