"""Experiments in the fit: they pull a blind model to the truth, constrain carryover, and are contradicted aloud."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from mmm.data.lift_tests import LiftTest
from mmm.data.panel import Panel
from mmm.findings import Severity
from mmm.model.build import build_model
from mmm.model.calibration import check_calibration
from mmm.model.fit import Fit, fit_model
from mmm.model.posterior import predicted_lift, respond
from mmm.model.prepared import prepare
from mmm.model.sampling import sample
from mmm.model.spec import ModelSpec, Sampling
from mmm.response.effects import effect_by_week
from mmm.transforms.adstock import geometric_adstock, initial_state
from mmm.transforms.saturation import hill
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec
from tests.test_mmm.test_model.test_kernel import national

WEEKS, LEVEL = 104, 2.0e6
ROAS, ALPHA = np.array([5.0, 3.0]), np.array([0.6, 0.2])
#: Weeks 60 to 65 are dark, and what follows is measured up to this many weeks longer.
DARK, AFTER = slice(60, 66), 8
QUICK = Sampling(chains=4, tune=400, draws=300)


def spec() -> ModelSpec:
    data = {"file": "x.csv", "date": "week", "outcome": "revenue"}
    return geo_spec(data=data, sampling=QUICK.model_dump())


@dataclass(frozen=True, eq=False)
class World:
    """A national panel, and what made tv's effect."""

    panel: Panel
    beta: float
    half: float

    def effect(self, spend: np.ndarray) -> np.ndarray:
        """Return tv's weekly effect of (T,) spend."""
        start = initial_state(self.panel.spend[0, 0])
        return self.beta * hill(geometric_adstock(spend, ALPHA[0], start), self.half)

    def test(self, other: np.ndarray, *, to: int, error: float = 0.05, factor: float = 1.0) -> LiftTest:
        """Measure the true lift against other spend, from the first dark week to week ``to``."""
        weeks, spend = self.panel.weeks, self.panel.spend[0, 0]
        lift = float((self.effect(spend) - self.effect(other))[DARK.start : to + 1].sum())
        change = float((spend - other).sum())
        first, last = weeks[DARK.start], weeks[DARK.stop - 1]
        return LiftTest("dark", "tv", (), first, last, weeks[to], change, factor * lift, error * abs(lift))


def usual(spend: np.ndarray) -> np.ndarray:
    """Return what would have been spent in the dark weeks: what they saved, evenly."""
    other = spend.copy()
    other[DARK] = 2.0e5
    return other


def make(seed: int, *, noise: float, always_on: bool = True) -> World:
    """Make a market; always-on tv hardly moves but for the dark weeks."""
    rng = np.random.default_rng(seed)
    spend = np.array([2.0e5 * np.ones(WEEKS), 1.0e5 * np.exp(rng.normal(0, 0.5, WEEKS))])
    spend[0] *= 1.0 + 0.02 * rng.standard_normal(WEEKS) if always_on else np.exp(rng.normal(0, 0.6, WEEKS))
    spend[0, DARK] = 0.0
    outcome = np.zeros(WEEKS)
    betas = []
    for c in range(2):
        half, start = spend[c][spend[c] > 0].mean(), initial_state(spend[c])
        state = geometric_adstock(spend[c], ALPHA[c], start)
        gone = geometric_adstock(np.zeros(WEEKS), ALPHA[c], start)
        after = geometric_adstock(np.zeros(300), ALPHA[c], state[-1])
        lost = (hill(state, half) - hill(gone, half)).sum() + hill(after, half).sum()
        betas.append(ROAS[c] * spend[c].sum() / lost)
        outcome += betas[-1] * hill(state, half)
    price = rng.normal(10.0, 1.0, WEEKS)
    outcome += LEVEL * (1.0 - 0.02 * (price - 10.0)) + noise * LEVEL * rng.standard_normal(WEEKS)
    panel = replace(
        national(geo_panel(1, WEEKS)),
        outcome=outcome[None],
        spend=spend[:, None],
        exposure=spend[:, None],
        controls=price[None, None],
        population=np.ones(1),
    )
    return World(panel, betas[0], float(spend[0][spend[0] > 0].mean()))


def fitted(world: World, *tests: LiftTest, **changes: Any) -> Fit:
    return fit_model(spec(), replace(world.panel, lift_tests=tests, **changes), seed=1, progress=False)


def mean_alpha(fit: Fit) -> tuple[float, float]:
    draws = fit.response.paid.alpha[0, 0]
    return float(draws.mean()), float(draws.std())


@pytest.fixture(scope="module")
def blind() -> list[tuple[World, Fit, Fit]]:
    """Markets whose noise hides tv, fitted without and with a holdout."""
    found = []
    for seed in (1, 2, 3):
        world = make(seed, noise=0.4)
        test = world.test(usual(world.panel.spend[0, 0]), to=DARK.stop - 1 + AFTER)
        found.append((world, fitted(world), fitted(world, test)))
    return found


def test_a_test_pulls_a_blind_model_to_the_truth(blind: list[tuple[World, Fit, Fit]]) -> None:
    before, after = (np.mean([fits[i].roas[0].mean() - ROAS[0] for fits in blind]) for i in (1, 2))
    assert abs(before) > 1.0  # the data alone leave tv near its prior
    assert abs(after) < 0.3 * abs(before)
    for _, without, calibrated in blind:
        assert np.log(calibrated.roas[0]).std() < 0.6 * np.log(without.roas[0]).std()
        assert calibrated.calibration[0].fitted == pytest.approx(calibrated.lift_tests[0].lift, rel=0.15)


def test_a_holdout_has_less_spend_and_less_sales(blind: list[tuple[World, Fit, Fit]]) -> None:
    test = blind[0][2].lift_tests[0]
    assert test.spend_change < 0
    assert test.lift < 0
    assert blind[0][2].calibration[0].without < 0


def test_how_long_it_was_measured_constrains_carryover() -> None:
    world = make(4, noise=0.4)
    other = usual(world.panel.spend[0, 0])
    short = world.test(other, to=DARK.stop - 1, error=0.02)
    long = replace(world.test(other, to=DARK.stop + 11, error=0.02), name="longer")
    mean, spread = mean_alpha(fitted(world, short, long))
    _, alone = mean_alpha(fitted(world, long))
    assert spread < 0.6 * alone
    assert abs(mean - ALPHA[0]) < 3.0 * spread


def test_a_test_that_contradicts_the_data_is_said() -> None:
    world = make(5, noise=0.02, always_on=False)
    other = usual(world.panel.spend[0, 0])
    right, wrong = (world.test(other, to=DARK.stop + 3, factor=factor) for factor in (1.0, 4.0))
    for test, name, severity in ((right, "lift_test", Severity.OK), (wrong, "lift_test_conflict", Severity.WARNING)):
        fit = fitted(world, test)
        (finding,) = check_calibration(fit.calibration, "EUR")
        assert (finding.name, finding.severity) == (name, severity)
        assert finding in fit.findings or any(found.name == name for found in fit.findings)
        assert "standard deviations apart" in finding.says


def test_exposures_are_tested_through_what_they_cost() -> None:
    world = make(1, noise=0.4)
    exposure = world.panel.exposure.copy()
    exposure[0] /= 4.0
    test = world.test(usual(world.panel.spend[0, 0]), to=DARK.stop - 1 + AFTER)
    fit = fitted(world, test, exposure=exposure, exposure_based=np.array([True, False]))
    low, high = np.quantile(fit.roas[0], [0.005, 0.995])
    assert low < ROAS[0] < high
    assert fit.calibration[0].fitted == pytest.approx(test.lift, rel=0.15)


@pytest.mark.parametrize("geos", [1, 3])
def test_a_test_of_all_spend_is_what_the_response_says(geos: int) -> None:
    """The replay and the response are two programs: their sums over the window agree draw by draw."""
    panel = geo_panel(geos, 52, seed=5)
    panel = national(panel) if geos == 1 else panel
    own = spec() if geos == 1 else geo_spec()
    prepared = prepare(own, panel)
    short = Sampling(chains=2, tune=100, draws=20)
    tree = sample(build_model(prepared), short, seed=1, progress=False).tree
    draws, response = respond(prepared, tree, np.random.default_rng(1))
    weeks = panel.weeks
    everything = LiftTest("all", "tv", (), weeks[0], weeks[-1], weeks[-1], float(panel.spend[0].sum()), 1.0, 1.0)
    replayed = prepare(own, replace(panel, lift_tests=(everything,)))
    lift = predicted_lift(replayed, draws)[:, 0] * replayed.tests.unit
    tv, ones = response.paid.only("tv"), np.ones(panel.outcome.shape)
    made = effect_by_week(tv, ones)[0].sum(axis=0)
    start = initial_state(tv.media)[..., None] * np.ones_like(tv.alpha)
    carry = effect_by_week(tv, ones, units=np.zeros_like(tv.media), carry=start)
    np.testing.assert_allclose(lift, made - carry[0].sum(axis=0), rtol=1e-9)


def test_a_test_in_a_part_of_the_market_counts_for_its_part() -> None:
    """A fifth of the country goes dark: national spend drops by a fifth, and where it ran all effect is lost."""
    share = 0.2
    world = make(1, noise=0.4)
    spend = world.panel.spend[0, 0].copy()
    spend[DARK] = 2.0e5  # as if nobody had tested
    usual_sales, dark = world.effect(spend), spend.copy()
    dark[DARK] = 0.0
    lift = share * float((world.effect(dark) - usual_sales)[DARK.start : DARK.stop + AFTER].sum())
    seen = spend.copy()
    seen[DARK] *= 1.0 - share
    weeks = world.panel.weeks
    first, last, to = weeks[DARK.start], weeks[DARK.stop - 1], weeks[DARK.stop - 1 + AFTER]
    test = LiftTest("region", "tv", (), first, last, to, float((seen - spend).sum()), lift, 0.05 * abs(lift), share)
    media = np.array([seen[None], world.panel.spend[1]])
    fit = fitted(world, test, spend=media, exposure=media)
    assert fit.calibration[0].fitted == pytest.approx(lift, rel=0.15)
    truth = ROAS[0] * world.panel.spend[0].sum() / seen.sum()  # its effect is that of the world, its spend is more
    low, high = np.quantile(fit.roas[0], [0.005, 0.995])
    assert low < truth < high
    assert abs(fit.roas[0].mean() / truth - 1.0) < 0.25
