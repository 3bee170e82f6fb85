"""Reliability row 15 in its small form: a strict fit gives the same files from cold and from warm caches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmm.exceptions import SpecError
from mmm.model.strict import fresh_code
from mmm.runs import hash_file
from tests.test_mmm.test_model.market import MODEL, make_market

ROOT = Path(__file__).parents[3]
#: Short: it is the last bit that counts, not the posterior.
MODEL_FILE = MODEL.replace("organic: [letters]\n", "").replace(
    "chains: 4, tune: 400, draws: 400", "chains: 2, tune: 150, draws: 150"
)
RESULTS = ("posterior.nc", "response.nc", "channels.csv")


def strict(model: Path, out: Path, environment: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "-m", "mixwise", "fit", str(model), "--out", str(out), "--seed", "9", "--quiet"]
    done = subprocess.run([*command, "--strict-reproducible"], cwd=ROOT, env=environment, check=False)
    assert done.returncode in (0, 4)
    return {name: hash_file(out / name) for name in RESULTS}


def test_cold_and_warm_caches_give_the_same_files(tmp_path: Path) -> None:
    model = make_market().write(tmp_path, MODEL_FILE)
    cold = os.environ | {
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
        "PYTENSOR_FLAGS": f"base_compiledir={tmp_path}/graphs",
    }
    first = strict(model, tmp_path / "cold", cold)
    # The caches of the process that runs the tests, which earlier fits have filled.
    assert strict(model, tmp_path / "warm", dict(os.environ)) == first
    assert not (tmp_path / "graphs").exists()  # neither was used


def test_a_process_that_has_compiled_already_is_refused() -> None:
    import numba

    assert numba.__name__ in sys.modules
    with pytest.raises(SpecError, match="needs a process of its own"), fresh_code():
        pass
