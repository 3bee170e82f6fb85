"""An account by month against figures by week: it agrees where some division of the weeks fits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from mmm.data.joining.agreement import MonthSpend, agreeing, close


def test_close_is_a_share_or_a_cent():
    assert close(100.0, 100.5, 0.005)
    assert not close(100.0, 100.51, 0.005)
    assert close(0.0, 0.01, 0.0)


@given(st.data())
def test_the_account_agrees_where_a_division_of_the_weeks_exists(data):
    """Against linear programming: is there a division that fits every month up to this one?"""
    amounts = st.integers(-20, 60)
    many = data.draw(st.integers(1, 5))
    months = [np.datetime64(f"2024-{m + 1:02}-01") for m in range(many + 1)]
    shared = [data.draw(amounts) for _ in range(many + 1)]
    spent = {
        month: MonthSpend(0.0, float(data.draw(amounts)), min(x, 0), max(x, 0))
        for month, x in zip(months, shared, strict=True)
    }
    account = [float(data.draw(amounts)) for _ in range(many)]
    judged = agreeing(months[1:], account, spent, months[:-1], 0.0)
    known = judged.index(False) + 1 if False in judged else many
    for m in range(1, known + 1):
        rows = np.zeros((m, m + 1))
        wanted = np.empty(m)
        for k in range(m):
            rows[k, k], rows[k, k + 1] = -1.0, 1.0
            wanted[k] = account[k] - spent[months[k + 1]].within - shared[k]
        bounds = [(spent[month].least, spent[month].most) for month in months[: m + 1]]
        both = np.concatenate([rows, -rows]), np.concatenate([wanted + 0.01, 0.01 - wanted])
        assert judged[m - 1] is linprog(np.zeros(m + 1), *both, bounds=bounds).success
