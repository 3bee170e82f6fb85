"""Which cells are shown, which are merged into ``other``, and which are left out: nobody can be found by subtraction.

Three rules, for each family of measures (those that share events):

1. A cell with too few people is merged with the others of its geo and period. If they are too few even together, they
   are left out.
2. All that is left out is listed as one total. If that is of too few people, further cells are left out: the smallest,
   ``other`` first.
3. Where totals of geo and period are known from elsewhere, the smallest cell that could have been shown is merged with
   those that are too few, or left out with them: the total less what is shown is then of enough people.

The complementary suppression of statistical offices (Hundepool et al., *Statistical Disclosure Control*, 2012, ch. 4),
by merging where that serves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.events.measures import Family, Measures
from mmm.data.events.tally import Tally, Why
from mmm.exceptions import DataError

#: Sets of cells, as their numbers → what the cells of each set hold together, one row a set.
Together = Callable[[Sequence[IntArray]], Tally]


@dataclass(frozen=True, eq=False)
class Merged:
    """Cells of one geo and period that are shown as one.

    Attributes
    ----------
    cells : (K,) ints
    tally : Tally
    row : int
        The merged cell's in ``tally``.
    """

    cells: IntArray
    tally: Tally
    row: int


@dataclass(frozen=True, eq=False)
class Decision:
    """What becomes of the cells of one family.

    Attributes
    ----------
    shown : (K,) ints
        Cells that are shown by themselves.
    merged : tuple of Merged
    hidden : (H,) ints
        Cells that are left out.
    """

    shown: IntArray
    merged: tuple[Merged, ...]
    hidden: IntArray


@dataclass(frozen=True, eq=False)
class Candidates:
    """Small cells of one geo and period, and the smallest cell that could be shown.

    Attributes
    ----------
    alone : (K,) ints
    partner : (0 or 1,) ints
    """

    alone: IntArray
    partner: IntArray

    @property
    def both(self) -> IntArray:
        """The small cells and the partner."""
        return np.append(self.alone, self.partner)


def candidates(
    tally: Tally, family: Family, measures: Measures, minimum: int, *, totals_known: bool
) -> tuple[BoolArray, list[Candidates]]:
    """Find the cells of a family that are too small, by geo and period; with a partner where totals are known.

    Returns
    -------
    small : (N,) bool
    groups : list of Candidates
    """
    here = (tally.why == Why.COUNTED) & (tally.rows_of(family) > 0)
    small = here & tally.too_small(family, measures, minimum)
    size = _size(tally, family)
    if not family.by_channel:
        return small, [Candidates(np.array([i]), np.array([], np.int64)) for i in np.flatnonzero(small)]
    place = np.stack([tally.period.astype(np.int64), tally.geo], axis=1)
    _, group = np.unique(place, axis=0, return_inverse=True)
    group = np.ravel(group)
    order = np.flatnonzero(here & np.isin(group, group[small]))
    order = order[np.lexsort((size[order], group[order]))]
    split = np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []
    return small, [Candidates(own[small[own]], own[~small[own]][: int(totals_known)]) for own in split]


def decide(
    tally: Tally,
    family: Family,
    measures: Measures,
    minimum: int,
    found: tuple[BoolArray, list[Candidates]],
    together: Together,
) -> Decision:
    """Decide about the cells of one family.

    Parameters
    ----------
    tally : Tally
    family : Family
    measures : Measures
    minimum : int
        People.
    found : (small, groups)
        Of :func:`candidates`.
    together : callable
        Knows how many different people several cells hold.

    Raises
    ------
    DataError
        All cells together are of too few people.
    """
    small, groups = found
    here = (tally.why == Why.COUNTED) & (tally.rows_of(family) > 0)
    shown = here & ~small
    merged: list[Merged] = []
    hidden: list[int] = []
    if groups and family.by_channel:
        asked = [cells for group in groups for cells in (group.alone, group.both)]
        held = together(asked)
        fine = ~held.too_small(family, measures, minimum)
        for i, group in enumerate(groups):
            if fine[2 * i]:
                merged.append(Merged(group.alone, held, 2 * i))
            elif len(group.partner) and fine[2 * i + 1]:
                merged.append(Merged(group.both, held, 2 * i + 1))
                shown[group.partner] = False
            else:
                hidden += group.both.tolist()
                shown[group.partner] = False
    else:
        hidden += [int(i) for group in groups for i in group.alone]
    excluded = (tally.why > Why.OTHER_KIND) & (tally.rows_of(family) > 0)
    excluded &= tally.too_small(family, measures, minimum)
    hidden += np.flatnonzero(excluded).tolist()
    decision = Decision(np.flatnonzero(shown), tuple(merged), np.asarray(sorted(hidden), dtype=np.int64))
    if not hidden:
        return decision
    return _completed(decision, tally, family, measures, minimum, together)


def _completed(
    decision: Decision, tally: Tally, family: Family, measures: Measures, minimum: int, together: Together
) -> Decision:
    """Leave out further cells until the total of what is left out is of enough people."""
    pool = together([decision.hidden])
    parts = [i for i, (_, atom) in enumerate(measures.parts) if atom in family.atoms]
    people, givers = pool.atom_people[0, list(family.atoms)].copy(), pool.nonzero[0, parts].copy()

    def enough() -> bool:
        counts = np.concatenate([people, givers])
        return bool(((counts == 0) | (counts >= minimum)).all())

    shown, merged, hidden = decision.shown.tolist(), list(decision.merged), decision.hidden.tolist()
    shown.sort(key=lambda i: (_size(tally, family)[i], i))
    while not enough():
        if merged:
            one = min(merged, key=lambda m: (int(m.tally.people[m.row]), int(m.cells[0])))
            merged.remove(one)
            cells, source, row = one.cells.tolist(), one.tally, one.row
        elif shown:
            row = shown.pop(0)
            cells, source = [row], tally
        else:
            names = ", ".join(measures.measures[j].name for j in family.measures)
            raise DataError(
                f"what '{names}' counts is of fewer than {minimum} people in every channel, geo and period, and cannot "
                "be told",
                do="Leave out the geo or the metric, or gather channels with join.channels or join.campaigns.",
            )
        hidden += cells
        # Of people who are in both, nothing is known here: the union has at least as many as the larger.
        people = np.maximum(people, source.atom_people[row, list(family.atoms)])
        givers = np.maximum(givers, source.nonzero[row, parts])
    return Decision(np.asarray(sorted(shown), dtype=np.int64), tuple(merged), np.asarray(sorted(hidden), np.int64))


def _size(tally: Tally, family: Family) -> IntArray:
    """Return the people of the largest atom of a family in each cell, (N,)."""
    return np.asarray(tally.atom_people[:, list(family.atoms)].max(axis=1, initial=0))
