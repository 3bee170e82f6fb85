"""A file of only a grid or only a sweep is a file: page, workbook and tables say what there is, and once."""

from __future__ import annotations

import html
import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from mixwise import cli
from mmm.exceptions import SpecError
from mmm.reporting.page import render
from mmm.response.draws import ResponseDraws
from simulations import simulate
from simulations.report import scenario_page
from simulations.report_tables import beyond_table
from simulations.simulate_command import _names, run
from simulations.tables import grid_table, sweep_table
from simulations.wording import lead, notes
from simulations.workbook import write_workbook
from tests.test_simulations.small_fit import make_set
from tests.test_simulations.test_grids import GRID
from tests.test_simulations.test_scenario_file import read
from tests.test_simulations.test_sweeps import INPUTS

HORIZON = "horizon: {start: 2027-01-04, weeks: 13}\n"
ONLY_GRID = HORIZON + "margin: 40%\ngrid:\n  tv: {channel: tv, change: {values: [-20%, 0%]}}\n"
SWEEP = {"inputs": INPUTS, "points": 16}


@pytest.mark.parametrize(
    ("keys", "section", "sheet"),
    [({"grid": GRID}, "All combinations", "Combinations"), ({"sweep": SWEEP}, "What moves the result", "Sensitivity")],
)
@pytest.mark.parametrize("margin", [None, 0.4])
def test_a_grid_or_a_sweep_stands_alone(
    response: ResponseDraws, tmp_path: Path, keys: dict[str, object], section: str, sheet: str, margin: float | None
) -> None:
    results = simulate(response, make_set({}, margin=margin, **keys))
    page = scenario_page(results, fits={"fit": results}, details={})
    assert [one.title for one in page.sections] == [section, "By channel", "What to keep in mind"]
    # The answer stands on top, and not a second time over its section.
    assert "combinations" in page.lead or "moves the result" in page.lead
    assert page.sections[0].lead == ""
    assert "No scenario leaves" not in page.sections[-1].lead
    assert sheet in openpyxl.load_workbook(
        write_workbook(results, tmp_path / "book.xlsx", fits={"fit": results}, details={})
    )


def test_the_command_takes_a_grid_alone_of_one_fit(fits: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(ONLY_GRID, encoding="utf-8")
    done = CliRunner().invoke(cli, ["simulate", str(path), "--fit", str(fits[0]), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    # Once: in the lead, and not again under it.
    assert done.output.count("Of 2 combinations") == 1
    assert "probability of more" not in done.output
    with pytest.raises(SpecError, match="several fits are compared by their scenarios"):
        run(path, fits, tmp_path / "two", seed=0, quiet=True, as_json=False)


def test_a_page_of_a_grid_says_nothing_of_scenarios_and_what_changes_nothing_is_equal(
    response: ResponseDraws, tmp_path: Path
) -> None:
    results = simulate(response, read(tmp_path, ONLY_GRID))
    text = render(scenario_page(results, fits={"fit": results}, details={}))
    assert "every scenario&#39;s" not in text
    assert re.search(r"<td[^>]*>equal</td>", text)
    assert not re.search(r"<td[^>]*>50%</td>", text)
    named = simulate(response, make_set({"same": [{"channel": "tv", "change": 0.0}]}, margin=0.4))
    page = html.unescape(render(scenario_page(named, fits={"fit": named}, details={})))
    # In outcome and in profit, and on the card.
    assert len(re.findall(r"<td[^>]*>equal</td>", page)) == 2
    assert "; equal to business as usual" in page
    assert "every scenario's are in the workbook" in page
    assert "<td>equal</td>" in named._repr_html_()


def test_nothing_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="write scenarios, a grid or a sweep"):
        read(tmp_path, HORIZON)


def test_a_margin_may_be_a_percentage(tmp_path: Path) -> None:
    assert read(tmp_path, ONLY_GRID).margin == pytest.approx(0.4)


def test_an_axis_may_bear_the_name_of_a_column(response: ResponseDraws) -> None:
    grid = {"spend": {"channel": "tv", "change": {"values": ["-20%", "0%"]}}, "scenario": {"usual": []}}
    results = simulate(response, make_set({}, grid=grid, sweep={"inputs": {"mean": INPUTS["tv"]}, "points": 16}))
    assert results.grid is not None
    assert results.sweep is not None
    table = grid_table(results.grid)
    assert table["spend (axis)"].tolist() == ["−20%", "0%"]
    assert table["spend"].tolist() == pytest.approx([found.spend for found in results.grid.points])
    points = sweep_table(results.sweep)
    assert points["mean (input)"].tolist() == results.sweep.points[:, 0].tolist()
    assert points["mean"].tolist() == results.sweep.means.tolist()


def test_notes_of_combinations_and_sweeps_are_shown_and_equal_ones_once(response: ResponseDraws) -> None:
    burst = [{"competitor": "Acme", "loss": 0.05, "weeks": [4, 7]}]
    keys = {
        "grid": {"acme": {"none": [], "there": burst}},
        "sweep": {"points": 16, "inputs": {"a": {"competitor": "B", "loss": {"from": 0, "to": 0.1}}}},
    }
    alone = simulate(response, make_set({}, **keys))
    assert [one.where for one in notes(alone)] == ["combinations and sweep"]
    both = notes(simulate(response, make_set({"one": burst, "two": burst}, **keys)))
    assert [one.where for one in both] == ["one, two, combinations and sweep"]
    assert both[0].says.startswith("What the competitor takes is stated")
    assert not both[0].do


def test_the_workbook_holds_the_notes(response: ResponseDraws, tmp_path: Path) -> None:
    burst = [{"competitor": "Acme", "loss": 0.05, "weeks": [4, 7]}]
    results = simulate(response, make_set({"one": burst, "two": burst}))
    book = openpyxl.load_workbook(write_workbook(results, tmp_path / "book.xlsx", fits={}, details={}))
    found = {row[0].value: row[1].value for row in book["Assumptions"].iter_rows()}
    assert str(found["one and two"]).startswith("What the competitor takes is stated")


def test_returns_under_a_cap_say_what_they_are_of(response: ResponseDraws, tmp_path: Path) -> None:
    scenarios = {"short": [{"supply_cap": 100_000}], "cut": [{"channel": "tv", "change": -0.2}]}
    results = simulate(response, make_set(scenarios))
    table = scenario_page(results, fits={}, details={}).sections[0].blocks[2]
    said = "With limited supply (short), ROAS and mROAS are of what media make people want"
    assert said in table.caption
    book = openpyxl.load_workbook(write_workbook(results, tmp_path / "book.xlsx", fits={}, details={}))
    assert said in str(book["Returns"]["A2"].value)
    open_market = simulate(response, make_set({"cut": scenarios["cut"]}))
    assert "limited supply" not in scenario_page(open_market, fits={}, details={}).sections[0].blocks[2].caption
    headings = [column.label for column in table.columns]
    assert headings[2].startswith("Difference in the horizon: revenue, EUR")


def test_the_lead_says_that_a_launched_channel_is_unseen(response: ResponseDraws) -> None:
    launch = [{"launch": "podcast", "like": "social", "spend": 9_000}]
    results = simulate(response, make_set({"new": launch, "cut": [{"channel": "tv", "change": -0.2}]}))
    assert "Nobody has seen what podcast does: that part of the figure is borrowed." in lead(results)
    assert "than the data have seen" not in lead(results)
    assert any("never bought" in row for row in beyond_table(results).rows)


def test_a_price_moved_as_a_control_says_that_the_margin_stays(response: ResponseDraws) -> None:
    moved = [{"control": "price", "change": 0.03}]
    priced = [{"price": 0.03, "control": "price"}]
    results = simulate(response, make_set({"moved": moved, "priced": priced}, margin=0.4))
    said = "write {price: +0.03, control: price}"
    assert any(said in note for note in results["moved"].future.notes)
    assert not any(said in note for note in results["priced"].future.notes)


def test_what_is_optimised_here_has_no_report_of_its_own(response: ResponseDraws) -> None:
    optimised = simulate(response, make_set({"best": [{"optimise": {"change": 0.1, "weeks": False}}]}, weeks=3))
    said = " ".join((*optimised.assumptions, *optimised["best"].future.notes))
    assert said.count("looks a little better") == 1
    assert "the plan's own report" not in said


def test_a_discount_moves_the_margin_and_that_is_said(response: ResponseDraws) -> None:
    promotion = {"promotion": 0.4, "discount": 0.2, "weeks": [3, 4]}
    said = "the margin moves with the price"
    assert said in " ".join(simulate(response, make_set({"a": [promotion]}, margin=0.4)).assumptions)
    plain = {"promotion": 0.4, "weeks": [3, 4]}
    assert said not in " ".join(simulate(response, make_set({"a": [plain]}, margin=0.4)).assumptions)


def test_no_change_is_called_none() -> None:
    says = make_set({"one": [{"channel": "tv", "change": 0}, {"demand": "0%"}]}).named[0].says("EUR")
    assert says == "tv: spend unchanged. Demand unchanged: base sales and media effects alike."


def test_fits_of_one_name_are_told_apart_by_as_little_as_needed(tmp_path: Path) -> None:
    folders = [tmp_path / "spring" / "fit", tmp_path / "autumn" / "fit"]
    assert _names(folders) == ["spring/fit", "autumn/fit"]
    assert _names([*folders[:1], tmp_path / "other"]) == ["fit", "other"]
