"""``mixwise fit``: the run folder, the exit codes, the page."""

from __future__ import annotations

import html
import json
from pathlib import Path

import numpy as np
import pytest

from mmm.data.room.trace_command import Question, trace
from mmm.exceptions import DataError
from mmm.model import fit_command
from mmm.model.fit import Fit
from mmm.model.fit_page import fit_page
from mmm.reporting import render
from mmm.response.storage import load_response
from mmm.runs import open_run
from tests.test_mmm.test_model.market import MODEL, make_market, nothing_in

SHORT = MODEL.replace("chains: 4, tune: 400, draws: 400", "chains: 2, tune: 50, draws: 10")


@pytest.fixture(scope="module")
def hopeless(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same run twice with one seed: ten draws, which no threshold accepts."""
    folder = tmp_path_factory.mktemp("hopeless")
    path = make_market().write(folder, SHORT)
    outs = [folder / "one", folder / "two"]
    for out in outs:
        assert fit_command.run(path, out, seed=11, quiet=True, as_json=False) == 4
    return outs


def test_a_hopeless_fit_exits_4_and_says_so(hopeless: list[Path]) -> None:
    summary = json.loads((hopeless[0] / "summary.json").read_text(encoding="utf-8"))
    assert summary["verdict"]["outcome"] == "fails"
    assert summary["verdict"]["says"][0].startswith("Do not use this fit")
    assert any(check["severity"] == "error" for check in summary["checks"])


def test_the_same_seed_gives_the_same_draws(hopeless: list[Path]) -> None:
    one, two = (load_response(out) for out in hopeless)
    np.testing.assert_array_equal(one.paid.beta, two.paid.beta)
    np.testing.assert_array_equal(one.baseline.coef, two.baseline.coef)


def test_the_run_folder_is_complete(hopeless: list[Path]) -> None:
    run = open_run(hopeless[0], command="fit")
    names = {path.name for path in hopeless[0].iterdir()}
    wanted = {"summary.json", "posterior.nc", "response.nc", "response.json", "report.html", "channels.csv", "fit.json"}
    assert wanted <= names
    assert run.manifest["seed"] == 11
    assert set(run.manifest["inputs"]) == {"model.yaml", "weekly.csv"}
    media = run.manifest["configuration"]["media"]
    assert media["tv"]["rule"] == "money"
    assert run.manifest["configuration"]["spec"]["seasonality"] == 2


def test_its_figures_can_be_traced(hopeless: list[Path]) -> None:
    found, rows = trace(hopeless[0], Question("2023-05-04", channel="tv"))
    ((_, (week, figure)),) = rows[0].rows
    assert week == found.week == "2023-05-01"
    assert float(figure) == found.figure


def test_it_keeps_where_its_data_came_from(hopeless: list[Path]) -> None:
    report = Fit.load(hopeless[0]).data_report
    (source,) = report.sources
    assert (source.source, source.rows_in) == ("weekly.csv", report.ledger.rows_in)
    assert source.rows_by_period == (1,) * Fit.load(hopeless[0]).response.n_weeks
    assert "Where it came from" in (hopeless[0] / "report.html").read_text(encoding="utf-8")


def test_channels_csv_has_a_row_a_channel(hopeless: list[Path]) -> None:
    rows = (hopeless[0] / "channels.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("channel,spend,contribution_mean")
    assert [row.split(",")[0] for row in rows[1:]] == ["tv", "search"]


def test_columns_that_carry_nothing_are_left_out_and_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # 45
    path = nothing_in("tv", "letters", "price").write(tmp_path, SHORT + "saturation: {tv: logistic}\n")
    out = tmp_path / "out"
    assert fit_command.run(path, out, seed=5, quiet=False, as_json=False) == 4  # ten draws
    left = ("The channel 'tv' has no spend and was left out.", "'letters' is all zero", "'price' never changes")
    printed, page = capsys.readouterr().out, html.unescape((out / "report.html").read_text(encoding="utf-8"))
    for says in left:
        assert says in printed
        assert says in page
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert list(summary["channels"]) == ["search"]
    assert {"zero_channel", "zero_organic", "constant_control"} <= {check["name"] for check in summary["checks"]}
    fit = Fit.load(out)
    assert (fit.spec.media, fit.spec.controls, fit.response.channels) == (("search",), (), ("search",))
    assert fit.n_parameters == 3 + fit.response.baseline.coef.shape[0] + 1


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    path = make_market().write(tmp_path, MODEL + "lift_tests: x.csv\n")
    with pytest.raises(DataError, match=r"model\.yaml, lift_tests: the file 'x\.csv' does not exist"):
        fit_command.run(path, tmp_path / "out", seed=1, quiet=True, as_json=False)
    assert not (tmp_path / "out").exists()


def test_prints_the_verdict_and_the_next_step(
    fit: Fit, model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit_command.deliver(fit, model_file, tmp_path / "out", quiet=False, as_json=False) == 0
    printed = capsys.readouterr().out
    assert "The fit passes" in printed
    assert "mixwise plan" in printed
    assert fit_command.deliver(fit, model_file, tmp_path / "out", quiet=False, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["verdict"]["outcome"] == "passes"


def test_the_files_of_the_sources_stand_in_the_manifest(fit: Fit, model_file: Path, tmp_path: Path) -> None:
    files = {"ads/2024-01.csv": "1" * 64, "till.csv": "2" * 64}
    fit_command.deliver(fit, model_file, tmp_path / "out", quiet=True, as_json=False, inputs=files)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert files.items() <= manifest["inputs"].items()
    assert model_file.name in manifest["inputs"]


def test_the_page_begins_with_trust_and_names_everything(fit: Fit) -> None:
    page = fit_page(fit, data_file="weekly.csv")
    titles = [section.title for section in page.sections]
    assert titles[0] == "Can you trust this fit?"
    assert titles[1:] == [
        "What each channel returned",
        "Where the outcome came from",
        "Response curves",
        "Fit by week",
        "Priors and posteriors",
        "The model in words",
        "The data",
    ]
    text = render(page)
    for name in ("tv", "search", "letters", "price", "weekly.csv"):
        assert name in text
