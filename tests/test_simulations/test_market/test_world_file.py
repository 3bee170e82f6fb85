"""world.yaml is read strictly, and `mixwise market` keeps the truth apart from the data."""

from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from mmm.exceptions import SpecError
from mmm.runs import open_run
from simulations.cli import market
from simulations.market import command
from simulations.market.presets import preset_names
from simulations.market.world import World

from .worlds import small_world


@pytest.fixture
def world_file(tmp_path):
    path = tmp_path / "world.yaml"
    path.write_text(yaml.safe_dump(small_world().model_dump(mode="json")), encoding="utf-8")
    return path


def test_a_world_reads_back_as_written(world_file):
    assert World.from_yaml(world_file) == small_world()


TV = "channels: {tv: {roas: 1, spend: {pattern: always_on, weekly: 1}}}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("channels: {}", "channels"),
        ("channels: {tv: {roas: 1, spend: {pattern: sometimes, weekly: 1}}}", "sometimes"),
        ("channels: {tv: {roas: 1, roi: 2, spend: {pattern: always_on, weekly: 1}}}", "'roi' is not known"),
        ("channels: {t v: {roas: 1, spend: {pattern: always_on, weekly: 1}}}", "cannot name a column"),
        (f"noise: {{sd: 0.1, r2: 0.9}}\n{TV}", "either sd or r2"),
        (f"controls: {{tv_spend: {{kind: steps, effect: 1}}}}\n{TV}", "would stand twice"),
        (f"controls: {{p: {{kind: every_year, effect: 1, dates: [02-31]}}}}\n{TV}", "not a month and a day"),
        (f"holiday_effects: {{Christmas Day: 1}}\n{TV}", "need a country"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path, text, says):
    path = tmp_path / "world.yaml"
    path.write_text(f"start: 2025-01-06\noutcome: {{level: 10}}\n{text}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=says):
        World.from_yaml(path)


def test_the_command_writes_a_run_with_the_truth_apart(world_file, tmp_path, capsys):
    assert command.run(world_file, tmp_path / "out", seed=None, quiet=False) == 0
    run = open_run(tmp_path / "out", command="market")
    beside = {path.name for path in run.folder.iterdir()}
    assert beside == {"weekly.csv", "model.yaml", "truth", "manifest.json", "COMPLETE.json"}
    assert {path.name for path in (run.folder / "truth").iterdir()} == {"truth.json", "weekly.csv", "world.yaml"}
    settings = yaml.safe_load((run.folder / "model.yaml").read_text(encoding="utf-8"))
    assert settings["channels"]["social"] == {"spend": "social_spend", "exposure": "social_impressions"}
    assert "roas" not in (run.folder / "model.yaml").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert "Next: mixwise check" in said
    assert "truth.json" in said


def test_a_seed_overrides_the_worlds_and_is_recorded(world_file, tmp_path, capsys):
    command.run(world_file, tmp_path / "a", seed=9, quiet=True)
    command.run(world_file, tmp_path / "b", seed=9, quiet=True)
    command.run(world_file, tmp_path / "c", seed=None, quiet=True)
    a, b, c = ((tmp_path / name / "weekly.csv").read_bytes() for name in "abc")
    assert a == b
    assert a != c
    assert json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))["seed"] == 9
    assert capsys.readouterr().out == ""


def test_a_preset_is_made_by_its_name_with_its_experiments_beside(tmp_path, capsys):
    assert command.run("preset:geo_experiments", tmp_path / "out", seed=None, quiet=False) == 0
    run = open_run(tmp_path / "out", command="market")
    assert (run.folder / "tests.csv").is_file()
    settings = yaml.safe_load((run.folder / "model.yaml").read_text(encoding="utf-8"))
    assert settings["lift_tests"] == "tests.csv"
    assert settings["data"]["geo"] == "geo"
    said = capsys.readouterr().out
    assert "12 geos" in said
    assert "tests.csv" in said
    resolved = json.loads((run.folder / "manifest.json").read_text(encoding="utf-8"))["configuration"]
    # The truths that the seed drew, and not the distributions.
    assert resolved["truths"] == {}
    assert resolved["channels"]["tv"]["roas"] > 0
    with pytest.raises(SpecError, match="there is no world 'moon'"):
        command.run("preset:moon", tmp_path / "moon", seed=None, quiet=True)


def test_the_worlds_are_listed_with_what_they_are(capsys):
    assert command.listing() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(preset_names())
    assert any(line.startswith("preset:synergy") and "raise each other" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "says"), [([], "Name a world"), (["preset:clean"], "--out DIR"), (["--list"], "preset:clean")]
)
def test_the_command_line_says_what_is_missing(arguments, says):
    done = CliRunner().invoke(market, arguments)
    assert says in done.output
    assert done.exit_code == (0 if arguments == ["--list"] else 2)
