"""Every refusal of a change names its place in the file, what is wrong, and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.exceptions import DataError, SpecError
from mmm.response.draws import ResponseDraws
from simulations.run import simulate
from simulations.scenario import ScenarioSet

HEAD = "horizon: {start: 2027-01-04, weeks: 13}\nscenarios:\n"


def read(folder: Path, patch: str) -> ScenarioSet:
    path = folder / "scenarios.yaml"
    path.write_text(f"{HEAD}  a: [{{{patch}}}]\n", encoding="utf-8")
    return ScenarioSet.from_yaml(path)


@pytest.mark.parametrize(
    ("patch", "key", "says"),
    [
        ("channel: tv, flighting: even, on: 2", "", "on and off belong to pulsing and burst"),
        ("channel: tv, flighting: burst, ratio: 2", "", "ratio belongs to pulsing"),
        ("channel: tv, flighting: pulsing, ratio: 1", ".ratio", "greater than 1"),
        ("channel: tv, flighting: [0, 0]", "", "all 0"),
        ("channel: tv, flighting: [1, -1]", ".flighting", "greater than or equal to 0"),
        ("channel: tv, shift_weeks: 1.5", ".shift_weeks", "integer"),
        ("shift_weeks: 2", "", "channel: one name"),
        ("launch: podcast, spend: 100", "", "'like' is missing"),
        ("launch: podcast, like: tv, spend: 0", ".spend", "greater than 0"),
        ("launch: podcast, like: tv, spend: 100, uncertainty: -1", ".uncertainty", "greater than or equal to 0"),
        ("rollout: {1: 50%, 5: 25%}", "", "must rise from step to step"),
        ("rollout: {5: 25%, 1: 50%}", "", "in the order of their weeks"),
        ("rollout: {1: 25%, 5: north}", "", "shares of the market, or names of geos"),
        ("rollout: {1: 25%, 2027-02-01: 50%}", "", "by number or by date"),
        ("rollout: {1: 125%}", "rollout", "less than or equal to 1"),
        ("rollout: {}", ".rollout", "at least 1"),
        ("season_shift: 60", ".season_shift", "less than or equal to 26"),
        ("supply_cap: 0", ".supply_cap", "greater than 0"),
        ("supply_cap: 10, backlog: 2", ".backlog", "a quarter is 0.25 or 25%"),
        ("competitor: Acme", "", "either loss: 5%, or a control"),
        ("competitor: Acme, loss: 5%, control: price", "", "either loss: 5%, or a control"),
        ("competitor: Acme, loss: 5%, change: 10%", "", "loss needs none of them"),
        ("competitor: Acme, control: price", "", "one of change: -10%, add: 5, value: 1"),
        ("control: price", "", "one of change: -10%, add: 5, value: 1"),
        ("control: price, change: 10%, value: 3", "", "one of change: -10%, add: 5, value: 1"),
        ("price: -10%", "", "say how sales answer"),
        ("price: -10%, elasticity: -1, control: price", "", "say how sales answer"),
        ("price: -10%, elasticity: 2", ".elasticity", "less than or equal to 0"),
        ("price: -100%, elasticity: -1", ".price", "cannot fall by all of itself"),
        ("promotion: 20%", "", "say in which weeks"),
        ("promotion: -20%, weeks: [1, 2]", ".promotion", "greater than 0"),
        ("promotion: 20%, discount: 100%, weeks: [1, 2]", "", "sells nothing for money"),
        ("promotion: 500%, pulled_forward: 50%, weeks: [1, 2]", "", "more would be missing afterwards"),
        ("merge: [brand.csv]", ".merge", "at least 2"),
        ("merge: [brand.csv, brand.csv]", ".merge", "named twice"),
        ("optimise: {budget: 5}", "optimise", "not known"),
        ("control: price, change: 10%, dark: true", "", "exactly one of the keys"),
        ("demand: 10%, season_shift: 2", "", "exactly one of the keys"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, patch: str, key: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, patch)
    assert str(caught.value.where).startswith("scenarios.yaml, line 3, scenarios.a.0")
    assert key in str(caught.value.where)
    assert "<" not in str(caught.value.where)
    assert says in str(caught.value)
    assert caught.value.do


@pytest.mark.parametrize(
    ("patch", "key", "says"),
    [
        ("channel: radio, shift_weeks: 2", "channel", "Known: tv, search, social"),
        ("channel: tv, shift_weeks: 2, weeks: [12, 13]", "shift_weeks", "Move by fewer weeks"),
        ("launch: tv, like: search, spend: 100", "launch", "{channel: tv, change: +50%}"),
        ("launch: newsletter, like: search, spend: 100", "launch", "another name"),
        ("launch: podcast, like: radio, spend: 100", "like", "no response to borrow"),
        ("launch: podcast, like: newsletter, spend: 100", "like", "Known: tv, search, social"),
        ("rollout: {1: north}", "rollout", "The fit is national: give shares of the market, such as 25%"),
        ("promotion: 20%, weeks: [13, 14]", "weeks", "from 1 to 13"),
        ("optimise: brief.yaml", "optimise", "does not exist"),
    ],
)
def test_what_does_not_fit_the_fit_is_named(
    response: ResponseDraws, tmp_path: Path, patch: str, key: str, says: str
) -> None:
    with pytest.raises((SpecError, DataError)) as caught:
        simulate(response, read(tmp_path, patch))
    assert caught.value.where == f"scenarios.yaml, line 3, scenarios.a.0.{key}"
    assert says in str(caught.value)
