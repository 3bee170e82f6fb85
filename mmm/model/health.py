"""Every check that a fit makes of itself, in one place: the figures that checks share are worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity, by_severity
from mmm.model import (
    checks,
    checks_apart,
    checks_confounder,
    checks_geos,
    checks_loo,
    checks_priors,
    checks_saturation,
    checks_spend,
    diagnostics,
)
from mmm.model.calibration import check_calibration
from mmm.model.form import Form
from mmm.model.health_linear import Linearised, linearise
from mmm.model.loo import ENOUGH_DRAWS, Loo, leave_one_out, pointwise
from mmm.model.power_scaling import Sensitivity, sensitivities

if TYPE_CHECKING:
    from mmm.model.fit import Fit

#: Findings of the data room on columns that model.yaml names and the fit does not have.
LEFT_OUT = ("zero_channel", "zero_organic", "constant_control")


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the checks share.

    Attributes
    ----------
    loo : Loo
        By observed geo-week, N of them.
    residual : (N,)
        Observed minus mean, outcome units per week.
    totals : Finding
    sensitivities : tuple of Sensitivity
        Of every paid channel's ROAS, then of their total.
    linear : Linearised
    """

    loo: Loo
    residual: FloatArray
    totals: Finding
    sensitivities: tuple[Sensitivity, ...]
    linear: Linearised


@lru_cache(maxsize=2)
def evidence(fit: Fit) -> Evidence:
    """Work out what the checks share; kept for the last fits asked about."""
    found = pointwise(fit.response)
    together = found.log_likelihood().sum(axis=0, dtype=np.float64)
    return Evidence(
        loo=leave_one_out(found),
        residual=found.residual(),
        totals=checks_loo.check_blocks(found, fit.response.weeks),
        sensitivities=sensitivities(fit, together, found.draws),
        linear=linearise(fit.response),
    )


def check_fit(fit: Fit) -> tuple[Finding, ...]:
    """Return every check's finding, gravest first, those that found nothing included."""
    found = [*diagnostics.judge(fit.diagnostics)]
    found += [finding for finding in fit.data_report.findings if finding.name in LEFT_OUT]
    if fit.diagnostics.finite and fit.response.n_draws >= ENOUGH_DRAWS:
        found += _weeks(fit) + _media(fit)
    found += check_calibration(fit.calibration, fit.response.outcome_name)
    found.append(checks.check_size(int(fit.response.observed.sum()), fit.n_parameters))
    return by_severity(found)


def _weeks(fit: Fit) -> list[Finding]:
    """Does the model say what happened?"""
    shared, response = evidence(fit), fit.response
    findings = [
        *checks.check_weeks(fit.predictive, response.weeks),
        checks_loo.check_influence(shared.loo, response.geos, response.weeks),
        checks_loo.check_calibration(shared.loo, response.geos, response.weeks),
        shared.totals,
    ]
    if len(response.geos) > 1:
        findings.append(checks_geos.check_geos(checks_geos.by_geo(shared.residual, shared.loo, response.geos)))
    elif fit.form is Form.FAST and not fit.own_priors:
        # Elsewhere the collapsed likelihood with the priors of model.yaml is not the fit's own.
        findings.append(checks_saturation.check_form(checks_saturation.look_for_steep(fit), fit.spec.media))
    return findings


def _media(fit: Fit) -> list[Finding]:
    """Do the data speak, of one channel at a time, and of cause?"""
    shared, response = evidence(fit), fit.response
    return [
        *checks_priors.check_priors(fit.roas, response.channels, fit.priors, shared.sensitivities),
        *checks_apart.check_channels_apart(fit.roas, response),
        checks_apart.check_baseline_apart(fit.contributions, response),
        checks_spend.check_variation(response),
        checks_spend.check_own_variation(shared.linear, response.channels),
        checks_spend.check_demand(shared.linear, response.channels),
        checks_confounder.check_confounder(shared.linear, response.channels),
    ]


def attention(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings that need attention: errors and warnings."""
    return tuple(finding for finding in findings if finding.severity in (Severity.ERROR, Severity.WARNING))
