"""Leave-one-out: exact where exact is known; weeks that bend, intervals that lie and totals that miss are seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mmm.exceptions import FitError
from mmm.findings import Severity
from mmm.model.checks_geos import by_geo, check_geos
from mmm.model.checks_loo import check_blocks, check_calibration, check_influence
from mmm.model.loo import Loo, leave_one_out, pointwise, pointwise_log_likelihood
from mmm.response.draws import ResponseDraws
from tests.test_mmm.test_model.known import clean, known, shapes, wandering

SEEDS = range(6)


def left_out(response: ResponseDraws) -> Loo:
    return leave_one_out(pointwise(response))


def judged(outcome: np.ndarray, media: np.ndarray) -> dict[str, Severity]:
    response = known(outcome, media)
    found = pointwise(response)
    loo = leave_one_out(found)
    findings = (
        check_influence(loo, response.geos, response.weeks),
        check_calibration(loo, response.geos, response.weeks),
        check_blocks(found, response.weeks),
    )
    return {finding.name: finding.severity for finding in findings}


def test_leave_one_out_is_that_of_refits() -> None:
    outcome, media = clean(1, weeks=60, channels=1)
    response = known(outcome, media, draws=4000)
    design = np.column_stack([response.baseline.basis.design(response.weeks), shapes(media, 0.4, 1000.0)[:, 0].T])
    elpd, pit = [], []
    for week in range(60):
        rest = np.arange(60) != week
        x, y = design[rest], outcome[0, rest]
        coef = np.linalg.lstsq(x, y)[0]
        freedom = 59 - x.shape[1]
        scale = np.sqrt(((y - x @ coef) ** 2).sum() / freedom)
        spread = scale * np.sqrt(1 + design[week] @ np.linalg.inv(x.T @ x) @ design[week])
        predictive = stats.t(freedom, design[week] @ coef, spread)
        elpd.append(predictive.logpdf(outcome[0, week]))
        pit.append(predictive.cdf(outcome[0, week]))
    found = left_out(response)
    assert found.total == pytest.approx(sum(elpd), abs=0.5)
    np.testing.assert_allclose(found.pit, pit, atol=0.02)
    assert 5 < found.effective < 13  # 7 coefficients and σ


def test_thinned_and_chunked_likelihoods_are_the_plain_ones() -> None:
    outcome, media = clean(2, weeks=80, geos=3)
    response = known(outcome, media, draws=400)
    whole = pointwise_log_likelihood(response)
    thin = pointwise(response, max_cells=3 * 80 * 120)
    assert thin.z.shape == (240, 120)
    np.testing.assert_allclose(thin.log_likelihood(), whole[:, thin.draws], rtol=1e-5)
    mean = np.einsum("cgs,cgt->gts", response.paid.beta, shapes(media, 0.4, 1000.0))
    mean = mean + response.baseline.mean(response.weeks, response.baseline.controls)
    plain = stats.norm(mean, response.baseline.sigma[:, None]).logpdf(outcome[..., None])
    np.testing.assert_allclose(whole, plain.reshape(240, 400), rtol=1e-4)


def test_even_weights_need_no_smoothing() -> None:
    outcome, media = clean(2, weeks=80, geos=3)
    found = pointwise(known(outcome, media))
    whole, part = leave_one_out(found), leave_one_out(found, smoothed=60)
    assert np.isfinite(part.pareto_k).sum() == 60
    assert whole.pareto_k[np.isnan(part.pareto_k)].max() < whole.limit
    np.testing.assert_allclose(part.pit, whole.pit, atol=0.02)
    assert part.total == pytest.approx(whole.total, abs=0.2)


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(FitError, match="too few to leave"):
        left_out(known(*clean(2), draws=40))


def test_weeks_without_a_row_are_no_observations() -> None:
    outcome, media = clean(3, weeks=80, geos=2)
    response = known(outcome, media)
    observed = np.ones((2, 80), dtype=bool)
    observed[1, :30] = False
    loo = left_out(replace(response, observed=observed))
    assert len(loo.elpd) == 130
    assert loo.week[loo.geo == 1].min() == 30


def test_student_t_likelihood_and_probabilities() -> None:
    outcome, media = clean(4, weeks=60)
    response = known(outcome, media, draws=200)
    heavy = replace(response, baseline=replace(response.baseline, freedom=np.full(200, 4.0)))
    found = pointwise(heavy)
    scale = heavy.baseline.sigma[found.geo]
    expected = stats.t.logpdf(found.z.astype(float), 4.0) - np.log(scale)
    np.testing.assert_allclose(found.log_likelihood(), expected, rtol=1e-4)
    np.testing.assert_allclose(found.below(), stats.t.cdf(found.z.astype(float), 4.0), atol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clean_market_is_silent(seed: int) -> None:
    named = judged(*clean(seed))
    # A test at 1 % or 5 % may speak once; a warning must not come.
    assert Severity.WARNING not in named.values(), named


def test_an_outlier_on_a_lonely_burst_bends_the_fit_and_is_named() -> None:
    outcome, media = clean(5)
    media[2, 0] = 0.0
    media[2, 0, 70] = 3000.0
    outcome[0, 70] += 12_000.0
    response = known(outcome, media)
    finding = check_influence(left_out(response), response.geos, response.weeks)
    assert finding.severity in (Severity.NOTE, Severity.WARNING)
    assert str(response.weeks[70]) in finding.says


def test_heavy_tails_and_jumps_are_not_calibrated() -> None:
    outcome, media = clean(6)
    rng = np.random.default_rng(6)
    wild = outcome + np.where(rng.random(outcome.shape) < 0.04, rng.choice([-9000.0, 9000.0], outcome.shape), 0.0)
    assert judged(wild, media)["loo_pit"] is Severity.WARNING


def test_a_quarter_that_sold_more_is_named() -> None:
    outcome, media = clean(7)
    outcome[0, 26:39] += 2500.0
    response = known(outcome, media)
    finding = check_blocks(pointwise(response), response.weeks)
    assert finding.severity is Severity.WARNING
    assert str(response.weeks[26]) in finding.says


def test_the_geo_with_slow_residuals_is_named_and_clean_ones_are_not() -> None:
    outcome, media = clean(8, weeks=104, geos=6)

    def judge(made: np.ndarray) -> tuple[Severity, str]:
        response = known(made, media)
        found = pointwise(response)
        finding = check_geos(by_geo(found.residual(), leave_one_out(found), response.geos))
        return finding.severity, finding.where

    assert judge(outcome)[0] is Severity.OK
    outcome[4] += 3000.0 * wandering(np.random.default_rng(8), 104, 0.9)
    severity, where = judge(outcome)
    assert severity is not Severity.OK
    assert where == "geo4"
