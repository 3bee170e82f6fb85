"""``mixwise check``: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from mmm.data import PanelSpec
from mmm.data.check_command import run
from mmm.exceptions import DataError, SpecError
from mmm.runs import open_run
from tests.test_mmm.test_data.book import Book, weekly

MODEL = """
data: {file: weekly.csv, date: week, outcome: revenue}
channels:
  tv:     {spend: tv_spend}
  search: {spend: search_spend, exposure: clicks}
organic: [news]
controls: [price]
currency: EUR
"""


def project(folder: Path, book: Book | None = None, model: str = MODEL) -> Path:
    (folder / "weekly.csv").write_text((book or weekly()).text(), encoding="utf-8")
    (folder / "model.yaml").write_text(model, encoding="utf-8")
    return folder / "model.yaml"


def test_it_writes_a_complete_run_beside_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = project(tmp_path, weekly().put(4, "tv_spend", "-3.00"))
    assert run(model, None, spec_class=PanelSpec, quiet=False, as_json=False) == 0
    folder = tmp_path / "check"
    made = open_run(folder, command="check")
    assert set(made.manifest["inputs"]) == {"model.yaml", "weekly.csv"}
    report = json.loads((folder / "data_report.json").read_text(encoding="utf-8"))
    assert report["weeks"] == {"first": "2024-01-01", "last": "2025-02-17", "count": 60}
    assert report["findings"][0]["severity"] == "warning"
    assert report["ledger"]["rows_in"] == report["ledger"]["rows_used"] == 60
    printed = capsys.readouterr().out
    assert printed.index("WARNING") < printed.index("NOTE" if "NOTE" in printed else "OK ")
    assert "→" in printed
    assert "mixwise fit" in printed


def test_the_page_shows_every_series_and_escapes_names(tmp_path: Path) -> None:
    book = weekly()
    book.header[6] = "<b>price</b>"
    model = project(tmp_path, book, MODEL.replace("[price]", "['<b>price</b>']"))
    run(model, tmp_path / "out", spec_class=PanelSpec, quiet=True, as_json=False)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    shown = page.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
    for name in ("revenue", "tv", "search exposure", "news", "&lt;b&gt;price&lt;/b&gt;"):
        assert name in shown
    assert "<b>price</b>" not in page
    assert "http-equiv" not in page
    assert page.count("Plotly.newPlot") >= 1 or "newPlot" in page


def test_json_is_the_file_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(project(tmp_path), tmp_path / "out", spec_class=PanelSpec, quiet=False, as_json=True)
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "out" / "data_report.json").read_text())


def test_quiet_prints_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(project(tmp_path), tmp_path / "out", spec_class=PanelSpec, quiet=True, as_json=False)
    assert capsys.readouterr().out == ""


def test_a_name_with_terminal_codes_is_printed_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = project(tmp_path, model=MODEL.replace("tv: ", '"tv\\e[31m[bold]": '))
    run(model, tmp_path / "out", spec_class=PanelSpec, quiet=False, as_json=False)
    printed = capsys.readouterr().out
    assert "\x1b[31m" not in printed
    assert "[bold]" in printed


def test_bad_data_raises_and_leaves_no_report(tmp_path: Path) -> None:
    model = project(tmp_path, weekly().put(4, "tv_spend", "lots"))
    with pytest.raises(DataError, match=r"weekly\.csv, row 6, column tv_spend"):
        run(model, None, spec_class=PanelSpec, quiet=True, as_json=False)
    assert not (tmp_path / "check").exists()


def test_a_key_that_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"model.yaml, line 9, colour: the key 'colour' is not known"):
        run(project(tmp_path, model=MODEL + "colour: red\n"), None, spec_class=PanelSpec, quiet=True, as_json=False)


def test_from_the_command_line(tmp_path: Path) -> None:
    """The whole command, as a person types it: one sentence and exit code 2, no traceback."""
    import subprocess
    import sys

    model = project(tmp_path, weekly().put(4, "tv_spend", "lots"))
    done = subprocess.run([sys.executable, "-m", "mixwise", "check", str(model)], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("mixwise: weekly.csv, row 6, column tv_spend: 'lots' is not a number.")
    assert "Traceback" not in done.stderr


def test_help_needs_no_data(tmp_path: Path) -> None:
    from mmm.cli import check

    assert "Read the data" in CliRunner().invoke(check, ["--help"]).output
