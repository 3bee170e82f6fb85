"""Run folders: complete or absent, whatever happens to the writer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mmm.exceptions import DataError, SpecError
from mmm.runs import MARKER, Manifest, open_run, staged_run

SLOW_WRITER = """
import sys, time
from pathlib import Path
from mmm.runs import Manifest, staged_run
with staged_run(sys.argv[1], Manifest("fit")) as folder:
    (folder / "result.txt").write_text("new")
    print("inside", flush=True)
    time.sleep(60)
"""


def write(out: Path, text: str) -> None:
    with staged_run(out, Manifest("fit", inputs={"weekly.csv": "abc"}, seed=7)) as folder:
        (folder / "result.txt").write_text(text, encoding="utf-8")


def test_a_run_is_found_again_with_its_manifest(tmp_path: Path) -> None:
    write(tmp_path / "run", "one")
    run = open_run(tmp_path / "run", command="fit")
    assert run.manifest["seed"] == 7
    assert run.manifest["inputs"] == {"weekly.csv": "abc"}
    assert run.manifest["versions"]["numpy"]
    write(tmp_path / "run", "two")
    assert open_run(tmp_path / "run", command="fit").hash != run.hash
    assert (tmp_path / "run" / "result.txt").read_text(encoding="utf-8") == "two"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_failure_leaves_the_previous_result(tmp_path: Path) -> None:
    write(tmp_path / "run", "one")

    def fail() -> None:
        with staged_run(tmp_path / "run", Manifest("fit")) as folder:
            (folder / "result.txt").write_text("two", encoding="utf-8")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail()
    assert (open_run(tmp_path / "run", command="fit").folder / "result.txt").read_text(encoding="utf-8") == "one"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("previous", [True, False])
def test_kill_9_leaves_nothing_that_loads(tmp_path: Path, *, previous: bool) -> None:
    out = tmp_path / "run"
    if previous:
        write(out, "one")
    process = subprocess.Popen([sys.executable, "-c", SLOW_WRITER, str(out)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    with pytest.raises(SpecError, match=f"process {process.pid}"):
        write(out, "mine")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    if previous:
        assert (open_run(out, command="fit").folder / "result.txt").read_text(encoding="utf-8") == "one"
    else:
        with pytest.raises(DataError, match="does not exist"):
            open_run(out, command="fit")
    write(out, "after")
    assert (open_run(out, command="fit").folder / "result.txt").read_text(encoding="utf-8") == "after"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_result_moved_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    write(tmp_path / "run", "one")
    (tmp_path / "run").rename(tmp_path / ".run.previous-999999")
    with pytest.raises(RuntimeError, match="again"), staged_run(tmp_path / "run", Manifest("fit")):
        raise RuntimeError("again")
    assert open_run(tmp_path / "run", command="fit").manifest["seed"] == 7


def test_every_edit_is_found(tmp_path: Path) -> None:
    out = tmp_path / "run"
    for name, text in (("result.txt", "edited"), ("manifest.json", '{"command": "fit"}')):
        write(out, "one")
        (out / name).write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=name):
            open_run(out, command="fit")
    write(out, "one")
    (out / "result.txt").unlink()
    with pytest.raises(DataError, match=r"result\.txt"):
        open_run(out, command="fit")
    write(out, "one")
    (out / MARKER).write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        open_run(out, command="fit")
    (out / MARKER).unlink()
    with pytest.raises(DataError, match="never finished"):
        open_run(out, command="fit")


def test_only_the_right_command_s_run_is_taken(tmp_path: Path) -> None:
    write(tmp_path / "run", "one")
    with pytest.raises(DataError, match="mixwise fit"):
        open_run(tmp_path / "run", command="plan")


def test_other_peoples_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years", encoding="utf-8")
    with pytest.raises(SpecError, match="not a Mixwise run"):
        write(tmp_path / "mine", "x")
    with pytest.raises(SpecError, match="is a file"):
        write(tmp_path / "mine" / "thesis.txt", "x")
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years"


def test_json_never_holds_nan(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="JSON"),
        staged_run(tmp_path / "run", Manifest("fit", configuration={"x": float("nan")})),
    ):
        pass
    assert not (tmp_path / "run").exists()
