"""Row 4: a lift test in a biased world: ``python -m benchmarks.reliability.lift_tests [--worlds 20]``.

Search follows a demand that nobody records, so that its ROAS is overstated; in the middle it goes dark for some weeks,
and the experiment's result is given to the model. And in a clean world a test is given that cannot be true.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.mechanism import HISTORY, TrueMarket
from benchmarks.reliability import study
from benchmarks.reliability.clean import clean_market, draft
from benchmarks.reliability.runs import alarms, compare, error_of, fit_market
from benchmarks.reliability.stress_worlds import search_follows_demand
from mmm.data.lift_tests import LiftTest

SEED = 44_000
#: Weeks of the holdout, and how long its effect is measured after it.
DARK, AFTER = 6, 4
#: Standard error of a test, as a share of what it finds.
PRECISION = 0.1
#: Unrecorded demand that search follows, as a share of its level.
DEMAND = 0.04
CONFLICT = "lift_test_conflict"
#: A test that claims so many times the truth cannot be true.
WRONG = 5.0
WANTED_CUT, WANTED_NOT_WORSE = 0.7, 0.9


def on_air(spend: np.ndarray, near: float = 0.5) -> int:
    """Return the first of the weeks in which a channel (T,) spends at least as much as usual, nearest to a place.

    Parameters
    ----------
    spend : (T,)
    near : float
        Share of the window that lies before that place: the middle by default.
    """
    sums = np.convolve(spend, np.ones(DARK), "valid")[: len(spend) - DARK - AFTER]
    busy = np.flatnonzero(sums >= DARK * spend.mean() * (1 - 1e-9))
    return int(busy[np.argmin(np.abs(busy - int(near * len(spend))))])


def held_out(market: TrueMarket, number: int, rng: np.random.Generator) -> tuple[TrueMarket, LiftTest]:
    """Take a channel off air around the middle of the window, in weeks in which it spends, and measure what is lost."""
    return hold_out(market, number, on_air(market.spend[number]), rng)


def hold_out(market: TrueMarket, number: int, start: int, rng: np.random.Generator) -> tuple[TrueMarket, LiftTest]:
    """Take a channel off air from the week ``start`` of the window on, and measure what is lost."""
    usual, dark = market.spend, slice(start, start + DARK)
    spend = market.channels[number].spend.copy()
    spend[HISTORY + dark.start : HISTORY + dark.stop] = 0.0
    channels = list(market.channels)
    channels[number] = replace(channels[number], spend=spend)
    tested = replace(market, channels=tuple(channels))
    lift = tested.lift(usual, slice(start, start + DARK + AFTER))
    error = PRECISION * abs(lift)
    test = LiftTest(
        name="holdout",
        channel=market.names[number],
        geos=(),
        start=market.weeks[dark.start],
        end=market.weeks[dark.stop - 1],
        measured_to=market.weeks[dark.stop - 1 + AFTER],
        spend_change=float((tested.spend - usual).sum()),
        lift=float(lift + error * rng.standard_normal()),
        standard_error=error,
    )
    return tested, test


def lift_cell(name: str, sampling: dict[str, Any] | None = None) -> dict[str, Any]:
    """Fit one biased world without and with its test, and one clean world with a test that is wrong."""
    started = time.perf_counter()
    seed = int(name)
    settings = {"sampling": sampling or {"cores": 1}}
    market, test = held_out(search_follows_demand(draft(seed), DEMAND), 0, np.random.default_rng([seed, 5]))
    without, with_test = fit_market(market, seed, settings), fit_market(market, seed, settings, tests=(test,))
    clean, honest = held_out(clean_market(seed), 0, np.random.default_rng([seed, 6]))
    wrong = replace(honest, lift=WRONG * honest.lift, standard_error=PRECISION * abs(honest.lift))
    return {
        "tested": test.channel,
        "without": compare(market, without),
        "with_test": compare(market, with_test),
        "alarms_honest": alarms(with_test),
        "alarms_wrong": alarms(fit_market(clean, seed, settings, tests=(wrong,))),
        "alarms_right": alarms(fit_market(clean, seed, settings, tests=(honest,))),
        "seconds": time.perf_counter() - started,
    }


def cut(row: dict[str, Any]) -> float:
    """Return the share of the tested channel's bias that the test takes away."""
    before, after = (abs(error_of(row[key][row["tested"]])) for key in ("without", "with_test"))
    return 1.0 - after / before


def mean_error(row: dict[str, Any], key: str) -> float:
    return float(np.mean([abs(error_of(channel)) for channel in row[key].values()]))


def judge(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the bias with and without, and how often a wrong test and an honest one are flagged."""
    before = np.array([error_of(row["without"][row["tested"]]) for row in rows])
    after = np.array([error_of(row["with_test"][row["tested"]]) for row in rows])
    total_cut = 1.0 - abs(float(after.mean())) / abs(float(before.mean()))
    not_worse = float(np.mean([mean_error(row, "with_test") <= mean_error(row, "without") for row in rows]))
    flagged = float(np.mean([CONFLICT in row["alarms_wrong"] for row in rows]))
    return {
        "worlds": len(rows),
        "bias_without": float(before.mean()),
        "bias_with": float(after.mean()),
        "cut": total_cut,
        "median_cut": float(np.median([cut(row) for row in rows])),
        "not_worse": not_worse,
        "wrong_flagged": flagged,
        "honest_flagged": float(np.mean([CONFLICT in row["alarms_right"] for row in rows])),
        "conflict_in_biased_worlds": float(np.mean([CONFLICT in row["alarms_honest"] for row in rows])),
        "passes": total_cut >= WANTED_CUT and not_worse >= WANTED_NOT_WORSE and flagged == 1.0,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = study.parser(__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    options = parser.parse_args(arguments)
    head = common.start()
    rows = study.run("lift_tests", [str(SEED + i) for i in range(options.worlds)], lift_cell, options)
    if rows is None:
        return 0
    found = judge(rows)
    table = common.Table(
        "A holdout of search that follows demand",
        (
            "worlds", "bias without", "bias with", "cut", "median cut", "error not worse", "wrong test flagged",
            "honest test flagged, clean world", "honest test in conflict with the biased data", "passes",
        ),
        [
            [
                found["worlds"],
                f"{100 * found['bias_without']:+.0f} %",
                f"{100 * found['bias_with']:+.0f} %",
                *(f"{100 * found[key]:.0f} %" for key in ("cut", "median_cut", "not_worse", "wrong_flagged")),
                *(f"{100 * found[key]:.0f} %" for key in ("honest_flagged", "conflict_in_biased_worlds")),
                "yes" if found["passes"] else "no",
            ]
        ],
        notes=("Wanted: bias cut by 70 %, mean error not worse in 90 % of worlds, wrong tests flagged.",),
    )  # fmt: skip
    common.write("reliability_4_lift_tests", head, "Reliability 4: lift tests", [table], found)
    return 0 if found["passes"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
