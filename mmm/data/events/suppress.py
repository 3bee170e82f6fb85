"""Which cells are shown, which are merged into ``other``, and which are left out: nobody can be found by subtraction.

Three rules, for each family of measures (those that share events):

1. A cell with too few people is merged with the others of its geo and period. If they are too few even together, they
   are left out.
2. All that is left out is listed as one total. If that is of too few people, further cells are left out: of those that
   the model has no use for, ``other`` first and then the smallest; else of the first period, since a panel that begins
   later has no hole.
3. Where totals of geo and period are known from elsewhere, the smallest cell that could have been shown is merged with
   those that are too few, or left out with them: the total less what is shown is then of enough people. Here too,
   cells that the model has no use for come first.

The complementary suppression of statistical offices (Hundepool et al., *Statistical Disclosure Control*, 2012, ch. 4),
by merging where that serves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.events.measures import Family, Measures
from mmm.data.events.tally import MERGED, Tally, Why
from mmm.exceptions import DataError

#: Channels, as codes, of which the model has a column.
Wanted = AbstractSet[int]
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
    given_up : (K,) ints
        Those of them that are of enough people, for rule 2.
    """

    shown: IntArray
    merged: tuple[Merged, ...]
    hidden: IntArray
    given_up: IntArray


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
    tally: Tally, family: Family, measures: Measures, minimum: int, wanted: Wanted, *, totals_known: bool
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
    order = order[np.lexsort((size[order], np.isin(tally.channel[order], list(wanted)), group[order]))]
    split = np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []
    return small, [Candidates(own[small[own]], own[~small[own]][: int(totals_known)]) for own in split]


def decide(
    tally: Tally,
    family: Family,
    measures: Measures,
    minimum: int,
    found: tuple[BoolArray, list[Candidates]],
    together: Together,
    wanted: Wanted,
    *,
    one_at_least: bool = False,
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
    wanted : set of int
        Channels, as codes, of which the model has a column.
    one_at_least : bool
        Leave out a cell even if none is of too few people, for other rows to be listed with it.

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
    nobody = np.array([], np.int64)
    decision = Decision(np.flatnonzero(shown), tuple(merged), _sorted(hidden), nobody)
    if not (hidden or one_at_least):
        return decision
    return _completed(decision, tally, family, measures, minimum, together, wanted)


def _completed(
    decision: Decision,
    tally: Tally,
    family: Family,
    measures: Measures,
    minimum: int,
    together: Together,
    wanted: Wanted,
) -> Decision:
    """Leave out further cells until the total of what is left out is of enough people."""
    shown, merged, hidden = decision.shown.tolist(), list(decision.merged), decision.hidden.tolist()
    given_up: list[int] = []
    size = _size(tally, family)
    of_cell = tally.people_of(family, measures)
    people = np.zeros(of_cell.shape[1], np.int64)
    if hidden:
        people = together([decision.hidden]).people_of(family, measures)[0]
    spare = [_Spare(MERGED, one.cells, one.tally.people_of(family, measures)[one.row], one) for one in merged]
    spare += [_Spare(int(tally.channel[i]), np.array([i]), of_cell[i], None) for i in shown]
    spare.sort(key=lambda one: one.price(tally, wanted, size))
    while (few := (people > 0) & (people < minimum)).any() or not people.any():
        # A cell is of enough people, or of nobody, in everything that can be told apart.
        one = next((one for one in spare if not few.any() or one.people[few].any()), None)
        if one is None:
            raise _untold(family, measures, minimum, few)
        spare.remove(one)
        if one.merged is None:
            given_up += one.cells.tolist()
            shown.remove(given_up[-1])
        else:
            merged.remove(one.merged)
        hidden += one.cells.tolist()
        # Of people who are in both, nothing is known here: the union has at least as many as the larger.
        people = np.maximum(people, one.people)
    return Decision(_sorted(shown), tuple(merged), _sorted(hidden), _sorted(given_up))


@dataclass(frozen=True, eq=False)
class _Spare:
    """What is shown and can be left out: a cell, or merged cells."""

    channel: int
    cells: IntArray
    people: IntArray
    merged: Merged | None

    def price(self, tally: Tally, wanted: Wanted, size: IntArray) -> tuple[bool, int, bool, int, int]:
        """Return what sorts the cheapest first: not wanted, else of an early period; merged; of few people."""
        first, needed = int(self.cells[0]), self.channel in wanted
        people = int(size[first]) if self.merged is None else int(self.people.max(initial=0))
        return needed, int(tally.period[first].astype(np.int64)) if needed else 0, self.merged is None, people, first


def _untold(family: Family, measures: Measures, minimum: int, few: BoolArray) -> DataError:
    names = ", ".join(measures.measures[j].name for j in family.measures)
    of_twins = sum(measures.parts[i][1] in family.atoms for i, _ in measures.twins)
    if not few[: len(few) - of_twins].any():
        return DataError(
            f"two sums of '{names}' differ for fewer than {minimum} people, and nothing can be left out that hides "
            "what these gave",
            do="Declare one of the two sums only.",
        )
    return DataError(
        f"what '{names}' counts is of fewer than {minimum} people in every channel, geo and period, and cannot be told",
        do="Leave out the geo or the metric, or gather channels with join.channels or join.campaigns.",
    )


def _sorted(cells: Sequence[int]) -> IntArray:
    return np.asarray(sorted(cells), dtype=np.int64)


def _size(tally: Tally, family: Family) -> IntArray:
    """Return the people of the largest atom of a family in each cell, (N,)."""
    return np.asarray(tally.atom_people[:, list(family.atoms)].max(axis=1, initial=0))
