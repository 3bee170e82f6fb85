"""A market is determined by its seed, and its parts are what the world says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmm.exceptions import SpecError
from simulations.market import random_world, simulate_market
from simulations.market.presets import preset
from simulations.market.world import World

from .worlds import one_channel, small_world


def test_the_same_seed_gives_the_same_market_and_another_seed_another():
    first, again, other = (simulate_market(small_world(), seed).frame for seed in (5, None, 6))
    pd.testing.assert_frame_equal(first, again)
    assert not first["revenue"].equals(other["revenue"])
    assert not first["tv_spend"].equals(other["tv_spend"])


def test_a_new_channel_changes_no_other_part():
    world = small_world()
    extra = world.channels | {"cinema": world.channels["tv"]}
    more = simulate_market(world.model_copy(update={"channels": extra}))
    before = simulate_market(world)
    for column in ("tv_spend", "social_impressions", "search_spend", "newsletter", "price"):
        assert more.frame[column].equals(before.frame[column]), column
    assert np.array_equal(more.lost("tv"), before.lost("tv"))


def test_the_data_are_what_a_company_would_have():
    frame = simulate_market(small_world()).frame
    assert list(frame.columns) == [
        "week", "revenue", "tv_spend", "social_spend", "social_impressions", "search_spend", "search_clicks",
        "banner_spend", "newsletter", "price", "rival", "promotion",
    ]  # fmt: skip
    numbers = frame.drop(columns="week").to_numpy(dtype=float)
    assert np.isfinite(numbers).all()
    assert (frame["week"].diff().dropna() == pd.Timedelta(days=7)).all()
    assert (frame["tv_spend"] % 100 == 0).all()
    assert frame["social_impressions"].dtype.kind == "i"
    assert (frame["banner_spend"][frame["week"] >= "2026-01-05"] == 0).all()
    assert ((frame["tv_spend"] == 0).sum(), (frame["tv_spend"] > 0).sum()) > (10, 10)
    assert frame["promotion"].between(0, 7).all()


def test_search_spend_is_caused_by_demand():
    market = simulate_market(small_world(weeks=300))
    demand = market.demand.total()[market.window]
    spend = dict(zip(market.names, market.spend, strict=True))
    assert np.corrcoef(demand, spend["search"])[0, 1] > 0.9
    assert abs(np.corrcoef(demand, spend["tv"])[0, 1]) < 0.4
    # Demand moves without the season too, and search moves with it.
    unrecorded = market.demand.parts["unrecorded"][market.window]
    others = np.column_stack([v[market.window] for k, v in market.demand.parts.items() if k != "unrecorded"])
    design = np.column_stack([np.ones(300), others])
    left = np.log(spend["search"]) - design @ np.linalg.lstsq(design, np.log(spend["search"]))[0]
    assert np.corrcoef(left, unrecorded)[0, 1] > 0.2


def test_media_that_follow_the_season_earn_more_in_it():
    market = simulate_market(one_channel(season=[{"sine": 0.3}], media_follow_season=1.5, weeks=104))
    effect, index = market.effects()["tv"], market.demand.season[market.window]
    assert effect[index > 1.2].mean() > 1.5 * effect[index < 0.8].mean()
    assert market.multiplier(market.weeks).mean() == pytest.approx(1.0)
    assert market.truth.roas["tv"] == pytest.approx(2.0)


def test_the_share_of_variance_that_is_not_noise_is_the_one_asked_for():
    found = [simulate_market(random_world(seed)).truth.r2 for seed in range(8)]
    assert np.mean(found) == pytest.approx(0.9, abs=0.02)


def test_random_worlds_stay_in_the_stated_ranges():
    for seed in range(10):
        world = random_world(seed)
        for channel in world.channels.values():
            assert 0.2 <= channel.adstock <= 0.7
            assert 0.8 <= channel.saturation.slope <= 2.0
            assert 0 < channel.roas <= 5
        assert World.model_validate(world.model_dump(mode="json")) == world


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"holiday_effects": {"Bastille Day": 0.1}}, "not a public holiday of DE"),
        ({"season": [{"cosine": 1.4}], "noise": {"sd": 0.3}}, "the outcome falls to"),
    ],
)
def test_a_world_that_cannot_happen_says_so(changes, says):
    with pytest.raises(SpecError, match=says):
        simulate_market(small_world(**changes))


def test_a_channel_that_buys_nothing_says_so():
    late = {"spend": {"pattern": "always_on", "weekly": 100, "starts": "2030-01-07"}}
    with pytest.raises(SpecError, match="'tv' buys nothing"):
        simulate_market(one_channel(late))


def test_the_preset_whose_search_follows_demand_misleads_a_regression():
    market = simulate_market(preset("demand_driven_search"))
    frame = market.frame
    design = np.column_stack([np.ones(len(frame)), frame[[f"{name}_spend" for name in market.names]]])
    slope = np.linalg.lstsq(design, frame["revenue"].to_numpy())[0][market.names.index("search") + 1]
    assert market.truth.roas["search"] == pytest.approx(0.4)
    assert slope > 5 * market.truth.roas["search"]


def test_spend_of_a_channel_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no channel 'tvv'"):
        simulate_market(small_world()).outcome({"tvv": np.zeros(80)})
