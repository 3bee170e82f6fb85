"""The study's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.model.defaults.scores import Rows, paired
from benchmarks.model.posterior_figures import pooled


def percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f} %"


def with_error(found: Mapping[str, Any], key: str, digits: int = 1) -> str:
    """Write a share and its Monte Carlo error."""
    return f"{100 * found[key]:.{digits}f} ± {100 * found[f'{key}_se']:.{digits}f}"


def candidates_table(
    caption: str, found: Mapping[str, dict[str, Any]], rows: Mapping[str, Rows], base: str
) -> common.Table:
    """Return one line a candidate."""

    def line(name: str) -> list[object]:
        one = found[name]
        gap, error = paired(rows[name], rows[base])
        return [
            name,
            f"{one['markets']} × {one['channels']}",
            with_error(one, "absolute_error_mean"),
            with_error(one, "absolute_error_median"),
            with_error(one, "signed_error_mean"),
            *(with_error(one, f"coverage_{level}", 0) for level in (50, 80, 90)),
            percent(one["interval_width"], 0),
            f"{one['crps']:.3f}",
            "–" if name == base else f"{gap:+.3f} ± {error:.3f}",
            with_error(one, "regret"),
            percent(one["captured"], 0),
            percent(one["converged"], 0),
            common.seconds(one["median_seconds"]),
        ]

    return common.Table(
        caption,
        (
            "candidate", "markets × channels in all", "median absolute error of the mean, %", "of the median, %",
            "median signed error, %", "covered by 50 %", "by 80 %", "by 90 %", "90 % interval / truth", "score",
            f"score less {base}'s", "regret of the plan, %", "of the possible uplift", "converged", "s a fit",
        ),
        [line(name) for name in found],
        notes=(
            "± is one Monte Carlo standard error, markets drawn whole.",
            "Score: mean CRPS of log ROAS; smaller is better.",
            "Regret: (V* − V) / V*, V the true value of the 13 weeks' plan (totals ±30 %), V* the best that was found.",
            "Converged: R-hat ≤ 1.01, ESS ≥ 400, divergences ≤ 0.1 %.",
        ),
    )  # fmt: skip


def families_table(caption: str, rows: Rows) -> common.Table:
    """Return a candidate's figures by what was true of the markets."""
    groups: list[tuple[str, list[dict[str, Any]]]] = []
    for key, name in (("family", "{}"), ("weeks", "{} weeks"), ("wanders", "baseline wanders: {}")):
        values = list(dict.fromkeys(row[key] for row in rows))
        said = {True: "yes", False: "no"}
        for value in sorted(values, key=str):
            shown = name.format(said.get(value, value) if isinstance(value, bool) else value)
            groups.append((shown, [row for row in rows if row[key] == value]))
    groups.append(("noise correlates", [row for row in rows if row["noise_persistence"] > 0]))
    groups.append(("noise is white", [row for row in rows if row["noise_persistence"] == 0]))

    def line(name: str, some: list[dict[str, Any]]) -> list[object]:
        one = pooled([list(row["channels"].values()) for row in some])
        return [
            name,
            one["markets"],
            with_error(one, "absolute_error_mean"),
            with_error(one, "signed_error_mean"),
            with_error(one, "coverage_90", 0),
            percent(one["interval_width"], 0),
        ]

    return common.Table(
        caption,
        (
            "markets",
            "number",
            "median absolute error, %",
            "median signed error, %",
            "covered by 90 %",
            "interval / truth",
        ),
        [line(name, some) for name, some in groups if some],
    )


def peer_table(rows: Mapping[str, list[dict[str, Any]]]) -> common.Table:
    """Return ours beside a peer on the markets that the peer finished."""

    def line(name: str, some: list[dict[str, Any]]) -> list[object]:
        one = pooled([list(row["channels"].values()) for row in some])
        return [
            name,
            one["markets"],
            with_error(one, "absolute_error_mean"),
            with_error(one, "absolute_error_median"),
            with_error(one, "signed_error_mean"),
            with_error(one, "coverage_90", 0),
            percent(one["interval_width"], 0),
            f"{one['crps']:.3f} ± {one['crps_se']:.3f}",
            percent(float(np.mean([row["max_rhat"] <= 1.01 for row in some])), 0),
            int(sum(row.get("divergences", 0) for row in some)) or "–",
            common.seconds(common.median([row["seconds"] for row in some])),
        ]

    return common.Table(
        "Beside PyMC-Marketing on the same markets",
        (
            "", "markets", "median absolute error of the mean, %", "of the median, %", "median signed error, %",
            "covered by 90 %", "interval / truth", "score", "R-hat ≤ 1.01", "divergences", "s a fit",
        ),
        [line(name, some) for name, some in rows.items()],
        notes=(
            "ROAS of both by DESIGN.md's definition.",
            "PyMC-Marketing: geometric adstock over 12 weeks, logistic saturation, its default priors, nutpie.",
            "Its controls are the scaled price and a linear trend; two yearly waves.",
        ),
    )  # fmt: skip
