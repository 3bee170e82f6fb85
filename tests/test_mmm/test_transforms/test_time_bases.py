"""Calendar columns, for fitted and future weeks."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.exceptions import SpecError
from mmm.transforms.time_bases import TimeBasis, fourier_columns, holiday_counts

WEEKS = np.asarray(np.datetime64("2023-01-02") + 7 * np.arange(156).astype("timedelta64[D]"), dtype="datetime64[D]")


def test_columns_are_named_and_future_weeks_continue_them() -> None:
    basis = TimeBasis.fit_window(WEEKS, fourier_order=2, holidays="DE", knots=(52, 104))
    assert basis.names[:8] == (
        "intercept",
        "trend",
        "trend_from_52",
        "trend_from_104",
        "sin_1",
        "cos_1",
        "sin_2",
        "cos_2",
    )
    both = np.concatenate([WEEKS, WEEKS[-1] + 7 * np.arange(1, 14).astype("timedelta64[D]")])
    design = basis.design(both)
    assert design.shape == (169, len(basis.names))
    np.testing.assert_array_equal(design[:156], basis.design(WEEKS))
    assert design[:156, 1].mean() == pytest.approx(0.0, abs=1e-12)
    assert np.diff(design[:, 1]) == pytest.approx(2 / 156)


def test_a_holiday_is_in_the_week_that_holds_its_day() -> None:
    counts = holiday_counts(WEEKS, "DE")
    christmas = counts["Christmas Day"]
    assert christmas.sum() == 3
    assert WEEKS[int(np.argmax(christmas))] == np.datetime64("2023-12-25")
    easter = counts["Easter Monday"]
    assert WEEKS[int(np.argmax(easter))] == np.datetime64("2023-04-10")


def test_holidays_that_share_every_week_are_one_column() -> None:
    basis = TimeBasis.fit_window(WEEKS, holidays="DE")
    present = basis.design(WEEKS)[:, [i for i, n in enumerate(basis.names) if n.startswith("holiday:")]] > 0
    assert len({column.tobytes() for column in present.T}) == present.shape[1]


def test_fourier_repeats_each_year() -> None:
    now = fourier_columns(WEEKS, 3)
    later = fourier_columns(WEEKS + np.timedelta64(4 * 365 + 1, "D"), 3)
    np.testing.assert_allclose(now, later, atol=1e-9)
    assert fourier_columns(WEEKS, 0).shape == (156, 0)


def test_unknown_country_is_one_sentence() -> None:
    with pytest.raises(SpecError, match="'XX' is not a country"):
        TimeBasis.fit_window(WEEKS, holidays="XX")


def test_round_trip() -> None:
    basis = TimeBasis.fit_window(WEEKS, holidays="DE", knots=(52,))
    assert TimeBasis.from_dict(basis.as_dict()) == basis
