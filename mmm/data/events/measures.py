"""What is counted, taken apart: kinds of events that always count together, and figures that share events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from mmm.data.events.spec import Count, EventMetric, EventsSpec
from mmm.data.reading import name_key


@dataclass(frozen=True)
class Measure:
    """One metric.

    Attributes
    ----------
    name : str
    metric : EventMetric
    atoms : tuple of int
        The atoms whose events count.
    sum_of : int
        Which summed column; -1 for counts.
    """

    name: str
    metric: EventMetric
    atoms: tuple[int, ...]
    sum_of: int

    @property
    def counts_people(self) -> bool:
        """Whether different people are counted."""
        return self.metric.count is Count.PEOPLE


@dataclass(frozen=True)
class Family:
    """Measures that share events: shown or left out together, since one less another would tell of a third.

    Events and sums add up, so whatever one less another tells is made of its atoms, and each atom is of nobody or of
    enough people. People do not: no two measures of a log count people of kinds that overlap and differ.

    Attributes
    ----------
    measures, atoms : tuple of int
        Numbers of its measures and atoms.
    by_channel : bool
    """

    measures: tuple[int, ...]
    atoms: tuple[int, ...]
    by_channel: bool


@dataclass(frozen=True)
class Measures:
    """All metrics of a log.

    Attributes
    ----------
    measures : tuple of Measure
    families : tuple of Family
    atom_of_kind : Mapping
        Kind as written → atom. Events of one atom count in the same metrics.
    """

    measures: tuple[Measure, ...]
    families: tuple[Family, ...]
    atom_of_kind: Mapping[str, int]

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """(Summed column, atom) of everything that is added up: a sum is told apart no further than that."""
        return tuple(sorted({(m.sum_of, atom) for m in self.measures if m.sum_of >= 0 for atom in m.atoms}))

    @property
    def twins(self) -> tuple[tuple[int, int], ...]:
        """Pairs of :attr:`parts` of one atom: their difference is told too, as gross less net is what was returned."""
        return tuple((i, k) for (i, (_, a)), (k, (_, b)) in combinations(enumerate(self.parts), 2) if a == b)

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(set(self.atom_of_kind.values()))

    def is_total(self, atom: int) -> bool:
        """Whether the events of an atom are counted without regard to channels."""
        return any(atom in family.atoms and not family.by_channel for family in self.families)

    @classmethod
    def of(cls, events: EventsSpec, sums: tuple[str, ...], kinds: Iterable[str], *, long: bool) -> Measures:
        """Take metrics apart.

        Parameters
        ----------
        events : EventsSpec
        sums : tuple of str
            The summed columns.
        kinds : iterable of str
            As found in the log; one empty text where no column names kinds.
        long : bool
            Whether the log has channels.
        """
        wanted = {name: {name_key(kind) for kind in metric.of} for name, metric in events.metrics.items()}
        counted = {
            kind: tuple(name for name, of in wanted.items() if not of or name_key(kind) in of)
            for kind in sorted(set(kinds))
        }
        shapes = sorted({names for names in counted.values() if names})
        atom_of_kind = {kind: shapes.index(names) for kind, names in counted.items() if names}
        measures = tuple(
            Measure(
                name,
                metric,
                tuple(i for i, names in enumerate(shapes) if name in names),
                -1 if metric.sum is None else sums.index(metric.sum),
            )
            for name, metric in events.metrics.items()
        )
        return cls(measures, _families(measures, len(shapes), long=long), atom_of_kind)


def _families(measures: tuple[Measure, ...], atoms: int, *, long: bool) -> tuple[Family, ...]:
    """Group atoms that are connected by a measure of both."""
    home = list(range(atoms))
    for measure in measures:
        for atom in measure.atoms:
            first = home[measure.atoms[0]]
            home = [first if place == home[atom] else place for place in home]
    families = []
    for root in sorted(set(home)):
        own = tuple(atom for atom in range(atoms) if home[atom] == root)
        inside = tuple(i for i, measure in enumerate(measures) if measure.atoms and home[measure.atoms[0]] == root)
        by_channel = long and all(measures[i].metric.by_channel for i in inside)
        families.append(Family(inside, own, by_channel))
    return tuple(families)
