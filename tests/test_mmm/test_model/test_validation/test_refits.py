"""Refits are kept, found again, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.model.validation.base import Base
from mmm.model.validation.edits import first_weeks
from mmm.model.validation.refits import Job, Refit, Refitter
from mmm.model.validation.run import Validation
from mmm.model.validation.settings import Check
from mmm.model.validation.store import load_refit, save_refit


def some_refit(label: str = "one", trouble: str = "") -> Refit:
    rng = np.random.default_rng(1)
    return Refit(
        label, trouble, ("tv", "sûche"), rng.lognormal(size=(2, 50)), np.array([10.0, 20.0]), 100.0,
        rng.normal(size=50), rng.normal(size=(2, 3)), np.empty((0, 0)), 1.01, 400.0, 3, 2.5,
    )  # fmt: skip


def assert_same(one: Refit, other: Refit) -> None:
    for name in Refit.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_a_kept_refit_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "one.npz"
    assert load_refit(path, "one") is None
    save_refit(some_refit(), path)
    assert [file.name for file in path.parent.iterdir()] == ["one.npz"]
    found = load_refit(path, "one")
    assert found is not None
    assert_same(found, some_refit())


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    save_refit(some_refit(), path)
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert load_refit(path, "one") is None


def test_shares_are_of_the_outcomes_value() -> None:
    refit = some_refit()
    np.testing.assert_allclose(refit.share("sûche"), refit.roas[1] * 0.2)


def test_a_refit_is_made_once_and_then_found(base: Base, cache: Path) -> None:
    """An interrupted run's refits are there for the next one, which ends as an uninterrupted run would."""
    job = Job("without the last 4 weeks", base.spec, first_weeks(base.panel, 100), money=base.money)
    first = Refitter(base.fit.seed, cache)(job)
    assert first.usable

    def interrupt(label: str) -> None:
        if label == "another":
            raise KeyboardInterrupt

    again = Refitter(base.fit.seed, cache, interrupt)
    assert_same(again(job), first)
    assert again.reused == 1
    with pytest.raises(KeyboardInterrupt):
        again(Job("another", base.spec, first_weeks(base.panel, 90)))
    assert again.made[-1].label == job.label


def test_what_cannot_be_fitted_says_why(base: Base, tmp_path: Path) -> None:
    refitter = Refitter(1, tmp_path)
    found = refitter(Job("short", base.spec, first_weeks(base.panel, 10)))
    assert not found.usable
    assert "10 weeks" in found.trouble
    assert refitter.made == [found]


@pytest.mark.parametrize(("bad", "severity"), [(0, "ok"), (1, "warning"), (3, "error")])
def test_refits_that_did_not_converge_are_counted_and_named(base: Base, bad: int, severity: str) -> None:
    refits = [some_refit(f"refit {i}", "The chains disagree." if i < bad else "") for i in range(4)]
    found = Validation(base.fit, base.settings, 1, {}, tuple(refits), 0)
    (finding,) = found.findings
    assert (finding.name, finding.severity) == ("refits", severity)
    assert ("refit 0 (The chains disagree.)" in finding.says) is bool(bad)
    assert found.failed is (severity == "error")
    assert list(Check) == ["backtest", "placebo", "refresh", "confounder", "demand", "prior"]
