"""What a fit says of itself beyond convergence: fit by week, baseline, priors against posteriors, channels apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.findings import Finding, Severity
from mmm.model.predictive import Predictive
from mmm.model.priors import Z95
from mmm.model.resolve import ResolvedPriors
from mmm.response.draws import ResponseDraws

#: Correlation of two channels' ROAS draws beyond which the data cannot tell them apart.
APART = 0.7
#: A posterior at least this wide against its prior (sd of the logarithm) has learned little.
LEARNED = 0.85
NOTHING = "Nothing to do."


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
    if found.negative_baseline > 0.2 or found.negative_weeks > 0.1:
        return Finding(
            "negative_baseline",
            Severity.WARNING,
            says,
            "State tighter ROAS priors, or add the control that explains what media are credited with.",
            means="Media are credited with more than was sold.",
        )
    return Finding("negative_baseline", Severity.OK, says, NOTHING)


def check_priors(roas: FloatArray, response: ResponseDraws, priors: ResolvedPriors) -> tuple[Finding, ...]:
    """Compare ROAS posteriors, (C, S), with their priors."""
    log = np.log(np.maximum(roas, 1e-300))
    width = log.std(axis=1) / priors.roas_sigma
    shift = (log.mean(axis=1) - priors.roas_mu) / priors.roas_sigma
    unlearned = [n for n, w, s in zip(response.channels, width, shift, strict=True) if w > LEARNED and abs(s) < 0.5]
    findings = []
    if unlearned:
        findings.append(
            Finding(
                "prior_dominates",
                Severity.NOTE,
                f"The data say little about {_names(unlearned)}: what the fit says is close to the prior.",
                "Test by experiment (a holdout or a pulse), or state what past studies found as a ROAS prior.",
                means="The interval is honest, and wide; a plan that moves much money there rests on the prior.",
                where=", ".join(unlearned),
            )
        )
    median = np.median(log, axis=1)
    far = [
        n for n, m, mu, s in zip(response.channels, median, priors.roas_mu, priors.roas_sigma, strict=True)
        if abs(m - mu) > 2.33 * s
    ]  # fmt: skip
    if far:
        findings.append(
            Finding(
                "prior_conflict",
                Severity.WARNING,
                f"The ROAS of {_names(far)} lies outside the central 98% of its prior.",
                "Check units and currency of that spend; if they are right, state a prior that fits the business.",
                means="Either the data or the prior is wrong about this channel.",
                where=", ".join(far),
            )
        )
    if not findings:
        findings.append(Finding("prior_posterior", Severity.OK, "The data moved every channel's ROAS prior.", NOTHING))
    return tuple(findings)


def check_channels(roas: FloatArray, response: ResponseDraws) -> tuple[Finding, ...]:
    """Judge which channels cannot be told apart, and whose spend hardly varies."""
    findings = []
    names = response.channels
    if len(names) > 1 and np.isfinite(roas).all():
        correlation = np.asarray(np.corrcoef(roas), dtype=np.float64)
        for i, j in combinations(range(len(names)), 2):
            if abs(correlation[i, j]) > APART:
                findings.append(_cannot_tell(names[i], names[j], float(correlation[i, j])))
    national = response.paid.media.sum(axis=1)
    spread = national.std(axis=1) / national.mean(axis=1)
    still = [name for name, value in zip(names, spread, strict=True) if value < 0.1]
    if still:
        findings.append(
            Finding(
                "spend_variation",
                Severity.WARNING,
                f"Spend on {_names(still)} hardly varies (its standard deviation is under 10% of its mean).",
                "Vary it on purpose for some weeks, or run a lift test: the effect cannot be learned otherwise.",
                means="Its effect cannot be told from the baseline; what the fit says is mostly the prior.",
                where=", ".join(still),
            )
        )
    if not findings:
        findings.append(
            Finding("tell_apart", Severity.OK, "Every channel varies and can be told from the others.", NOTHING)
        )
    return tuple(findings)


def _cannot_tell(one: str, other: str, correlation: float) -> Finding:
    return Finding(
        "tell_apart",
        Severity.WARNING,
        f"{one} and {other} cannot be told apart: their ROAS draws correlate {correlation:+.2f}.",
        "Trust their sum, not the split; move them separately for some weeks, or model them as one channel.",
        means="When the one is larger the other is smaller: shifting money between them is a guess.",
        where=f"{one}, {other}",
    )


def check_size(n_observations: int, n_parameters: int) -> Finding:
    """Judge the number of observations (weeks, of every geo) a parameter."""
    each = n_observations / n_parameters
    says = f"{n_observations:,} observations for {n_parameters:,} parameters: {each:.1f} each."
    do = "Use a longer history, join channels, or drop controls and holidays that explain nothing."
    if each < 5:
        grave = Severity.WARNING if each < 2.5 else Severity.NOTE
        return Finding("data_per_parameter", grave, says, do, means="The priors decide part of the result.")
    return Finding("data_per_parameter", Severity.OK, says, NOTHING)


def _names(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def prior_interval(mu: float, sigma: float) -> tuple[float, float, float]:
    """Return median, 5 % and 95 % of a log-normal prior."""
    return float(np.exp(mu)), float(np.exp(mu - Z95 * sigma)), float(np.exp(mu + Z95 * sigma))
