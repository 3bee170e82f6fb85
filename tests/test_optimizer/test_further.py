"""What a brief may ask for beyond one plan: its keys, plan.json, the page and the sheets."""

from __future__ import annotations

import json
import re

import openpyxl
import pytest

from mmm.exceptions import InfeasibleError, SpecError
from mmm.reporting.page import Cards, Page, write_page
from mmm.reporting.workbook import Book
from optimizer.brief import Brief
from optimizer.extras_of import plan_for
from optimizer.further import NotFound
from optimizer.report_facts import PlanFacts
from tests.test_optimizer.plans import NAMES, awkward
from tests.test_optimizer.responses import START, baseline_total, response

DRAWS = response(channels=4, draws=80, seed=3)
TOTAL = round(baseline_total(DRAWS, 5))
HEAD = f"horizon: {{start: {START}, weeks: 5}}\n"
ALL = f"""
budget: {{total: {TOTAL}}}
constraints: [{{channels: all, change_vs_baseline: 0.6}}]
frontier: {{budgets: {{from: 0.7, to: 1.3, points: 4}}, risk: {{cvar: 0.25, points: 2}}}}
departments:
  brand: {{channels: [channel 0, channel 3], budget: {0.9 * TOTAL:.0f}}}
  performance: {{channels: [channel 2], budget: {0.5 * TOTAL:.0f}}}
rollout: {{steps: 2, change: 0.1}}
"""


def brief(folder, text):
    path = folder / "brief.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return Brief.from_yaml(path)


def asked(folder, text, draws=DRAWS):
    one = brief(folder, text)
    return plan_for(one, one.problem(draws))


def shown(folder, allocation, extras, draws=DRAWS):
    """The sections' text, and the sheets by name."""
    facts = PlanFacts(allocation, draws)
    sections = [section for extra in extras for section in extra.sections(facts)]
    page = Page(title="t", lead="l", cards=Cards([]), sections=sections, details={}, kicker="k")
    text = write_page(page, folder / "page.html").read_text(encoding="utf-8")
    with Book(folder / "book.xlsx", title="t", currency="EUR") as book:
        book.sheet("First", [10])
        for extra in extras:
            extra.write(book, facts)
    return sections, text, openpyxl.load_workbook(folder / "book.xlsx")


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    folder = tmp_path_factory.mktemp("further")
    return asked(folder, ALL)


def test_plan_json_holds_finite_numbers_under_the_promised_keys(everything):
    allocation, extras = everything
    found = {extra.key: extra.to_json() for extra in extras}
    assert set(found) == {"near_best", "frontier", "departments", "rollout"}
    json.dumps(found, allow_nan=False)
    points = found["frontier"]["budgets"]["points"]
    assert [point["budget"] for point in points] == pytest.approx([0.7 * TOTAL, 0.9 * TOTAL, 1.1 * TOTAL, 1.3 * TOTAL])
    for point in points:
        assert sum(sum(weeks) for weeks in point["plan"].values()) == pytest.approx(point["spend"])
        assert point["value"] <= point["upper_bound"]
    assert len(found["frontier"]["risk"]["points"]) == 2
    assert set(found["departments"]["departments"]) == {"brand", "performance", "other channels"}
    assert [step["step"] for step in found["rollout"]["steps"]] == [0, 1, 2]
    for name, one in found["near_best"]["channels"].items():
        assert one["from"] <= one["planned"] * (1 + 1e-9)
        assert one["planned"] == pytest.approx(allocation.totals[name])
        assert "is within 1.0% of the best" in one["says"]


def test_the_page_and_the_workbook_show_them(everything, tmp_path):
    allocation, extras = everything
    sections, text, book = shown(tmp_path, allocation, extras)
    titles = [section.title for section in sections]
    assert titles == [
        "Which channels barely matter", "Other budgets", "What caution costs", "Departments", "Steps towards the plan",
    ]  # fmt: skip
    assert all(title in text for title in titles)
    assert set(book.sheetnames) == {"First", "Near the best", "Other budgets", "Risk", "Departments", "Steps"}
    rows = list(book["Other budgets"].values)
    assert [row[0] for row in rows[4:8]] == pytest.approx([0.7 * TOTAL, 0.9 * TOTAL, 1.1 * TOTAL, 1.3 * TOTAL])
    assert sum(rows[4][6:10]) == pytest.approx(rows[4][1])
    steps = list(book["Steps"].values)
    assert steps[4][0] == "today"
    assert sum(steps[5][5:9]) == pytest.approx(steps[5][9])


def test_a_goal_sets_the_budget_of_the_plan(tmp_path):
    allocation, extras = asked(tmp_path, "goal: {least_budget: {vs_baseline: 1.05}}\nnear_best: 0\n")
    (goal,) = extras
    found = goal.to_json()
    assert (goal.key, found["kind"]) == ("goal", "least_budget")
    assert found["budget"] == pytest.approx(allocation.spend.sum())
    assert allocation.value >= found["target"] == pytest.approx(1.05 * allocation.baseline_value)
    assert found["edge"] < found["budget"]
    _, text, _ = shown(tmp_path, allocation, extras)
    assert "is the least budget found" in text
    capped = asked(tmp_path, f"budget: {{total: {TOTAL}}}\ngoal: {{mroas_floor: 0.01}}\nnear_best: 0\n")[0]
    assert capped.spend.sum() == pytest.approx(TOTAL)
    with pytest.raises(InfeasibleError, match="no plan brings"):
        asked(tmp_path, f"budget: {{total: {TOTAL}}}\ngoal: {{least_budget: {{vs_baseline: 3}}}}\n")


def test_what_cannot_be_had_is_said_and_the_plan_stands(tmp_path):
    # Today's channel 1 is far below its minimum: no first step of 1 % satisfies it.
    low = float(asked(tmp_path, "near_best: 0\n")[0].baseline_totals["channel 1"])
    text = (
        f"constraints: [{{channel: channel 1, min: {1.3 * low}}}]\nrollout: {{steps: 2, change: 0.01}}\nnear_best: 0\n"
    )
    allocation, extras = asked(tmp_path, text)
    (extra,) = extras
    assert isinstance(extra, NotFound)
    assert "change allowed since the step before" in extra.to_json()["says"]
    assert allocation.certified
    sections, page, book = shown(tmp_path, allocation, extras)
    assert sections[0].title == "Steps towards the plan"
    assert "contradict each other" in page
    assert book.sheetnames == ["First"]


def test_names_of_channels_harm_nothing(tmp_path):
    draws = awkward()
    owners = {"brand": [NAMES[0], NAMES[1]], "=cmd()": [NAMES[2]]}
    keys = {
        "frontier": {"budgets": {"from": 0.9, "to": 1.1, "points": 2}},
        "departments": {name: {"channels": names} for name, names in owners.items()},
        "rollout": {"steps": 1, "change": 0.2},
    }
    allocation, extras = asked(tmp_path, "\n".join(f"{key}: {json.dumps(value)}" for key, value in keys.items()), draws)
    _, text, book = shown(tmp_path, allocation, extras, draws)
    assert "<script>alert" not in text
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert not [cell.value for cell in cells if cell.data_type == "f" and "cmd" in cell.value]
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("goal: {mroas_floor: 1.0, roas_target: 2.0}", "one of least_budget, mroas_floor and roas_target"),
        ("goal: {least_budget: {outcome: 5, vs_baseline: 1.1}}", "one of outcome and vs_baseline"),
        ("goal: {roas_target: 0}", "greater than 0"),
        ("frontier: {}", "ask for budgets, risk or both"),
        ("frontier: {budgets: {from: 1.5, to: 0.5}}", "'from' must be below 'to'"),
        ("frontier: {budgets: {points: 1}}", "points"),
        ("departments: {brand: {channels: []}}", "channels"),
        ("rollout: {steps: 0}", "steps"),
        ("rollout: {change: 10}", "change"),
        ("replan: {}", "spent"),
        ("near_best: 1.5", "near_best"),
    ],
)
def test_keys_that_make_no_sense_are_refused_in_place(tmp_path, text, says):
    with pytest.raises(SpecError, match=re.escape(says)) as caught:
        brief(tmp_path, text + "\n")
    assert "brief.yaml" in str(caught.value)


def test_owners_are_checked_against_the_fit(tmp_path):
    with pytest.raises(SpecError, match=r"brief\.yaml.*not in the fit"):
        asked(tmp_path, "departments: {brand: {channels: [radio]}}\n")
    with pytest.raises(SpecError, match="about the outcome"):
        asked(tmp_path, "objective: {maximise: profit, margin: 0.4}\ngoal: {mroas_floor: 1.0}\n")


def test_departments_that_own_everything_make_the_budget(tmp_path):
    text = (
        "departments: {a: {channels: [channel 0, channel 1], budget: 400}, "
        "b: {channels: [channel 2, channel 3], budget: 300}}\nbudget: {up_to: true}\n"
    )
    problem = brief(tmp_path, text).problem(DRAWS)
    assert problem.named["budget"].total == 700.0
    assert any("departments' sum" in note for note in problem.notes)
    assert not any("baseline's total" in note for note in problem.notes)
