"""Lift tests as the model replays them: money is conserved, and a test of everything is the contribution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.data.lift_tests import LiftTest
from mmm.data.panel import Panel
from mmm.exceptions import DataError
from mmm.model.experiments import money_without, replays
from mmm.model.prepared import Prepared, prepare
from mmm.transforms.adstock import geometric_adstock
from mmm.transforms.saturation import hill
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec
from tests.test_mmm.test_model.test_kernel import media_reference, national, some_point


def experiment(panel: Panel, change: float, **fields: object) -> LiftTest:
    weeks = panel.weeks
    base = LiftTest("test", "tv", (), weeks[20], weeks[25], weeks[29], change, 1e5, 1e4)
    return replace(base, **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return geo_panel(4, 60)


def test_a_pulse_is_taken_out_where_it_was_spent(panel: Panel) -> None:
    spend = panel.spend[0]
    inside = np.zeros(spend.shape, dtype=bool)
    inside[[0, 2], 20:26] = True
    change = 0.4 * spend[inside].sum()
    without = money_without(experiment(panel, change, geos=("geo_0", "geo_2")), panel)
    assert spend.sum() - without.sum() == pytest.approx(change)
    np.testing.assert_array_equal(without[~inside], spend[~inside])
    np.testing.assert_allclose(without[inside], 0.6 * spend[inside])


def test_a_holdout_is_put_back_evenly(panel: Panel) -> None:
    spend = panel.spend[0].copy()
    spend[[0, 2], 20:26] = 0.0
    dark = replace(panel, spend=np.array([spend, panel.spend[1]]), exposure=np.array([spend, panel.spend[1]]))
    without = money_without(experiment(dark, -9e4, geos=("geo_0", "geo_2")), dark)
    back = without - spend
    assert back.sum() == pytest.approx(9e4)
    for g in (0, 2):
        np.testing.assert_allclose(back[g, 20:26], back[g, 20])
    assert back[0, 20] / back[2, 20] == pytest.approx(spend[0].sum() / spend[2].sum())
    assert not back[[1, 3]].any()


def test_money_goes_only_where_something_was_observed(panel: Panel) -> None:
    observed = panel.observed.copy()
    observed[2, 20:23] = False
    ragged = replace(panel, observed=observed, spend=panel.spend * observed)
    for change in (2e4, -2e4):
        without = money_without(experiment(ragged, change), ragged)
        assert ragged.spend[0].sum() - without.sum() == pytest.approx(change)
        assert not without[2, 20:23].any()


def test_more_than_was_spent_cannot_be_taken_out(panel: Panel) -> None:
    without = money_without(experiment(panel, 10.0 * panel.spend[0].sum()), panel)
    assert without.min() == 0.0
    assert not without[:, 20:26].any()


@pytest.mark.parametrize("change", [3e4, -3e4])
def test_a_share_of_a_national_market_is_a_whole_one_that_counts_for_its_share(panel: Panel, change: float) -> None:
    """National data hold a quarter of the change; where the test ran, media changed by all of it."""
    usual = np.full((1, 60), 5e4)
    cells = np.arange(60)[None]
    cells = (cells >= 20) & (cells < 26)
    scale, one = np.ones((2, 1)), np.ones(1)
    found = []
    for share in (0.25, 1.0):
        spend = np.array([usual + share * change / 6 * cells, usual])
        market = replace(national(panel), spend=spend, exposure=spend)
        test = experiment(market, share * change, share=share)
        found.append(replays(replace(market, lift_tests=(test,)), scale, one))
    part, whole = found
    np.testing.assert_allclose(part.media, whole.media)
    np.testing.assert_allclose(part.media[0], usual)
    np.testing.assert_allclose(part.base, whole.base)
    np.testing.assert_allclose(part.weight, 0.25 * whole.weight)


def test_a_test_of_the_whole_market_is_replayed_as_it_was(panel: Panel) -> None:
    observed = panel.observed.copy()
    observed[2, 10:15] = False
    ragged = replace(panel, observed=observed, spend=panel.spend * observed)
    found = replays(replace(ragged, lift_tests=(experiment(ragged, 2e4),)), np.ones((2, 4)), np.ones(4))
    np.testing.assert_allclose(found.base[0], ragged.exposure[0])
    # Media of weeks without a row are history with and without the test.
    np.testing.assert_array_equal(found.media[0, 2, 10:15], ragged.exposure[0, 2, 10:15])


def test_exposures_follow_the_money(panel: Panel) -> None:
    cost = np.array([4.0, 5.0, 6.0, 7.0])[:, None]
    exposure = np.array([panel.spend[0] / cost, panel.spend[1]])
    shown = replace(panel, exposure=exposure, exposure_based=np.array([True, False]))
    test = experiment(shown, 0.5 * panel.spend[0][:, 20:26].sum())
    scale = np.ones((2, 4))
    media = replays(replace(shown, lift_tests=(test,)), scale, np.ones(4)).media[0]
    np.testing.assert_allclose(media, money_without(test, shown) / cost)


def lift_of_all(prepared: Prepared) -> tuple[float, float]:
    """Return the predicted lift of the first test, and tv's effect within the window but for its carry-in."""
    point = some_point(prepared, 2)
    mean, lift, _ = media_reference(prepared, point)
    without, _, _ = media_reference(prepared, {**point, "share": point["share"] * np.array([1e-12, 1.0])})
    alpha, half, slope, _ = point["theta"][:, 0, :, None]
    state = geometric_adstock(prepared.media[0], alpha[:, 0], prepared.initial[0])
    faded = geometric_adstock(np.zeros_like(state), alpha[:, 0], prepared.initial[0])
    own = (mean - without) * (1.0 - hill(faded, half, slope) / hill(state, half, slope))
    return float(lift[0] * prepared.tests.unit), float((own * prepared.outcome_scale[:, None]).sum())


def test_a_test_of_all_spend_is_the_contribution_within_the_window(panel: Panel) -> None:
    weeks = panel.weeks
    everything = LiftTest("all", "tv", (), weeks[0], weeks[-1], weeks[-1], panel.spend[0].sum(), 1.0, 1.0)
    prepared = prepare(geo_spec(), replace(panel, lift_tests=(everything,)))
    lift, made = lift_of_all(prepared)
    assert lift == pytest.approx(made, rel=1e-10)
    # The ROAS counts carryover after the window too, so the whole contribution is more, by what fades out.
    point = some_point(prepared, 2)
    whole = point["share"][0] * prepared.panel.outcome.sum()
    assert made < whole
    assert made == pytest.approx(whole, rel=0.1)


@pytest.mark.parametrize("wrong", [{"spend_change": 0.0}, {"standard_error": 0.0}, {"lift": float("nan")}])
def test_a_test_that_says_nothing_is_refused_when_it_is_made(wrong) -> None:
    weeks = np.arange("2024-01-01", "2024-03-01", 7, dtype="datetime64[D]")
    right = LiftTest("test", "tv", (), weeks[0], weeks[1], weeks[2], -9.0, -1.0, 1.0)
    with pytest.raises(DataError, match="the lift test 'test' has the"):
        replace(right, **wrong)
