"""What the peers' scripts share; the peers themselves are not installed here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.answers import estimate, of_the_decision

PEERS = Path(__file__).resolve().parents[2] / "benchmarks" / "peers"


def test_an_answer_tells_mean_interval_and_chance() -> None:
    draws = np.arange(-10.0, 91.0)
    answer = of_the_decision({"tv": draws}, np.array([[1.0, 2.0]]), draws)
    assert answer["roas"]["tv"] == estimate(draws) == {"mean": 40.0, "q05": -5.0, "q95": 85.0}
    assert answer["plan"] == [[1.0, 2.0]]
    assert answer["p_beats"] == pytest.approx(90 / 101)


@pytest.mark.parametrize("script", ["meridian_decision.py", "pymc_marketing_decision.py"])
def test_a_script_starts_without_this_package(script: str, tmp_path: Path) -> None:
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(PEERS)!r}); sys.argv = [{script!r}, '--help']; "
        f"runpy.run_path({str(PEERS / script)!r}, run_name='__main__')"
    )
    # Neither this folder nor any installed package is on its path.
    bare = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "task" in done.stdout
    assert "out" in done.stdout
