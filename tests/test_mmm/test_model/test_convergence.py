"""Convergence of many parameters at once: ArviZ's figures, to rounding."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base.array import array_stats

from mmm.model.convergence import measure


def walks(chains: int, draws: int, memory: float) -> np.ndarray:
    """Seven series with a memory: smooth, skewed, with ties, of few values, with one chain apart."""
    rng = np.random.default_rng(0)
    series = rng.normal(size=(7, chains, draws))
    for t in range(1, draws):
        series[..., t] += memory * series[..., t - 1]
    series[1] = np.exp(series[1])
    series[2] = np.round(series[2])
    series[3] = (series[3] > 0.5) + 2.0 * (series[3] > 1.0)
    series[4, 0] += 3.0
    return series


@pytest.mark.parametrize("memory", [-0.9, -0.3, 0.0, 0.5, 0.95, 0.999])
@pytest.mark.parametrize(("chains", "draws"), [(4, 1000), (2, 501), (4, 37), (2, 10)])
def test_the_figures_are_arvizs(chains: int, draws: int, memory: float) -> None:
    series = walks(chains, draws, memory)
    found = measure(series)
    for i, values in enumerate(series):
        if np.ptp(values) == 0:
            assert np.isnan([found.rhat[i], found.ess_bulk[i], found.ess_tail[i]]).all()
            continue
        axes = {"chain_axis": 0, "draw_axis": 1}
        assert found.rhat[i] == pytest.approx(array_stats.rhat(values, **axes), rel=1e-9)
        assert found.ess_bulk[i] == pytest.approx(array_stats.ess(values, **axes), rel=1e-9)
        tail = array_stats.ess(values, method="tail", prob=(0.05, 0.95), **axes)
        assert found.ess_tail[i] == pytest.approx(tail, rel=1e-9)


def test_what_is_not_a_number_or_does_not_move_is_unknown_and_spoils_no_other() -> None:
    series = walks(4, 100, 0.2)
    alone = measure(series[5:])
    series[0, 2, 7] = np.nan
    series[1, 0, 0] = np.inf
    series[2] = 3.0
    found = measure(series)
    for figures, others in (
        (found.rhat, alone.rhat),
        (found.ess_bulk, alone.ess_bulk),
        (found.ess_tail, alone.ess_tail),
    ):
        assert np.isnan(figures[:3]).all()
        np.testing.assert_array_equal(figures[5:], others)
