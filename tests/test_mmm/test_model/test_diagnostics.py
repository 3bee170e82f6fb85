"""Thresholds on made-up draws: each one can pass, warn and fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from mmm.findings import Severity
from mmm.model.diagnostics import Diagnostics, diagnose, judge
from mmm.model.verdict import Outcome, decide


def tree(roas: np.ndarray, diverging: int = 0, energy: np.ndarray | None = None) -> xr.DataTree:
    chains, draws, channels = roas.shape
    flags = np.zeros((chains, draws), dtype=bool)
    flags.ravel()[:diverging] = True
    if energy is None:
        energy = np.random.default_rng(9).normal(size=(chains, draws))
    coords = {"channel": [f"c{i}" for i in range(channels)]}
    posterior = xr.Dataset({"roas": (("chain", "draw", "channel"), roas)}, coords=coords)
    stats = xr.Dataset({"diverging": (("chain", "draw"), flags), "energy": (("chain", "draw"), energy)})
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


def good() -> np.ndarray:
    return np.random.default_rng(0).lognormal(size=(4, 1000, 2))


def outcome(found: Diagnostics) -> Outcome:
    return decide(judge(found)).outcome


def test_independent_draws_pass() -> None:
    found = diagnose(tree(good()))
    assert found.max_rhat < 1.01
    assert min(found.min_ess_bulk, found.min_ess_tail) > 1000
    assert outcome(found) is Outcome.PASSES
    assert decide(judge(found)).exit_code == 0


def test_chains_that_disagree_fail_and_the_worst_is_named() -> None:
    draws = good()
    draws[0, :, 1] += 3.0
    found = diagnose(tree(draws))
    assert found.worst == "roas[c1]"
    assert found.max_rhat > 1.05
    assert outcome(found) is Outcome.FAILS
    assert decide(judge(found)).exit_code == 4


def test_slightly_shifted_chains_warn() -> None:
    draws = np.random.default_rng(1).normal(size=(4, 1000, 1))
    draws[0] += 0.5
    found = diagnose(tree(draws))
    assert 1.01 < found.max_rhat < 1.05
    assert outcome(found) is Outcome.WARNS


def test_sticky_chains_warn_of_few_effective_draws() -> None:
    rng = np.random.default_rng(3)
    draws = np.empty((4, 1000, 1))
    draws[:, 0] = rng.normal(size=(4, 1))
    for t in range(1, 1000):
        draws[:, t] = 0.9 * draws[:, t - 1] + np.sqrt(1 - 0.81) * rng.normal(size=(4, 1))
    named = {finding.name: finding.severity for finding in judge(diagnose(tree(draws)))}
    assert named["min_ess"] is Severity.WARNING


@pytest.mark.parametrize(
    ("diverging", "expected"), [(4, Outcome.PASSES), (5, Outcome.WARNS), (40, Outcome.WARNS), (41, Outcome.FAILS)]
)
def test_divergences(diverging: int, expected: Outcome) -> None:
    assert outcome(diagnose(tree(good(), diverging))) is expected


def test_nan_and_a_constant_parameter_fail() -> None:
    draws = good()
    draws[2, 5, 0] = np.nan
    found = diagnose(tree(draws))
    assert not found.finite
    assert outcome(found) is Outcome.FAILS
    still = good()
    still[..., 1] = 2.0
    assert outcome(diagnose(tree(still))) is Outcome.FAILS


@pytest.mark.parametrize("still", [0, 1, 2])
def test_one_parameter_that_never_moves_is_found_wherever_it_stands(still: int) -> None:
    draws = np.random.default_rng(2).lognormal(size=(2, 1000, 3))
    draws[..., still] = 2.0
    found = diagnose(tree(draws))
    assert np.isnan([found.min_ess_bulk, found.min_ess_tail, found.max_rhat]).all()


@pytest.mark.parametrize("unknown", ["min_ess_bulk", "min_ess_tail"])
def test_an_unknown_effective_sample_size_warns(unknown: str) -> None:
    found = replace(diagnose(tree(good())), **{unknown: float("nan")})
    assert {finding.name: finding.severity for finding in judge(found)}["min_ess"] is Severity.WARNING


def test_low_energy_information_warns() -> None:
    walk = np.cumsum(np.random.default_rng(5).normal(size=(4, 1000)), axis=1)
    named = {finding.name: finding.severity for finding in judge(diagnose(tree(good(), energy=walk)))}
    assert named["bfmi"] is Severity.WARNING


def test_a_parameter_of_channel_and_geo_is_named_by_both() -> None:
    draws = np.random.default_rng(8).normal(size=(4, 200, 2, 3))
    draws[0, :, 1, 2] += 4.0
    coords = {"medium": ["tv", "radio"], "geo": ["north", "south", "west"]}
    found = tree(good()[:, :200])
    carryover = xr.Dataset({"carryover": (("chain", "draw", "medium", "geo"), draws)}, coords=coords)
    both = found["posterior"].dataset.merge(carryover)
    named = diagnose(xr.DataTree.from_dict({"posterior": both, "sample_stats": found["sample_stats"].dataset}))
    assert named.worst == "carryover[radio, west]"
