"""Rows of a log → cells, inside DuckDB: consent and opt-out first, then persons, then counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from mmm.arrays import IntArray
from mmm.data.events.expressions import Expressions
from mmm.data.events.measures import Measures
from mmm.data.events.periods import Periods
from mmm.data.events.store import Store
from mmm.data.events.survey import group_key
from mmm.data.events.tally import CellCode, Tally, Why, by_cell, by_person, read_tally, regrouped
from mmm.exceptions import DataError

MOST_CELLS = 2_000_000


@dataclass(frozen=True)
class Coded:
    """What one combination of channel, geo, kind and consent of the log means.

    Attributes
    ----------
    written : tuple of str
        Channel, geo, kind and consent as in the log, None where a cell is missing.
    consent : bool
    why : Why
        ``COUNTED`` where nothing but the person or the day can exclude the rows.
    channel, geo, atom : int
        Codes; -1 without.
    """

    written: tuple[str | None, ...]
    consent: bool
    why: Why
    channel: int
    geo: int
    atom: int


@dataclass(frozen=True, eq=False)
class Aggregation:
    """One log, ready to be counted.

    Attributes
    ----------
    store : Store
    relation : str
        SELECT of the log's columns by role.
    roles, types : mapping of role to column, and to its type
    say : Expressions
    measures : Measures
    code : CellCode
    periods : Periods
    first, last : date
        Days of the first and the last whole period.
    secrets : mapping
        Parameters of the statements: salt, and the key's two blocks. They stand in no statement's text.
    opts_out : bool
        Whether the table ``opted_out`` is there.
    """

    store: Store = field(repr=False)
    relation: str
    roles: Mapping[str, str]
    types: Mapping[str, str]
    say: Expressions
    measures: Measures
    code: CellCode
    periods: Periods
    first: date
    last: date
    secrets: Mapping[str, object] = field(repr=False)
    opts_out: bool

    def load(self, coded: Sequence[Coded]) -> None:
        """Give DuckDB the meaning of each combination of names."""
        columns = list(zip(*(one.written for one in coded), strict=True))
        table = pa.table(
            {
                **{f"{role}_": pa.array(cells, pa.string()) for role, cells in zip(_ROLES, columns, strict=True)},
                "consent_given": [one.consent for one in coded],
                "reason": pa.array([int(one.why) for one in coded], pa.int8()),
                "place": pa.array([self.code.place(one.channel, one.geo) for one in coded], pa.int64()),
                "atom_code": pa.array([one.atom for one in coded], pa.int16()),
            }
        )
        self._keep("meaning", table)

    def rows(self) -> str:
        """Write the SELECT of all rows with what they mean: cell, person, atom, numbers."""
        numbers = [f"{number} AS number{i}" for i, number in enumerate(self.say.numbers)]
        keys = [f"{group_key(self.roles, self.types, role)} AS {role}_" for role in _ROLES]
        log = f"SELECT {', '.join([*keys, f'{self.say.person} AS id', f'{self.say.day} AS day', *numbers])}"
        log += f" FROM ({self.relation})"
        same = " AND ".join(f"log.{role}_ IS NOT DISTINCT FROM meaning.{role}_" for role in _ROLES)
        opted = "id IN (SELECT id FROM opted_out)" if self.opts_out else "false"
        why = (
            f"CASE WHEN id IS NULL THEN {Why.NO_PERSON} WHEN NOT consent_given THEN {Why.NO_CONSENT} "
            f"WHEN {opted} THEN {Why.OPTED_OUT} WHEN reason > 0 THEN reason "
            f"WHEN day < DATE '{self.first}' OR day > DATE '{self.last}' THEN {Why.PART_OF_PERIOD} ELSE 0 END"
        )
        passed = "".join(f", number{i}" for i in range(len(numbers)))
        judged = f"SELECT {why} AS why, day, place, atom_code, id{passed} FROM ({log}) AS log JOIN meaning ON {same}"
        since = f"CAST({self.periods.sql('day')} - DATE '1970-01-01' AS BIGINT)"
        return (
            f"SELECT CASE WHEN why = 0 THEN {since} * {self.code.places} + place ELSE -why END AS cell, "
            "coalesce(id, 0) AS person, "
            f"CASE WHEN why = 0 OR why > {Why.OTHER_KIND} THEN atom_code ELSE -1 END AS atom{passed} FROM ({judged})"
        )

    def tally(self) -> Tally:
        """Count every cell: one reading of the log.

        Raises
        ------
        DataError
            More cells than a panel can have.
        """
        sql = f"SELECT * FROM ({by_cell(by_person(self.rows(), self.measures), self.measures)}) LIMIT {MOST_CELLS + 1}"
        table = self.store.table(sql, self.secrets)
        if len(table) > MOST_CELLS:
            raise DataError(
                f"there are more than {MOST_CELLS:,} cells of period, channel and geo",
                where=self.store.where,
                do="Gather channels with join.channels or join.campaigns, or use weeks.",
            )
        return read_tally(table, self.measures, self.code)

    def keep_few(self, tally: Tally, cells: IntArray) -> None:
        """Keep who is in some cells, for :meth:`together`: one more reading of the log, of these cells only."""
        self._keep("chosen", pa.table({"cell": pa.array(tally.cell[cells], pa.int64())}))
        wanted = f"SELECT * FROM ({self.rows()}) SEMI JOIN chosen USING (cell)"
        self.store.rows(f"CREATE OR REPLACE TEMP TABLE few AS {by_person(wanted, self.measures)}", self.secrets)

    def together(self, tally: Tally, sets: Sequence[IntArray]) -> Tally:
        """Return what the cells of each set hold together, one row a set; all were named in :meth:`keep_few`."""
        number = np.repeat(np.arange(len(sets)), [len(cells) for cells in sets])
        plan = pa.table(
            {"set": pa.array(number, pa.int64()), "cell": pa.array(tally.cell[np.concatenate(sets)], pa.int64())}
        )
        self._keep("plan", plan)
        people = regrouped("SELECT * FROM few JOIN plan USING (cell)", self.measures, ('"set"',))
        table = self.store.table(by_cell(people, self.measures, ('"set"',)))
        return read_tally(table, self.measures, self.code)

    def _keep(self, name: str, table: pa.Table) -> None:
        self.store.connection.register("handed_over", table)
        self.store.rows(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM handed_over")
        self.store.connection.unregister("handed_over")


_ROLES = ("channel", "geo", "kind", "consent")
