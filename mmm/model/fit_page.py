"""The fit report as a page: whether to trust the fit, what each channel returned, how the model was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.room.sections import ledger_tables, origin_sections
from mmm.findings import Severity
from mmm.model import fit_page_parts, plots, words
from mmm.model.fit import Fit
from mmm.model.health_page import checklist
from mmm.model.loo import ENOUGH_DRAWS
from mmm.model.summary import organic_contributions
from mmm.model.verdict import Outcome
from mmm.reporting import Align, Card, Cards, Chart, Column, FindingsList, Gallery, Page, Prose, Section, Table, Tone
from mmm.reporting.charts import bar_height
from mmm.reporting.numbers import count, interval, percent, ratio, short, significant
from mmm.response import metrics

_RIGHT = Align.RIGHT
_TONES = {Outcome.PASSES: Tone.GOOD, Outcome.WARNS: Tone.CAUTION, Outcome.FAILS: Tone.BAD}
_WORD = {Outcome.PASSES: "Passes", Outcome.WARNS: "Warns", Outcome.FAILS: "Fails"}


def fit_page(fit: Fit, *, data_file: str = "", details: Mapping[str, str] | None = None) -> Page:
    """Return the report of a fit.

    Parameters
    ----------
    fit : Fit
    data_file : str
        Name of the file that was read.
    details : Mapping, optional
        Further facts for whoever repeats the run.
    """
    response = fit.response
    geos = f"{len(response.geos)} geos, " if len(response.geos) > 1 else ""
    span = f"{geos}{response.n_weeks} weeks, {response.weeks[0]} to {response.weeks[-1]}"
    sections = [_trust(fit)]
    if fit.diagnostics.finite:
        sections += [_returns(fit), *fit_page_parts.geos(fit), *fit_page_parts.experiments(fit)]
        sections += [_contributions(fit), _curves(fit), _weeks(fit), fit_page_parts.priors(fit)]
    sections += [_model(fit), *_data(fit)]
    facts = {
        "Data file": data_file,
        "SHA-256 of the data": fit.source_hash,
        "Seed": str(fit.seed),
        "Form": words.form_line(fit),
        "Seconds": f"{fit.seconds_total:.1f} in all, {fit.seconds_sampling:.1f} sampling, "
        f"{fit.seconds_compiling:.1f} compiling",
        **(details or {}),
    }
    return Page(
        title=f"What each channel returned: {response.outcome_name}",
        lead=f"{fit.verdict.sentences[0]} ({span})",
        sections=sections,
        details={key: value for key, value in facts.items() if value},
        cards=_cards(fit),
        kicker="Mixwise · fit",
    )


def _cards(fit: Fit) -> Cards:
    found, response = fit.diagnostics, fit.response
    to_look = sum(f.severity in (Severity.ERROR, Severity.WARNING) for f in fit.findings)
    cards = [
        Card("Convergence", _WORD[fit.verdict.outcome], f"largest R-hat {found.max_rhat:.3f}, {found.divergences} "
             "divergences", _TONES[fit.verdict.outcome]),
        Card("To look at", count(to_look), "findings that need attention", Tone.CAUTION if to_look else Tone.GOOD),
    ]  # fmt: skip
    if found.finite:
        total = float((response.value_per_outcome * response.outcome).sum())
        share = fit.contributions.sum(axis=0) / total
        low, high = np.quantile(share, [0.05, 0.95])
        cards += [
            Card(
                "Paid media made",
                percent(float(share.mean())),
                f"of the outcome; 90% interval {percent(float(low))} to {percent(float(high))}",
            ),
            Card("Fit by week", percent(fit.predictive.r2, 0), f"of the variance (R²); mean error "
                 f"{percent(fit.predictive.mape)}"),
        ]  # fmt: skip
    return Cards(cards)


def _trust(fit: Fit) -> Section:
    lead = "Every check of this fit, the gravest first; what passed is folded. What each check asks: docs/health.md."
    return Section("Can you trust this fit?", [Prose(_said(fit)), checklist(fit.findings)], lead=lead)


def _said(fit: Fit) -> list[str]:
    """Return the verdict without the sentences that the list below repeats."""
    repeated = {finding.says for finding in fit.findings}
    return [says for says in fit.verdict.sentences[1:] if says not in repeated]


def _returns(fit: Fit) -> Section:
    response = fit.response
    unit = f"{metrics.value_unit(response)} per {response.currency}"
    national = response.spend.sum(axis=1)
    figure = ratio if float(np.abs(fit.roas).mean()) < 100 else significant
    rows = []
    for c, name in enumerate(response.channels):
        busy = national[c][national[c] > 0]
        rows.append(
            (
                name,
                short(float(national[c].sum())),
                _interval(fit.contributions[c], short),
                _interval(fit.roas[c], figure),
                _interval(fit.mroas[c], figure),
                f"{short(float(busy.min()))} to {short(float(busy.max()))}",
            )
        )
    currency = response.currency
    labels = (
        f"Spend, {currency}",
        f"Contribution, {metrics.value_unit(response)}",
        "ROAS",
        "mROAS",
        f"Observed weekly spend, {currency}",
    )
    total = fit.contributions.sum(axis=0)
    spend = float(national.sum())
    foot = ("Total", short(spend), _interval(total, short), _interval(total / spend, figure), "", "")
    table = Table(
        [Column("Channel"), *(Column(label, _RIGHT) for label in labels)],
        rows,
        caption=f"Means with 90% intervals; ROAS and mROAS in {unit}. mROAS: what the next unit of spend, spread as in "
        "the history, would have brought. Observed: the least and the most spent in an active week.",
        total=foot,
    )
    chart = Chart(
        plots.roas(fit),
        f"ROAS by channel, in {unit}: the fit with its 90% interval, above the prior.",
        "Bars of ROAS by channel with intervals, posterior beside prior.",
        height=bar_height(len(response.channels), 2),
    )
    lead = (
        "ROAS: the outcome that would be lost without the channel's spend in these weeks, carryover included, over it."
    )
    return Section("What each channel returned", [table, chart], lead=lead)


def _interval(draws: FloatArray, fmt: Callable[[float], str]) -> str:
    low, high = np.quantile(draws, [0.05, 0.95])
    return interval(float(draws.mean()), float(low), float(high), fmt)


def _contributions(fit: Fit) -> Section:
    response = fit.response
    total = float((response.value_per_outcome * response.outcome).sum())
    parts = dict(zip(response.channels, fit.contributions, strict=True)) | organic_contributions(fit)
    rows = [(name, _interval(draws, short), _interval(draws / total, percent)) for name, draws in parts.items()]
    table = Table(
        [
            Column("Medium"),
            Column(f"Contribution, {metrics.value_unit(response)}", _RIGHT),
            Column("Share of the outcome", _RIGHT),
        ],
        rows,
        caption="Means with 90% intervals; carryover after the fitted weeks is included, carry-in before them is not.",
    )
    chart = Chart(
        plots.contributions(fit),
        f"Mean contribution by week, in {metrics.value_unit(response)}. Intervals: in the table.",
        "Stacked weekly columns: baseline, organic media, paid channels.",
        height=400,
    )
    base = Chart(
        plots.baseline(fit),
        f"Baseline with its 90% interval, beside the observed outcome, in {response.outcome_name} per week.",
        "Line of the baseline with a ribbon, dots of the observed outcome.",
    )
    return Section("Where the outcome came from", [chart, table, base])


def _curves(fit: Fit) -> Section:
    response = fit.response
    charts = [
        Chart(
            plots.response_curve(fit, name),
            f"{metrics.value_unit(response)} per week against steady spend in {response.currency} per week.",
            f"Response curve of {name} with its 90% interval and the observed range of spend.",
            height=280,
            title=name,
        )
        for name in response.channels
    ]
    lead = (
        "What a steady weekly spend brings once carryover has built up. Shaded: what was spent in active weeks; "
        "beyond it the curve is extrapolation."
    )
    return Section("Response curves", [Gallery(charts)], lead=lead)


def _weeks(fit: Fit) -> Section:
    found, name = fit.predictive, fit.response.outcome_name
    lags = ", ".join(f"{value:+.2f}" for value in found.autocorrelation[:4])
    said = (
        f"{percent(found.coverage, 0)} of the weeks lie inside their 90% interval. The residuals' autocorrelation at "
        f"lags 1 to 4 is {lags}; their excess kurtosis is {found.kurtosis:.1f}. CRPS: {significant(found.crps)} {name} "
        "per week."
    )
    return Section(
        "Fit by week",
        [
            Chart(
                plots.by_week(fit),
                f"Observed {name} (dots) on the fit with its 90% interval, residual noise included.",
                "Weekly outcome with predictive interval.",
            ),
            Chart(
                plots.residuals(fit),
                f"Observed minus fit, in {name} per week. Nothing slow and no season should be left in it.",
                "Weekly residuals.",
                height=240,
            ),
            *_calibration(fit),
            Prose([said]),
        ],
    )


def _calibration(fit: Fit) -> list[Chart]:
    """Return the chart of left-out weeks, where the draws suffice to leave weeks out."""
    if fit.response.n_draws < ENOUGH_DRAWS:
        return []
    return [
        Chart(
            plots.calibration(fit),
            "Weeks left out one by one: the share that fell at or below each probability, minus that probability. "
            "A calibrated model's line stays in the ribbon at nine points of ten; steeper at the ends than in the "
            "middle means intervals too narrow, the other way round too wide.",
            "Calibration of left-out weeks against its 90% interval.",
            height=240,
        )
    ]


def _model(fit: Fit) -> Section:
    return Section("The model in words", [Prose(words.describe(fit))])


def _data(fit: Fit) -> list[Section]:
    """Return what the data report says of rows, money, sources and the company's ledger, as a check shows it."""
    report, response = fit.data_report, fit.response
    notes = [FindingsList(report.findings)] if report.findings else []
    lead = "Everything read is either used or listed as excluded."
    return [
        Section("The data", [*ledger_tables(report.ledger, response.currency), *notes], lead=lead),
        *origin_sections(report, response.weeks, response.currency, response.outcome_name),
    ]
