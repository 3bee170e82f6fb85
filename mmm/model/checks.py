"""How the fit says the weeks: coverage, explained variance, slow residuals, tails, baseline; and data per parameter."""

from __future__ import annotations

import numpy as np

from mmm.arrays import WeekArray
from mmm.findings import Finding, Severity
from mmm.model.predictive import Predictive

NOTHING = "Nothing to do."
#: Probability of a negative total, and share of weeks with a negative mean, beyond which the baseline is in doubt.
NEGATIVE, NEGATIVE_WEEKS = 0.2, 0.1


def check_weeks(found: Predictive, weeks: WeekArray) -> tuple[Finding, ...]:
    """Judge the posterior predictive by week."""
    return (_coverage(found), _explained(found), _autocorrelation(found), _tails(found, weeks), _baseline(found))


def _coverage(found: Predictive) -> Finding:
    says = f"{100 * found.coverage:.0f}% of the weeks lie inside their 90% interval."
    spread = 3.3 * np.sqrt(0.09 / len(found.observed))
    if found.coverage < 0.9 - spread:
        do = "Look at the weeks outside, on the chart of fit by week; add what explains them: control, holiday, event."
        return Finding("weekly_coverage", Severity.WARNING, says, do, means="Intervals on the outcome are too narrow.")
    if found.coverage > 0.985 and len(found.observed) >= 52:
        do = "Look for a few extreme weeks: they make the noise look larger than it is in all others."
        return Finding("weekly_coverage", Severity.NOTE, says, do, means="Intervals on the outcome are too wide.")
    return Finding("weekly_coverage", Severity.OK, says, NOTHING)


def _explained(found: Predictive) -> Finding:
    says = (
        f"The model explains {100 * found.r2:.0f}% of the outcome's variance (R²); "
        f"the mean error is {100 * found.mape:.1f}%."
    )
    if found.r2 < 0.5:
        do = "Add what else moves the outcome: price, promotions, competitors, holidays, weather."
        return Finding("r2", Severity.WARNING, says, do, means="Much that moves the outcome is missing from the model.")
    return Finding("r2", Severity.OK, says, "Nothing to do; a good fit by itself proves nothing about cause.")


def _autocorrelation(found: Predictive) -> Finding:
    first = float(found.autocorrelation[0]) if len(found.autocorrelation) else 0.0
    says = f"Neighbouring weeks' residuals correlate {first:+.2f}."
    limit = 2.6 / np.sqrt(len(found.observed))
    means = "Something slow is missing from the baseline; intervals of media effects are too narrow."
    do = "Try trend: piecewise, a higher seasonality, holidays, or the control that moves slowly."
    if abs(first) > max(0.3, limit):
        return Finding("residual_autocorrelation", Severity.WARNING, says, do, means=means)
    if abs(first) > limit:
        return Finding("residual_autocorrelation", Severity.NOTE, says, do, means=means)
    return Finding("residual_autocorrelation", Severity.OK, says, NOTHING)


def _tails(found: Predictive, weeks: WeekArray) -> Finding:
    residual = found.residual / max(float(found.residual.std()), 1e-300)
    order = np.argsort(-np.abs(residual))[:3]
    far = ", ".join(f"{np.datetime_as_string(weeks[i], unit='D')} ({residual[i]:+.1f} sd)" for i in sorted(order))
    says = f"The residuals' excess kurtosis is {found.kurtosis:.1f}; the weeks furthest off: {far}."
    if found.kurtosis > 3.0:
        return Finding(
            "residual_tails",
            Severity.WARNING,
            says,
            "Find out what happened then: for public holidays set 'holidays'; else add a control that is 1 then.",
            means="A few weeks weigh much and can bend the channels that were on in them.",
        )
    return Finding("residual_tails", Severity.OK, says, NOTHING)


def _baseline(found: Predictive) -> Finding:
    says = (
        f"The probability that the baseline's total is negative is {100 * found.negative_baseline:.0f}%; "
        f"{100 * found.negative_weeks:.0f}% of the weeks have a negative mean baseline."
    )
    if found.negative_baseline > NEGATIVE or found.negative_weeks > NEGATIVE_WEEKS:
        return Finding(
            "negative_baseline",
            Severity.WARNING,
            says,
            "State tighter ROAS priors, or add the control that explains what media are credited with.",
            means="Media are credited with more than was sold.",
        )
    return Finding("negative_baseline", Severity.OK, says, NOTHING)


def check_size(n_observations: int, n_parameters: int) -> Finding:
    """Judge the number of observations (weeks, of every geo) a parameter."""
    each = n_observations / n_parameters
    says = f"{n_observations:,} observations for {n_parameters:,} parameters: {each:.1f} each."
    do = "Use a longer history, join channels, or drop controls and holidays that explain nothing."
    if each < 5:
        grave = Severity.WARNING if each < 2.5 else Severity.NOTE
        return Finding("data_per_parameter", grave, says, do, means="The priors decide part of the result.")
    return Finding("data_per_parameter", Severity.OK, says, NOTHING)
