"""``mixwise validate``: the folder beside the fit's files, the page, going on after an interruption, the errors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import mixwise
from mmm.exceptions import DataError, SpecError
from mmm.model import validate_command
from mmm.model.fit import Fit
from mmm.model.validation import Check, backtest, confounder, demand, placebo, refresh
from mmm.model.validation.base import Base
from mmm.model.validation.page import validation_page
from mmm.model.validation.refits import Refitter
from mmm.model.validation.run import Validation
from mmm.model.validation.settings import Settings
from mmm.reporting import render, write_page
from mmm.runs import open_run
from tests.browser import look, needs_browser
from tests.test_mmm.test_model.test_validation.conftest import SMALL


def command(folder: Path, out: Path | None = None, *, only: tuple[Check, ...] = (Check.REFRESH,)) -> int:
    return validate_command.run(folder, out, settings=SMALL, only=only, seed=None, quiet=False, as_json=False)


@pytest.fixture
def folder(fit: Fit, tmp_path: Path) -> Path:
    fit.save(tmp_path / "fit")
    return tmp_path / "fit"


def test_goes_on_from_the_refits_of_an_earlier_run(
    folder: Path, base: Base, cache: Path, refitter: Refitter, capsys: pytest.CaptureFixture[str]
) -> None:
    before = open_run(folder, command="fit").hash
    refresh.run(base, refitter)
    shutil.copytree(cache, folder / ".validation.refits")
    assert command(folder) == 0
    printed = capsys.readouterr().out
    assert "1 refits, 1 of them from an earlier run" in printed
    assert "Without the last 4 weeks" in printed
    run = open_run(folder / "validation", command="validate")
    assert run.manifest["parent"] == before == open_run(folder, command="fit").hash
    assert run.manifest["configuration"]["settings"]["dropped"] == 4
    written = json.loads((folder / "validation" / "validation.json").read_text(encoding="utf-8"))
    assert written["reused"] == 1
    assert written["checks"]["refresh"]["channels"]["tv"]["roas_after"] == pytest.approx(float(base.fit.roas[0].mean()))
    assert "Is it stable?" in (folder / "validation" / "report.html").read_text(encoding="utf-8")


def test_an_interruption_keeps_refits_and_leaves_no_result(
    folder: Path, base: Base, cache: Path, refitter: Refitter, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    refresh.run(base, refitter)
    shutil.copytree(cache, folder / ".validation.refits")
    kept = len(list(cache.glob("*.npz")))

    def pressed(_spec: object, _panel: object, **_options: object) -> Fit:
        raise KeyboardInterrupt

    monkeypatch.setattr("mmm.model.validation.refits.fit_model", pressed)
    with pytest.raises(KeyboardInterrupt):
        command(folder, only=(Check.REFRESH, Check.PRIOR))
    assert f"{kept} finished refits are kept" in capfd.readouterr().err
    assert not (folder / "validation").exists()
    assert open_run(folder, command="fit")
    assert command(folder) == 0


def test_errors_are_one_sentence(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        command(tmp_path / "none")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("notes", encoding="utf-8")
    with pytest.raises(SpecError, match="holds files"):
        command(folder, tmp_path / "other")
    (folder / "summary.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="changed after the run"):
        command(folder)


def test_the_command_line_knows_every_check() -> None:
    done = CliRunner().invoke(mixwise.cli, ["validate", "--help"])
    assert done.exit_code == 0
    for check in Check:
        assert check in done.output
    wrong = CliRunner().invoke(mixwise.cli, ["validate", "here", "--only", "luck"])
    assert wrong.exit_code == 2
    assert "'luck'" in wrong.output


@pytest.fixture
def everything(base: Base, refitter: Refitter) -> Validation:
    """Every check whose refits other tests make too."""
    results = {
        Check.BACKTEST: backtest.run(base, refitter),
        Check.PLACEBO: placebo.run(base, refitter),
        Check.REFRESH: refresh.run(base, refitter),
        Check.CONFOUNDER: confounder.run(base, refitter),
        Check.DEMAND: demand.run(base, refitter),
    }
    return Validation(base.fit, Settings(), base.fit.seed, results, tuple(refitter.made), refitter.reused)


def test_the_page_has_every_check_and_every_refit(everything: Validation) -> None:
    page = validation_page(everything)
    assert [section.title for section in page.sections] == [
        "What was found",
        "Does it foresee?",
        "Does it credit spend that sold nothing?",
        "Is it stable?",
        "How strong would a hidden cause have to be?",
        "Does spend follow demand?",
        "How it was done",
    ]
    text = render(page)
    for one in everything.refits:
        assert one.label.replace("'", "&#39;") in text
    assert json.dumps(everything.as_dict(), allow_nan=False)


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_in_a_browser(everything: Validation, tmp_path: Path, width: int) -> None:
    path = tmp_path / "report.html"
    write_page(validation_page(everything), path)
    seen = look(path, width)
    assert seen.overflow <= 0
    assert seen.drawn == seen.charts == 3
    assert not seen.messages
    assert not seen.requests
    assert not seen.contrast_failures
