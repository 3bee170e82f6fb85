"""Every check of a fit by name: what it asks, where its threshold lies, and where that comes from.

The health list of the fit page, the verdict's words and ``docs/health.md`` are made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What a family of checks asks, in the order in which a reader should ask it."""

    SAMPLER = "Did the sampler do its work?"
    WEEKS = "Does the model say what happened?"
    PRIORS = "Do the data speak, or the priors?"
    APART = "Can the channels be told apart?"
    HISTORY = "Can this history teach it?"
    CAUSE = "Could something else be behind it?"
    DATA = "What was left out of the data?"
    OTHER = "Further checks"


@dataclass(frozen=True)
class Entry:
    """One check.

    Attributes
    ----------
    group : Group
    title : str
        Short, as a reader says it.
    threshold : str
        When it is raised, and as what.
    source : str
        Where check and threshold come from; empty where it is ours.
    term : str
        The field's word for it, where the title has another.
    """

    group: Group
    title: str
    threshold: str
    source: str = ""
    term: str = ""


_VEHTARI = "Vehtari et al. 2021, Bayesian Analysis 16"
_PSIS = "Vehtari et al. 2024, JMLR 25"

CATALOGUE: dict[str, Entry] = {
    "finite": Entry(
        Group.SAMPLER, "every draw a number", "error: any draw is not a number, or a parameter never moved"
    ),
    "max_rhat": Entry(Group.SAMPLER, "chains agree", "warning above 1.01, error above 1.05", _VEHTARI, "R-hat"),
    "min_ess": Entry(Group.SAMPLER, "effective sample size", "warning below 400 in bulk or tails", _VEHTARI),
    "divergences": Entry(
        Group.SAMPLER,
        "divergences",
        "warning above 0.1 %, error above 1 % of draws",
        "Betancourt 2017, arXiv:1701.02434",
    ),
    "bfmi": Entry(
        Group.SAMPLER, "exploration of the energy", "warning below 0.3", "Betancourt 2016, arXiv:1604.00695", "BFMI"
    ),
    "r2": Entry(Group.WEEKS, "fit by week", "warning below 50 % of the variance", term="R²"),
    "weekly_coverage": Entry(
        Group.WEEKS,
        "coverage of weeks",
        "warning: fewer weeks in their 90 % interval than chance allows; note: over 98.5 %",
    ),
    "totals": Entry(
        Group.WEEKS,
        "totals of the window and its quarters",
        "warning: two-sided posterior predictive p below 0.05 for the window, or 0.01 shared over its 13-week totals",
        "Gelman, Meng & Stern 1996, Statistica Sinica 6",
    ),
    "residual_autocorrelation": Entry(
        Group.WEEKS, "slow residuals", "note beyond ±2.6/√weeks, warning beyond ±0.3 as well (lag 1)"
    ),
    "residual_tails": Entry(Group.WEEKS, "tails of the residuals", "warning: excess kurtosis above 3"),
    "geo_residuals": Entry(
        Group.WEEKS,
        "geos one by one",
        "note: a geo's lag-1 correlation, coverage or kurtosis beyond limits shared over geos; warning: one in five",
    ),
    "influential_weeks": Entry(
        Group.WEEKS,
        "weeks that bend the fit",
        "note: k above min(1 − 1/log10 draws, 0.7) in over 0.05 % of observations; warning: in over 5 %, or k above 1",
        _PSIS,
        "Pareto k",
    ),
    "loo_pit": Entry(
        Group.WEEKS,
        "calibration of left-out weeks",
        "note: p of the uniformity test below 0.05; warning: below 0.01",
        "PSIS-LOO with the POT-C test, as in ArviZ",
        "LOO-PIT",
    ),
    "negative_baseline": Entry(
        Group.WEEKS,
        "baseline above zero",
        "warning: probability of a negative total above 20 %, or over 10 % of weeks with a negative mean",
        "Meridian warns at 20 %, fails at 80 %",
    ),
    "saturation_form": Entry(
        Group.WEEKS,
        "form of the response curves",
        "warning: free Hill slopes of 1 or more explain the data better than chance does at p = 0.001, one at 1.7 or "
        "above; note: none so steep",
        "Wilks 1938, Annals of Mathematical Statistics 9",
        "saturation",
    ),
    "prior_dominates": Entry(
        Group.PRIORS,
        "what the data added",
        "note: over 85 % of the prior's width left and moved by less than half of it; or sensitive to the prior alone",
        "Kallioinen et al. 2023, Statistics and Computing 34",
    ),
    "prior_conflict": Entry(
        Group.PRIORS,
        "prior against data",
        "warning: ROAS outside the central 98 % of its prior; note: outside 80 % and sensitive to prior and data",
        "Kallioinen et al. 2023; the 98 % is Meridian's",
    ),
    "prior_sensitivity": Entry(
        Group.PRIORS,
        "ROAS under heavier priors",
        "note: sensitivity above 0.05 and a move of over 10 % per doubling; on ROAS and contribution only",
        "Kallioinen et al. 2023, Statistics and Computing 34",
        "power-scaling",
    ),
    "tell_apart": Entry(
        Group.APART,
        "channels from each other",
        "warning: two ROAS correlate beyond ±0.7, or the smallest eigenvalue of all is below 0.15",
    ),
    "tell_from_baseline": Entry(
        Group.APART,
        "channels from trend, season, controls",
        "note: over 60 % of a wide contribution's variance goes with a part of the baseline",
    ),
    "own_variation": Entry(
        Group.HISTORY,
        "movement of its own",
        "note: under 20 % of a channel's movement is its own; warning: under 10 % (variance inflation above 10)",
        "Marquardt 1970, Technometrics 12",
    ),
    "spend_variation": Entry(
        Group.HISTORY,
        "variation of spend",
        "warning: standard deviation under 10 % of the mean, or under 8 weeks on; note: never below half its mean",
    ),
    "data_per_parameter": Entry(
        Group.HISTORY, "data per parameter", "note: under 5 observations a parameter; warning: under 2.5"
    ),
    "spend_follows_demand": Entry(
        Group.CAUSE,
        "spend that follows demand",
        "warning: next week's spend goes with this week's unexplained sales, p below 0.01 shared over channels",
        "Wooldridge 2010, ch. 10.7",
    ),
    "unobserved_confounder": Entry(
        Group.CAUSE,
        "something unseen",
        "note: explaining under 10 % of what is left of both spend and outcome would halve a ROAS, or less than the "
        "season or a control explains",
        "Cinelli & Hazlett 2020, JRSS B 82",
    ),
    "lift_test_conflict": Entry(
        Group.CAUSE,
        "experiments against data",
        "warning: a lift test and the data lie over 2.5 standard deviations apart",
    ),
    "zero_channel": Entry(Group.DATA, "channels without spend", "note: left out"),
    "zero_organic": Entry(Group.DATA, "organic media without activity", "note: left out"),
    "constant_control": Entry(Group.DATA, "controls that never change", "note: left out"),
}


def entry(name: str) -> Entry:
    """Return a check's entry; one that is not listed is named by itself."""
    return CATALOGUE.get(name, Entry(Group.OTHER, name.replace("_", " "), ""))
