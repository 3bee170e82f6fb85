"""Invent worlds: national markets of the kind on which marketing mix models are compared."""

from __future__ import annotations

from datetime import date

import numpy as np

from simulations.market.world import World

#: Outcome of an average week before media, money.
_LEVEL = 1_000_000.0


def random_world(
    seed: int, *, weeks: int = 156, channels: int = 5, r2: float = 0.9, spend_share: float = 0.12
) -> World:
    """Draw a clean national world: every assumption of the usual model holds, and only its truth is random.

    Weekly retention 0.2–0.7, Hill slopes 0.8–2, half-saturation 0.6–1.6 of the mean media on air, spend that goes
    on and off, true ROAS log-normal with median 1.5 and at most 5, two yearly waves, a trend, one control.

    Parameters
    ----------
    seed : int
        The world's and its market's.
    weeks, channels : int
    r2 : float
        Share of the outcome's variance that is not noise.
    spend_share : float
        All channels' typical spend as a share of the outcome's level.

    Returns
    -------
    World
    """
    rng = np.random.default_rng([seed, *b"random_world"])
    shares = rng.dirichlet(np.full(channels, 4.0))
    waves = rng.normal(0.0, [[0.08, 0.08], [0.03, 0.03]])
    return World.model_validate(
        {
            "seed": seed,
            "start": date(2023, 1, 2),
            "weeks": weeks,
            "outcome": {"level": _LEVEL},
            "trend_per_year": float(rng.normal(0.02, 0.03)),
            "season": [{"sine": float(sine), "cosine": float(cosine)} for sine, cosine in waves],
            "noise": {"r2": r2},
            "controls": {
                "price": {"kind": "steps", "mean": 100.0, "sd": 3.0, "effect": float(-rng.uniform(0.003, 0.012))}
            },
            "channels": {
                f"channel_{number + 1}": _channel(rng, float(share) * spend_share * _LEVEL)
                for number, share in enumerate(shares)
            },
        }
    )


def _channel(rng: np.random.Generator, weekly: float) -> dict[str, object]:
    return {
        "spend": {
            "pattern": "bursts",
            "weekly": weekly,
            "weeks_on": float(rng.uniform(3.0, 8.0)),
            "weeks_off": float(rng.uniform(2.0, 6.0)),
            "variation": 0.3,
        },
        "adstock": float(rng.uniform(0.2, 0.7)),
        "saturation": {"form": "hill", "half": float(rng.uniform(0.6, 1.6)), "slope": float(rng.uniform(0.8, 2.0))},
        "roas": min(float(rng.lognormal(np.log(1.5), 0.5)), 5.0),
    }
