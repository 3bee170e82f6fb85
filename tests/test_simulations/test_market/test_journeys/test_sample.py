"""People followed through the consumers' engine: they add up to its panel, and the files tell what they did."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmm.exceptions import SpecError
from simulations.market.attribution.log import paths_of_log, read_log
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.simulate import simulate_consumers
from simulations.market.journeys.agreement import agreement
from simulations.market.journeys.credit import compare_credit, true_contributions
from simulations.market.journeys.files import write_journeys
from simulations.market.journeys.sample import Sample, sample_journeys, spread_over
from simulations.market.journeys.seen import company_log, company_paths
from simulations.market.journeys.spec import JourneySettings
from simulations.market.presets import preset
from simulations.market.streams import Streams
from tests.test_simulations.test_market.test_consumers.consumer_worlds import small_world

SETTINGS = JourneySettings(people=6000, offline=("tv",), unlogged=("tv",), linked=0.5, bought_offline=0.3)
GEOS = {"names": ["north", "east", "south"], "sizes": 0.5, "effect": 0.3}
#: Fewer products than people want in some weeks.
SCARCE = {"delivered": 1600, "store": 0.5, "elsewhere": 0.4}
COORDINATION = {"hand_over": 0.3, "coherence": 2.0, "messages": {"tv": "spring", "social": "spring"}}


@cache
def market(kind: str = "plain") -> ConsumerMarket:
    changes = {
        "plain": {},
        "geos": {"geos": GEOS},
        "scarce": {"capacity": SCARCE},
        "coordinated": {"coordination": COORDINATION},
    }
    return simulate_consumers(small_world(weeks=36, journeys=SETTINGS.model_dump(), **changes[kind]))


@cache
def sample(kind: str = "plain") -> Sample:
    return sample_journeys(market(kind))


@pytest.mark.parametrize("kind", ["plain", "geos", "scarce", "coordinated"])
def test_the_journeys_add_up_to_the_panel_within_sampling_error(kind: str) -> None:
    held = sample(kind).agreement
    assert abs(held.total_z) < 3.5
    assert np.abs(held.z).max() < 5.0
    # The mean of squares of standard normal z scatters by the root of two over their number.
    assert abs(held.mean_square - 1.0) < 6 * np.sqrt(2 / held.z.size)
    purchases, money = sample(kind).journeys.panel()
    assert purchases.sum() == pytest.approx(sample(kind).journeys.scale * sample(kind).journeys.bought.sum())
    expected = market(kind).record.outcome.sum() * market(kind).value
    assert money.sum() == pytest.approx(expected, rel=4 * held.total_error / held.panel.sum())


def test_the_agreement_tells_a_panel_that_is_not_the_peoples() -> None:
    """A third more in the panel is seen at once."""
    of = sample()
    trail, before = of.trail, of.journeys.window.start
    inside = trail.purchases[trail.purchases[:, 1] >= before]
    panel = 1.33 * market().record.sold.T
    told = agreement(panel, market().scene.people[0], market().geos, trail.columns, inside[:, 0], inside[:, 1] - before)
    assert told.total_z < -4
    assert told.to_frame()["ratio"].iloc[0] < 1


def test_there_was_scarcity_in_the_scarce_market() -> None:
    assert market("scarce").record.refused.sum() > 0


def test_people_are_spread_as_the_population_is() -> None:
    columns = spread_over(np.array([5.0, 3.0, 2.0]), 11)
    assert np.bincount(columns).tolist() == [6, 3, 2]
    assert len(spread_over(np.array([1.0, 1.0, 1.0]), 2)) == 2


def test_the_same_seed_follows_the_same_people_and_leaves_the_market_as_it_was() -> None:
    before = market().start.people.copy()
    again, other = sample_journeys(market()), sample_journeys(market(), seed=99)
    assert np.array_equal(again.journeys.time, sample().journeys.time)
    assert not np.array_equal(other.trail.purchases, sample().trail.purchases)
    assert np.array_equal(market().start.people, before)


def test_the_companys_paths_are_those_of_its_log() -> None:
    journeys = sample().journeys
    direct = company_paths(journeys)
    log = company_log(journeys, Streams(1))
    told = paths_of_log(log[log["channel"] != "direct"], journeys.channels[:-1], scale=journeys.scale)

    def ends(of) -> list[tuple[list[int], float]]:
        rows = zip(of.starts[:-1], of.starts[1:], of.value, strict=True)
        return sorted((of.touches[a:b].tolist(), round(value, 6)) for a, b, value in rows)

    assert ends(told) == ends(direct)
    assert told.untouched == pytest.approx(direct.untouched)


def test_a_channel_that_nobody_can_meet_is_refused() -> None:
    with pytest.raises(SpecError, match="people cannot meet 'friends'"):
        sample_journeys(market(), SETTINGS.model_copy(update={"offline": ("friends",)}))


@pytest.mark.parametrize("people", [1, 400])
def test_people_of_whom_nobody_or_hardly_anybody_buys_are_told_too(tmp_path: Path, people: int) -> None:
    of = simulate_consumers(small_world(weeks=10, journeys={"people": people, "lookback_days": 365}))
    (tmp_path / "truth").mkdir()
    write_journeys(of, tmp_path, tmp_path / "truth")
    told = json.loads((tmp_path / "truth/journeys.json").read_text(encoding="utf-8"))["figures"]
    whole = read_log(tmp_path / "truth/journeys.csv")
    assert told["purchases"] == (whole["event"] == "purchase").sum()
    assert (told["median_touches"] is None) == (told["purchases"] == 0)


def test_a_figure_of_journeys_that_nobody_had_is_refused() -> None:
    asked = {"people": 1, "targets": {"two_touches": 0.5}}
    with pytest.raises(SpecError, match=r"at least two touches is unknown: none of the people .* Follow more people"):
        sample_journeys(simulate_consumers(small_world(weeks=10, journeys=asked)))


def test_credit_stands_beside_the_truth_and_beside_a_models() -> None:
    truth = true_contributions(market())
    assert set(truth) == {"tv", "social", "search", "newsletter", "chat"}
    table = compare_credit(market(), sample().journeys, {"MMM": {"tv": truth["tv"], "search": 2 * truth["search"]}})
    rows = table.by_channel().set_index(["method", "channel"])
    assert rows.loc[("MMM", "tv"), "error"] == pytest.approx(0.0)
    assert rows.loc[("MMM", "search"), "times_truth"] == pytest.approx(2.0)
    assert rows.loc[("last touch, the company's log", "tv"), "credit"] == 0.0
    assert rows.loc[("last touch, all touches", "tv"), "credit"] > 0.0
    paths = sample().journeys.paths()
    linear = rows.loc["linear, all touches", "credit"].sum()
    assert linear == pytest.approx(paths.total)
    assert linear + paths.scale * paths.untouched == pytest.approx(sample().journeys.panel()[1].sum())


def test_files_tell_the_log_the_figures_and_who_is_wrong(tmp_path: Path) -> None:
    few = small_world(weeks=20, journeys=SETTINGS.model_copy(update={"people": 600}).model_dump())
    of = simulate_consumers(few)
    for folder in ("first", "second"):
        (tmp_path / folder / "truth").mkdir(parents=True)
        files = write_journeys(of, tmp_path / folder, tmp_path / folder / "truth")
        assert [path.name for path in files] == ["journeys.csv", "journeys.csv", "journeys.json", "attribution.csv"]
    for file in ("journeys.csv", "truth/journeys.csv", "truth/journeys.json", "truth/attribution.csv"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()
    log, whole = read_log(tmp_path / "first/journeys.csv"), read_log(tmp_path / "first/truth/journeys.csv")
    assert "tv" in set(whole["channel"])
    assert "tv" not in set(log["channel"])
    told = json.loads((tmp_path / "first/truth/journeys.json").read_text(encoding="utf-8"))
    assert told["people_followed"] == 600
    assert told["figures"]["purchases"] == (whole["event"] == "purchase").sum()
    held = told["agreement_with_panel"]
    assert held["purchases_in_panel"] == pytest.approx(of.record.sold.sum(), rel=1e-6)
    assert set(pd.read_csv(tmp_path / "first/truth/attribution.csv")["channel"]) == set(true_contributions(of))


def test_the_example_shows_the_figures_that_marketers_quote_and_what_they_hide() -> None:
    of = simulate_consumers(preset("consumers_journeys"))
    found = sample_journeys(of)
    figures = found.figures.as_dict()
    assert figures["share_with_two_touches_or_more"] == pytest.approx(0.86, abs=0.007)
    assert figures["multi_device_share_with_6_sessions_or_more"] == pytest.approx(0.5, abs=0.01)
    assert figures["multi_device_share_of_14_days_or_more"] == pytest.approx(0.5, abs=0.01)
    assert abs(found.agreement.total_z) < 3.5
    rows = compare_credit(of, found.journeys).by_channel().set_index(["method", "channel"])
    # Shown to who is about to buy anyway.
    assert rows.loc[("last touch, all touches", "retargeting"), "times_truth"] > 10
