"""Names that a package exports are what they say, whatever was imported before them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("before", ["", "import simulations.compare, simulations.backtest\n"])
def test_a_function_is_not_hidden_by_the_module_of_its_name(before):
    code = (
        f"{before}from simulations import backtest, compare, simulate\nassert all(map(callable, (backtest, compare)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_an_attribute_error():
    import simulations

    with pytest.raises(AttributeError, match="no attribute 'comparison'"):
        _ = simulations.comparison
