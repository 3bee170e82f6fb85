"""Owned and organic channels that move with the outcome one for one: they are asked for because people buy.

A channel's elasticity in the same week is read from a linear regression of the outcome on it, with trend, season,
controls and the other media in the model (Frisch & Waugh, 1933, *Econometrica* 1). Media have elasticities of a few
hundredths (Sethuraman, Tellis & Briesch, 2011, *J. Marketing Research* 48: 0.12 in the short run on average, and half
of that in later studies); what people ask for because they are buying anyway has one of a third to one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.data.watch_base import calendar_columns, national_media
from mmm.data.watch_series import completed_outcome
from mmm.findings import Finding, Severity

#: Elasticity from which a channel is said to move with the outcome, and how many standard errors it lies above zero.
_ELASTICITY, _ERRORS = 0.2, 2.5
#: Weeks more than columns, below which nothing is said.
_LEAST_LEFT = 20


def elasticity(series: FloatArray, outcome: FloatArray, others: FloatArray) -> tuple[float, float]:
    """Return the elasticity of the outcome in a series of the same week at the means, and its t.

    Parameters
    ----------
    series, outcome : (T,)
        Positive means.
    others : (T, P)
        What else moves the outcome.

    Returns
    -------
    elasticity, t : float
        0 and 0 where it cannot be told.
    """
    freedom = len(outcome) - others.shape[1] - 1
    if freedom < _LEAST_LEFT or series.mean() <= 0 or outcome.mean() <= 0:
        return 0.0, 0.0
    both = np.column_stack([outcome / outcome.mean(), series / series.mean()])
    rest = both - others @ np.linalg.lstsq(others, both)[0]
    power = float(rest[:, 1] @ rest[:, 1])
    if power < 1e-9 * len(outcome):
        return 0.0, 0.0
    slope = float(rest[:, 0] @ rest[:, 1]) / power
    left = rest[:, 0] - slope * rest[:, 1]
    error = np.sqrt(max(float(left @ left), 1e-300) / freedom / power)
    return slope, slope / error


def owned_findings(panel: Panel, owned: Collection[str], file: str) -> Iterator[Finding]:
    """Warn of owned and organic channels that move with the outcome.

    Parameters
    ----------
    panel : Panel
    owned : collection of str
        Paid channels whose money is volume × cost of service; organic ones are looked at as well.
    file : str
    """
    media = dict(national_media(panel))
    outcome = completed_outcome(panel)
    fixed = np.column_stack([calendar_columns(panel.weeks), panel.controls.mean(axis=1).T])
    for name in (*(one for one in panel.channels if one in owned), *panel.organic_names):
        rest = [np.sqrt(np.maximum(series, 0.0)) for other, series in media.items() if other != name]
        size, t = elasticity(media[name], outcome, np.column_stack([fixed, *rest]))
        if size < _ELASTICITY or t < _ERRORS:
            continue
        is_owned = name in owned
        prior = f", or state what it returns: priors: {{channels: {{{name}: {{roas: …}}}}}}" if is_owned else ""
        price = "" if is_owned else " With what serving it costs (volume, cost_of_service) its return can be judged."
        yield Finding(
            name="volume_follows_outcome",
            severity=Severity.WARNING,
            says=f"'{name}' moves with the outcome of the same week: 10 % more of it goes with {10 * size:.1f} % more "
            "sold, beyond season, trend, controls and other media.",
            means="That is many times what media do. People may ask for it because they are buying anyway: it is then "
            "credited with sales that would have come without it, and other channels with too few.",
            do="Add what moves both as a control (visits, searches for your category), test it by serving fewer people "
            f"in some weeks or geos (lift_tests){prior}, or leave it out.{price}",
            where=f"{file}, {name}",
        )
