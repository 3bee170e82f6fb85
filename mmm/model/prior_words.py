"""What the priors say, in plain sentences, and whether that can be meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.findings import Finding, Severity
from mmm.model.prior_predictive import DRAWS, organic_contribution, prior_draws
from mmm.model.spec import ModelSpec
from mmm.reporting.numbers import money_short, percent, probability, significant
from mmm.response.draws import ResponseDraws
from mmm.response.metrics import contribution, mroas, roas, value_unit
from mmm.response.weekly import draw_chunks, fitted_mean

#: Probability beyond which what cannot be is said too often to be meant.
ABSURD = 0.25
#: Media that make less than this in nineteen cases of twenty are all but ruled out.
NEXT_TO_NOTHING = 0.01


@dataclass(frozen=True, eq=False)
class PriorPicture:
    """Figures of prior draws.

    Attributes
    ----------
    draws : ResponseDraws
    media_share : (S,)
        What paid media make, over the value of all outcomes in the data.
    negative_total : float
        Probability that the expected outcome of the whole window is negative.
    negative_weeks : float
        Share of geo-weeks, over all draws, whose expected outcome is negative.
    """

    draws: ResponseDraws
    media_share: FloatArray
    negative_total: float
    negative_weeks: float


def picture(draws: ResponseDraws) -> PriorPicture:
    """Measure prior draws."""
    share = contribution(draws).to_numpy().sum(axis=0) / _observed_value(draws)
    below, total = 0.0, np.empty(draws.n_draws)
    for some in draw_chunks(draws):
        mean = fitted_mean(draws, some)[draws.observed]
        below += float((mean < 0).sum())
        total[some] = mean.sum(axis=0)
    weeks = below / (draws.observed.sum() * draws.n_draws)
    return PriorPicture(draws, np.asarray(share), float((total < 0).mean()), float(weeks))


def _observed_value(draws: ResponseDraws) -> float:
    return float((draws.value_per_outcome * draws.outcome)[draws.observed].sum())


def prior_sentences(spec: ModelSpec, panel: Panel, *, n: int = DRAWS, seed: int = 0) -> tuple[str, ...]:
    """Return what the priors say of this panel, before its outcomes are looked at.

    Parameters
    ----------
    n : int
        Number of prior draws.
    """
    return sentences(picture(prior_draws(spec, panel, n, seed)))


def prior_findings(spec: ModelSpec, panel: Panel, *, n: int = DRAWS, seed: int = 0) -> tuple[Finding, ...]:
    """Return whether the priors of this panel say what can be meant."""
    return findings(picture(prior_draws(spec, panel, n, seed)))


def sentences(found: PriorPicture) -> tuple[str, ...]:
    """Return a picture in sentences: all media, each channel, organic channels, controls, negative outcomes."""
    draws = found.draws
    low, middle, high = np.quantile(found.media_share, [0.05, 0.5, 0.95])
    beyond = float((found.media_share > 1).mean())
    more = f" In {probability(beyond)} of the cases they make more than all of it." if beyond >= 0.005 else ""
    first = (
        f"Your priors say that paid media make {percent(low, 0)} to {percent(high, 0)} of {draws.outcome_name} in nine "
        f"cases of ten (the middle case: {percent(middle, 0)}).{more}"
    )
    return (first, *_channels(draws), *_organic(draws), *_controls(draws), _below_zero(found))


def _range(values: FloatArray) -> str:
    low, high = np.quantile(values, [0.05, 0.95])
    return f"{significant(float(low), 2)} to {significant(float(high), 2)}"


def _half_life(alpha: FloatArray) -> str:
    """Say the weeks until half of the carryover is gone, from (G, S) retention."""
    with np.errstate(divide="ignore"):
        weeks = np.log(0.5) / np.log(np.clip(alpha.mean(axis=0), 1e-12, 1.0 - 1e-12))
    return _range(weeks)


def _channels(draws: ResponseDraws) -> list[str]:
    unit, currency = value_unit(draws), draws.currency
    returns, margins, cost = roas(draws).to_numpy(), mroas(draws).to_numpy(), draws.cost_per_exposure()
    found = []
    for c, name in enumerate(draws.channels):
        half = (draws.paid.half_saturation[c] * cost[c][:, None]).sum(axis=0)
        low, high = (money_short(float(x), currency) for x in np.quantile(half, [0.05, 0.95]))
        found.append(
            f"{name}: {currency} 1 brings {_range(returns[c])} {unit} (the next one {_range(margins[c])}); half of its "
            f"carryover is gone after {_half_life(draws.paid.alpha[c])} weeks; half of the most it can do is reached "
            f"at {low} to {high} a week."
        )
    return found


def _organic(draws: ResponseDraws) -> list[str]:
    if not draws.organic.names:
        return []
    share = organic_contribution(draws) / _observed_value(draws)
    return [
        f"{name}: makes {percent(low)} to {percent(high)} of {draws.outcome_name}; half of its carryover is gone after "
        f"{_half_life(draws.organic.alpha[o])} weeks."
        for o, (name, (low, high)) in enumerate(
            zip(draws.organic.names, np.quantile(share, [0.05, 0.95], axis=-1).T, strict=True)
        )
    ]


def _controls(draws: ResponseDraws) -> list[str]:
    base = draws.baseline
    coef = base.coef[base.coef.shape[0] - len(base.control_names) :].sum(axis=1)
    mean = float(np.abs(draws.outcome).sum()) / draws.n_weeks
    return [
        f"{name}: one standard deviation more of it changes {draws.outcome_name} by "
        f"{percent(low, signed=True)} to {percent(high, signed=True)} of its mean."
        for name, (low, high) in zip(base.control_names, np.quantile(coef, [0.05, 0.95], axis=-1).T / mean, strict=True)
    ]


def findings(found: PriorPicture) -> tuple[Finding, ...]:
    """Judge a picture: media that make more than all, next to nothing, or outcomes below zero."""
    return (_media(found), _outcome(found))


def _media(found: PriorPicture) -> Finding:
    name, too_much = "prior_media_share", float((found.media_share > 1.0).mean())
    most = float(np.quantile(found.media_share, 0.95))
    if too_much > ABSURD:
        return Finding(
            name,
            Severity.WARNING,
            f"In {probability(too_much)} of the cases that the priors allow, paid media make more than all there was.",
            "State lower or tighter ROAS priors, and check the currency and units of spend and outcome.",
            means="Where the data say little, the fit will credit media with too much.",
        )
    says = f"The priors say that paid media make less than {percent(most)} of the outcome in nineteen cases of twenty."
    if most < NEXT_TO_NOTHING:
        do = "State higher or wider ROAS priors, and check the currency and units of spend and outcome."
        return Finding(name, Severity.WARNING, says, do, means="However well media work, the fit can hardly find it.")
    return Finding(name, Severity.OK, says, "Nothing to do.")


def _outcome(found: PriorPicture) -> Finding:
    name, says = "prior_negative_outcome", _below_zero(found)
    if found.negative_weeks > ABSURD:
        do = "State the sizes of controls, or tighter ones; look for extreme values in controls and outcome."
        means = "The priors of baseline and controls allow what cannot be; the data must rule it out first."
        return Finding(name, Severity.WARNING, says, do, means=means)
    return Finding(name, Severity.OK, says, "Nothing to do.")


def _below_zero(found: PriorPicture) -> str:
    name = found.draws.outcome_name
    made = "Of the weeks that the priors make, media and baseline together,"
    return f"{made} {percent(found.negative_weeks)} have a {name} below zero."
