"""What no market can be made of is one sentence: the file, the place, what was found, the remedy; never a traceback."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from mixwise import cli
from mmm.exceptions import DataError, SpecError
from simulations.market import command
from simulations.market.truths import settled

from .worlds import small_world

CURVES = """\
start: 2023-01-02
weeks: 60
outcome: {level: 100000}
channels:
  tv: {spend: {pattern: always_on, weekly: 5000}, roas: 2, adstock: 0.4}
  radio: {spend: {pattern: always_on, weekly: 3000}, roas: 1}
"""
PEOPLE = """\
engine: consumers
start: 2023-01-02
weeks: 20
people: 100000
channels:
  tv:
    kind: reach
    spend: {pattern: always_on, weekly: 1000}
    exposure: {cost: 0.01}
    effect: {aware: 0.1}
  search: {kind: search, exposure: {name: clicks, cost: 0.5}, effect: {purchase: 0.2}}
"""
STUDY = "name: a, kind: people, start: 2023-06-05, weeks: 4"


def refused(text: str, tmp_path) -> SpecError:
    path = tmp_path / "world.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        command.run(path, tmp_path / "out", seed=None, quiet=True)
    assert not (tmp_path / "out").exists()
    return caught.value


@pytest.mark.parametrize(
    ("more", "place", "says"),
    [
        # Keys that contradict each other name the key to mend, and its line.
        ("synergy: [{channels: [tv, print], strength: 1}]", "line 7, synergy.0.channels", "no channel 'print'"),
        (
            "synergy: [{channels: [tv, radio], strength: 1}, {channels: [radio, tv], strength: 1}]",
            "line 7, synergy.1.channels",
            "given twice",
        ),
        (f"experiments: [{{{STUDY}, channel: print}}]", "line 7, experiments.0.channel", "no channel 'print'"),
        (
            f"experiments: [{{{STUDY}, channel: tv}}, {{{STUDY}, channel: tv}}]",
            "line 7, experiments.1.name",
            "two experiments",
        ),
        ("hidden: {p: {kind: with_channel, channel: x, effect: 1}}", "line 7, hidden.p.channel", "no channel 'x'"),
        ("truths: {print: {roas: 3}}", "line 7, truths.print", "no channel 'print'"),
        ("holiday_effects: {Christmas Day: 1}", "line 7, holiday_effects", "need a country"),
        # A national data file knows no geo.
        (
            f"geos: {{count: 3, recorded: false}}\nexperiments: [{{{STUDY.replace('people', 'geo')}, channel: tv}}]",
            "line 8, experiments.0.kind",
            "adds its geos up",
        ),
        ("geos: {names: [a, b], count: 5}", "line 7, geos.count", "2 geos are named"),
        ("geos: {names: ['north; south', b]}", "line 7, geos.names.0", "cannot name a geo"),
        ("geos: {count: 3}\ncontrols: {population: {kind: steps, effect: 0.001}}", "line 1", "stand twice"),
        # Numbers that no draw can have.
        ("truths: {all: {roas: -3}}", "line 7, truths.all.roas", "from 0 to 1000, not -3"),
        ("truths: {all: {slope: {kind: uniform, low: 20, high: 30}}}", "line 7, truths.all.slope", "not 20"),
        ("truths: {all: {half: {kind: uniform, low: 5, high: 1}}}", "line 7, truths.all.half", "below low"),
        # What the company's reader of data would refuse later.
        ("country: XX", "line 7, country", "'XX' is not a country"),
        ("currency: euros", "line 7, currency", "pattern"),
        ("controls: {p: {kind: steps, mean: 1e200, effect: 0}}", "line 4, channels", "more than data can hold"),
        # What only the draw shows is placed in the file as well.
        ("noise: {sd: 1}", "line 3, outcome.level", "the outcome falls to"),
        (
            f"experiments: [{{{STUDY.replace('06-05', '06-06')}, channel: tv}}]",
            "line 7, experiments.0.start",
            "within a week",
        ),
        ("country: DE\nholiday_effects: {Xmas: 0.2}", "line 8, holiday_effects.Xmas", "not a public holiday"),
    ],
)
def test_a_world_of_curves_that_cannot_be(more, place, says, tmp_path):
    error = refused(f"{CURVES}{more}\n", tmp_path)
    assert error.where.startswith(f"world.yaml, {place}")
    assert says in error.says
    assert error.do


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("level: 100000", "level: 1e300", "outcome.level"),
        ("weekly: 3000", "weekly: 1e300", "channels.radio.spend.weekly"),
        ("adstock: 0.4", "adstock: 0.999999", "channels.tv.adstock"),
        ("roas: 1}", "roas: 1e300}", "channels.radio.roas"),
        ("2023-01-02", "2099-01-05\nseed: 1", "start"),
        ("weekly: 3000", "weekly: 0.001", "channels.radio"),
        ("weekly: 3000", "weekly: 3000, starts: 2030-01-07", "channels.radio"),
        ("roas: 1}", "roas: 1, exposure: {cost: 100000}}", "channels.radio"),
    ],
)
def test_numbers_that_cannot_be_reckoned_with(old, new, place, tmp_path):
    assert old in CURVES
    error = refused(CURVES.replace(old, new).replace("weeks: 60", "weeks: 110"), tmp_path)
    assert error.where.split(", ")[0] == "world.yaml"
    assert error.where.split(", ")[2] == place


@pytest.mark.parametrize(
    ("more", "place", "says"),
    [
        ("coordination: {messages: {print: spring}}", "line 12, coordination.messages.print", "no channel 'print'"),
        ("acts_on: {price: choice}", "line 12, acts_on.price", "no control 'price'"),
        ("order: [tv]", "line 12, order", "names each of these once"),
        ("sizes: {roas: {print: 2}}", "line 12, sizes.roas.print", "no channel 'print'"),
        (f"experiments: [{{{STUDY}, channel: print}}]", "line 12, experiments.0.channel", "no channel 'print'"),
        (
            "rivals: {acme: {volume: {pattern: bursts, weekly: 10}, answers: search, effect: {poach: 0.1}}}",
            "line 12, rivals.acme.answers",
            "acts before 'search'",
        ),
        (
            "controls: {p: {kind: steps, mean: 0, sd: 0, effect: 0}}\noutcome: {price: p}",
            "line 12, controls.p",
            "the price 'p' falls to 0",
        ),
        ("capacity: {delivered: 0.001}\noutcome: {basket: 50}", "line 13, outcome", "in every week"),
        ("outcome: {basket: 1e300}", "line 12, outcome.basket", "less than or equal"),
        ("nature: {explore: 0}", "line 11, channels.search", "no spend"),
        ("base: synergy", "line 1, engine", "'synergy' is a world of curves"),
        ("noise: {sd: 1}", "line 12, noise", "the outcome falls to"),
        (
            "controls: {p: {kind: steps, effect: 100}}\nacts_on: {p: demand}",
            "line 1, nature.in_market",
            "many times their number",
        ),
        ("season: [{cosine: 3}]\nnature: {in_market: 0.9}", "line 13, nature.in_market", "% of them"),
    ],
)
def test_a_world_of_people_that_cannot_be(more, place, says, tmp_path):
    error = refused(f"{PEOPLE}{more}\n", tmp_path)
    assert error.where.startswith(f"world.yaml, {place}")
    assert says in error.says
    assert error.do


@pytest.mark.parametrize(
    ("world", "out", "says"),
    [
        ("preset:nope", "out", "there is no world 'nope'"),
        ("synergy", "out", "write preset:synergy"),
        ("x" * 5000, "out", "not the name of a file"),
        ("preset:synergy", "full", "full: the output folder holds files that are not a Mixwise run"),
        ("preset:synergy", "full/diary.txt/out", "the output folder cannot be made"),
        ("preset:synergy", "n" * 300, "the output folder cannot be made"),
    ],
)
def test_names_of_worlds_and_folders(world, out, says, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(cli, ["market", world, "--out", str(tmp_path / out)])
    assert isinstance(done.exception, SpecError)
    assert says in str(done.exception)
    assert "synergy.yaml" not in str(done.exception)
    assert {path.name for path in tmp_path.rglob("*")} == {"full", "diary.txt"}


def test_drawn_truths_are_held_where_a_channel_can_have_them():
    wild = {"kind": "log_normal", "median": 9.0, "q95": 90.0}
    world = small_world(truths={"all": {"slope": wild, "half": wild, "roas": wild}})
    slopes = [settled(world, seed).channels["tv"].saturation.slope for seed in range(20)]
    assert max(slopes) == 10.0
    assert min(slopes) < 9.0


def test_too_few_weeks_to_be_fitted_are_said_where_they_are_made(tmp_path, capsys):
    for weeks, said in ((8, None), (10, True), (60, False)):
        path = tmp_path / f"{weeks}.yaml"
        path.write_text(CURVES.replace("weeks: 60", f"weeks: {weeks}") + "  press: {spend: {pattern: always_on, "
                        "weekly: 900}, roas: 1}\n", encoding="utf-8")  # fmt: skip
        if said is None:
            with pytest.raises(SpecError):
                command.run(path, tmp_path / f"out {weeks}", seed=None, quiet=True)
            continue
        command.run(path, tmp_path / f"out {weeks}", seed=None, quiet=False)
        told = capsys.readouterr().out
        assert ("10 rows are fewer than the 12 parameters" in told) == said
        model = tmp_path / f"out {weeks}" / "model.yaml"
        refused_there = isinstance(CliRunner().invoke(cli, ["check", str(model)]).exception, DataError)
        assert refused_there == said
