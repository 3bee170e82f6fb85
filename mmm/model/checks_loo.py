"""What leave-one-out says: which weeks the fit leans on, and whether its intervals are honest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from arviz_stats.base.array import array_stats as _untyped
from scipy import special

from mmm.arrays import FloatArray, IntArray, WeekArray
from mmm.findings import Finding, Severity
from mmm.model.loo import Loo, Pointwise
from mmm.reporting.text import isolate, join_parts

array_stats: Any = _untyped

NOTHING = "Nothing to do."
#: Share of observations over the limit, and the k, beyond which the leave-one-out figure itself is in doubt.
MANY, BEYOND = 0.05, 1.0
#: Share of them that may lie over it by the noise of estimating k (none in a national fit).
FEW = 0.0005
#: p-values of the uniformity test below which calibration is in doubt.
DOUBT, POOR = 0.05, 0.01
#: Weeks of a block whose total is judged.
BLOCK = 13


def place(geo: int, week: int, geos: Sequence[str], weeks: WeekArray) -> str:
    """Say an observation: its week, and its geo where there are several."""
    day = str(np.datetime_as_string(weeks[week], unit="D"))
    return day if len(geos) == 1 else f"{day} in {isolate(geos[geo])}"


def check_influence(loo: Loo, geos: Sequence[str], weeks: WeekArray) -> Finding:
    """Judge the Pareto shapes: does the fit hang on single weeks?"""
    over = np.flatnonzero(loo.pareto_k > loo.limit)
    size = len(loo.pareto_k)
    if len(over) <= FEW * size and not (loo.pareto_k > BEYOND).any():
        says = (
            f"No week bends the fit by itself (largest Pareto k {np.nanmax(loo.pareto_k):.2f}, limit {loo.limit:.2f})."
        )
        return Finding("influential_weeks", Severity.OK, says, NOTHING)
    worst = over[np.argsort(-loo.pareto_k[over])][:5]
    named = join_parts([f"{place(loo.geo[i], loo.week[i], geos, weeks)} (k {loo.pareto_k[i]:.2f})" for i in worst])
    grave = len(over) > max(MANY * size, 1) or bool((loo.pareto_k > BEYOND).any())
    rest = f" and {len(over) - len(worst)} more" if len(over) > len(worst) else ""
    return Finding(
        "influential_weeks",
        Severity.WARNING if grave else Severity.NOTE,
        f"{len(over)} of {size} observations bend the fit by themselves: {named}{rest} (Pareto k above "
        f"{loo.limit:.2f}).",
        "Find out what happened then; a control that is 1 in that week, or a corrected figure, takes its pull away.",
        means="Without that week the answer would be another one; the leave-one-out figures are rough there.",
        where=join_parts([place(loo.geo[i], loo.week[i], geos, weeks) for i in worst]),
    )


def check_calibration(loo: Loo, geos: Sequence[str], weeks: WeekArray) -> Finding:
    """Judge the leave-one-out probability transform: uniform where intervals are honest (POT-C test)."""
    p_value, _, pull = array_stats.uniformity_test(loo.pit)
    p_value = float(p_value)
    # Dependence between weeks left out one by one makes a test of N values a little hasty: two thresholds.
    says = f"Weeks left out fall where the model expects them (uniformity test p = {p_value:.2g})."
    if not np.isfinite(p_value) or p_value >= DOUBT:
        return Finding("loo_pit", Severity.OK, says, NOTHING)
    how, do = _shape(loo.pit)
    worst = np.argsort(-np.asarray(pull))[:3]
    named = [place(loo.geo[i], loo.week[i], geos, weeks) for i in sorted(worst)]
    return Finding(
        "loo_pit",
        Severity.WARNING if p_value < POOR else Severity.NOTE,
        f"Weeks left out do not fall where the model expects them: {how} (uniformity test p = {p_value:.2g}); "
        f"most out of place: {join_parts(named)}.",
        do,
        means="The 90% intervals on the outcome are not 90% intervals.",
        where=join_parts(named),
    )


def _shape(pit: FloatArray) -> tuple[str, str]:
    """Say how a set of probability transforms departs from uniform, and what helps."""
    shift = (float(pit.mean()) - 0.5) * np.sqrt(12.0 * len(pit))
    if abs(shift) > 3.0:
        side = "above" if shift > 0 else "below"
        return f"they lie mostly {side} their expectation", "Look at the chart of fit by week for what is missing."
    if float(pit.var()) > 1.0 / 12.0:
        return (
            "too many are surprises, so the intervals are too narrow",
            "Add what explains the surprises: control, holiday, event; or a more flexible trend.",
        )
    return (
        "too few are surprises, so the intervals are too wide for most weeks",
        "A few extreme weeks make the noise look large: explain them with a control, or set noise: student_t.",
    )


def check_blocks(found: Pointwise, weeks: WeekArray) -> Finding:
    """Judge the totals: the whole window's, and each quarter's, under the posterior predictive."""
    total = _tail_probability(found, np.ones(len(weeks), dtype=np.bool_))
    starts = range(0, len(weeks) - BLOCK + 1, BLOCK)
    index: IntArray = np.arange(len(weeks))
    chances = {start: _tail_probability(found, (index >= start) & (index < start + BLOCK)) for start in starts}
    limit = 0.01 / max(len(chances), 1)
    off = [start for start, chance in chances.items() if chance < limit]
    says = f"The model expects the total that was observed (two-sided posterior predictive p = {total:.2f})"
    if not off and total >= DOUBT:
        lowest = f" and every 13 weeks' total (smallest p = {min(chances.values()):.2g})" if chances else ""
        return Finding("totals", Severity.OK, f"{says}{lowest}.", NOTHING)
    named = join_parts([f"13 weeks from {np.datetime_as_string(weeks[start], unit='D')}" for start in off])
    what = (
        f"The totals of {named} are not what the model expects"
        if off
        else "The window's total is not what the model expects"
    )
    return Finding(
        "totals",
        Severity.WARNING,
        f"{what} (posterior predictive p = {min([total, *chances.values()]):.2g}).",
        "Let the baseline follow it: trend: flexible, a control for what changed then, or a shorter history.",
        means="The baseline misses something that lasted; media that ran then get the credit or the blame.",
        where=named if off else "",
    )


def _tail_probability(found: Pointwise, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """Return the two-sided posterior predictive p-value of the sum of observations in the chosen weeks."""
    inside = chosen[found.week]
    geos, first, counts = np.unique(found.geo[inside], return_index=True, return_counts=True)
    sigma = found.sigma[geos]
    together = np.add.reduceat(found.z[inside], first, axis=0, dtype=np.float64)  # geos stand one after the other
    spread = np.sqrt((counts[:, None] * sigma**2).sum(axis=0))
    # A sum of Student-t residuals is nearly normal, with their variance.
    nu = np.maximum(found.freedom, 2.5)
    spread = spread * np.where(np.isinf(nu), 1.0, np.sqrt(nu / (np.where(np.isinf(nu), 3.0, nu) - 2.0)))
    gap = (together * sigma).sum(axis=0) / spread
    below = float(special.ndtr(gap).mean())
    return 2.0 * min(below, 1.0 - below)
