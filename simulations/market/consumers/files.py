"""What is true of a market of consumers and of no other: owned channels, what money leads to, stock that ran out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mmm.runs import write_json
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.owned_truth import owned_truth
from simulations.market.consumers.truth import following_truth

CONSUMERS_FILE = "consumers.json"
_OWNED = (
    "Contribution: money lost had the owned channel made no contact in the window, carryover after it included. What "
    "a contact costs stands in the company's model file, in no column of the data. ROAS: contribution over that cost."
)
_FOLLOWING = (
    "A channel's contribution where channels that follow demand spend what its demand leads to, instead of what they "
    "spent; ROAS over its own money and the money it led to."
)
_STOCK = "Weeks of a geo in which someone was refused, and purchases that were."


def consumers_json(market: ConsumerMarket) -> dict[str, Any]:
    """Return what is true of the market's consumers, JSON-ready, to nine digits: the same bytes on every machine."""
    owned = {
        name: {
            "contacts": _rounded(truth.contacts),
            "service_cost": _rounded(truth.service_cost),
            "contribution": _rounded(truth.contribution),
            "roas": None if truth.roas is None else _rounded(truth.roas),
        }
        for name, truth in owned_truth(market).items()
    }
    written: dict[str, Any] = {"currency": market.currency, "owned": {"definition": _OWNED, "channels": owned}}
    if set(market.names) - set(market.scene.spend):
        following = {
            name: {key: _rounded(value) for key, value in vars(truth).items()}
            for name, truth in following_truth(market).items()
        }
        written["following"] = {"definition": _FOLLOWING, "channels": following}
    if market.world.capacity is not None:
        refused = market.record.refused
        written["stock"] = {
            "definition": _STOCK,
            "weeks": int((refused > 0).sum()),
            "refused": _rounded(float(refused.sum())),
        }
    return written


def write_consumers(market: ConsumerMarket, folder: Path) -> Path:
    """Write ``consumers.json`` into the folder of the truth and return its path."""
    path = folder / CONSUMERS_FILE
    write_json(path, consumers_json(market))
    return path


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")
