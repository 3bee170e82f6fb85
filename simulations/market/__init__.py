"""A simulated market whose truth is known: a world is written, drawn, and rerun under other spend.

``world`` is the file; ``demand``, ``controls``, ``patterns`` and ``media`` draw its parts; ``simulate`` lets it happen;
``truth`` and ``future`` run it again; ``generate`` invents worlds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.market.future import future_outcome, plan_value
    from simulations.market.generate import random_world
    from simulations.market.market import Market
    from simulations.market.simulate import simulate_market
    from simulations.market.truth import ChannelTruth, Truth
    from simulations.market.world import World

_HOMES = {
    "World": "world",
    "Market": "market",
    "Truth": "truth",
    "ChannelTruth": "truth",
    "simulate_market": "simulate",
    "random_world": "generate",
    "future_outcome": "future",
    "plan_value": "future",
}

__all__ = [
    "ChannelTruth",
    "Market",
    "Truth",
    "World",
    "future_outcome",
    "plan_value",
    "random_world",
    "simulate_market",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"simulations.market.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
