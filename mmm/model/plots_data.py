"""What each figure of a fit shows, as a table: for other charts, spreadsheets and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from mmm.model.checks_priors import prior_interval
from mmm.model.distributions import Parameter
from mmm.model.health import evidence
from mmm.response import metrics
from mmm.response.labelled import table

if TYPE_CHECKING:
    from mmm.model.fit import Fit

#: How far beyond the observed weekly spend a response curve is drawn, and in how many points.
REACH, POINTS = 1.5, 61


def interval(draws: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean, 5 % and 95 % over the last axis."""
    low, high = np.quantile(draws, [0.05, 0.95], axis=-1)
    return draws.mean(axis=-1), low, high


def roas(fit: Fit) -> pd.DataFrame:
    """Return ROAS by channel: ``mean``, ``q05``, ``q95`` of the fit; ``prior_median``, ``prior_q05``, ``prior_q95``."""
    mean, low, high = interval(fit.roas)
    prior = np.array([prior_interval(m, s) for m, s in zip(fit.priors.roas_mu, fit.priors.roas_sigma, strict=True)])
    given = {name for parameter, name in fit.own_priors if parameter in (Parameter.ROAS, Parameter.SHARE)}
    prior[[name in given for name in fit.response.channels]] = np.nan  # a function of Python: not known here
    columns = np.column_stack([mean, low, high, prior])
    names = ["mean", "q05", "q95", "prior_median", "prior_q05", "prior_q95"]
    return pd.DataFrame(columns, index=pd.Index(fit.response.channels, name="channel"), columns=names)


def roas_by_geo(fit: Fit) -> pd.DataFrame:
    """Return each channel's ROAS in each geo: rows ``channel``, ``geo``; ``mean``, ``q05``, ``q95``, and the ``spend``.

    NaN where a channel spent nothing in a geo.
    """
    mean, low, high = interval(metrics.roas(fit.response, by_geo=True).to_numpy())
    index = pd.MultiIndex.from_product([fit.response.channels, fit.response.geos], names=["channel", "geo"])
    spend = fit.response.spend.sum(axis=-1)
    return pd.DataFrame(
        {"mean": mean.ravel(), "q05": low.ravel(), "q95": high.ravel(), "spend": spend.ravel()}, index=index
    )


def returns(fit: Fit, *, by_geo: bool = False) -> pd.DataFrame:
    """Return ``measure`` (ROAS, mROAS, contribution), ``channel`` (and ``geo``), mean, 5, 50 and 95 %, ``unit``."""
    measures = {"ROAS": metrics.roas, "mROAS": metrics.mroas, "contribution": metrics.contribution}
    tables = {name: table(measure(fit.response, by_geo=by_geo)) for name, measure in measures.items()}
    return pd.concat(tables, names=["measure"]).reset_index("measure").reset_index(drop=True)


def lift_tests(fit: Fit) -> pd.DataFrame:
    """Return every experiment: as measured, by data and priors ``alone``, and ``calibrated``, each with its sd, in
    outcome units; ``apart``: measured minus alone, in standard deviations of their difference.
    """  # noqa: D205
    rows = [
        (one.name, one.channel, one.lift, one.standard_error, one.without, one.without_sd, one.fitted, one.fitted_sd,
         one.apart)
        for one in fit.calibration
    ]  # fmt: skip
    names = ("test", "channel", "measured", "measured_sd", "alone", "alone_sd", "calibrated", "calibrated_sd", "apart")
    return pd.DataFrame(rows, columns=list(names))


def by_week(fit: Fit) -> pd.DataFrame:
    """Return the national outcome by week: ``observed``, predictive ``mean``, ``q05``, ``q95``, ``residual``, and the
    baseline's ``baseline_mean``, ``baseline_q05``, ``baseline_q95``; outcome units.
    """  # noqa: D205
    found = fit.predictive
    columns = {
        "observed": found.observed,
        "mean": found.mean,
        "q05": found.low,
        "q95": found.high,
        "residual": found.residual,
        "baseline_mean": found.baseline_mean,
        "baseline_q05": found.baseline_low,
        "baseline_q95": found.baseline_high,
    }
    return pd.DataFrame(columns, index=_weeks(fit))


def contributions(fit: Fit) -> pd.DataFrame:
    """Return mean contributions by week: ``baseline``, organic media, paid channels; money where outcomes have it."""
    response = fit.response
    series = {"baseline": fit.predictive.baseline_mean * response.value_per_outcome.mean(axis=0)}
    for name in (*response.organic.names, *response.channels):
        series[name] = metrics.weekly_contribution(response, name).to_numpy().mean(axis=-1)
    return pd.DataFrame(series, index=_weeks(fit))


def response_curve(fit: Fit, channel: str) -> pd.DataFrame:
    """Return a channel's response by steady weekly national ``spend``: ``mean``, ``q05``, ``q95``, and whether spend so
    high was ``observed`` in a week.
    """  # noqa: D205
    weekly = fit.response.spend[fit.response.channels.index(channel)].sum(axis=0)
    top = float(weekly.max())
    spend = np.linspace(0.0, REACH * top, POINTS)
    mean, low, high = interval(metrics.response_curve(fit.response, channel, spend).to_numpy())
    inside = (spend >= weekly[weekly > 0].min()) & (spend <= top)
    columns = {"mean": mean, "q05": low, "q95": high, "observed": inside}
    return pd.DataFrame(columns, index=pd.Index(spend, name="spend"))


def calibration(fit: Fit) -> pd.DataFrame:
    """Return leave-one-out by observation: ``geo``, ``pit``, ``elpd``, ``pareto_k``; one row a week and geo."""
    loo = evidence(fit).loo
    columns = {
        "geo": np.asarray(fit.response.geos, dtype=object)[loo.geo],
        "pit": loo.pit,
        "elpd": loo.elpd,
        "pareto_k": loo.pareto_k,
    }
    return pd.DataFrame(columns, index=_weeks(fit)[loo.week])


def correlation(fit: Fit) -> pd.DataFrame:
    """Return the correlation of the channels' contribution draws, channel by channel."""
    names = pd.Index(fit.response.channels, name="channel")
    return pd.DataFrame(np.atleast_2d(np.corrcoef(fit.contributions)), index=names, columns=list(names))


def sensitivity(fit: Fit) -> pd.DataFrame:
    """Return power-scaling of each ROAS and of the total: ``prior``, ``likelihood`` (distance a doubling of the weight)
    and ``moved`` (relative change of the figure, were the prior's weight doubled).
    """  # noqa: D205
    found = evidence(fit).sensitivities
    rows = [{"name": one.name, "prior": one.prior, "likelihood": one.likelihood, "moved": one.moved} for one in found]
    return pd.DataFrame(rows).set_index("name")


def _weeks(fit: Fit) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(fit.response.weeks, name="week")
