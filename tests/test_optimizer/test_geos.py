"""Plans over a geo panel: national by a stated split, the same plan as the nation's, and honest about missing rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.exceptions import SpecError
from mmm.response.calendar import read_spend_csv
from mmm.response.draws import ResponseDraws
from mmm.response.storage import save_response
from mmm.runs import Manifest, staged_run
from optimizer import halves
from optimizer.brief import Brief
from optimizer.cli import plan
from optimizer.solve import allocate
from tests.test_mmm.test_response.make_geos import divided, unbalanced
from tests.test_optimizer.responses import START, problem, response

BRIEF = "horizon: {start: 2026-03-02, weeks: 4}\nconstraints:\n  - {channels: all, change_vs_baseline: 0.3}\n"


@settings(max_examples=5, deadline=None)
@given(geos=st.integers(2, 4), seed=st.integers(0, 50))
def test_equal_parts_of_a_nation_are_planned_as_the_nation(geos: int, seed: int) -> None:
    nation = response(seed=seed)
    one, other = allocate(problem(nation)), allocate(problem(divided(nation, geos)))
    assert other.value == pytest.approx(one.value, rel=1e-6)
    assert other.baseline_value == pytest.approx(one.baseline_value, rel=1e-9)
    assert other.certified
    np.testing.assert_allclose(other.spend.sum(axis=1), one.spend.sum(axis=1), rtol=0.02, atol=0.01)
    assert one.geo_split == {}
    assert list(other.geo_split["channel 1"].values()) == pytest.approx([1 / geos] * geos)


def test_a_geo_s_money_is_its_share_of_the_nation_s() -> None:
    found = allocate(problem(_uneven()))
    rows = found.by_geo()
    assert list(rows.columns) == ["week", "channel", "geo", "spend", "baseline"]
    assert rows.groupby("channel")["spend"].sum().to_dict() == pytest.approx(found.totals)
    small = rows[(rows["geo"] == "part 0") & (rows["channel"] == "channel 0")]["spend"].to_numpy()
    np.testing.assert_allclose(small, 0.2 * found.spend[0])


def _uneven() -> ResponseDraws:
    """Return two geos, one with a fifth of all spend."""
    draws = divided(response(), 2)
    weight = np.array([0.4, 1.6])[None, :, None]
    return replace(draws, spend=draws.spend * weight, paid=replace(draws.paid, media=draws.paid.media * weight))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("geos")
    with staged_run(root / "fit", Manifest(command="fit")) as stage:
        save_response(unbalanced(slopes=False), stage)
    (root / "brief.yaml").write_text(BRIEF, encoding="utf-8")
    given_ = [str(root / "brief.yaml"), "--fit", str(root / "fit"), "--out", str(root / "plan")]
    done = CliRunner().invoke(plan, given_)
    assert done.exit_code == 0, done.output
    return root / "plan"


def test_the_plan_says_its_split(folder: Path) -> None:
    content = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    split = content["geo_split"]
    assert set(split) == {"tv", "radio", "search"}
    assert list(split["tv"]) == ["geo 0", "geo 1", "geo 2", "geo 3"]
    assert split["tv"]["geo 3"] == 0.0
    assert sum(split["radio"].values()) == pytest.approx(1.0)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "over the 4 geos as in the last 13 weeks of data" in page
    assert "taken to have ended" in page
    assert "some of the last 13 weeks have no row" in page


def test_the_workbook_s_shares_make_its_money(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "plan.xlsx")
    sheet, content = book["By geo"], json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    rows = {str(row[0].value): row for row in sheet.iter_rows() if row[0].value}
    heads = [cell.value for cell in rows["Share of spend"][1:4]]
    assert heads == ["tv", "radio", "search"]
    first = rows["Share of spend"][0].row
    shares = [[sheet.cell(first + 1 + g, c + 2).value for g in range(4)] for c in range(3)]
    np.testing.assert_allclose(shares, [list(content["geo_split"][name].values()) for name in heads])
    money = rows["Planned spend, EUR"][0].row
    assert sheet.cell(money + 1, 2).value == "=B9*INDEX('Channels'!$C$5:$C$7,1)"
    values = openpyxl.load_workbook(folder / "plan.xlsx", data_only=True)["By geo"]
    assert values.cell(money + 5, 2).value == pytest.approx(content["totals"]["tv"])


def test_a_national_plan_has_no_word_of_geos() -> None:
    assert "geo_split" not in allocate(problem(response())).to_json()


def test_many_curves_are_thinned_by_the_stated_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = unbalanced()
    assert halves.planning_halves(draws).notes == ()
    monkeypatch.setattr(halves, "MOST_CURVES", 1_000)
    monkeypatch.setattr(halves, "KEPT_DRAWS", 50)
    brief = Brief.model_validate({"horizon": {"start": START.astype(object).replace(month=3, day=2), "weeks": 4}})
    stated = brief.problem(draws)
    assert (stated.horizon.n_draws, stated.held_back.n_draws) == (50, 50)
    assert np.unique(stated.horizon.response.chain).tolist() == [0, 1]
    assert np.bincount(stated.held_back.response.chain)[2:].tolist() == [25, 25]
    assert any("thinned evenly, from 150 to 50" in note for note in stated.notes)


def test_spend_by_geo_is_refused_rather_than_summed(tmp_path: Path) -> None:
    (tmp_path / "bau.csv").write_text("week,channel,geo,spend\n2026-03-02,tv,geo 0,5\n", encoding="utf-8")
    with pytest.raises(SpecError, match="'geo' cannot be kept"):
        read_spend_csv(tmp_path / "bau.csv", ("tv",), np.array(["2026-03-02"], dtype="datetime64[D]"))
