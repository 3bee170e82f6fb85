"""Whether the data contradict a concave form of saturation: would S-shaped curves explain far more?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scipy import stats

from mmm.findings import Finding, Severity
from mmm.model.free_slopes import FreeSlopes, free_slopes, start_at_mean
from mmm.model.prepared import prepare
from mmm.model.validation.rebuild import panel_of
from mmm.reporting.text import isolate, join_parts

if TYPE_CHECKING:
    from mmm.model.fit import Fit

#: Level of the likelihood-ratio test, one degree of freedom a slope that is let go. Slopes are held at 1 or above, so
#: chance raises it less often than the level says.
LEVEL = 0.001
#: Slope from which a curve is clearly an S.
STEEP = 1.7


def look_for_steep(fit: Fit) -> FreeSlopes:
    """Return what free slopes would do to a fit; its draws give the start of the search only."""
    prepared = prepare(fit.spec, panel_of(fit))
    return free_slopes(prepared, start_at_mean(prepared, fit.draws["posterior"].dataset, fit.response))


def least_gain(freed: int) -> float:
    """Return the gain in log-density that chance passes with probability ``LEVEL`` at most (Wilks 1938)."""
    return float(stats.chi2.isf(LEVEL, freed)) / 2.0


def check_form(found: FreeSlopes, media: Sequence[str]) -> Finding:
    """Judge whether the concave curves of a fit are contradicted.

    Parameters
    ----------
    found : FreeSlopes
    media : sequence of str
        Paid, then organic channels.
    """
    freed = [media[m] for m in range(len(media)) if found.freed[m]]
    if not freed:
        return Finding(
            "saturation_form", Severity.OK, "Every curve's slope is learned from the data.", "Nothing to do."
        )
    limit = least_gain(len(freed))
    figures = f"free Hill slopes would raise the log-density by {found.gain:.1f} (chance: up to {limit:.1f})"
    if found.gain <= limit:
        return Finding(
            "saturation_form",
            Severity.OK,
            f"The data do not contradict curves without a threshold: {figures}.",
            "Nothing to do; steep curves that these data do not show would not be seen.",
        )
    slopes = {media[m]: found.slope[m] for m in range(len(media)) if found.freed[m]}
    steep = [name for name, slope in slopes.items() if slope >= STEEP]
    if not steep:
        return Finding(
            "saturation_form",
            Severity.NOTE,
            f"The data want curves that are a little more S-shaped than the model's: {figures}; no slope reaches "
            f"{STEEP:.1f}.",
            "Fit with saturation: hill_free_slope as well, and see whether a plan would be another.",
            means="Returns of little spend may be stated too high.",
        )
    each = join_parts([f"{isolate(name)} {slopes[name]:.1f}" for name in steep])
    return Finding(
        "saturation_form",
        Severity.WARNING,
        f"The data contradict the model's curves, which have no threshold: {figures}; slopes found: {each}.",
        "Set saturation: hill_free_slope in model.yaml, fit again, and plan on that fit; until then keep the current "
        "pattern of weeks on and off, and move little.",
        means="Little spend seems to do next to nothing, and more of it a lot. The model's curves say the opposite, so "
        "a plan that evens out the weeks can lose money, whatever probability of a gain it states.",
        where=", ".join(steep),
    )
