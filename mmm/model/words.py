"""The spec in words: which form was chosen, which priors, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.data.spec import Level
from mmm.model.checks_priors import prior_interval
from mmm.model.distributions import Parameter
from mmm.model.resolve import COMPARABLE, RoasRule
from mmm.model.spec import DemandForm, ModelSpec, SaturationForm
from mmm.reporting.numbers import percent, significant
from mmm.reporting.text import join_names, join_parts

if TYPE_CHECKING:
    from mmm.model.fit import Fit

_FORMS = {
    SaturationForm.HILL: "Hill with slope 1 (concave: every further unit brings less)",
    SaturationForm.LOGISTIC: "logistic (concave)",
    SaturationForm.HILL_FREE_SLOPE: "Hill with a learned slope (may be S-shaped)",
}


#: Variables of the posterior that say what differs between geos, in words.
_BY_GEO = {
    "size_spread": "each channel's size",
    "carryover_spread": "carryover",
    "half_saturation_spread": "half-saturation",
    "slope_spread": "slope",
    "deviation": "trend, season and controls",
}
_STATED = {
    RoasRule.STATED: "ROAS",
    RoasRule.MROAS: "marginal ROAS",
    RoasRule.SHARE_STATED: "share-of-outcome",
}


def describe(fit: Fit) -> tuple[str, ...]:
    """Return the model in sentences."""
    said = (_media(fit.spec), _baseline(fit), _roas_rule(fit), _geos(fit), _tests(fit), _form(fit), _sampling(fit))
    return tuple(sentence for sentence in said if sentence)


def _media(spec: ModelSpec) -> str:
    forms: dict[SaturationForm, list[str]] = {}
    for name in spec.media:
        forms.setdefault(spec.form(name), []).append(name)
    if len(forms) == 1:
        shape = f"Saturation of all media is {_FORMS[next(iter(forms))]}."
    else:
        shape = " ".join(f"Saturation of {', '.join(names)} is {_FORMS[form]}." for form, names in forms.items())
    caution = (
        " Where a response may be S-shaped (little spend does nothing, more does much), a concave form overstates its "
        "ROAS: fit again with saturation: hill_free_slope."
        if set(forms) - {SaturationForm.HILL_FREE_SLOPE}
        else ""
    )
    exposed = [name for name, channel in spec.channels.items() if channel.exposure is not None]
    seen = f" The effect of {', '.join(exposed)} follows exposures; ROAS and plans are in money." if exposed else ""
    demand = (
        " The effects of paid media scale with a learned yearly index of demand, so timing matters."
        if spec.demand_index is DemandForm.YEARLY
        else " Media effects do not change with the season: the timing of spend moves carryover only."
    )
    return (
        "Each medium's weekly input is carried over by normalised geometric adstock, infinitely; the state before the "
        f"first week is the steady state of the first eight weeks' mean. {shape}{caution}{seen}{demand}"
    )


def _baseline(fit: Fit) -> str:
    spec, basis = fit.spec, fit.response.baseline.basis
    trend = {
        "linear": "a linear trend",
        "none": "no trend",
        "piecewise": f"a trend that may bend at {len(basis.knots)} points",
        "flexible": "a slow level that bends as far as the data ask for",
    }[str(spec.trend)]
    pairs = f"{spec.seasonality} yearly sine–cosine pairs" if spec.seasonality else "no seasonality"
    days = f"{len(basis.holiday_names)} public holidays of {spec.holidays}" if spec.holidays else "no holidays"
    names = fit.response.baseline.control_names
    controls = f"the controls {', '.join(names)}" if names else "no controls"
    signed, sizes = fit.priors.signed_controls, fit.priors.control_sd
    own = [fit.spec.controls[control.index] for control in signed]
    own += [name for name, sd in zip(fit.spec.controls, sizes, strict=True) if sd is not None]
    stated = f", but for what is stated of {', '.join(own)}" if own else ""
    return (
        f"The baseline has a level, {trend}, {pairs}, {days} and {controls}, with normal priors wide against "
        f"the outcome's own spread{stated}. "
        f"Residuals are {'Student-t' if fit.response.baseline.freedom.size else 'normal'}."
    )


def _roas_rule(fit: Fit) -> str:
    priors = fit.priors
    unit = fit.response.outcome_name if not fit.response.outcome_is_money else fit.response.currency
    rules = dict(zip(fit.response.channels, priors.roas_rule, strict=True))
    sentences = []
    given = [name for name in rules if {(Parameter.ROAS, name), (Parameter.SHARE, name)} & set(fit.own_priors)]
    if given:
        sentences.append(f"The size of {', '.join(given)} has a prior that was given in Python.")
    for rule, what in _STATED.items():
        stated = [name for name, own in rules.items() if own is rule and name not in given]
        if stated:
            sentences.append(f"The {what} prior of {', '.join(stated)} is the one stated in model.yaml.")
    rest = [i for i, (name, rule) in enumerate(rules.items()) if rule not in _STATED and name not in given]
    if rest:
        median, low, high = prior_interval(float(priors.roas_mu[rest[0]]), float(priors.roas_sigma[rest[0]]))
        said = (
            f"a median of {significant(median)} {unit} per {fit.response.currency} and nine cases of ten between "
            f"{significant(low)} and {significant(high)}"
        )
        if priors.roas_rule[rest[0]] is RoasRule.MONEY:
            spent = percent(priors.spend_share)
            sentences.append(f"Total spend is {spent} of the outcome's value, so a default ROAS prior fits: {said}.")
        else:
            why = (
                f"total spend is {significant(100 * priors.spend_share)}% of the outcome's value, outside "
                f"{100 * COMPARABLE[0]:g}–{100 * COMPARABLE[1]:g}%"
                if fit.response.outcome_is_money
                else "the outcome has no value in money"
            )
            share = np.exp(priors.roas_mu[rest[0]]) * priors.spend_share
            sentences.append(
                f"A ROAS prior of order one would not fit here ({why}), so each unit of spend is given the same prior, "
                f"centred where all paid media together make {percent(float(share))} of the outcome: {said}."
            )
    if priors.pooled is not None:
        count = len(priors.pooled.channels)
        sentences.append(f"{count} channels without a prior of their own learn from each other: their ROAS share a "
                         "centre and a spread, and one whose data are poor is drawn towards the others.")  # fmt: skip
    return " ".join(sentences)


def _geos(fit: Fit) -> str:
    """Say what geos share and what may differ between them."""
    response = fit.response
    if len(response.geos) == 1:
        return ""
    known = len(response.population) > 1 and bool(np.ptp(response.population) > 0)
    drawn = fit.draws["posterior"]
    vary = [what for name, what in _BY_GEO.items() if name in drawn]
    differ = (
        f" Between geos, {join_parts(vary)} may differ around what they share, by an amount that is learned (partial "
        "pooling); each geo has a level and a noise of its own."
        if vary
        else " Geos share everything but their level and their noise."
    )
    if "week_spread" in drawn:
        differ += " All geos share a shock to every week, as large as the data say; it counts as noise."
    national = [name for name, channel in fit.spec.channels.items() if channel.level is Level.NATIONAL]
    split = f" {join_names(national)} ran only nationally: its spend is split over geos by size." if national else ""
    return (
        f"The {len(response.geos)} geos are scaled by {'population' if known else 'their own mean outcome'}.{differ} "
        f"A channel's ROAS is over all geos: all that they lost, over all that was spent.{split}"
    )


def _tests(fit: Fit) -> str:
    if not fit.lift_tests:
        return ""
    count = "One experiment is" if len(fit.lift_tests) == 1 else f"{len(fit.lift_tests)} experiments are"
    return (
        f"{count} part of the likelihood: the test's own spend pattern is replayed with and without it, so that it "
        "speaks of carryover and saturation too."
    )


def _form(fit: Fit) -> str:
    """Say which form was sampled and why, and how it reached the sampler."""
    given = [f"the {parameter} of {name}" for parameter, name in fit.own_priors]
    own = f" Priors given in Python: {', '.join(given)}." if given else ""
    return f"Form: {fit.form}. {fit.form_why} {fit.route_why}".rstrip() + own


def _sampling(fit: Fit) -> str:
    s = fit.spec.sampling
    return (
        f"Sampled with {s.chains} chains of {s.tune} tuning and {s.draws} kept draws (NUTS, target acceptance "
        f"{s.target_accept:g})."
    )


def form_line(fit: Fit) -> str:
    """Return the form and the reason for it in one sentence."""
    why = fit.form_why or "All parameters but the media's are integrated out."
    return f"The {fit.form} form was sampled: {why[:1].lower()}{why[1:]}"
