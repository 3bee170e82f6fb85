"""scenarios.yaml is read strictly; every refusal names file, line and key, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations import ScenarioSet, simulate
from tests.test_simulations.small_fit import make_response, make_set

HEAD = "horizon: {start: 2027-01-04, weeks: 13}\nscenarios:\n"


def read(tmp_path: Path, text: str) -> ScenarioSet:
    path = tmp_path / "scenarios.yaml"
    path.write_text(text, encoding="utf-8")
    return ScenarioSet.from_yaml(path)


def test_the_designs_file_is_read(tmp_path: Path) -> None:
    scenarios = read(
        tmp_path,
        "baseline: last_weeks\n"
        + HEAD
        + "  cut_tv_20:   [{channel: tv, change: -0.2}]\n"
        + "  front_load:  [{channels: all, flighting: front_loaded}]\n"
        + "  cpm_up:      [{channel: social, cost_per_exposure: +0.15}]\n",
    )
    assert [one.name for one in scenarios.named] == ["cut_tv_20", "front_load", "cpm_up"]
    assert len(scenarios.named[0].patches) == 1
    assert scenarios.baseline == "last_weeks"


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("  a: [{channel: tv, chnage: -0.2}]", 3, "scenarios.a.0", "exactly one of the keys"),
        ("  a: [{channel: tv, change: -0.2, dark: true}]", 3, "scenarios.a.0", "exactly one of the keys"),
        ("  a: [{channel: tv, change: -20}]", 3, "scenarios.a.0.change", "negative amount"),
        ("  a: [{channel: tv, change: lots}]", 3, "scenarios.a.0.change", "valid number"),
        ("  a: [{channel: tv, change: .inf}]", 3, "scenarios.a.0.change", "number"),
        ("  a: [{channel: tv, channels: all, change: 0.1}]", 3, "scenarios.a.0", "channel: one name"),
        ("  a: [{change: 0.1}]", 3, "scenarios.a.0", "channel: one name"),
        ("  a: [{channels: [], change: 0.1}]", 3, "scenarios.a.0", "empty"),
        ("  a: [{channels: all, flighting: sideways}]", 3, "scenarios.a.0.flighting", "front_loaded"),
        (
            "  a:\n    - {channel: tv, change: 0.1}\n    - {channel: tv, cost_per_exposure: -1}",
            5,
            "cost",
            "cannot fall",
        ),
        ("  a: [{shift: 0.2, from: tv, to: search}]", 3, "scenarios.a.0.shift", "written 20%"),
        ("  a: [{shift: 120%, from: tv, to: search}]", 3, "scenarios.a.0.shift", "written 20%"),
        ("  a: [{shift: 100, from: tv, to: tv}]", 3, "scenarios.a.0", "same channel"),
        ("  a: [{shift: 100, from: tv}]", 3, "scenarios.a.0", "'to' is missing"),
        ("  a: [{channel: tv, dark: false}]", 3, "scenarios.a.0.dark", "True"),
        ("  a: [{channel: tv, dark: true, weeks: [6, 3]}]", 3, "scenarios.a.0.weeks", "before it begins"),
        ("  a: [{channel: tv, dark: true, extra: 1}]", 3, "scenarios.a.0.extra", "not known"),
        ("  a: [{channel: tv, dark: true, weeks: 3}]", 3, "scenarios.a.0.weeks", "first and the last week"),
        ("  a: [{channel: tv, dark: true, weeks: [1, 2027-02-01]}]", 3, "scenarios.a.0.weeks", "two numbers"),
        ("  a: [{channels: tv, change: 0.1}]", 3, "scenarios.a.0.channels", "for one channel write 'channel'"),
        ("  bau: [{demand: 0.1}]", 2, "scenarios", "choose another name"),
        ("  a: {channel: tv, change: -0.2}", 3, "scenarios.a", "list of changes"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, HEAD + text + "\n")
    assert caught.value.where is not None
    assert caught.value.where.startswith(f"scenarios.yaml, line {line}")
    assert key in caught.value.where
    assert says in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("  a: [{channel: radio, change: -0.2}]", "scenarios.a.0.channel", "Known: tv, search, social"),
        ("  a: [{channels: [tv, radio], change: -0.2}]", "scenarios.a.0.channels", "'radio' is not a paid channel"),
        ("  a: [{channel: newsletter, dark: true}]", "scenarios.a.0.channel", "organic channel"),
        ("  a: [{shift: 100, from: tv, to: radio}]", "scenarios.a.0.to", "'radio'"),
        ("  a: [{shift: 900_000, from: tv, to: search}]", "scenarios.a.0.shift", "less than the 900,000 to move"),
        ("  a: [{channel: tv, dark: true, weeks: [10, 14]}]", "scenarios.a.0.weeks", "from 1 to 13"),
        ("  a: [{demand: 0.1, weeks: [2028-01-01, 2028-02-01]}]", "scenarios.a.0.weeks", "not all in the horizon"),
        ("  a: [{demand: 0.1, weeks: [2026-12-21, 2027-01-11]}]", "scenarios.a.0.weeks", "not all in the horizon"),
        ("  a: [{demand: 0.1, weeks: [2027-03-22, 2027-04-12]}]", "scenarios.a.0.weeks", "2027-01-04 to 2027-04-04"),
    ],
)
def test_what_does_not_fit_the_fit_is_named(
    response: ResponseDraws, tmp_path: Path, text: str, key: str, says: str
) -> None:
    with pytest.raises(SpecError) as caught:
        simulate(response, read(tmp_path, HEAD + text + "\n"))
    assert caught.value.where == f"scenarios.yaml, line 3, {key}"
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("horizon", "says"),
    [("2026-12-01", "inside the data"), ("2027-01-05", "start on a Monday"), ("2039-01-03", "after the data end")],
)
def test_a_horizon_must_follow_the_data(response: ResponseDraws, tmp_path: Path, horizon: str, says: str) -> None:
    text = f"horizon: {{start: {horizon}, weeks: 13}}\nscenarios: {{a: [{{demand: 0.1}}]}}\n"
    with pytest.raises(SpecError, match=says) as caught:
        simulate(response, read(tmp_path, text))
    assert caught.value.where == "scenarios.yaml, line 1, horizon.start"


def test_a_baseline_is_a_rule_or_a_file(response: ResponseDraws, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="Write last_weeks, same_weeks_last_year or the name of a CSV file") as caught:
        simulate(response, read(tmp_path, "baseline: last_week\n" + HEAD + "  a: [{demand: 0.1}]\n"))
    assert caught.value.where == "scenarios.yaml, line 1, baseline"


def test_a_date_is_not_a_number(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="write a date as 2027-01-04"):
        read(tmp_path, "horizon: {start: 20270104, weeks: 13}\nscenarios: {a: [{demand: 0.1}]}\n")


def test_baseline_and_bridge_may_be_files(response: ResponseDraws, tmp_path: Path) -> None:
    dark = "2027-01-18,social,0\n2027-01-18,search,0\n"
    (tmp_path / "usual.csv").write_text(f"week,channel,spend\n2027-01-18,tv,700\n{dark}", encoding="utf-8")
    dark = dark.replace("01-18", "01-04")
    (tmp_path / "bridge.csv").write_text(f"week,channel,spend\n2027-01-04,tv,9000\n{dark}", encoding="utf-8")
    scenarios = read(
        tmp_path,
        "baseline: usual.csv\nbridge: bridge.csv\nhorizon: {start: 2027-01-18, weeks: 2}\n"
        "scenarios: {a: [{channel: tv, change: 100%}], b: [{plan: usual.csv}]}\n",
    )
    assert list(scenarios.files()) == ["usual.csv", "bridge.csv", "usual.csv"]
    results = simulate(response, scenarios)
    assert results.bau.spend.tolist() == [700, 0, 0]
    assert results["a"].spend.tolist() == [1400, 0, 0]
    assert (results.delta(results["b"]) == 0).all()
    calendar = scenarios.calendar(response)
    assert calendar.bridge[0].tolist() == [9000, 0]
    (tmp_path / "usual.csv").write_text("week,channel,spend\n2027-03-18,tv,700\n", encoding="utf-8")
    with pytest.raises(SpecError, match="not a week of the horizon"):
        simulate(response, scenarios)


def test_what_fills_the_bridge_is_said(response: ResponseDraws, tmp_path: Path) -> None:
    rows = (f"2027-01-{day},{channel},700\n" for day in (18, 25) for channel in response.channels)
    (tmp_path / "usual.csv").write_text("week,channel,spend\n" + "".join(rows), encoding="utf-8")
    tail = "horizon: {start: 2027-01-18, weeks: 2}\nscenarios: {a: [{demand: 0.1}]}\n"
    said = " ".join(simulate(response, read(tmp_path, "baseline: usual.csv\n" + tail)).assumptions)
    assert "every scenario spends as in the last 2 weeks of data" in said
    said = " ".join(simulate(response, read(tmp_path, tail)).assumptions)
    assert "every scenario spends as business as usual" in said


def test_a_bridge_needs_weeks_to_fill(response: ResponseDraws, tmp_path: Path) -> None:
    (tmp_path / "bridge.csv").write_text("week,channel,spend\n", encoding="utf-8")
    with pytest.raises(SpecError, match="nothing lies between the data and the horizon") as caught:
        simulate(response, read(tmp_path, "bridge: bridge.csv\n" + HEAD + "  a: [{demand: 0.1}]\n"))
    assert caught.value.where == "scenarios.yaml, line 1, bridge"
    assert "Remove 'bridge'" in str(caught.value)


def test_a_set_made_in_python_needs_no_file() -> None:
    scenarios = make_set({"a": [{"channel": "radio", "change": 0.1}]})
    with pytest.raises(SpecError) as caught:
        simulate(make_response(per_chain=2), scenarios)
    assert caught.value.where == "scenarios.a.0.channel"
