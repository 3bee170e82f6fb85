"""Interrupted fits: chains are kept, only the missing ones run again, and the fit is the one without interruption."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm.data.panel import Panel
from mmm.exceptions import DataError
from mmm.model import fit_command
from mmm.model.chains import ChainDraws
from mmm.model.fit import Fit
from mmm.model.resume import Resume
from mmm.model.spec import ModelSpec
from mmm.runs import open_run
from tests.test_mmm.test_model.market import MODEL, make_market

ROOT = Path(__file__).parents[3]
CHAINS = MODEL.replace("chains: 4, tune: 400, draws: 400", "chains: 4, tune: 300, draws: 2500, cores: 1")


def posterior(out: Path) -> dict[str, np.ndarray]:
    return {name: values.to_numpy() for name, values in Fit.load(out).draws["posterior"].dataset.items()}


def same(one: Path, two: Path) -> None:
    first, second = posterior(one), posterior(two)
    assert set(first) == set(second)
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


def chain_files(out: Path) -> list[Path]:
    return sorted(out.with_name(f".{out.name}.resume").glob("*/chain-*.npz"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_market().write(tmp_path_factory.mktemp("resume"), CHAINS)


@pytest.fixture
def listens() -> Iterator[None]:
    """Take Ctrl-C as an interrupt, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt_after_a_chain(out: Path) -> threading.Thread:
    """Press Ctrl-C in this process as soon as a chain is kept."""

    def watch() -> None:
        until = time.monotonic() + 120
        while not chain_files(out) and time.monotonic() < until:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


@pytest.mark.usefixtures("listens")
def test_ctrl_c_keeps_chains_and_the_same_command_goes_on(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, whole = model.parent / "stopped", model.parent / "whole"
    watcher = interrupt_after_a_chain(out)
    assert fit_command.run(model, out, seed=None, quiet=True, as_json=False) == 130
    watcher.join()
    kept = chain_files(out)
    said = capsys.readouterr().err
    assert 1 <= len(kept) < 4
    assert f"interrupted; {len(kept)} of 4 finished chains are kept in" in said
    assert "the same command goes on from there" in said
    assert not out.exists()
    times = {path: path.stat().st_mtime_ns for path in kept}
    # One chain is damaged on the way: it is sampled again, like one that was never made.
    if len(kept) > 1:
        kept[0].write_bytes(kept[0].read_bytes()[:-200])
        del times[kept[0]]
    fit_command.run(model, out, seed=None, quiet=False, as_json=False)
    assert f"{len(kept)} of 4 chains are kept from an interrupted run" in capsys.readouterr().err
    assert not out.with_name(".stopped.resume").exists()
    seed = Fit.load(out).seed
    fit_command.run(model, whole, seed=seed, quiet=True, as_json=False)
    same(out, whole)


def small(value: float) -> ChainDraws:
    return ChainDraws({"x": np.full((5, 2), value)}, {"energy": np.zeros(5), "diverging": np.zeros(5, dtype=bool)})


def test_chains_of_another_fit_are_never_taken(tmp_path: Path, spec: ModelSpec, panel: Panel) -> None:
    out = tmp_path / "fit"
    store = Resume.beside(out, spec, panel, None)
    store.keep(2, small(1.0))
    assert Resume.beside(out, spec, panel, None).seed == store.seed
    assert list(Resume.beside(out, spec, panel, store.seed).load()) == [2]
    # The file of one fit in the place of another's: its own key stands in it.
    changed = replace(panel, outcome=panel.outcome * 1.01)
    moved = chain_files(out)[0].read_bytes()
    other = Resume.beside(out, spec, changed, store.seed)
    assert (other.key == store.key, other.load()) == (False, {})
    other.keep(0, small(2.0))
    chain_files(out)[0].with_name("chain-1.npz").write_bytes(moved)
    assert list(other.load()) == [0]
    assert Resume.beside(out, spec, changed, store.seed + 1).load() == {}
    more = spec.model_copy(update={"seasonality": 3})
    assert Resume.beside(out, more, changed, store.seed).load() == {}


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path, spec: ModelSpec, panel: Panel) -> None:
    store = Resume.beside(tmp_path / "fit", spec, panel, 3)
    store.keep(0, small(1.5))
    found = store.load()[0]
    np.testing.assert_array_equal(found.posterior["x"], small(1.5).posterior["x"])
    assert found.statistics["diverging"].dtype == bool
    path = chain_files(tmp_path / "fit")[0]
    np.savez(path, key=np.array(store.key), payload=np.array([{"a": 1}], dtype=object))
    assert store.load() == {}  # a pickle inside is not opened
    store.clear()
    assert store.count() == 0


def test_a_fit_that_cannot_begin_leaves_nothing(tmp_path: Path) -> None:
    market = make_market()
    path = replace(market, revenue=np.zeros_like(market.revenue)).write(tmp_path, CHAINS)
    with pytest.raises(DataError):
        fit_command.run(path, tmp_path / "out", seed=1, quiet=True, as_json=False)
    assert not list(tmp_path.glob(".out*"))


def start(model: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mixwise", "fit", str(model), "--out", str(out), "--seed", "5", "--quiet"]
    return subprocess.Popen(command, cwd=ROOT)


def test_killed_at_random_moments_nothing_is_lost_or_corrupt(model: Path) -> None:
    """Reliability row 14 in its small form: four kills of a fit that replaces an earlier result."""
    out, whole = model.parent / "killed", model.parent / "reference"
    began = time.monotonic()
    assert start(model, whole).wait() in (0, 4)
    lasted = time.monotonic() - began
    assert fit_command.run(model, out, seed=4, quiet=True, as_json=False) in (0, 4)
    before = posterior(out)
    moments = random.Random(14)
    for _ in range(4):
        process = start(model, out)
        # In the first half it starts; the second samples and writes.
        time.sleep(moments.uniform(0.45, 0.95) * lasted)
        process.send_signal(signal.SIGKILL)
        process.wait()
        run = open_run(out, command="fit")  # whole, whichever of the two it is
        if run.manifest["seed"] == 5:
            same(out, whole)
        else:
            for name, values in posterior(out).items():
                np.testing.assert_array_equal(values, before[name])
    assert start(model, out).wait() in (0, 4)
    same(out, whole)
    left = [path.name for path in out.parent.glob(".killed*")]
    assert left == []
