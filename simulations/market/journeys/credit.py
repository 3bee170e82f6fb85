"""What each method makes of one market's journeys, beside what its channels truly did."""

from __future__ import annotations

from collections.abc import Mapping

from simulations.market.attribution.methods import Method, attribute
from simulations.market.attribution.paths import Paths
from simulations.market.attribution.shapley import MOST_CHANNELS
from simulations.market.attribution.table import Comparison, compare_methods
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.journeys.journeys import Journeys
from simulations.market.journeys.seen import company_paths


def true_contributions(market: ConsumerMarket) -> dict[str, float]:
    """Return the money lost without each channel in the window, by rerunning the market.

    A paid channel's holds its carryover after the window; an owned channel's is of the window.
    """
    truth = market.truth
    paid = {name: channel.contribution for name, channel in truth.channels.items()}
    return paid | {name: total * market.value for name, total in truth.organic.items()}


def compare_credit(
    market: ConsumerMarket, journeys: Journeys, contributions: Mapping[str, Mapping[str, float]] | None = None
) -> Comparison:
    """Put every method beside the truth.

    Each method of attribution stands there twice: on the company's log, which misses channels, devices and shops, and
    on all touches, so that what is wrong for want of data and what is wrong by method can be told apart.

    Parameters
    ----------
    market : ConsumerMarket
    journeys : Journeys
        Sampled from it.
    contributions : mapping of str to mapping, optional
        Other methods' contributions in money by channel, such as ``{"MMM": {"tv": 120_000, ...}}``.

    Raises
    ------
    SpecError
        ``contributions`` names a channel that the market does not have.
    """
    credited = {name: dict(by_channel) for name, by_channel in (contributions or {}).items()}
    credited |= _attributed(company_paths(journeys), "the company's log")
    credited |= _attributed(journeys.paths(), "all touches")
    sold = float(market.record.outcome.sum()) * market.value
    return compare_methods(true_contributions(market), credited, sold=sold, currency=market.currency)


def _attributed(paths: Paths, view: str) -> dict[str, dict[str, float]]:
    methods = [method for method in Method if method is not Method.SHAPLEY_RATE or len(paths.channels) <= MOST_CHANNELS]
    found = {}
    for method, credit in attribute(paths, methods).items():
        found[f"{method}, {view}"] = dict(zip(paths.channels, credit.tolist(), strict=True))
    return found
