"""Small worlds of consumers for the tests."""

from __future__ import annotations

from typing import Any

from simulations.market.consumers.world import ConsumerWorld

ALWAYS_ON = {"pattern": "always_on", "weekly": 1000, "variation": 0.3}


def small_world(**changes: Any) -> ConsumerWorld:
    """A year with every kind of part in it."""
    settings: dict[str, Any] = {
        "engine": "consumers",
        "seed": 5,
        "start": "2025-01-06",
        "weeks": 52,
        "country": "DE",
        "people": 1_000_000,
        "trend_per_year": 0.05,
        "season": [{"sine": 0.05, "cosine": 0.1}],
        "holiday_effects": {"Christmas Day": -0.05},
        "unrecorded": {"sd": 0.02},
        "noise": {"sd": 0.02},
        "controls": {
            "price": {"kind": "steps", "effect": -0.02},
            "promotion": {"kind": "every_year", "dates": ["02-01", "11-20"], "effect": 0.02},
        },
        "acts_on": {"promotion": "decide"},
        "channels": {
            "tv": {
                "kind": "reach",
                "spend": {"pattern": "flighted", "weekly": 20_000},
                "exposure": {"cost": 0.01},
                "audience": {"share": 0.8},
                "frequency": {"half": 1.0, "slope": 1.5},
                "effect": {"aware": 0.1, "favour": 0.02, "explore": 0.03},
            },
            "social": {
                "kind": "reach",
                "spend": {"pattern": "bursts", "weekly": 6000},
                "exposure": {"cost": 0.006},
                "audience": {"share": 0.5, "weights": {"activity": {"exploring": 4}}},
                "effect": {"favour": 0.02, "purchase": 0.05},
            },
            "search": {
                "kind": "search",
                "exposure": {"name": "clicks", "cost": 0.4},
                "effect": {"purchase": 0.15, "favour": 0.03},
            },
        },
        "owned": {
            "newsletter": {
                "kind": "sent",
                "volume": {"pattern": "always_on", "weekly": 30_000, "books_in": 1},
                "audience": {"weights": {"loyalty": {"switcher": 0.1, "competitor_loyal": 0}}},
                "effect": {"explore": 0.05},
            },
            "friends": {"kind": "talk"},
            "chat": {
                "kind": "asked",
                "contacts": 0.1,
                "capacity": {"pattern": "always_on", "weekly": 2000},
                "service_cost": 3.0,
                "effect": {"purchase": 0.2},
            },
        },
        "rivals": {
            "acme": {"volume": {"pattern": "bursts", "weekly": 500_000}, "effect": {"disfavour": 0.02, "poach": 0.01}}
        },
    }
    return ConsumerWorld.model_validate(settings | changes)
