"""The spec in words: which form was chosen, which priors, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.checks_priors import prior_interval
from mmm.model.priors import beta_quantiles
from mmm.model.resolve import COMPARABLE, RoasRule
from mmm.model.spec import DemandForm, ModelSpec, SaturationForm
from mmm.reporting.numbers import percent, significant

if TYPE_CHECKING:
    from mmm.model.fit import Fit
    from mmm.model.resolve import ResolvedPriors

_FORMS = {
    SaturationForm.HILL: "Hill with slope 1 (concave: every further unit brings less)",
    SaturationForm.LOGISTIC: "logistic (concave)",
    SaturationForm.HILL_FREE_SLOPE: "Hill with a learned slope (may be S-shaped)",
}


_STATED = {
    RoasRule.STATED: "ROAS",
    RoasRule.MROAS: "marginal ROAS",
    RoasRule.SHARE_STATED: "share-of-outcome",
}


def describe(fit: Fit) -> tuple[str, ...]:
    """Return the model in sentences."""
    return (_media(fit.spec), _baseline(fit), _roas_rule(fit), _sampling(fit.spec))


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
    return (
        f"The baseline has a level, {trend}, {pairs}, {days} and {controls}, with normal priors wide against "
        "the outcome's own spread; it is integrated out exactly and drawn afterwards from its conditional. "
        f"Residuals are {'Student-t' if fit.response.baseline.freedom.size else 'normal'}."
    )


def _roas_rule(fit: Fit) -> str:
    priors = fit.priors
    unit = fit.response.outcome_name if not fit.response.outcome_is_money else fit.response.currency
    rules = dict(zip(fit.response.channels, priors.roas_rule, strict=True))
    sentences = []
    for rule, what in _STATED.items():
        stated = [name for name, own in rules.items() if own is rule]
        if stated:
            sentences.append(f"The {what} prior of {', '.join(stated)} is the one stated in model.yaml.")
    rest = [i for i, rule in enumerate(priors.roas_rule) if rule not in _STATED]
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
    return " ".join(sentences)


def _sampling(spec: ModelSpec) -> str:
    s = spec.sampling
    return (
        f"Sampled with {s.chains} chains of {s.tune} tuning and {s.draws} kept draws (NUTS, target acceptance "
        f"{s.target_accept:g})."
    )


def prior_rows(fit: Fit) -> list[tuple[str, str, str, str]]:
    """Return (medium, quantity, prior, posterior) rows, medians with 90 % intervals."""
    priors, posterior = fit.priors, fit.draws["posterior"]
    media = fit.spec.media
    draws = {name: posterior[name].to_numpy().reshape(-1, len(media)) for name in ("carryover", "half_saturation")}
    typical = [series[series > 0].mean() for series in fit.draws["constant_data"]["media"].to_numpy()]
    rows = []
    for i, name in enumerate(media):
        if i < len(fit.response.channels):
            rows.append((name, "ROAS", _lognormal(priors, "roas", i), _quantiles(fit.roas[i])))
        else:
            j = i - len(fit.response.channels)
            share = posterior["organic_share"].to_numpy().reshape(-1, len(fit.spec.organic))[:, j]
            rows.append((name, "share of the outcome", _lognormal(priors, "organic", j), _quantiles(share)))
        a, b = float(priors.carryover_a[i]), float(priors.carryover_b[i])
        low, middle, high = beta_quantiles(a, b)
        rows.append((name, "carryover, week to week", _said(middle, low, high), _quantiles(draws["carryover"][:, i])))
        half = draws["half_saturation"][:, i] / typical[i]
        rows.append((name, "half-saturation, in typical weeks", _lognormal(priors, "half", i), _quantiles(half)))
    return rows + _slope_rows(fit)


def _slope_rows(fit: Fit) -> list[tuple[str, str, str, str]]:
    free = [i for i, name in enumerate(fit.spec.media) if fit.spec.form(name) is SaturationForm.HILL_FREE_SLOPE]
    if not free:
        return []
    draws = fit.draws["posterior"]["slope"].to_numpy().reshape(-1, len(free))
    return [
        (fit.spec.media[i], "Hill slope", _lognormal(fit.priors, "slope", i), _quantiles(draws[:, j]))
        for j, i in enumerate(free)
    ]


def _lognormal(priors: ResolvedPriors, name: str, index: int) -> str:
    mu, sigma = getattr(priors, f"{name}_mu")[index], getattr(priors, f"{name}_sigma")[index]
    return _said(*prior_interval(float(mu), float(sigma)))


def _quantiles(draws: FloatArray) -> str:
    low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
    return _said(float(middle), float(low), float(high))


def _said(median: float, low: float, high: float) -> str:
    return f"{significant(median)} ({significant(low)} to {significant(high)})"
