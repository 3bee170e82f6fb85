"""Small worlds for the market's tests."""

from __future__ import annotations

from typing import Any

from simulations.market.world import World

ALWAYS_ON = {"pattern": "always_on", "weekly": 1000, "variation": 0.3}


def small_world(**changes: Any) -> World:
    """A year and a half with every kind of part in it."""
    settings: dict[str, Any] = {
        "seed": 5,
        "start": "2025-01-06",
        "weeks": 80,
        "country": "DE",
        "outcome": {"level": 100_000},
        "trend_per_year": 0.05,
        "season": [{"sine": 0.05, "cosine": 0.1}],
        "holiday_effects": {"Christmas Day": -0.05},
        "unrecorded": {"sd": 0.01},
        "noise": {"sd": 0.02},
        "controls": {
            "price": {"kind": "steps", "effect": -0.01},
            "rival": {"kind": "wandering", "effect": -0.002},
            "promotion": {"kind": "every_year", "dates": ["02-01", "11-20"], "effect": 0.01},
        },
        "channels": {
            "tv": {
                "spend": {"pattern": "flighted", "weekly": 5000, "books_in": 100},
                "adstock": 0.6,
                "saturation": {"slope": 1.6},
                "roas": 2.0,
            },
            "social": {
                "spend": {"pattern": "bursts", "weekly": 3000},
                "exposure": {"cost": 0.01, "noise": 0.1},
                "adstock": 0.3,
                "saturation": {"form": "logistic"},
                "roas": 1.2,
            },
            "search": {
                "spend": {"pattern": "follows_demand", "weekly": 2000, "elasticity": 2.0, "variation": 0.05},
                "exposure": {"name": "clicks", "cost": 0.5},
                "roas": 3.0,
            },
            "banner": {"spend": {"pattern": "seasonal", "weekly": 800, "power": 2, "stops": "2026-01-05"}, "roas": 0.5},
        },
        "organic": {"newsletter": {"volume": {"pattern": "always_on", "weekly": 20_000, "books_in": 1}, "share": 0.04}},
    }
    return World.model_validate(settings | changes)


def one_channel(channel: dict[str, Any] | None = None, **changes: Any) -> World:
    """A flat market without noise and with one always-on channel."""
    settings: dict[str, Any] = {
        "seed": 2,
        "start": "2025-01-06",
        "weeks": 60,
        "outcome": {"level": 100_000, "decimals": 6},
        "noise": {"sd": 0},
        "channels": {"tv": {"spend": ALWAYS_ON, "roas": 2.0} | (channel or {})},
    }
    return World.model_validate(settings | changes)
