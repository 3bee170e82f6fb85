"""The page of a calibrated geo fit: every geo, every experiment, what is pooled and why; and an old fit's file."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np
import pytest

from mmm.model import fit_command, prior_posterior, words
from mmm.model.fit import Fit, fit_model
from mmm.model.fit_page import fit_page
from mmm.model.form import Form
from mmm.model.migrations import migrate
from mmm.model.resolved import resolved_configuration
from mmm.reporting import render
from mmm.reporting.numbers import short
from tests.browser import look, needs_browser
from tests.test_mmm.test_model.geo_market import geo_panel, geo_spec, with_test


@pytest.fixture(scope="module")
def geo() -> Fit:
    panel = geo_panel(3, 78, missing=True)
    tested = with_test(panel, lift=9e5, standard_error=9e3, spend_change=4e4, geos=("geo_0", "geo_1"))
    return fit_model(geo_spec(sampling={"chains": 2, "tune": 150, "draws": 150}), tested, seed=2, progress=False)


def test_the_page_holds_geos_experiments_and_priors(geo: Fit) -> None:
    page = fit_page(geo, data_file="geo.csv")
    titles = [section.title for section in page.sections]
    assert titles[1:4] == ["What each channel returned", "ROAS by geo", "Experiments"]
    text = html.unescape(render(page))
    for part in (
        "geo_2",
        "pulse",
        f"{short(9e5)} ± {short(9e3)}",
        "Your priors say",
        "how far geos differ in size",
        "fast form",
    ):
        assert part in text
    table = geo.lift_tests_data().iloc[0]
    assert table["apart"] == pytest.approx(
        (table["measured"] - table["alone"]) / np.hypot(table["measured_sd"], table["alone_sd"])
    )


def test_by_geo_adds_up_to_the_channel(geo: Fit) -> None:
    by_geo = geo.returns_table(by_geo=True).query("measure == 'contribution'").groupby("channel")["mean"].sum()
    whole = geo.returns_table().query("measure == 'contribution'").set_index("channel")["mean"]
    np.testing.assert_allclose(by_geo[whole.index], whole, rtol=1e-9)
    assert len(geo.plot_roas_by_geo().data) == 2


def test_the_model_in_words_says_what_is_pooled_and_which_form(geo: Fit) -> None:
    said = " ".join(words.describe(geo))
    assert (
        "The 3 geos are scaled by population. Between geos, each channel's size and trend, season and controls" in said
    )
    assert "One experiment is part of the likelihood" in said
    assert "Form: fast. Residuals are normal" in said
    rows = {(of, quantity): (prior, post) for of, quantity, prior, post in prior_posterior.rows(geo)}
    assert ("tv", "how far geos differ in size (sd of the log)") in rows
    half = float(rows["tv", "half-saturation, in typical weeks"][1].split()[0])
    assert 0.1 < half < 20
    used = resolved_configuration(geo)
    assert (used["geos"], used["lift_tests"], used["form"]["form"]) == (list(geo.response.geos), ["pulse"], "fast")
    lines = fit_command._made(geo)
    assert "fast form" in lines[0]
    assert lines[1] == "Calibrated by one experiment; it contradicts the data."


@needs_browser
@pytest.mark.parametrize("width", [390, 1200])
def test_it_is_drawn_whole(geo: Fit, tmp_path: Path, width: int) -> None:
    geo.save(tmp_path / "fit")
    seen = look(tmp_path / "fit" / "report.html", width)
    assert seen.overflow <= 0
    assert seen.drawn == seen.charts > 8
    assert not seen.messages
    assert "ROAS by geo" in seen.text
    assert Fit.load(tmp_path / "fit").calibration == geo.calibration


def test_fits_of_format_2_get_the_form_that_they_had() -> None:
    stored = {"format": 2, "spec": {}, "lift_tests": []}
    now = migrate(stored, where="fit.json", to=3)
    assert (now["form"], now["calibration"], now["own_priors"]) == (Form.FAST, [], [])
    kept = migrate({**stored, "form": "general", "form_why": "x"}, where="fit.json", to=3)
    assert (kept["form"], kept["form_why"]) == ("general", "x")
