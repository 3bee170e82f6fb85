"""One real fit: truth inside the intervals, figures that agree with one another, files that come back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from plotly.graph_objects import Figure

from mmm.exceptions import DataError
from mmm.findings import Finding, Severity
from mmm.model import checks
from mmm.model.fit import Fit
from mmm.model.storage import save_fit
from mmm.model.verdict import Outcome
from mmm.response import metrics
from mmm.runs import open_run
from tests.test_mmm.test_model.market import ALPHA, CHANNELS, ROAS


def by_name(found: tuple[Finding, ...]) -> dict[str, Severity]:
    return {finding.name: finding.severity for finding in found}


def test_recovers_the_truth(fit: Fit) -> None:
    low, high = np.quantile(fit.roas, [0.025, 0.975], axis=1)
    assert np.all((low < ROAS) & (high > ROAS))
    alpha = fit.response.paid.alpha[:, 0]
    low, high = np.quantile(alpha, [0.025, 0.975], axis=1)
    assert np.all((low < ALPHA) & (high > ALPHA))
    assert np.all(np.abs(np.median(fit.roas, axis=1) / ROAS - 1) < 0.35)


def test_converges(fit: Fit) -> None:
    assert fit.verdict.outcome is Outcome.PASSES, fit.verdict.sentences


def test_the_sampled_roas_is_the_responses_roas(fit: Fit) -> None:
    sampled = fit.draws["posterior"]["roas"].to_numpy().reshape(-1, len(CHANNELS)).T
    np.testing.assert_allclose(fit.roas, sampled, rtol=5e-3)
    assert np.median(np.abs(fit.roas / sampled - 1)) < 1e-4


def test_the_organic_share_is_the_responses_effect(fit: Fit) -> None:
    weekly = metrics.weekly_contribution(fit.response, "letters").to_numpy().sum(axis=0)
    share = fit.draws["posterior"]["organic_share"].to_numpy().ravel()
    ratio = weekly / fit.response.outcome.sum() / share
    assert np.median(ratio) == pytest.approx(1.0, abs=0.1)


def test_predictive_describes_the_weeks(fit: Fit) -> None:
    found = fit.predictive
    assert found.r2 > 0.8
    assert 0.8 <= found.coverage <= 1.0
    assert found.crps < found.observed.std() / 2
    assert np.all(found.low < found.mean)
    assert np.all(found.mean < found.high)


def test_crps_of_a_normal_forecast_is_its_closed_form() -> None:
    from mmm.model.predictive import _crps

    drawn = np.sort(np.random.default_rng(0).normal(size=(1, 20_000)), axis=1)
    # Gneiting & Raftery 2007: CRPS(N(0,1), 0) = (√2 − 1)/√π.
    assert _crps(drawn, np.zeros(1))[0] == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), abs=5e-3)


def test_summary_has_the_contracts_keys_and_is_strict_json(fit: Fit) -> None:
    summary = fit.summary()
    json.dumps(summary, allow_nan=False)
    assert set(summary["channels"]) == set(CHANNELS)
    for figures in summary["channels"].values():
        for measure in ("roas", "mroas", "contribution"):
            assert set(figures[measure]) == {"mean", "q05", "q50", "q95"}
            assert figures[measure]["q05"] < figures[measure]["q50"] < figures[measure]["q95"]
    wanted = {"max_rhat", "min_ess_bulk", "min_ess_tail", "divergences", "bfmi", "seconds_sampling", "seconds_total"}
    assert wanted == set(summary["diagnostics"])
    assert {"r2", "mape", "crps"} == set(summary["fit"])
    assert all({"name", "severity", "says", "do"} <= set(check) for check in summary["checks"])
    roas, spend = summary["channels"]["tv"]["roas"]["mean"], summary["channels"]["tv"]["spend"]
    assert summary["channels"]["tv"]["contribution"]["mean"] == pytest.approx(roas * spend)


def test_saturating_channels_return_less_at_the_margin(fit: Fit) -> None:
    assert np.all(fit.mroas < fit.roas)


def test_saved_and_loaded_fits_agree(fit: Fit, tmp_path: Path) -> None:
    fit.save(tmp_path / "fit")
    run = open_run(tmp_path / "fit", command="fit")
    assert run.manifest["inputs"] == {fit.spec.data.file: fit.source_hash}
    sizes = {path.name: path.stat().st_size for path in run.folder.iterdir()}
    assert sum(sizes.values()) - sizes["report.html"] < 10e6
    again = Fit.load(tmp_path / "fit")
    assert again.summary() == fit.summary()
    assert again.spec == fit.spec
    assert again.data_report == fit.data_report
    import arviz

    assert float(arviz.rhat(again.draws)["roas"].max()) < 1.02


def test_a_changed_posterior_is_refused(fit: Fit, tmp_path: Path) -> None:
    save_fit(fit, tmp_path)
    path = tmp_path / "posterior.nc"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(bytes(raw))
    with pytest.raises(DataError, match="changed after it was written"):
        Fit.load(tmp_path)


def test_figures_and_notebook_view(fit: Fit) -> None:
    figures = [fit.plot_roas(), fit.plot_fit(), fit.plot_contributions(), fit.plot_response_curve("tv")]
    assert all(isinstance(figure, Figure) and len(figure.data) > 0 for figure in figures)
    assert "search" in fit._repr_html_()


def test_checks_see_a_baseline_below_zero_and_slow_residuals(fit: Fit) -> None:
    found = fit.predictive
    slow = np.array([0.6, 0.4])
    worse = replace(found, negative_baseline=0.5, autocorrelation=slow, coverage=0.6, r2=0.2, kurtosis=9.0)
    named = by_name(checks.check_weeks(worse, fit.response.weeks))
    assert all(severity is Severity.WARNING for severity in named.values()), named
    assert by_name(checks.check_weeks(found, fit.response.weeks))["negative_baseline"] is Severity.OK


def test_few_weeks_a_parameter_warn() -> None:
    assert checks.check_size(20, 10).severity is Severity.WARNING
    assert checks.check_size(40, 10).severity is Severity.NOTE
    assert checks.check_size(200, 10).severity is Severity.OK
