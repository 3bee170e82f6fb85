"""Row 13: a file can make nothing run, reach nothing outside, and fill nothing; it gets its sentence, or is listed."""

from __future__ import annotations

import csv
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.safety import packages
from mmm.data import PanelSpec
from mmm.data.check_command import run
from tests.browser import look, needs_browser
from tests.test_mmm.test_data.book import Book, weekly
from tests.test_reliability.attacks import ATTACKS, CANARY, FORMULA, SECRET, Attack, model


@dataclass(frozen=True)
class Tried:
    """What the attacks did: the folder above them, what each printed, and how often a server was called."""

    top: Path
    rows: dict[str, dict[str, Any]]
    calls: list[Any]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    """Run every attack in one watched process with limits, beside a server that notes who calls."""
    top = tmp_path_factory.mktemp("row13") / "attacks"
    top.mkdir()
    calls: list[Any] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        threading.Thread(target=_note, args=(door, calls), daemon=True).start()
        for i, attack in enumerate(ATTACKS):
            (top / f"{i:02d}").mkdir()
            attack.make(top / f"{i:02d}", door.getsockname()[1])
        command = [sys.executable, "-m", "tests.test_reliability.row_13", str(top)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, done.stderr[-2000:]
        rows = {ATTACKS[int(row["name"])].name: row for row in map(json.loads, done.stdout.splitlines())}
        yield Tried(top, rows, calls)


def _note(door: socket.socket, calls: list[Any]) -> None:
    while True:
        try:
            calls.append(door.accept()[1])
        except OSError:
            return


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "_"))
def test_row_13_it_does_nothing_and_gets_its_sentence(attack: Attack, tried: Tried) -> None:
    row = tried.rows[attack.name]
    assert row["seen"] == []
    assert SECRET not in row["err"] + row["out"]
    assert "Traceback" not in row["err"]
    if attack.says:
        assert row["code"] == 2
        assert row["err"].startswith("mixwise: ")
        assert attack.says in row["err"]
        assert row["err"].count("\n") == 1
        return
    assert (row["code"], row["err"]) == (0, "")
    report = json.loads((tried.top / "out" / row["name"] / "data_report.json").read_text(encoding="utf-8"))
    assert not attack.finding or attack.finding in {finding["name"] for finding in report["findings"]}


def test_row_13_nothing_was_written_and_nobody_called(tried: Tried) -> None:
    assert len(tried.rows) == len(ATTACKS)
    assert [path for path in tried.top.parent.rglob("*") if path.name.startswith(CANARY)] == []
    assert tried.calls == []


def test_row_13_the_watch_sees_what_it_should(tmp_path: Path) -> None:
    """The same pickles, opened by pickle itself, are seen, and leave their canary."""
    folder = tmp_path / "00"
    folder.mkdir()
    ATTACKS[0].make(folder, 0)
    code = (
        "import pickle, sys; from tests.test_reliability import row_13; seen = []; "
        "sys.addaudithook(lambda event, found: row_13._watch(event, found, seen)); "
        "import os; os.chdir(sys.argv[1]); pickle.load(open('weekly.csv', 'rb')); print(seen)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True)
    assert "os.system" in done.stdout
    assert (folder / CANARY).exists()


def test_row_13_tables_that_are_written_hold_text(tried: Tried) -> None:
    cells: list[str] = []
    for path in (tried.top / "out").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            cells += [cell for row in csv.reader(handle) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in cells)


@needs_browser
def test_row_13_names_run_no_script_in_a_page(tmp_path: Path) -> None:
    """Names of columns, channels and geos are scripts; the page shows them and runs none."""
    image = "<img src=x onerror=\"document.title='pwned'\">"
    script = "</script><script>document.title='pwned'</script>"
    link = "\"><svg/onload=document.title='pwned'>"
    book = weekly(30)
    book.header[2], book.header[6] = script, image
    geos = [image, "{{7*7}}", link]
    book = Book([*book.header, "region"], [[*row, geo] for row in book.rows for geo in geos])
    (tmp_path / "weekly.csv").write_text(book.text(), encoding="utf-8")
    channels = {link: {"spend": script}, "search": {"spend": "search_spend", "exposure": "clicks"}}
    model(tmp_path, data={"geo": "region"}, channels=channels, controls=[image])
    assert run(tmp_path / "model.yaml", tmp_path / "out", spec_class=PanelSpec, quiet=True, as_json=False) == 0
    page = tmp_path / "out" / "report.html"
    seen = look(page, 1280)
    assert seen.messages == []
    assert seen.requests == []
    assert "49" not in [word for word in seen.text.split() if word in ("49", "{{7*7}}")]
    assert _title(page) != "pwned"
    assert "onerror" in seen.text


def _title(page: Path) -> str:
    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            tab = browser.new_context(offline=True).new_page()
            tab.goto(page.as_uri())
            tab.wait_for_selector("html[data-charts=drawn]", timeout=60_000)
            return str(tab.title())
        finally:
            browser.close()


def test_row_13_an_audit_that_could_not_ask_is_not_green() -> None:
    """pip-audit ends with 0 where its service knows no package; what it did not look up does not count."""
    skipped = {"name": "numpy", "skip_reason": "not found"}
    known = {"name": "scipy", "version": "1", "vulns": []}
    assert packages.audited([skipped, known]) == [known]
    assert packages.pinned("requirements.lock") > 50
