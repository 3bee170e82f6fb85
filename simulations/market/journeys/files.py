"""What the journeys leave on disk: the company's log, and in the truth's folder everything that happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from mmm.runs import write_json
from simulations.market.attribution.log import LOG_FILE
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.journeys.credit import compare_credit
from simulations.market.journeys.sample import Sample, sample_journeys
from simulations.market.journeys.seen import company_log, whole_log
from simulations.market.journeys.spec import JourneySettings
from simulations.market.streams import Streams

FIGURES_FILE = "journeys.json"


def write_journeys(market: ConsumerMarket, folder: Path, truth: Path, seed: int | None = None) -> tuple[Path, ...]:
    """Follow people through a market and write what is known of them.

    Parameters
    ----------
    market : ConsumerMarket
        Its world says how under ``journeys``.
    folder, truth : Path
        Of the company's data, and of the truth; both exist.
    seed : int, optional
        The world's by default.

    Returns
    -------
    tuple of Path
        ``journeys.csv`` (the company's log); in the truth's folder ``journeys.csv`` (all touches), ``journeys.json``
        (figures, dials, agreement with the panel), ``attribution.csv`` and ``attribution.txt`` (each method's credit
        beside the truth).

    Raises
    ------
    SpecError
        See :func:`simulations.market.journeys.sample.sample_journeys`.
    """
    used = market.world.seed if seed is None else seed
    sample = sample_journeys(market, seed=used)
    streams = Streams(used)
    _write_log(company_log(sample.journeys, streams), folder / LOG_FILE)
    _write_log(whole_log(sample.journeys, streams), truth / LOG_FILE)
    write_json(truth / FIGURES_FILE, figures_json(sample))
    table = compare_credit(market, sample.journeys)
    return folder / LOG_FILE, truth / LOG_FILE, truth / FIGURES_FILE, table.write(truth)


def figures_json(sample: Sample) -> dict[str, Any]:
    """Return a sample's figures JSON-ready: those counted, those asked for and who quotes them, dials, agreement."""
    settings: JourneySettings = sample.journeys.settings
    held = sample.agreement
    figures = {name: None if value != value else value for name, value in sample.figures.as_dict().items()}  # noqa: PLR0124  (NaN)
    return {
        "people_followed": settings.people,
        "each_stands_for": float(f"{sample.journeys.scale:.9g}"),
        "figures": figures,
        "asked_for": json.loads(settings.targets.model_dump_json(exclude_none=True)),
        "dials": {name: float(f"{value:.6g}") for name, value in sample.research.model_dump().items()},
        "agreement_with_panel": {
            "purchases_in_panel": float(f"{held.panel.sum():.9g}"),
            "purchases_of_people_followed_scaled": float(f"{held.journeys.sum():.9g}"),
            "standard_error": float(f"{held.total_error:.6g}"),
            "standard_errors_apart": float(f"{held.total_z:.4g}"),
            "mean_square_by_week_and_geo": float(f"{held.mean_square:.4g}"),
        },
    }


def _write_log(log: pd.DataFrame, path: Path) -> None:
    text = log.copy()
    text["time"] = text["time"].dt.strftime("%Y-%m-%d %H:%M:%S")
    text["value"] = ["" if value != value else f"{value:.2f}" for value in log["value"]]  # noqa: PLR0124  (NaN)
    text.to_csv(path, index=False, lineterminator="\n")
