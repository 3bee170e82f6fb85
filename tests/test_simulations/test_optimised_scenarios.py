"""The optimiser's plan as a scenario: the same money, never worse where it decides, and a brief's plan as planned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import InfeasibleError, SpecError
from mmm.response.draws import ResponseDraws
from optimizer.brief import Brief
from optimizer.solve import allocate
from simulations.future import Future
from simulations.run import simulate
from simulations.scenario import ScenarioSet
from tests.test_simulations.small_fit import make_response, make_set

HEAD = "horizon: {start: 2027-01-04, weeks: 4}\n"


def read(folder: Path, text: str) -> ScenarioSet:
    (folder / "scenarios.yaml").write_text(HEAD + f"scenarios:\n  a: [{text}]\n", encoding="utf-8")
    return ScenarioSet.from_yaml(folder / "scenarios.yaml")


def future(scenarios: ScenarioSet, response: ResponseDraws) -> Future:
    return scenarios.future(scenarios.named[0], response, scenarios.calendar(response))


def test_the_same_money_brings_more_and_each_channel_stays_near(response: ResponseDraws) -> None:
    results = simulate(
        response, make_set({"free": [{"optimise": {}}], "near": [{"optimise": {"change": "20%"}}]}, weeks=6)
    )
    for one in results.scenarios:
        assert one.spend.sum() == pytest.approx(results.bau.spend.sum(), rel=1e-6)
    near = results["near"].spend / results.bau.spend
    assert (near > 0.8 - 1e-6).all()
    assert (near < 1.2 + 1e-6).all()
    assert 0 < results.delta(results["near"]).mean() < results.delta(results["free"]).mean()
    assert "proven within" in results["free"].future.notes[-1]


def test_it_answers_to_what_was_written_before(response: ResponseDraws) -> None:
    """Under dearer search and its own budget, no other plan that was tried at those prices is better."""
    dear = [{"channel": "search", "cost_per_exposure": 1.0}, {"channels": "all", "change": -0.2}]
    results = simulate(
        response,
        make_set(
            {
                "as_is": dear,
                "planned": [*dear, {"optimise": {"change": 0.5}}],
                "late": [{"optimise": {"change": 0.5}}, *dear],
            },
            weeks=6,
        ),
    )
    planned, late = results["planned"], results["late"]
    assert planned.spend.sum() == pytest.approx(0.8 * results.bau.spend.sum(), rel=1e-6)
    assert late.spend.sum() == pytest.approx(planned.spend.sum(), rel=1e-6)
    gains = [results.delta(one).mean() for one in (results["as_is"], late, planned)]
    assert gains[2] > gains[1]
    assert gains[2] > gains[0]


def test_timing_is_kept_where_only_totals_are_decided(response: ResponseDraws) -> None:
    scenarios = make_set(
        {"a": [{"channels": "all", "flighting": "front_loaded"}, {"optimise": {"weeks": False}}]}, weeks=6
    )
    found = future(scenarios, response)
    share = found.spend / found.spend.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(share, np.broadcast_to(np.linspace(3, 1, 6) / 12, share.shape), rtol=1e-6)


def test_a_launched_channel_is_planned_too(response: ResponseDraws) -> None:
    launch = {"launch": "podcast", "like": "tv", "spend": 2_000, "uncertainty": 0.2}
    results = simulate(
        response, make_set({"as_is": [launch], "planned": [launch, {"optimise": {"change": 0.5}}]}, weeks=6)
    )
    one = results["planned"]
    assert one.spend.sum() == pytest.approx(results["as_is"].spend.sum(), rel=1e-6)
    assert 0.5 * 12_000 - 1 < one.spend[3] < 1.5 * 12_000 + 1
    assert results.delta(one).mean() > results.delta(results["as_is"]).mean()


def test_what_is_launched_stays_near_what_was_seen_of_the_other(response: ResponseDraws) -> None:
    launch = {"launch": "podcast", "like": "tv", "spend": 500, "size": 0.1, "uncertainty": 0}
    found = future(make_set({"a": [launch, {"channels": "all", "change": 1.0}, {"optimise": {}}]}, weeks=6), response)
    assert found.spend[3].max() <= 1.5 * 0.1 * response.observed_max()[0] * (1 + 1e-9)


def test_a_briefs_plan_is_the_plan(response: ResponseDraws, tmp_path: Path) -> None:
    (tmp_path / "usual.csv").write_text(
        "week,channel,spend\n" + "".join(f"2027-01-04,{name},9000\n" for name in response.channels), encoding="utf-8"
    )
    text = (
        HEAD + "baseline: usual.csv\nbudget: {total: 30_000}\nconstraints: [{channels: all, change_vs_baseline: 0.5}]\n"
    )
    (tmp_path / "brief.yaml").write_text(text, encoding="utf-8")
    scenarios = read(tmp_path, "{demand: -10%}, {optimise: brief.yaml}")
    assert list(scenarios.files()) == ["brief.yaml", "usual.csv"]
    found = future(scenarios, response)
    np.testing.assert_array_equal(
        found.spend, allocate(Brief.from_yaml(tmp_path / "brief.yaml").problem(response)).spend
    )
    assert any("not the scenario's" in note for note in found.notes)


@pytest.mark.parametrize(
    ("brief", "says"),
    [
        (HEAD.replace("4}", "5}"), "plans 5 weeks from 2027-01-04, the scenarios 4 weeks"),
        (HEAD + "goal: {mroas_floor: 1.0}\n", "asks for a goal"),
        (HEAD + "budget: {total: -5}\n", "brief.yaml, line 2, budget.total"),
    ],
)
def test_a_brief_that_does_not_fit_is_refused(response: ResponseDraws, tmp_path: Path, brief: str, says: str) -> None:
    (tmp_path / "brief.yaml").write_text(brief, encoding="utf-8")
    scenarios = read(tmp_path, "{optimise: brief.yaml}")
    assert list(scenarios.files()) == ["brief.yaml"]
    with pytest.raises(SpecError, match=says):
        future(scenarios, response)


def test_what_cannot_be_optimised_says_why(response: ResponseDraws, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="spends nothing so far") as caught:
        future(read(tmp_path, "{channels: all, dark: true}, {optimise: {change: 10%}}"), response)
    assert caught.value.where == "scenarios.yaml, line 3, scenarios.a.1.optimise"
    with pytest.raises(SpecError, match="one chain") as caught:
        future(read(tmp_path, "{optimise: {change: 10%}}"), make_response(chains=1))
    assert caught.value.where == "scenarios.yaml, line 3, scenarios.a.0.optimise"
    (tmp_path / "brief.yaml").write_text(
        HEAD + "budget: {total: 30_000}\nconstraints: [{channels: all, min: 20_000}]\n", encoding="utf-8"
    )
    with pytest.raises(InfeasibleError) as infeasible:
        future(read(tmp_path, "{optimise: brief.yaml}"), response)
    assert infeasible.value.where is not None
    assert infeasible.value.conflict
