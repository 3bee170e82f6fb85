"""Everything that is drawn once about a market: all randomness, so that every rerun meets the same weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from mmm.arrays import FloatArray, IntArray, WeekArray


@dataclass(frozen=True, eq=False)
class Scene:
    """N weeks of history, window and future for B columns; a column is a geo of a replicate, geos varying fastest.

    Attributes
    ----------
    weeks : (N,) datetime64[D]
    people : (1, B)
        Number of people.
    size : (1, B)
        Part of the replicate's people.
    response : (1, B)
        Factor on the strength of every contact.
    in_market : (N, B)
        Share of people towards which the market is pulled.
    eagerness : (N, B)
        Factor on the chance to decide.
    liking : (N, B)
        Added to the log odds of choosing us: geo, controls on the choice.
    price : (N, B)
        Price over its mean, where the outcome's worth follows it; else 1.
    noise : (N, B)
        Standard normal.
    spend : dict of str to (N, B)
        Money that paid channels mean to spend; those that follow demand are not in it.
    cost : dict of str to (N, B)
        A week's cost per exposure over the usual cost.
    volume : dict of str to (N, B)
        Contacts that owned channels and rivals mean to make, or can serve; of search the share of voice aimed at; of
        talk 1, or 0 where nobody talks.
    controls : dict of str to (N, B)
        As recorded.
    """

    weeks: WeekArray
    people: FloatArray
    size: FloatArray
    response: FloatArray
    in_market: FloatArray
    eagerness: FloatArray
    liking: FloatArray
    price: FloatArray
    noise: FloatArray
    spend: dict[str, FloatArray]
    cost: dict[str, FloatArray]
    volume: dict[str, FloatArray]
    controls: dict[str, FloatArray]

    @classmethod
    def joined(cls, scenes: Sequence[Self]) -> Self:
        """Put the columns of scenes of the same weeks side by side."""
        first = scenes[0]
        changed: dict[str, object] = {}
        for field in fields(first):
            values = [getattr(scene, field.name) for scene in scenes]
            if isinstance(values[0], dict):
                names = values[0]
                changed[field.name] = {name: np.concatenate([v[name] for v in values], axis=1) for name in names}
            elif field.name != "weeks":
                changed[field.name] = np.concatenate(values, axis=1)
        return replace(first, **changed)  # type: ignore[arg-type]

    def take(self, columns: IntArray) -> Self:
        """Return the scene of some columns, which may repeat."""
        changed: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, dict):
                changed[field.name] = {name: series[:, columns] for name, series in value.items()}
            elif field.name != "weeks":
                changed[field.name] = value[:, columns]
        return replace(self, **changed)  # type: ignore[arg-type]
