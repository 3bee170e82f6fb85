"""World files of consumers: what is refused, in which words; presets; sizes that are asked for; the run folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from mmm.exceptions import SpecError
from simulations.market.command import run
from simulations.market.consumers.simulate import settled, simulate_consumers
from simulations.market.consumers.sizing import sized
from simulations.market.consumers.world import ConsumerWorld
from simulations.market.presets import preset, preset_names
from simulations.market.protocol import SimulatedMarket
from simulations.market.read import read_world

from .consumer_worlds import small_world

PRESETS = [name for name in preset_names() if name.startswith("consumers_")]


def written(tmp_path: Path, **changes) -> Path:
    settings = small_world().model_dump(mode="json", exclude_none=True)
    path = tmp_path / "world.yaml"
    path.write_text(yaml.safe_dump(settings | changes, sort_keys=False), encoding="utf-8")
    return path


TV = {"kind": "reach", "spend": {"pattern": "always_on", "weekly": 1000}, "exposure": {"cost": 0.01}}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"channels": {"tv": TV | {"audience": {"weights": {"activity": {"asleep": 2}}}}}}, "asleep"),
        ({"channels": {"tv": TV | {"effect": {"favour": 1.2}}}}, "channels.tv.effect.favour"),
        ({"nature": {"decide": 0.7, "give_up": 0.6}}, "above 1"),
        ({"nature": {"favourability": {"unaware": 0.9}}}, "add up"),
        ({"outcome": {"price": "cost"}}, "no control 'cost'"),
        ({"acts_on": {"weather": "demand"}}, "no control 'weather'"),
        ({"order": ["tv"]}, "names each of these once"),
        ({"rivals": {"acme": {"volume": TV["spend"], "answers": "posters"}}}, "no channel"),
        ({"channels": {"tv": TV | {"spend": {"pattern": "like", "weekly": 1, "channel": "tv"}}}}, "is like 'tv'"),
        ({"owned": {"tv": {"kind": "talk"}}}, "twice"),
        ({"country": None}, "country"),
        (
            {
                "channels": {
                    "search": {
                        "kind": "search",
                        "exposure": {"cost": 1},
                        "audience": {"weights": {"market": {"in": 2}}},
                    }
                }
            },
            "asks",
        ),
    ],
)
def test_a_world_that_cannot_be_is_refused_with_its_place(tmp_path, changes, says):
    with pytest.raises(SpecError, match=says) as error:
        read_world(written(tmp_path, **changes))
    assert "world.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"holiday_effects": {"Nowhere Day": 0.1}}, "Nowhere Day"),
        ({"nature": {"in_market": 0.99}}, "in the market"),
        ({"noise": {"sd": 0.9}}, "outcome falls"),
        ({"channels": {"tv": TV | {"spend": TV["spend"] | {"starts": "2031-01-01"}}}}, "no spend"),
    ],
)
def test_a_world_that_cannot_happen_says_so(changes, says):
    with pytest.raises(SpecError, match=says):
        simulate_consumers(small_world(**changes))


def test_a_written_world_is_read_back_as_it_was(tmp_path):
    assert read_world(written(tmp_path)) == small_world()


def test_a_rival_that_answers_acts_after_the_channel():
    rival = {"volume": TV["spend"], "answers": "search"}
    with pytest.raises(ValueError, match="acts before"):
        small_world(rivals={"acme": rival})
    order = ["tv", "social", "search", "acme", "newsletter", "friends", "chat"]
    assert small_world(rivals={"acme": rival}, order=order).acting() == tuple(order)


def test_sizes_that_are_asked_for_are_the_truth():
    sizes = {"weekly": 120_000, "roas": {"tv": 1.6, "social": 0.0}}
    test = {"kind": "people", "name": "radio silence", "channel": "search", "start": "2025-06-30", "weeks": 4}
    world = small_world(sizes=sizes, experiments=[test])
    market = simulate_consumers(world)
    assert market.record.outcome.sum(axis=1).mean() == pytest.approx(120_000, rel=0.01)
    assert market.truth.roas["tv"] == pytest.approx(1.6, rel=0.01)
    assert market.truth.roas["social"] == pytest.approx(0.0, abs=1e-9)
    before, after = small_world().channels["tv"].effect, market.world.channels["tv"].effect
    assert after.aware / before.aware == pytest.approx(after.favour / before.favour)
    assert len(market.lift_tests) == 1
    # Another seed is another market of the same people and effects.
    assert simulate_consumers(world, seed=9).world == settled(world)


def test_a_return_that_no_effect_makes_is_refused():
    with pytest.raises(SpecError, match="not reached by any size"):
        sized(small_world(), roas={"tv": 500.0})
    with pytest.raises(SpecError, match="no effect to size"):
        sized(small_world(channels={"tv": TV}), roas={"tv": 1.0})
    with pytest.raises(SpecError, match="no channel 'posters'"):
        sized(small_world(), roas={"posters": 1.0})


def test_the_run_folder_holds_what_a_company_has_and_the_truth_apart(tmp_path):
    out = tmp_path / "out"
    assert run(written(tmp_path, geos={"count": 2}), out, seed=None, quiet=True) == 0
    assert {"weekly.csv", "model.yaml", "truth"} <= {path.name for path in out.iterdir()}
    model = yaml.safe_load((out / "model.yaml").read_text(encoding="utf-8"))
    known = json.loads((out / "truth" / "consumers.json").read_text(encoding="utf-8"))
    assert set(known["owned"]["channels"]) == {"newsletter", "chat", "friends"}
    assert known["following"]["channels"]["tv"]["led_to"] > 0
    assert "stock" not in known
    owned = known["owned"]["channels"]
    free = [name for name in ("newsletter", "chat") if owned[name]["service_cost"] == 0]
    assert model.get("organic", []) == free
    for name in {"newsletter", "chat"} - set(free):
        assert model["channels"][name]["volume"] == name
        cost = model["channels"][name]["cost_of_service"]
        assert owned[name]["service_cost"] == pytest.approx(cost * owned[name]["contacts"], rel=1e-6)
        assert owned[name]["roas"] == pytest.approx(owned[name]["contribution"] / owned[name]["service_cost"])
    assert owned["friends"]["roas"] is None
    assert model["controls"] == ["price", "promotion", "acme"]
    assert model["data"]["geo"] == "geo"


@pytest.mark.parametrize("name", PRESETS)
def test_presets_of_consumers_happen_and_are_markets(name):
    world = preset(name)
    assert isinstance(world, ConsumerWorld)
    market: SimulatedMarket = simulate_consumers(world)
    assert market.frame.notna().all(axis=None)
    assert set(market.decimals) >= set(market.frame.columns) - {"week", "geo"}


def test_the_starters_truth_is_what_its_file_says():
    roas = simulate_consumers(preset("consumers_starter")).truth.roas
    told = {"tv": 2.0, "radio": 1.3, "video": 1.8, "social": 2.2, "display": 0.7, "search": 1.5}
    assert roas == pytest.approx(told, rel=0.03)
