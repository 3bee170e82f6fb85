"""Scenarios over a geo panel: the nation's figures, with the split stated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from mmm.response.storage import save_response
from mmm.runs import Manifest, staged_run
from simulations.cli import simulate as command
from simulations.run import simulate
from simulations.scenario import ScenarioSet
from tests.test_mmm.test_response.make_geos import divided, unbalanced
from tests.test_simulations.small_fit import make_response

SCENARIOS = {
    "horizon": {"start": "2027-01-04", "weeks": 6},
    "scenarios": {
        "cut": [{"channel": "tv", "change": -0.5}],
        "dear": [{"channel": "social", "cost_per_exposure": 0.2}],
    },
}


def test_equal_parts_of_a_nation_simulate_as_the_nation() -> None:
    nation = make_response(demand=True)
    asked = ScenarioSet.model_validate(SCENARIOS)
    one, other = simulate(nation, asked), simulate(divided(nation, 3), asked)
    for name in ("cut", "dear"):
        np.testing.assert_allclose(other.delta(other[name]), one.delta(one[name]), rtol=1e-7)
        np.testing.assert_allclose(other[name].expected, one[name].expected, rtol=1e-9)
    assert abs(float(other.noise.std() / one.noise.std()) - 1) < 1e-9
    assert any("over the 3 geos" in text for text in other.assumptions)
    assert not any("geos" in text for text in one.assumptions)


def test_the_command_runs_on_unbalanced_geos(tmp_path: Path) -> None:
    with staged_run(tmp_path / "fit", Manifest("fit")) as folder:
        save_response(unbalanced(demand=True), folder)
    (tmp_path / "s.yaml").write_text(
        "horizon: {start: 2026-03-02, weeks: 6}\nscenarios:\n  cut: [{channel: tv, change: -20%}]\n", encoding="utf-8"
    )
    done = CliRunner().invoke(
        command, [str(tmp_path / "s.yaml"), "--fit", str(tmp_path / "fit"), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "out" / "scenarios.json").read_text(encoding="utf-8"))
    assert content["scenarios"]["cut"]["delta_vs_bau"]["mean"] < 0
    assert any("'geo 3': no row" in text for text in content["assumptions"])
