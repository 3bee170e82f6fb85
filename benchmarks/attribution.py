"""What does each method get wrong? Attribution of a log, attribution of all touches, and an MMM beside the truth.

``python -m benchmarks.attribution [--markets 10] [--first-seed 1]``

Markets of the preset ``consumers_journeys``, one a seed: people followed one by one, a log without television and with
half of the people lost between devices, the weekly data of the same market fitted with the default model, and the truth
by rerunning the market without each channel. Finished markets are kept in ``benchmarks/.cache``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.cells import FIT_SOURCES, Store, source_key

PRESET = "consumers_journeys"
SOURCES = (*FIT_SOURCES, "mmm/data", "simulations/market", "benchmarks/attribution.py")
#: Served because people are about to buy: as media it takes the credit of demand.
FOLLOWS_DEMAND = "chat"
MMM = "MMM"
UNPRICED = f"MMM, {FOLLOWS_DEMAND} as organic"
WITHOUT = f"MMM, {FOLLOWS_DEMAND} left out"
TESTED = f"MMM, {FOLLOWS_DEMAND} left out, a lift test each online channel"
#: Where a platform can withhold ads from people drawn by lot; a test of ten weeks, with a standard error of 15 %.
ONLINE = ("social", "retargeting", "search")

NOTES = (
    "Error: the channels' absolute errors added up.",
    "Misplaced: share of its credit that another channel should have, both set to one total.",
    "The log misses television, and half of the people are strangers on every other device and in shops.",
    f"{FOLLOWS_DEMAND.capitalize()} is served to who is about to buy, so as media it takes demand's credit.",
    "With a cost of service it is a channel with a prior of its return; as organic it has none.",
    "The other models leave it out; one knows lift tests of ten weeks, standard error 15 %, of the online channels.",
)


def answer(seed: int) -> dict[str, Any]:
    """Return each method's credit and the truth, money by channel, of one market."""
    from simulations.market.consumers.simulate import simulate_consumers
    from simulations.market.journeys.credit import compare_credit
    from simulations.market.journeys.sample import sample_journeys
    from simulations.market.presets import preset

    cpu = time.process_time()
    market = simulate_consumers(preset(PRESET), seed)
    sample = sample_journeys(market, seed=seed)
    followed = time.process_time() - cpu
    settings = market.settings
    rest = {name: one for name, one in settings["channels"].items() if name != FOLLOWS_DEMAND}
    without = {**settings, "channels": rest}
    fitted = {
        MMM: contributions(market, settings, seed),
        UNPRICED: contributions(market, {**without, "organic": [FOLLOWS_DEMAND]}, seed),
        WITHOUT: contributions(market, without, seed),
        TESTED: contributions(market, without, seed, lift_tests(market, seed)),
    }
    table = compare_credit(market, sample.journeys, fitted)
    return {
        "seed": seed,
        "channels": list(table.channels),
        "sold": table.sold,
        "truth": table.truth.tolist(),
        "credits": {method: credit.tolist() for method, credit in table.credits.items()},
        "figures": sample.figures.as_dict(),
        "standard_errors_apart": sample.agreement.total_z,
        "journeys_cpu_s": followed,
        "cpu_s": time.process_time() - cpu,
    }


def lift_tests(market: Any, seed: int) -> tuple[Any, ...]:
    """Return what platforms tell of people from whom ads were withheld, in the window's middle."""
    from simulations.market.experiments import PeopleExperiment, assign_experiment

    start = market.weeks[len(market.weeks) // 2].astype(object)
    tests = []
    for name in ONLINE:
        spec = PeopleExperiment(kind="people", name=name, channel=name, start=start, weeks=10, error=0.15)
        tests.append(assign_experiment(market, spec, seed).test)
    return tuple(tests)


def contributions(market: Any, settings: dict[str, Any], seed: int, tests: tuple[Any, ...] = ()) -> dict[str, float]:
    """Fit the market's weekly data with the default model; return the posterior means in money by channel."""
    from mmm import ModelSpec, fit_model, read_panel
    from simulations.market.files import write_data, write_tests

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_data(market, folder)
        if tests:
            settings = {**settings, "lift_tests": write_tests(tests, folder).name}
        spec = ModelSpec.model_validate(settings)
        summary = fit_model(spec, read_panel(spec, folder), seed=seed, progress=False).summary()
    found = {**summary["channels"], **(summary.get("organic") or {})}
    return {name: one["contribution"]["mean"] * market.value for name, one in found.items()}


def cell(seed: int, store: Store) -> dict[str, Any]:
    """Return a market's figures, from the cache where they are there."""
    row = store.read(str(seed))
    if row is None:
        row = answer(seed)
        store.write(str(seed), row)
    return row


def by_method(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a method over all markets, the least wrong first."""
    from simulations.market.attribution.table import compare_methods

    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        named = {method: dict(zip(row["channels"], credit, strict=True)) for method, credit in row["credits"].items()}
        truth = dict(zip(row["channels"], row["truth"], strict=True))
        for one in compare_methods(truth, named, sold=row["sold"]).by_method().to_dict("records"):
            found.setdefault(str(one["method"]), []).append(one)
    keys = ("times_truth", "error_of_truth", "misplaced", "right_order")
    table = [
        {"method": method, **{key: _mean([one[key] for one in ones]) for key in keys}} for method, ones in found.items()
    ]
    return sorted(table, key=lambda one: one["error_of_truth"])


def by_channel(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return each method's credit as a multiple of the truth, summed over markets, by method and channel."""
    channels = rows[0]["channels"]
    truth = np.sum([row["truth"] for row in rows], axis=0)
    found = {}
    for method in rows[0]["credits"]:
        credit = np.sum([row["credits"][method] for row in rows], axis=0)
        found[method] = dict(zip(channels, (credit / truth).tolist(), strict=True))
    return found


def _mean(values: Sequence[float]) -> float | None:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else None


def tables(rows: Sequence[dict[str, Any]]) -> list[common.Table]:
    methods, times = by_method(rows), by_channel(rows)
    channels = rows[0]["channels"]
    return [
        common.Table(
            f"Each method beside the truth, mean of {len(rows)} markets",
            ("method", "credit ÷ what media truly made", "error ÷ truth", "misplaced", "pairs in the right order"),
            [
                [
                    one["method"],
                    _times(one["times_truth"]),
                    _times(one["error_of_truth"]),
                    _share(one["misplaced"]),
                    _share(one["right_order"]),
                ]
                for one in methods
            ],
            NOTES,
        ),
        common.Table(
            "Credit ÷ truth by channel, sums over the markets",
            ("method", *channels),
            [[one["method"], *(_times(times[one["method"]][name]) for name in channels)] for one in methods],
        ),
    ]


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markets", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    chosen = parser.parse_args()
    head = common.start()
    store = Store.of("attribution", source_key(SOURCES))
    rows = []
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.markets):
        rows.append(cell(seed, store))
        print(f"market {seed}: {rows[-1]['cpu_s']:.0f} s of CPU", flush=True)
    figures = {
        "by_method": by_method(rows),
        "by_channel": by_channel(rows),
        "journeys": [row["figures"] for row in rows],
        "standard_errors_apart": [row["standard_errors_apart"] for row in rows],
        "median_journeys_cpu_s": common.median([row["journeys_cpu_s"] for row in rows]),
    }
    common.write("attribution", head, "What each method of attribution gets wrong", tables(rows), figures)


if __name__ == "__main__":
    main()
