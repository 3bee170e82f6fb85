"""`mixwise init` writes files that the real schemas read, whose every option, shown or switched off, is known."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from mmm.config import parse, parse_yaml
from mmm.data import read_panel
from mmm.exceptions import SpecError
from mmm.model.spec import ModelSpec
from mmm.templates import init_command
from optimizer.brief import Brief
from simulations.market import simulate_market
from simulations.market.files import write_data
from simulations.market.presets import preset
from simulations.scenario import ScenarioSet

SCHEMAS = {"model.yaml": ModelSpec, "brief.yaml": Brief, "scenarios.yaml": ScenarioSet}
#: An option that is off: '#' directly before a key, or before the list item or nested key that it would be.
OPTION = re.compile(r"^(?P<indent> *)#(?P<rest>(?:  )*(?:- \{|\w+:).*)$")


def text_of(name):
    return (init_command.TEMPLATES / name).read_text(encoding="utf-8")


def options(name):
    return [number for number, line in enumerate(text_of(name).splitlines()) if OPTION.match(line)]


def switched_on(name, numbers):
    lines = text_of(name).splitlines()
    for number in numbers:
        found = OPTION.match(lines[number])
        lines[number] = found["indent"] + found["rest"].removeprefix(found["indent"] if found["rest"][0] == " " else "")
    return "\n".join(lines)


def read(name, text):
    return parse(SCHEMAS[name], parse_yaml(text, Path(name)))


@pytest.fixture
def folder(tmp_path):
    assert init_command.run(tmp_path / "shop", quiet=True) == 0
    return tmp_path / "shop"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_file_reads_with_its_schema(folder, name):
    read(name, (folder / name).read_text(encoding="utf-8"))
    SCHEMAS[name].from_yaml(folder / name)


@pytest.mark.parametrize(("name", "number"), [(name, number) for name in SCHEMAS for number in options(name)])
def test_every_option_that_is_off_can_be_switched_on(name, number):
    before, after = read(name, text_of(name)), read(name, switched_on(name, [number]))
    assert after != before, f"{name}, line {number + 1} changes nothing"


@pytest.mark.parametrize("name", SCHEMAS)
def test_all_options_together_are_understood(name):
    read(name, switched_on(name, options(name)))


def test_a_key_that_is_not_known_would_be_noticed():
    with pytest.raises(SpecError, match="'hollidays' is not known"):
        read("model.yaml", text_of("model.yaml") + "\nhollidays: DE\n")
    assert len(options("model.yaml")) >= 10
    assert len(options("brief.yaml")) >= 8
    assert len(options("scenarios.yaml")) >= 3


def test_the_files_agree_with_one_another(folder):
    spec = ModelSpec.from_yaml(folder / "model.yaml")
    panel = read_panel(spec, folder)
    assert panel.n_weeks == 104
    brief = Brief.from_yaml(folder / "brief.yaml")
    scenarios = ScenarioSet.from_yaml(folder / "scenarios.yaml")
    after = pd.Timestamp(panel.weeks[-1]) + pd.Timedelta(days=7)
    assert pd.Timestamp(brief.horizon.start) == pd.Timestamp(scenarios.horizon.start) == after
    assert brief.horizon.weeks == scenarios.horizon.weeks
    recent = panel.spend[..., -brief.horizon.weeks :].sum()
    assert brief.budget.total == pytest.approx(recent, rel=0.05)
    named = set(re.findall(r"(?<!\w)(?:channel|from|to): (\w+)", text_of("brief.yaml") + text_of("scenarios.yaml")))
    assert named <= set(spec.channels)


def test_the_rows_are_those_of_the_starter_world(tmp_path):
    made = write_data(simulate_market(preset("starter")), tmp_path)
    assert made.read_bytes() == (init_command.TEMPLATES / "weekly.csv").read_bytes()


@pytest.mark.parametrize("name", init_command.FILES)
def test_nothing_is_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(SpecError, match=f"'{name}' is here already"):
        init_command.run(tmp_path, quiet=True)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_a_file_or_a_closed_folder_is_refused_in_words(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SpecError, match="a file, not a folder"):
        init_command.run(tmp_path / "file", quiet=True)
    with pytest.raises(SpecError, match="cannot be written"):
        init_command.run(tmp_path / "file" / "inside", quiet=True)


def test_it_says_what_comes_next(tmp_path, capsys):
    init_command.run(tmp_path / "shop", quiet=False)
    said = capsys.readouterr().out
    assert "mixwise check" in said
    assert all(name in said for name in init_command.FILES)
    init_command.run(tmp_path / "other", quiet=True)
    assert capsys.readouterr().out == ""
