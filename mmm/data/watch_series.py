"""What outcome and calendar may do to the result: outliers, zeros, too short a history."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.data.log import counted, listed
from mmm.data.panel import Panel
from mmm.findings import Finding, Severity

_YEAR = 52
_FAR = 6.0
_SPIKE = 10.0
_WINDOW = 6


def completed_outcome(panel: Panel) -> FloatArray:
    """Return the outcome of all geos together, (T,), as if every geo had been observed in every week.

    Weeks with missing geos are scaled up by the usual share of the outcome that the observed geos have: a geo that is
    missing is no fall of the sales.
    """
    usual = panel.outcome.sum(axis=1) / np.maximum(panel.observed.sum(axis=1), 1)
    seen = usual @ panel.observed
    scale = np.divide(usual.sum(), seen, out=np.ones_like(seen), where=seen > 0)
    return np.asarray(panel.outcome.sum(axis=0) * scale)


def _running_median(series: FloatArray) -> FloatArray:
    """Return the median of up to thirteen weeks around each week, (T,)."""
    return np.asarray(
        [np.median(series[max(0, t - _WINDOW) : t + _WINDOW + 1]) for t in range(len(series))], dtype=np.float64
    )


def _far(series: FloatArray) -> BoolArray:
    """Mark weeks far from the median around them, (T,): six robust standard deviations of such distances.

    What is less than a quarter of a usual week away is not far, however steady the series is.
    """
    distance = series - _running_median(series)
    spread = 1.4826 * float(np.median(np.abs(distance - np.median(distance))))
    return np.asarray(np.abs(distance) > max(_FAR * spread, 0.25 * float(np.median(np.abs(series))), 1e-12))


def _controls(panel: Panel, file: str) -> list[Finding]:
    """Warn of controls with weeks that a missing decimal mark could explain; switches of 0 and 1 are no such thing."""
    findings = []
    for name, values in zip(panel.control_names, panel.controls.mean(axis=1), strict=True):
        usual = float(np.median(np.abs(values)))
        far = panel.weeks[np.abs(values) > _SPIKE * max(usual, float(np.quantile(np.abs(values), 0.95)))]
        if usual > 0 and len(far):
            findings.append(
                Finding(
                    name="outliers",
                    severity=Severity.WARNING,
                    says=f"'{name}' is over ten times its usual size in {counted(len(far), 'week')}: {listed(far)}.",
                    means="A few extreme weeks can decide a control's effect.",
                    do="Check for a missing decimal mark or a unit that changed.",
                    where=f"{file}, column {name}",
                )
            )
    return findings


def series_findings(panel: Panel, file: str, odd: BoolArray | None) -> list[Finding]:
    """Return warnings about the outcome and the calendar.

    Parameters
    ----------
    panel : Panel
    file : str
    odd : (T,) bool, optional
        Weeks that season, trend, controls and media leave far from what is expected.
    """
    national = completed_outcome(panel)
    findings = _controls(panel, file)
    where = f"{file}, column {panel.outcome_name}"

    def warn(name: str, says: str, means: str, do: str) -> None:
        findings.append(Finding(name=name, severity=Severity.WARNING, says=says, means=means, do=do, where=where))

    around = _far(national)
    far = panel.weeks[around if odd is None else around | odd]
    if len(far):
        told = "the weeks around it" if odd is None or around[odd].all() else "what season, trend and media explain"
        warn(
            "outliers",
            f"The outcome is far from {told} in {counted(len(far), 'week')}: {listed(far, 5)}.",
            "A few extreme weeks can decide a channel's effect.",
            "Explain each (a strike, a sale, an error in the export): add a control or a holiday, or correct the file.",
        )
    zero = panel.weeks[national == 0]
    if len(zero):
        warn(
            "zero_outcome",
            f"The outcome is zero in {counted(len(zero), 'week')}: {listed(zero, 5)}.",
            "A missing figure written as zero is read as no sales.",
            "Check these weeks; leave the cell empty and declare data.missing if the figure is unknown.",
        )
    if national.min() < 0:
        warn(
            "negative_outcome",
            f"The outcome is negative in {counted(int((national < 0).sum()), 'week')}.",
            "Returns may have been booked in another week than the sale.",
            "Use gross sales, or book returns to the week of the sale.",
        )
    if panel.n_weeks < 2 * _YEAR:
        short = panel.n_weeks < _YEAR
        warn(
            "short_history",
            f"There are {panel.n_weeks} weeks: {'less than one year' if short else 'less than two years'}.",
            "The season cannot be told from media that follow it." if short else "The season is seen hardly twice.",
            "Give two to three years of weeks.",
        )
    else:
        findings.append(
            Finding(
                name="calendar",
                severity=Severity.OK,
                says=f"{panel.n_weeks} consecutive weeks, {panel.weeks[0]} to {panel.weeks[-1]}.",
                do="Nothing.",
                where=file,
            )
        )
    return findings
