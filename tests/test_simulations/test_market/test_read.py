"""World files of either engine, and files that are a change to a preset."""

from __future__ import annotations

import pytest

from mmm.exceptions import SpecError
from simulations.market import preset, preset_names, read_world, simulate_market
from simulations.market.presets import preset_path, preset_says
from simulations.market.world import World


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "world.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_change_to_a_preset_changes_only_what_it_says(written):
    world = read_world(written("base: well_informed\nchannels: {tv: {drift_to: 0.5}}\nseed: 7\n"))
    plain = preset("well_informed")
    assert world.seed == 7
    assert world.channels["tv"].drift_to == 0.5
    assert world.channels["tv"].spend == plain.channels["tv"].spend
    assert world.model_copy(update={"channels": plain.channels, "seed": plain.seed}) == plain


def test_another_kind_replaces_the_whole_setting(written):
    world = read_world(written("base: clean\nchannels: {tv: {spend: {pattern: always_on, weekly: 5}}}\n"))
    assert world.channels["tv"].spend.pattern == "always_on"
    drawn = read_world(written("base: clean\ntruths: {all: {roas: 2.0}}\n"))
    assert drawn.truths["all"].roas == 2.0
    assert drawn.truths["all"].half == preset("clean").truths["all"].half


CHANNELS = "channels: {tv: {roas: 1, spend: {pattern: always_on, weekly: 1}}}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("base: moon\n", "line 1, base: there is no world 'moon' to start from"),
        ("base: [clean]\n", "there is no world"),
        ("engine: steam\n", "there is no engine 'steam'"),
        ("base: clean\nchannels: {tv: {drift: 2}}\n", "line 2, channels.tv.drift: the key 'drift' is not known"),
        ("base: clean\nsynergy: [{channels: [tv, moon], strength: 1}]\n", "no channel 'moon'"),
        ("base: clean\nsynergy: [{channels: [tv, tv], strength: 1}]\n", "no synergy with itself"),
        ("base: clean\nchannels: {tv: {follows: {moon: 1}}}\n", "'tv' follows 'moon'"),
        ("base: clean\nchannels: {tv: {spend: {pattern: like, channel: moon, weekly: 1}}}\n", "no channel 'moon'"),
        (
            "base: fixed_mix\nchannels: {tv: {spend: {pattern: like, channel: radio, weekly: 1}}}\n",
            "itself like another",
        ),
        ("base: clean\ntruths: {moon: {roas: 1}}\n", "no channel 'moon'"),
        ("base: clean\ntruths: {all: {roas: {kind: log_normal, median: 2, q95: 1}}}\n", "q95 lies above the median"),
        ("base: clean\nchannels: {tv: {adstock: 0.5, carryover: {kind: binomial, peak: 1}}}\n", "not both"),
        ("base: clean\nnoise: {r2: 0.9, tails: 3, persistence: 0.5}\n", "either persistence or tails"),
        ("base: clean\nhidden: {price: {kind: outliers, effect: 1}}\n", "a control and a hidden cause"),
        ("base: clean\nhidden: {p: {kind: with_channel, channel: moon, effect: 1}}\n", "no channel 'moon'"),
        ("base: clean\ngeos: {names: [north]}\n", "two geos or more"),
        ("base: clean\ncapacity: {binds: 1.5}\n", "less than 1"),
        (f"start: 2025-01-06\noutcome: {{level: 10}}\n{CHANNELS.replace('roas: 1, ', '')}\n", "has no roas"),
    ],
)
def test_what_is_not_understood_is_named(written, text, says):
    with pytest.raises(SpecError) as error:
        read_world(written(text))
    assert says in str(error.value)


def test_a_preset_may_not_start_from_itself():
    for name in preset_names():
        assert preset(name).weeks >= 10
        assert len(preset_says(name)) > 20
    assert World.from_yaml(preset_path("starter")) == preset("starter")


def test_every_world_reads_back_as_it_is_written_down():
    for name in preset_names():
        world = preset(name)
        assert type(world).model_validate(world.model_dump(mode="json")) == world, name


def test_a_channel_that_answers_its_price_spends_less(written):
    base = "base: well_informed\nchannels: {radio: {follows: {price: -0.2}}}\n"
    market = simulate_market(read_world(written(base)))
    plain = simulate_market(preset("well_informed"))
    price = market.frame["price"].to_numpy()
    on = plain.spend[1] > 0
    ratio = market.spend[1][on] / plain.spend[1][on]
    assert ratio[price[on] > 101].max() < 1 < ratio[price[on] < 99].min()
