"""The worlds that come with the package: each happens, and each breaks the assumption that it names and no other."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.exceptions import SpecError
from simulations.market import simulate_market
from simulations.market.planning import plan_task
from simulations.market.presets import preset, preset_names, preset_path
from simulations.market.read import load_document
from simulations.market.truths import settled
from simulations.market.world import World

CLEAN = {"clean", "well_informed", "starter", "geo_experiments", "no_media"}
CURVES = [name for name in preset_names() if load_document(preset_path(name)).data.get("engine") != "consumers"]
BROKEN = [name for name in CURVES if name not in CLEAN]


@pytest.fixture(scope="module")
def markets():
    return {name: simulate_market(preset(name)) for name in CURVES}


@pytest.fixture(scope="module")
def plain(markets):
    return markets["well_informed"]


def column(market, name):
    return market.frame[name].to_numpy(dtype=float)


def correlation(market, a, b):
    return float(np.corrcoef(column(market, a), column(market, b))[0, 1])


def hidden(market, name):
    return market.demand.parts[f"hidden:{name}"][market.window] / market.world.outcome.level


def test_there_are_twenty_broken_worlds_and_clean_ones():
    assert len(BROKEN) >= 20
    assert set(CURVES) >= CLEAN
    for name in BROKEN:
        assert preset_path(name).read_text(encoding="utf-8").startswith("# Breaks one assumption: ")


@pytest.mark.parametrize("name", CURVES)
def test_every_preset_happens(markets, name):
    market = markets[name]
    numbers = market.frame.drop(columns=["week", "geo"], errors="ignore").to_numpy(dtype=float)
    assert np.isfinite(numbers).all()
    assert (market.frame[market.outcome_name] > 0).all()
    assert len(market.frame) == len(market.weeks) * (market.frame["geo"].nunique() if "geo" in market.frame else 1)


def test_an_unknown_preset_is_named():
    with pytest.raises(SpecError, match="there is no world 'moon'"):
        preset("moon")


def test_a_broken_world_keeps_the_truths_that_it_does_not_break(markets, plain):
    for name in ("drift", "trend_break", "outliers", "confounder", "heavy_tails", "spend_measured_with_error"):
        assert markets[name].truth.roas == pytest.approx(plain.truth.roas), name
    assert markets["trend_break"].frame["tv_spend"].equals(plain.frame["tv_spend"])


def test_truths_are_drawn_anew_for_each_seed_from_the_stated_distributions():
    clean = preset("clean")
    found = [settled(clean, seed) for seed in range(400)]
    roas = np.array([[channel.roas for channel in world.channels.values()] for world in found])
    assert len(set(roas.ravel())) == roas.size
    assert np.median(roas) == pytest.approx(1.2, rel=0.12)
    assert np.quantile(roas, 0.95) == pytest.approx(7.0, rel=0.25)
    assert found[0] == simulate_market(clean, 0).world
    assert not found[0].truths
    assert World.model_validate(found[0].model_dump(mode="json")) == found[0]


def test_the_clean_worlds_prior_is_the_models_own():
    from scipy import stats

    from mmm.model.resolve import DEFAULT_CARRYOVER, DEFAULT_HALF_SATURATION, DEFAULT_ROAS

    truths = preset("clean").truths["all"]
    assert (truths.roas.median, truths.roas.q95) == (DEFAULT_ROAS.median, DEFAULT_ROAS.q95)
    assert (truths.half.median, truths.half.q95) == (DEFAULT_HALF_SATURATION.median, DEFAULT_HALF_SATURATION.q95)
    assert (truths.adstock.a, truths.adstock.b) == DEFAULT_CARRYOVER
    rng = np.random.default_rng(1)
    for drawn, law in (
        (truths.roas, stats.lognorm(np.log(7 / 1.2) / stats.norm.ppf(0.95), scale=1.2)),
        (truths.adstock, stats.beta(2, 3)),
    ):
        assert stats.kstest([drawn.draw(rng) for _ in range(2000)], law.cdf).pvalue > 1e-3


def test_drift_wears_the_effect_out(markets, plain):
    worn, full = markets["drift"].lost("tv"), plain.lost("tv")
    early, late = slice(10, 60), slice(100, 150)
    assert worn[late].sum() / worn[early].sum() < 0.65 * full[late].sum() / full[early].sum()


def test_budgets_bought_together(markets):
    assert correlation(markets["collinear"], "tv_spend", "radio_spend") > 0.99
    mix = markets["fixed_mix"].spend / markets["fixed_mix"].spend.sum(axis=0).clip(min=1)
    on = markets["fixed_mix"].spend[0] > 0
    assert mix[:, on].std(axis=1).max() < 1e-6


def test_effects_come_late(markets):
    market = markets["wrong_adstock"]
    pulse = np.zeros(156)
    pulse[50] = 1e5
    dark = {name: np.zeros(156) for name in market.names}
    effect = market.effects(dark | {"tv": pulse})["tv"] - market.effects(dark)["tv"]
    assert effect.argmax() in (52, 53)


def test_a_threshold_and_no_saturation(markets):
    steep, line = markets["wrong_saturation"].truth, markets["no_saturation"].truth
    assert all(steep.mroas[name] > 1.2 * steep.roas[name] for name in steep.roas)
    assert line.mroas == pytest.approx(line.roas, rel=1e-6)


def test_hidden_causes_move_the_outcome_and_what_answers_them(markets, plain):
    forecast = hidden(markets["confounder"], "forecast")
    ratio = np.log(markets["confounder"].spend[3] / plain.spend[3].clip(min=1) + 1e-9)
    on = plain.spend[3] > 0
    assert np.corrcoef(forecast[on], ratio[on])[0, 1] > 0.99
    rival = hidden(markets["competitor_burst"], "rival") < 0
    assert 0.05 < rival.mean() < 0.6
    answered = markets["competitor_burst"].spend[0] / np.where(plain.spend[0] > 0, plain.spend[0], 1)
    on = plain.spend[0] > 0
    assert answered[on & rival] == pytest.approx(2.0, rel=0.01)
    assert answered[on & ~rival] == pytest.approx(1.0)
    promotion, tv = hidden(markets["promotion_with_tv"], "promotion") > 0, plain.spend[0] > 0
    assert not (promotion & ~tv).any()
    assert 0.4 < promotion[tv].mean() < 0.8
    shift = hidden(markets["level_shift"], "distributor_lost")
    assert set(np.round(shift, 6)) == {0.0, -0.15}
    assert np.count_nonzero(hidden(markets["outliers"], "mishaps")) in range(1, 12)
    bend = hidden(markets["trend_break"], "decline")
    assert bend[:70].max() == 0
    assert bend[-1] == pytest.approx(-0.29, abs=0.02)
    rush = hidden(markets["holidays_missing"], "rush")
    assert rush.max() == pytest.approx(0.043 * 7)
    assert correlation(markets["holidays_missing"], "revenue", "radio_spend") > correlation(
        plain, "revenue", "radio_spend"
    )
    for name in ("confounder", "competitor_burst", "promotion_with_tv", "outliers"):
        assert list(markets[name].frame.columns) == list(plain.frame.columns)


def test_search_that_follows_demand(markets, plain):
    demand = markets["search_follows_demand"].demand.total()[plain.window]
    assert np.corrcoef(demand, markets["search_follows_demand"].spend[3])[0, 1] > 0.9
    assert markets["search_follows_demand"].truth.roas["search"] == pytest.approx(0.4)


def test_books_with_the_right_year_and_the_wrong_week(markets):
    market = markets["spend_measured_with_error"]
    for name, true in zip(market.names, market.spend, strict=True):
        told = column(market, f"{name}_spend")
        assert told.sum() == pytest.approx(true.sum(), rel=1e-6)
        assert np.corrcoef(told[true > 0], true[true > 0])[0, 1] < 0.9


def test_short_data_and_a_new_channel(markets):
    assert len(markets["short_data"].weeks) == 52
    assert (markets["new_channel"].spend[3] > 0).nonzero()[0].min() >= 146


def test_noise_that_persists_and_noise_with_tails(markets, plain):
    def persistence(market):
        noise = market.noise[0, market.window]
        return np.corrcoef(noise[1:], noise[:-1])[0, 1]

    assert persistence(markets["noise_persists"]) > 0.5 > persistence(plain) + 0.2
    tails = np.concatenate([simulate_market(preset("heavy_tails"), s).noise[0] for s in range(4)])
    normal = np.concatenate([simulate_market(preset("well_informed"), s).noise[0] for s in range(4)])
    assert np.mean(tails**4) / np.mean(tails**2) ** 2 > 2 * np.mean(normal**4) / np.mean(normal**2) ** 2


def test_media_that_work_in_season(markets, plain):
    factor = markets["seasonal_effect"].multiplier(markets["seasonal_effect"].weeks)
    assert factor.max() > 2.5 * factor.min()
    assert np.array_equal(plain.multiplier(plain.weeks), np.ones(156))


def test_geos_respond_differently(markets):
    apart, added = markets["geo_heterogeneity"], markets["geos_added_up"]
    assert apart.frame["geo"].nunique() == len(apart.geos) == 6
    assert apart.settings["data"]["geo"] == "geo"
    assert "geo" not in added.frame
    per_head = np.stack([medium.beta_share / apart.shares.size for medium in apart.channels])
    assert per_head.std(axis=1).min() > 0.1
    assert added.frame["revenue"].to_numpy() == pytest.approx(added.outcome_under({}).sum(axis=0), abs=0.01)


def test_capacity_binds_without_making_every_plan_the_same():
    """What is asked for beyond the stock is lost in some weeks of the horizon, and not in all: plans still differ."""
    market, free = (simulate_market(preset(name)) for name in ("capacity", "well_informed"))
    calendar = plan_task(market).calendar
    plans = np.stack([calendar.baseline, 0.7 * calendar.baseline, 1.3 * calendar.baseline])
    values, without = (one.plan_values(calendar, plans) for one in (market, free))
    assert (values < without).all()
    assert values[2] < 0.9 * without[2]
    assert values[1] < 0.9 * values[0]
    assert values[2] > 1.05 * values[0]
