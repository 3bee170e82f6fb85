"""Plans in volumes: what an entry's volume is in money, what a plan serves, and what is no one sum of money."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import SpecError
from optimizer import Bounds, Brief, Multiples, Per, allocate
from optimizer.constraints import MinWhenOn
from optimizer.volumes import by_volume, volumes
from tests.test_optimizer.company import HOUR, WEEK, company

HEAD = "horizon: {start: 2027-01-04, weeks: 4}\n"


def stated(folder: Path, entry: str, head: str = HEAD, *, by_geo: bool = False):
    path = folder / "brief.yaml"
    path.write_text(f"{head}constraints:\n  - {entry}\n")
    return Brief.from_yaml(path).problem(company(in_hours=True, by_geo=by_geo))


def test_only_video_is_seen_by_its_volume() -> None:
    assert by_volume(company()).sum() == 0
    assert [name for name, own in zip(WEEK, by_volume(company(in_hours=True)), strict=True) if own] == ["video"]


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ("{channel: video, max: 220, per: week, unit: volume}", Bounds(("video",), None, 220 * HOUR, Per.WEEK)),
        ("{channel: video, min: 600, unit: volume}", Bounds(("video",), 600 * HOUR, None)),
        ("{channel: video, multiples: 40, unit: volume}", Multiples(("video",), 40 * HOUR)),
        ("{channel: video, min_when_on: 40, unit: volume}", MinWhenOn(("video",), 40 * HOUR)),
        ("{channel: video, max: 900, unit: money}", Bounds(("video",), None, 900)),
    ],
)
def test_a_volume_becomes_money_at_the_cost_of_a_unit(tmp_path: Path, entry: str, wanted) -> None:
    found = stated(tmp_path, entry).constraints[1]
    assert type(found) is type(wanted)
    for key, value in vars(wanted).items():
        got = getattr(found, key)
        assert got == (pytest.approx(value) if isinstance(value, float) else value), key


def test_a_dearer_unit_makes_the_same_volume_more_money(tmp_path: Path) -> None:
    head = HEAD + "future: {cost_per_exposure: {video: 1.25}}\n"
    found = stated(tmp_path, "{channel: video, max: 220, per: week, unit: volume}", head).constraints[1]
    assert found.most == pytest.approx(220 * HOUR * 1.25)


@pytest.mark.parametrize(
    ("entry", "head", "says"),
    [
        ("{channel: tv, max: 9, unit: volume}", "", "'tv' has no volume: the model sees it by its money"),
        ("{channels: [tv, video], max: 9, unit: volume}", "", "'unit: volume' is of one channel"),
        ("{channel: video, group: g, max: 9, unit: volume}", "", "'unit: volume' is of one channel"),
        ("{channel: video, max_share: 0.5, unit: volume}", "", "'unit' has no meaning with 'min_share or max_share'"),
        (
            "{channel: video, max: 9, unit: volume}",
            "future: {cost_per_exposure: {video: {inflation: 0.1}}}\n",
            "costs different sums in different planned weeks",
        ),
        (
            "{channel: video, max: 9, unit: volume}",
            "future: {price_curve: {video: {from: 20_000, elasticity: 0.2}}}\n",
            "is dearer at volume",
        ),
    ],
)
def test_what_is_no_one_sum_of_money_is_refused(tmp_path: Path, entry: str, head: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        stated(tmp_path, entry, HEAD + head)
    assert says in caught.value.says
    assert "brief.yaml, line" in str(caught.value)


def test_geos_with_other_prices_have_no_one_cost_where_they_are_decided(tmp_path: Path) -> None:
    entry = "{channel: video, max: 220, per: week, unit: volume}"
    head = HEAD + "granularity: geo_week\n"
    assert stated(tmp_path, entry, head, by_geo=True).constraints[1].most == pytest.approx(220 * HOUR)
    whole = company(in_hours=True, by_geo=True)
    spend = whole.spend.copy()
    spend[list(WEEK).index("video"), 0] *= 1.5
    dearer = replace(whole, spend=spend)
    with pytest.raises(SpecError, match="in different geos"):
        Brief.from_yaml(tmp_path / "brief.yaml").problem(dearer)
    # A national plan divides the money as before, so there the mixture has a price.
    (tmp_path / "brief.yaml").write_text(f"{HEAD}constraints:\n  - {entry}\n")
    problem = Brief.from_yaml(tmp_path / "brief.yaml").problem(dearer)
    sums = np.zeros(problem.horizon.shape)
    sums[list(WEEK).index("video")] = problem.constraints[1].most
    np.testing.assert_allclose(volumes(problem, sums)["video"], 220, rtol=1e-9)


def test_the_plan_says_what_it_serves_and_keeps_the_capacity(tmp_path: Path) -> None:
    found = allocate(stated(tmp_path, "{channel: video, max: 150, per: week, unit: volume}"))
    served = found.volumes
    assert list(served) == ["video"]
    np.testing.assert_allclose(served["video"] * HOUR, found.spend[list(WEEK).index("video")], rtol=1e-9)
    assert served["video"].max() <= 150 * (1 + 1e-6)
    assert found.to_json()["volumes"] == {"video": served["video"].tolist()}


def test_a_service_that_gets_dearer_at_volume_serves_less_for_the_money(tmp_path: Path) -> None:
    start, elasticity = 10_000.0, 0.2
    head = HEAD + f"future: {{price_curve: {{video: {{from: {start:.0f}, elasticity: {elasticity}}}}}}}\n"
    problem = stated(tmp_path, "{channel: video, max: 40_000, per: week}", head)
    spend = np.zeros(problem.horizon.shape)
    spend[list(WEEK).index("video")] = [5_000.0, start, 20_000.0, 40_000.0]
    first = start / HOUR
    # A further hour at volume v costs HOUR (v / v0)^e: money is its integral beyond v0.
    beyond = (1 + (1 + elasticity) * (np.array([20_000.0, 40_000.0]) - start) / start) ** (1 / (1 + elasticity))
    wanted = np.array([5_000.0 / HOUR, first, *(first * beyond)])
    np.testing.assert_allclose(volumes(problem, spend)["video"], wanted, rtol=1e-9)
