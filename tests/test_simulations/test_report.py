"""The page for finance: what it says, that it escapes names, and how it looks in a browser without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmm.response.draws import ResponseDraws
from simulations import simulate
from simulations.contract import scenarios_json, write_tables
from simulations.digest import Payback
from simulations.report import scenario_page, write_report
from simulations.report_money import payback_words
from simulations.report_tables import channel_section
from simulations.results import ScenarioResults
from simulations.stacking import stacked
from simulations.wording import Scale, lead
from tests.browser import look, needs_browser
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_grids import GRID
from tests.test_simulations.test_sweeps import INPUTS

PATCHES = {
    "cut_tv_20": [{"channel": "tv", "change": -0.2}],
    "front_load": [{"channels": "all", "flighting": "front_loaded"}],
    "more_search": [{"channel": "search", "change": 2.0}],
    "=HYPERLINK(<b>x</b>)": [{"demand": -0.1}],
}


@pytest.fixture(scope="module")
def results(response: ResponseDraws) -> ScenarioResults:
    return simulate(response, make_set(PATCHES, margin=0.4))


def test_the_lead_says_the_answer(results: ScenarioResults) -> None:
    said = lead(results)
    assert said.startswith("In the 13 weeks from 4 January to 4 April 2027, business as usual spends EUR")
    assert "Of 4 scenarios, 'more_search' adds the most: +EUR" in said
    assert "It has weeks with more spend on search than the data have seen" in said
    assert "After media spend, 'cut_tv_20' leaves the most profit: +EUR" in said
    assert "'=HYPERLINK(<b>x</b>)' takes the most away: \N{MINUS SIGN}EUR" in said


def test_the_lead_is_honest_where_nothing_helps(response: ResponseDraws) -> None:
    said = lead(simulate(response, make_set({"a": PATCHES["cut_tv_20"], "b": [{"demand": -0.1}]})))
    assert "None of 2 scenarios is expected to add to that; 'a' comes closest" in said
    alone = lead(simulate(response, make_set({"a": PATCHES["cut_tv_20"]})))
    assert "The scenario 'a' changes that by \N{MINUS SIGN}EUR" in alone


def test_the_page_has_its_parts(results: ScenarioResults) -> None:
    page = scenario_page(results, fits={"fit": results}, details={})
    titles = [section.title for section in page.sections]
    assert titles == [
        "Against business as usual",
        "In money",
        "What each scenario changes",
        "Week by week",
        "By month",
        "By fiscal quarter",
        "By channel",
        "Which beats which",
        "What to keep in mind",
    ]
    both = scenario_page(results, fits={"fit": results, "other": results}, details={})
    assert "Under each fit" in [section.title for section in both.sections]


def test_money_needs_a_margin_and_sections_what_they_show(response: ResponseDraws) -> None:
    plain = scenario_page(simulate(response, make_set(PATCHES)), fits={}, details={})
    titles = {section.title for section in plain.sections}
    assert not titles & {"In money", "All combinations", "What moves the result"}
    scenarios = make_set(PATCHES, grid=GRID, sweep={"inputs": INPUTS, "points": 16})
    full = scenario_page(simulate(response, scenarios), fits={}, details={})
    found = {section.title: section for section in full.sections}
    assert {"All combinations", "What moves the result"} <= set(found)
    # Without a margin, combinations and inputs are judged by the outcome.
    assert "of profit" not in found["All combinations"].lead + found["What moves the result"].lead
    chart, two_way, ranked = found["All combinations"].blocks
    assert sum(len(trace.x) for trace in chart.figure.data) == 6
    assert len(two_way.rows) == 3
    assert len(ranked.rows) == 6


def test_the_money_says_when_an_outlay_comes_back(response: ResponseDraws) -> None:
    scenarios = make_set(PATCHES, margin=0.4, discount_rate=0.08)
    page = scenario_page(simulate(response, scenarios), fits={}, details={})
    table, chart = next(section for section in page.sections if section.title == "In money").blocks
    rows = {row[0]: row for row in table.rows}
    assert rows["business as usual"][2:] == ["–"] * (len(table.columns) - 2)
    assert rows["cut_tv_20"][-1].startswith("nothing to pay back")
    assert rows["more_search"][-1].startswith("no; ")
    assert "Present value" in " ".join(column.label for column in table.columns)
    assert len(chart.figure.data) == len(PATCHES)


@pytest.mark.parametrize(
    ("week", "p", "said"),
    [
        (0.0, 1.0, "nothing to pay back"),
        (0.0, 0.8, "at once; 80%"),
        (1.0, 0.7, "1 week; 70%"),
        (9.0, 0.83, "9 weeks; 83%"),
        (float("inf"), 0.2, "no; 20%"),
    ],
)
def test_payback_in_words(week: float, p: float, said: str) -> None:
    assert payback_words(Payback(week, p)) == said


def test_many_scenarios_are_told_and_not_all_drawn(response: ResponseDraws) -> None:
    many = {f"s{i}": [{"channel": "tv", "change": i / 100}] for i in range(1, 13)}
    page = scenario_page(simulate(response, make_set(many)), fits={}, details={})
    chart, table, _ = page.sections[0].blocks
    assert len(chart.figure.data[0].y) == 9
    assert "9 of 12 scenarios that differ most" in chart.caption
    assert len(table.rows) == 13


def test_hundreds_are_compared_with_business_as_usual_alone(tmp_path: Path) -> None:
    many = {f"s{i}": [{"channel": "tv", "change": i / 100}] for i in range(1, 62)}
    results = simulate(make_response(per_chain=3), make_set(many))
    assert list(scenarios_json(results)["p_row_beats_column"]) == ["business_as_usual"]
    write_tables(results, {}, tmp_path)
    assert not (tmp_path / "comparison.csv").exists()
    page = scenario_page(results, fits={}, details={})
    matrix = next(section for section in page.sections if section.title == "Which beats which").blocks[0]
    assert len(matrix.rows) == 10
    assert "9 of 61 scenarios" in matrix.caption


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_in_a_browser_offline(results: ScenarioResults, tmp_path: Path, width: int) -> None:
    scenarios = make_set(PATCHES, margin=0.4, discount_rate=0.08, grid=GRID, sweep={"inputs": INPUTS, "points": 16})
    fits = {"fit": simulate(make_response(), scenarios), "other": simulate(make_response(seed=2), scenarios)}
    stack = stacked(fits, {"fit": 0.7, "other": 0.3})
    path = write_report(fits["fit"], tmp_path / "report.html", fits=fits, stack=stack, details={"Seed": "0"})
    seen = look(path, width)
    assert seen.overflow <= 0
    # Differences, profit over time, combinations, tornado, levels, a difference each, spend.
    assert seen.charts == seen.drawn == 1 + 1 + 1 + 1 + 1 + len(PATCHES) + 1
    assert seen.messages == []
    assert seen.requests == []
    assert seen.contrast_failures == []
    assert "=HYPERLINK(<b>x</b>)" in seen.text
    assert "nan" not in seen.text.lower().split()


def test_the_json_contract(results: ScenarioResults) -> None:
    content = json.loads(json.dumps(scenarios_json(results), allow_nan=False))
    assert list(content["scenarios"]) == list(PATCHES)
    for block in content["scenarios"].values():
        assert {"spend", "outcome", "delta_vs_bau", "roas", "mroas", "p_beats_bau"} <= set(block)
        for key in ("outcome", "delta_vs_bau", "in_horizon", "after_horizon", "roas", "mroas", "profit_delta"):
            assert set(block[key]) == {"mean", "q05", "q95"}
            assert block[key]["q05"] <= block[key]["mean"] <= block[key]["q95"]
        parts = block["in_horizon"]["mean"] + block["after_horizon"]["mean"]
        assert block["delta_vs_bau"]["mean"] == pytest.approx(parts)
        levels = block["outcome"]["mean"] - content["business_as_usual"]["outcome"]["mean"]
        assert block["in_horizon"]["mean"] == pytest.approx(levels)
        assert block["spend"] == pytest.approx(sum(channel["spend"] for channel in block["channels"].values()))
    assert content["scenarios"]["more_search"]["beyond_observed"][0]["direction"] == "above"
    assert set(content["meanings"]) >= {"outcome", "delta_vs_bau", "roas", "mroas", "p_beats_bau"}


def test_a_dark_plan_has_no_roas_in_the_json(response: ResponseDraws) -> None:
    content = scenarios_json(simulate(response, make_set({"dark": [{"channels": "all", "dark": True}]})))
    assert content["scenarios"]["dark"]["roas"] is None
    assert content["scenarios"]["dark"]["channels"]["tv"]["mroas"] is None
    json.dumps(content, allow_nan=False)


def test_tables_mark_what_looks_like_a_formula(results: ScenarioResults, tmp_path: Path) -> None:
    write_tables(results, {"fit": results, "other": results}, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        f"{name}.csv"
        for name in ("scenarios", "weekly", "monthly", "quarterly", "channels", "spend", "comparison", "fits", "cash")
    }
    text = (tmp_path / "scenarios.csv").read_text(encoding="utf-8")
    assert "\n'=HYPERLINK" in text
    assert "\n=HYPERLINK" not in text


@pytest.mark.parametrize(
    ("most", "unit", "said"),
    [(94, "EUR", "94.00"), (1_234, "EUR", "1,234"), (45_678, "EUR thousand", "45.7"), (2.5e6, "EUR thousand", "2,500")],
)
def test_one_scale_a_table(most: float, unit: str, said: str) -> None:
    scale = Scale.fitting([most, -most / 7])
    assert scale.unit("EUR") == unit
    assert scale.plain(most) == said
    assert scale.signed(most) == f"+{said}"
    assert scale.signed(0.0)[0] == "0"


def test_spend_by_channel_goes_down_by_the_longer_side(response: ResponseDraws) -> None:
    few = simulate(response, make_set({"less": [{"channel": "tv", "change": -0.2}]}))
    (spend, _) = channel_section(few).blocks
    assert [column.label for column in spend.columns] == ["Channel", "business as usual", "less"]
    many = simulate(response, make_set({f"less_{n}": [{"channel": "tv", "change": -0.1 * n}] for n in range(1, 6)}))
    (spend, _) = channel_section(many).blocks
    assert [column.label for column in spend.columns] == ["Scenario", *many.channels, "All channels"]
    assert [row[0] for row in spend.rows] == ["business as usual", *(f"less_{n}" for n in range(1, 6))]
    assert spend.rows[2][1].endswith("(\u221220.0%)")
    assert "(" not in spend.rows[2][2]
    assert spend.rows[0][-1] == f"{float(many.bau.spend.sum()) / 1e3:,.1f}"
