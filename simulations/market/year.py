"""What the calendar does to demand in either engine: the season, and public holidays."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.transforms.time_bases import fourier_columns, holiday_counts
from simulations.market.any_world import AnyWorld

#: Demand never falls below this share of its level.
LEAST_DEMAND = 0.05


def season_index(world: AnyWorld, weeks: WeekArray) -> FloatArray:
    """Return the yearly index of demand in any weeks, (N,): 1 plus the world's harmonics, mean about 1."""
    waves = np.array([[wave.sine, wave.cosine] for wave in world.season], dtype=np.float64).ravel()
    index = 1.0 + fourier_columns(weeks, len(world.season)) @ waves
    return np.asarray(np.maximum(index, LEAST_DEMAND), dtype=np.float64)


def holiday_effect(world: AnyWorld, weeks: WeekArray) -> FloatArray:
    """Return what the holidays of each week add to demand, as a share of its level, (N,).

    Raises
    ------
    SpecError
        A holiday that the country does not have in these weeks.
    """
    if world.country is None or not world.holiday_effects:
        return np.zeros(len(weeks))
    counts = holiday_counts(weeks, world.country)
    unknown = sorted(set(world.holiday_effects) - set(counts))
    if unknown:
        raise SpecError(
            f"'{unknown[0]}' is not a public holiday of {world.country} in these weeks",
            where=f"holiday_effects.{unknown[0]}",
            do=f"Known: {', '.join(sorted(counts))}.",
        )
    return np.asarray(sum(effect * counts[name] for name, effect in world.holiday_effects.items()), dtype=np.float64)
