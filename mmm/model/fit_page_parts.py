"""Sections of the fit page that not every fit has, and the priors: geos, experiments, priors beside posteriors."""

from __future__ import annotations

import numpy as np

from mmm.findings import Severity
from mmm.model import plots, plots_data, prior_posterior, prior_words
from mmm.model.calibration import APART
from mmm.model.fit import Fit
from mmm.reporting import Align, Chart, Column, FindingsList, Gallery, Prose, Section, Table
from mmm.reporting.charts import bar_height
from mmm.reporting.numbers import count, interval, ratio, short, significant
from mmm.response import metrics

_RIGHT = Align.RIGHT


def geos(fit: Fit) -> list[Section]:
    """Return ROAS by geo, where there are several."""
    response = fit.response
    if len(response.geos) == 1:
        return []
    table = plots_data.roas_by_geo(fit)
    shape = (len(response.channels), len(response.geos))
    levels = np.stack([table[name].to_numpy(dtype=np.float64).reshape(shape) for name in ("mean", "q05", "q95")])
    figure = ratio if float(np.abs(fit.roas).mean()) < 100 else significant

    def cell(mean: float, low: float, high: float) -> str:
        return interval(float(mean), float(low), float(high), figure) if np.isfinite(mean) else "no spend"

    national = [cell(draws.mean(), *np.quantile(draws, [0.05, 0.95])) for draws in fit.roas]
    rows = [
        (geo, count(int(weeks)), *(cell(*levels[:, c, g]) for c in range(len(response.channels))))
        for g, (geo, weeks) in enumerate(zip(response.geos, response.observed.sum(axis=1), strict=True))
    ]
    unit = f"{metrics.value_unit(response)} per {response.currency}"
    columns = [Column("Geo"), Column("Weeks", _RIGHT), *(Column(name, _RIGHT) for name in response.channels)]
    charts = [
        Chart(
            plots.roas_in_geos(fit, name),
            f"ROAS by geo in {unit}, with 90% intervals; dashed: over all geos.",
            f"Bars of the ROAS of {name} by geo with intervals.",
            height=bar_height(len(response.geos)),
            title=name,
        )
        for name in response.channels
    ]
    caption = f"ROAS in {unit}: means with 90% intervals. Weeks: those that the geo has a row for."
    lead = (
        "What each geo lost without the channel, over what was spent there. Where a geo's own data say little, its "
        "figure is drawn towards the channel's (partial pooling), and its interval is wide."
    )
    return [
        Section(
            "ROAS by geo",
            [Gallery(charts), Table(columns, rows, caption=caption, total=("All geos", "", *national))],
            lead=lead,
        )
    ]


def experiments(fit: Fit) -> list[Section]:
    """Return every lift test beside what the model says with and without it."""
    if not fit.calibration:
        return []
    labels = ("Measured", "Data and priors alone", "Calibrated fit", "Apart, sd")
    rows = [
        (
            one.name,
            one.channel,
            f"{short(one.lift)} ± {short(one.standard_error)}",
            f"{short(one.without)} ± {short(one.without_sd)}",
            f"{short(one.fitted)} ± {short(one.fitted_sd)}",
            f"{one.apart:+.1f}",
        )
        for one in fit.calibration
    ]
    table = Table(
        [Column("Test"), Column("Channel"), *(Column(label, _RIGHT) for label in labels)],
        rows,
        caption=f"Lift in {fit.response.outcome_name} over the test's geos and measured weeks, each ± one standard "
        "error or deviation. Apart: measured minus what data and priors alone say, in standard deviations of that "
        f"difference; beyond {APART:g} they contradict each other.",
    )
    lead = (
        "Each test's own spend pattern is replayed through the model with and without the test. Alone: the same model "
        "fitted without any experiment."
    )
    return [Section("Experiments", [table], lead=lead)]


def priors(fit: Fit) -> Section:
    """Return what the priors said, and every prior beside its posterior."""
    found = fit.prior_picture
    wrong = [finding for finding in prior_words.findings(found) if finding.severity is not Severity.OK]
    said = list(prior_words.sentences(found))
    if fit.own_priors:
        said.append("Priors given in Python are not in these sentences: they hold what model.yaml says.")
    columns = [Column("Of"), Column("Quantity"), Column("Prior", _RIGHT), Column("Posterior", _RIGHT)]
    caption = "Medians with 90% intervals. Where the two columns agree, the data said little."
    return Section(
        "Priors and posteriors",
        [
            Prose(said),
            *([FindingsList(wrong)] if wrong else []),
            Table(columns, prior_posterior.rows(fit), caption=caption),
        ],
        lead="What the priors said before the outcomes were looked at, and what the data made of them.",
    )
