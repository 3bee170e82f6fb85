"""Each check of media fires on a market made to trip it and is silent on a clean one."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.findings import Finding, Severity
from mmm.model.checks_apart import baseline_share, check_baseline_apart, check_channels_apart
from mmm.model.checks_confounder import check_confounder, robustness, robustness_value
from mmm.model.checks_priors import check_priors
from mmm.model.checks_spend import check_demand, check_own_variation, check_variation, follows, own_share
from mmm.model.distributions import Parameter
from mmm.model.fit import Fit
from mmm.model.health_linear import apart, blocks_of, linearise
from mmm.model.power_scaling import Sensitivity, prior_log_density, sensitivity
from mmm.response import metrics
from mmm.response.draws import ResponseDraws
from tests.test_mmm.test_model.known import bursts, clean, known, search_market, shapes, sold

CLEAN = range(4)


def names(response: ResponseDraws) -> tuple[str, ...]:
    return response.channels


def roas_of(response: ResponseDraws) -> np.ndarray:
    return metrics.roas(response).to_numpy()


def media_findings(response: ResponseDraws) -> tuple[Finding, ...]:
    linear = linearise(response)
    return (
        check_variation(response),
        check_own_variation(linear, response.channels),
        check_demand(linear, response.channels),
        check_confounder(linear, response.channels),
        *check_channels_apart(roas_of(response), response),
        check_baseline_apart(metrics.contribution(response).to_numpy(), response),
    )


@pytest.mark.parametrize("seed", CLEAN)
def test_a_clean_market_is_silent(seed: int) -> None:
    findings = media_findings(known(*clean(seed)))
    assert {finding.severity for finding in findings} == {Severity.OK}, [f for f in findings if f.severity != "ok"]


def test_a_clean_panel_of_geos_is_silent() -> None:
    findings = media_findings(known(*clean(11, weeks=104, geos=4)))
    assert {finding.severity for finding in findings} == {Severity.OK}


def test_two_channels_that_move_together_are_named() -> None:
    rng = np.random.default_rng(0)
    media = bursts(rng, 3, 156)
    media[1] = media[0] * np.exp(0.05 * rng.normal(size=media[0].shape))
    response = known(sold(rng, media), media, names=("tv", "video", "search"))
    findings = check_channels_apart(roas_of(response), response)
    assert [finding.where for finding in findings] == ["tv, video"]
    assert findings[0].severity is Severity.WARNING


def test_channels_known_in_sum_only_are_named() -> None:
    rng = np.random.default_rng(1)
    response = known(*clean(1, channels=5), names=("tv", "video", "ooh", "radio", "search"))
    drawn = rng.normal(5.0, 1.0, (5, 1000))
    drawn[3] = 20.0 - drawn[:3].sum(axis=0) + 0.2 * drawn[3]  # no pair correlates beyond ±0.6
    findings = check_channels_apart(drawn, response)
    assert [finding.where for finding in findings] == ["tv, video, ooh, radio"]


def test_a_channel_that_follows_the_season_trades_with_it() -> None:
    rng = np.random.default_rng(2)
    media = bursts(rng, 2, 156)
    wave = np.cos(2 * np.pi * np.arange(156) / (365.25 / 7))
    media[1, 0] = 1000.0 * (1.2 + wave + 0.1 * rng.random(156))
    response = known(sold(rng, media, noise=1500.0), media, names=("tv", "gifts"))
    contributions = metrics.contribution(response).to_numpy()
    finding = check_baseline_apart(contributions, response)
    assert finding.severity is Severity.NOTE
    assert "gifts with the season" in finding.says
    own = check_own_variation(linearise(response), response.channels)
    assert own.severity is Severity.WARNING
    assert own.where == "gifts"


def test_the_share_with_the_baseline_is_a_squared_multiple_correlation() -> None:
    rng = np.random.default_rng(3)
    part = rng.normal(size=(2, 4000))
    contribution = part[0] - 2.0 * part[1] + np.sqrt(5.0) * rng.normal(size=4000)
    assert baseline_share(contribution, part) == pytest.approx(0.5, abs=0.03)
    assert baseline_share(rng.normal(size=4000), part) < 0.01


def test_blocks_are_the_parts_that_people_name() -> None:
    blocks = blocks_of(("intercept", "trend", "trend_from_9", "sin_1", "cos_1", "holiday:Easter", "control:price"))
    assert {name: list(columns) for name, columns in blocks.items()} == {
        "the trend": [1, 2], "the season": [3, 4], "the holidays": [5], "price": [6],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spend", "severity", "said"),
    [
        (lambda rng: 1000.0 + 20.0 * rng.normal(size=156), Severity.WARNING, "hardly varies"),
        (lambda _: np.where(np.arange(156) < 5, 1000.0, 0.0), Severity.WARNING, "hardly ran"),
        (lambda rng: 1000.0 + 150.0 * np.clip(rng.normal(size=156), -2, 2), Severity.NOTE, "never came near zero"),
    ],
)
def test_spend_that_teaches_little_is_named(spend: object, severity: Severity, said: str) -> None:
    rng = np.random.default_rng(4)
    media = bursts(rng, 2, 156)
    media[1, 0] = spend(rng)  # type: ignore[operator]
    finding = check_variation(known(sold(rng, media), media, names=("tv", "brand")))
    assert (finding.severity, finding.where) == (severity, "brand")
    assert said in finding.says


def test_own_share_is_one_over_the_variance_inflation() -> None:
    outcome, media = clean(5, channels=2)
    response = known(outcome, media)
    linear = linearise(response)
    design = np.column_stack([response.baseline.basis.design(response.weeks), shapes(media[1], 0.4, 1000.0).T])
    one = shapes(media[0, 0], 0.4, 1000.0)
    rest = apart(one, design.T)
    expected = (rest @ rest) / ((one - one.mean()) ** 2).sum()
    assert own_share(linear)[0] == pytest.approx(expected, rel=0.02)


def test_search_that_follows_demand_is_named_and_the_remedy_quiets_it() -> None:
    found, kept, remedied = 0, 0, 0
    for seed in range(8):
        outcome, media, price, demand = search_market(seed)
        without = known(outcome, media, controls=price[None, None], control_names=("price",))
        finding = check_demand(linearise(without), without.channels)
        found += finding.severity is Severity.WARNING and finding.where == "channel2"
        kept += finding.severity is Severity.OK
        both = np.stack([price, demand])[:, None]
        mended = known(outcome, media, controls=both, control_names=("price", "queries"))
        remedied += check_demand(linearise(mended), mended.channels).severity is not Severity.WARNING
    assert found >= 5
    assert found + kept == 8  # no other channel is accused
    assert remedied == 8


def test_the_lead_test_has_its_size() -> None:
    p_values = []
    for seed in range(60):
        response = known(*clean(100 + seed), draws=40)
        linear = linearise(response)
        p_values += [follows(linear, c).p_lead for c in range(3)]
    # 180 tests at 5 %: 9 expected; 99.9 % of binomial draws are at most 20.
    assert sum(p < 0.05 for p in p_values) <= 20


def test_a_confounder_of_the_stated_strength_halves_the_effect() -> None:
    rng = np.random.default_rng(6)
    q, _ = np.linalg.qr(rng.normal(size=(200, 3)))
    x, noise, other = q.T
    outcome = 1.0 * x + 2.0 * noise
    value = robustness_value(0.5 * np.linalg.norm(x) / np.linalg.norm(2.0 * noise))
    # U explains `value` of x, and `value` of what x leaves of the outcome: its part in x is along x.
    along, across = np.sqrt(value), np.sqrt((1 - value) * value)
    unseen = along * x + across * noise + np.sqrt(1 - along**2 - across**2) * other
    both = np.linalg.lstsq(np.column_stack([x, unseen]), outcome)[0]
    assert both[0] == pytest.approx(0.5, abs=1e-9)
    assert robustness_value(0.0) == 0.0
    assert robustness_value(100.0) > 0.99


def test_a_weak_channel_is_fragile_and_a_strong_one_is_not() -> None:
    rng = np.random.default_rng(7)
    media = bursts(rng, 2, 156)
    made = 6000.0 * shapes(media[0], 0.4, 1000.0) + 350.0 * shapes(media[1], 0.4, 1000.0)
    outcome = 40_000.0 + made + rng.normal(0, 800.0, (1, 156))
    linear = linearise(known(outcome, media, names=("tv", "radio")))
    strong, weak = robustness(linear, ("tv", "radio"))
    assert strong.halves > 0.4
    assert weak.halves < 0.15
    finding = check_confounder(linear, ("tv", "radio"))
    assert "radio" in finding.where or weak.halves >= 0.1
    assert "tv" not in finding.where


def test_power_scaling_moves_as_the_closed_form_says() -> None:
    # Normal prior (0, 1), data of precision 4 around 1.5: the mean's slope in the log of the prior's power is −0.24.
    rng = np.random.default_rng(8)
    mean, precision = 4 * 1.5 / 5, 5.0
    theta = mean + rng.normal(size=20_000) / np.sqrt(precision)
    found = sensitivity("x", theta, -0.5 * theta**2, -2.0 * (theta - 1.5) ** 2)
    assert found.moved == pytest.approx(np.expm1(-np.log(2.0) * 4 * 1.5 / 25), abs=0.01)
    assert found.conflict
    agreed = sensitivity("x", theta, -0.5e-4 * theta**2, -2.5 * (theta - mean) ** 2)
    assert agreed.prior < 0.01 < agreed.likelihood


def test_prior_density_of_a_stated_distribution_is_the_log_normals(fit: Fit) -> None:
    density = prior_log_density(fit)
    assert density.shape == (3, fit.response.n_draws)
    assert np.isfinite(density).all()
    # ROAS alone: normal on the log scale. What is left of the first channel's must not depend on its ROAS prior.
    z = (np.log(fit.roas) - fit.priors.roas_mu[:, None]) / fit.priors.roas_sigma[:, None]
    rest = density[:2] + 0.5 * z**2
    alpha = fit.draws["posterior"]["carryover"].to_numpy().reshape(-1, 3).T[:2]
    a, b = (values[:2, None] for values in (fit.priors.carryover_a, fit.priors.carryover_b))
    shape = rest - a * np.log(alpha) - b * np.log1p(-alpha)
    half = (
        fit.response.paid.half_saturation[:, 0]
        / np.array([series[series > 0].mean() for series in fit.response.paid.media[:, 0]])[:, None]
    )
    z_half = (np.log(half) - fit.priors.half_mu[:2, None]) / fit.priors.half_sigma[:2, None]
    np.testing.assert_allclose(shape, -0.5 * z_half**2, atol=1e-3)
    assert Parameter.ROAS == "roas"


def by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_priors_that_speak_alone_conflict_or_carry_weight_are_named(fit: Fit) -> None:
    rng = np.random.default_rng(9)
    channels, priors = fit.response.channels, fit.priors
    prior = np.exp(priors.roas_mu[:, None] + priors.roas_sigma[:, None] * rng.normal(size=(2, 2000)))
    assert by_name(check_priors(prior, channels, priors))["prior_dominates"].severity is Severity.NOTE
    far = prior**0.1 * np.exp(4.0 * priors.roas_sigma[:, None])
    assert by_name(check_priors(far, channels, priors))["prior_conflict"].severity is Severity.WARNING
    learned = np.exp(priors.roas_mu[:, None] + 0.3 * priors.roas_sigma[:, None] * rng.normal(size=(2, 2000)))
    assert all(f.severity is Severity.OK for f in check_priors(learned, channels, priors))
    heavy = (Sensitivity("tv", 0.2, 0.1, -0.3), Sensitivity("search", 0.01, 0.1, 0.0))
    found = by_name(check_priors(learned, channels, priors, heavy))["prior_sensitivity"]
    assert (found.severity, found.where) == (Severity.NOTE, "tv")
    pulled = learned * np.exp(1.6 * priors.roas_sigma[:, None])
    conflict = by_name(check_priors(pulled, channels, priors, heavy))["prior_conflict"]
    assert (conflict.severity, conflict.where) == (Severity.NOTE, "tv")
