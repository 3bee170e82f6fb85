"""Every figure of a fit is a table too, and shows what the table holds."""

from __future__ import annotations

import numpy as np
import pytest
from plotly.graph_objects import Figure

from mmm.model import plots_data
from mmm.model.fit import Fit


def traces(figure: Figure) -> dict[str, np.ndarray]:
    return {trace.name: np.asarray(trace.y, dtype=float) for trace in figure.data if trace.name and trace.y is not None}


def test_weeks(fit: Fit) -> None:
    table = fit.fit_data()
    assert list(table.index) == list(fit.response.weeks.astype("datetime64[ns]"))
    np.testing.assert_allclose(table["residual"], table["observed"] - table["mean"])
    drawn = traces(fit.plot_fit())
    np.testing.assert_allclose(drawn["fit with 90% interval"], table["mean"])
    np.testing.assert_allclose(drawn["observed"], table["observed"])


def test_roas(fit: Fit) -> None:
    table = fit.roas_data()
    assert list(table.index) == ["tv", "search"]
    assert (table["q05"] < table["mean"]).all()
    np.testing.assert_allclose(list(fit.plot_roas().data[0].x), table["mean"])
    np.testing.assert_allclose(list(fit.plot_roas().data[1].x), table["prior_median"])


def test_contributions_add_up_to_the_predicted_outcome(fit: Fit) -> None:
    table = fit.contributions_data()
    assert list(table) == ["baseline", "letters", "tv", "search"]
    np.testing.assert_allclose(table.sum(axis=1), fit.fit_data()["mean"], rtol=1e-6)
    assert len(fit.plot_contributions().data) == 4


def test_response_curve(fit: Fit) -> None:
    table = fit.response_curve_data("tv")
    assert table.index[0] == 0
    assert table["mean"].iloc[0] == 0
    assert table["mean"].is_monotonic_increasing
    top = fit.response.spend[0].sum(axis=0).max()
    assert table.index[table["observed"]].max() <= top < table.index.max()
    assert len(fit.plot_response_curve("tv").data) > 2


def test_calibration_correlation_and_sensitivity(fit: Fit) -> None:
    table = fit.calibration_data()
    assert len(table) == fit.response.n_weeks
    assert table["pit"].between(0, 1).all()
    drawn = traces(fit.plot_calibration())["this fit"]
    assert drawn[-1] == pytest.approx(0.0)
    assert drawn[50] == pytest.approx((table["pit"] <= 0.5).mean() - 0.5)
    correlation = plots_data.correlation(fit)
    assert correlation.loc["tv", "tv"] == pytest.approx(1.0)
    assert list(plots_data.sensitivity(fit).index) == ["tv", "search", "total"]
