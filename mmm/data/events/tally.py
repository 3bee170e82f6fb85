"""Persons → cells: one row a person and cell first, then counts; both steps spill to disk when memory is full."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa

from mmm.arrays import BoolArray, FloatArray, IntArray, WeekArray
from mmm.data.events.measures import Family, Measures

#: Where one person gives a larger share of a sum than this, the sum nearly tells what that person gave.
LARGEST_SHARE = 0.5
#: Channel of events that are counted without regard to channels, and of those that were merged.
TOTAL, MERGED = -1, -2
#: Column that names a cell, as :class:`CellCode` writes it.
CELL = ("cell",)


class Why(IntEnum):
    """Why rows are not counted; zero where they are."""

    COUNTED = 0
    NO_PERSON = 1
    NO_CONSENT = 2
    OPTED_OUT = 3
    OTHER_KIND = 4
    NO_CHANNEL = 5
    NO_GEO = 6
    PART_OF_PERIOD = 7


@dataclass(frozen=True)
class CellCode:
    """A cell as one number, which DuckDB groups by faster than by four.

    ``(days since 1970 · (channels + 1) + channel + 1) · geos + geo`` for rows that count, ``-why`` for others.

    Attributes
    ----------
    channels, geos : int
        How many there are.
    """

    channels: int
    geos: int

    @property
    def places(self) -> int:
        """How many cells a period has."""
        return (self.channels + 1) * self.geos

    def place(self, channel: int, geo: int) -> int:
        """Return the part of channel and geo."""
        return (channel + 1) * self.geos + geo

    def why(self, cell: IntArray) -> IntArray:
        """Return why the rows of each cell are not counted; zero where they are."""
        return np.where(cell < 0, -cell, 0)

    def period(self, cell: IntArray) -> WeekArray:
        """Return the first day of each cell's period."""
        return np.asarray(np.where(cell < 0, 0, cell // self.places).astype("datetime64[D]"))

    def channel(self, cell: IntArray) -> IntArray:
        """Return the channel of each cell."""
        return np.where(cell < 0, TOTAL, cell % self.places // self.geos - 1)

    def geo(self, cell: IntArray) -> IntArray:
        """Return the geo of each cell."""
        return np.where(cell < 0, TOTAL, cell % self.geos)


@dataclass(frozen=True, eq=False)
class Tally:
    """N cells with what is counted in each.

    Attributes
    ----------
    cell : (N,) ints
        Codes.
    why, channel, geo : (N,) ints
    period : (N,) datetime64[D]
    rows, people : (N,) ints
        Of all kinds.
    atoms, atom_people : (N, A) ints
        Events, and people, of each atom.
    values : (N, M)
        Each measure's figure.
    nonzero : (N, P) ints
        Of each part of a sum (:attr:`Measures.parts`): people who give something to it.
    apart : (N, D) ints
        Of each pair of parts (:attr:`Measures.twins`): people who give more to one than to the other.
    gross, largest : (N, P)
        Sizes of what people give to a part, added up, and the largest.
    """

    cell: IntArray
    why: IntArray
    period: WeekArray
    channel: IntArray
    geo: IntArray
    rows: IntArray
    people: IntArray
    atoms: IntArray
    atom_people: IntArray
    values: FloatArray
    nonzero: IntArray
    apart: IntArray
    gross: FloatArray
    largest: FloatArray

    def __len__(self) -> int:
        return len(self.why)

    def rows_of(self, family: Family) -> IntArray:
        """Return how many rows of a family each cell has, (N,)."""
        return np.asarray(self.atoms[:, list(family.atoms)].sum(axis=1))

    def too_small(self, family: Family, measures: Measures, minimum: int) -> BoolArray:
        """Say which cells may not be shown, (N,): anything in them that could be told apart is of too few people."""
        people = self.people_of(family, measures)
        return np.asarray(((people > 0) & (people < minimum)).any(axis=1))

    def people_of(self, family: Family, measures: Measures) -> IntArray:
        """Return the people behind all that could be told apart in each cell, (N, K).

        These are the people of each atom, those who give something to each part of a sum, and those who make two sums
        of the same events differ.
        """
        parts = [i for i, (_, atom) in enumerate(measures.parts) if atom in family.atoms]
        twins = [i for i, (first, _) in enumerate(measures.twins) if first in parts]
        found = [self.atom_people[:, list(family.atoms)], self.nonzero[:, parts], self.apart[:, twins]]
        return np.concatenate(found, axis=1)

    def dominated(self, cells: IntArray, family: Family, measures: Measures) -> int:
        """Return in how many of these cells one person gives most of a sum of a family."""
        own = [i for i, (_, atom) in enumerate(measures.parts) if atom in family.atoms]
        most = self.largest[np.ix_(cells, own)] > LARGEST_SHARE * self.gross[np.ix_(cells, own)]
        return int(most.any(axis=1).sum())


def by_person(source: str, measures: Measures, keys: tuple[str, ...] = CELL) -> str:
    """Write the first step: one row a person and cell.

    Parameters
    ----------
    source : str
        SELECT with ``keys``, ``person``, ``atom`` (-1 where nothing is counted), ``number0`` ….
    """
    counts = [f"count_if(atom = {a}) AS n{a}" for a in range(measures.n_atoms)]
    sums = [
        f"coalesce(sum(CASE WHEN atom = {atom} THEN number{column} END), 0) AS s{i}"
        for i, (column, atom) in enumerate(measures.parts)
    ]
    return (
        f"SELECT {', '.join(keys)}, person, {', '.join(['count(*) AS n', *counts, *sums])} "
        f"FROM ({source}) GROUP BY {', '.join(keys)}, person"
    )


def regrouped(source: str, measures: Measures, keys: tuple[str, ...]) -> str:
    """Write the first step for merged cells: rows of :func:`by_person` → one a person and merged cell."""
    parts = ["sum(n) AS n", *(f"sum(n{a}) AS n{a}" for a in range(measures.n_atoms))]
    parts += [f"sum(s{i}) AS s{i}" for i in range(len(measures.parts))]
    return f"SELECT {', '.join(keys)}, person, {', '.join(parts)} FROM ({source}) GROUP BY {', '.join(keys)}, person"


def by_cell(people: str, measures: Measures, keys: tuple[str, ...] = CELL) -> str:
    """Write the second step: rows of :func:`by_person` → one row a cell."""
    parts = ["CAST(sum(n) AS BIGINT) AS n", "count(*) AS people"]
    for a in range(measures.n_atoms):
        parts += [f"CAST(sum(n{a}) AS BIGINT) AS n{a}", f"CAST(count_if(n{a} > 0) AS BIGINT) AS p{a}"]
    for j, measure in enumerate(measures.measures):
        if measure.counts_people:
            there = " OR ".join(f"n{a} > 0" for a in measure.atoms) or "false"
            parts.append(f"CAST(count_if({there}) AS BIGINT) AS u{j}")
    for i in range(len(measures.parts)):
        parts += [
            f"CAST(sum(s{i}) AS DOUBLE) AS s{i}",
            f"CAST(count_if(s{i} <> 0) AS BIGINT) AS z{i}",
            f"CAST(sum(abs(s{i})) AS DOUBLE) AS g{i}",
            f"CAST(max(abs(s{i})) AS DOUBLE) AS m{i}",
        ]
    parts += [f"CAST(count_if(s{i} <> s{k}) AS BIGINT) AS d{d}" for d, (i, k) in enumerate(measures.twins)]
    listed = ", ".join(keys)
    return f"SELECT {listed}, {', '.join(parts)} FROM ({people}) GROUP BY {listed} ORDER BY {listed}"


def read_tally(table: pa.Table, measures: Measures, code: CellCode) -> Tally:
    """Turn the result of :func:`by_cell` into arrays.

    Parameters
    ----------
    table : pyarrow.Table
        Where it names no cells, because several were merged, they are all as the first of 1970.
    measures : Measures
    code : CellCode
    """
    n = len(table)

    def ints(name: str) -> IntArray:
        return np.asarray(table[name].to_numpy().astype(np.int64))

    def stacked(prefix: str, count: int) -> IntArray:
        return np.stack([ints(f"{prefix}{a}") for a in range(count)], axis=1) if count else np.zeros((n, 0), np.int64)

    def figures(prefix: str) -> FloatArray:
        columns = [table[f"{prefix}{i}"].to_numpy().astype(np.float64) for i in range(len(measures.parts))]
        return np.stack(columns, axis=1) if columns else np.zeros((n, 0))

    atoms, sums = stacked("n", measures.n_atoms), figures("s")
    values = np.zeros((n, len(measures.measures)))
    for j, measure in enumerate(measures.measures):
        if measure.counts_people:
            values[:, j] = ints(f"u{j}")
        elif measure.sum_of < 0:
            values[:, j] = atoms[:, list(measure.atoms)].sum(axis=1)
        else:
            own = [measures.parts.index((measure.sum_of, atom)) for atom in measure.atoms]
            values[:, j] = sums[:, own].sum(axis=1)
    cell = ints("cell") if "cell" in table.column_names else np.zeros(n, dtype=np.int64)
    return Tally(
        cell=cell,
        why=code.why(cell),
        period=code.period(cell),
        channel=code.channel(cell),
        geo=code.geo(cell),
        rows=ints("n"),
        people=ints("people"),
        atoms=atoms,
        atom_people=stacked("p", measures.n_atoms),
        values=values,
        nonzero=stacked("z", len(measures.parts)),
        apart=stacked("d", len(measures.twins)),
        gross=figures("g"),
        largest=figures("m"),
    )
