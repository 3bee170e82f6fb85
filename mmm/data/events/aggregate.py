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
from mmm.data.events.tally import CELL, Tally, Why, by_cell, by_person, read_tally, regrouped
from mmm.exceptions import DataError

MOST_CELLS = 2_000_000
#: Day and numbers of what is in no cell.
_NO_DAY = "DATE '1970-01-01'"
_NOWHERE = -9


@dataclass(frozen=True)
class Coded:
    """What one combination of channel, geo, kind and consent of the log means.

    Attributes
    ----------
    written : tuple of str
        Channel, geo, kind and consent as in the log.
    consent : bool
    why : Why
        ``COUNTED`` where nothing but the person or the day can exclude the rows.
    channel, geo, atom : int
        Codes; -1 without.
    """

    written: tuple[str, str, str, str]
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
    roles : mapping of role to column
    say : Expressions
    measures : Measures
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
    say: Expressions
    measures: Measures
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
                **{f"{role}_": list(cells) for role, cells in zip(_ROLES, columns, strict=True)},
                "consent_given": [one.consent for one in coded],
                "reason": pa.array([int(one.why) for one in coded], pa.int8()),
                "channel_code": pa.array([one.channel for one in coded], pa.int16()),
                "geo_code": pa.array([one.geo for one in coded], pa.int16()),
                "atom_code": pa.array([one.atom for one in coded], pa.int16()),
            }
        )
        self._keep("meaning", table)

    def rows(self) -> str:
        """Write the SELECT of all rows with what they mean: why, period, channel, geo, person, atom, numbers."""
        numbers = [f"{number} AS number{i}" for i, number in enumerate(self.say.numbers)]
        keys = [f"{group_key(self.roles, role)} AS {role}_" for role in _ROLES]
        log = f"SELECT {', '.join([*keys, f'{self.say.person} AS id', f'{self.say.day} AS day', *numbers])}"
        log += f" FROM ({self.relation})"
        opted = "id IN (SELECT id FROM opted_out)" if self.opts_out else "false"
        why = (
            f"CASE WHEN id IS NULL THEN {Why.NO_PERSON} WHEN NOT consent_given THEN {Why.NO_CONSENT} "
            f"WHEN {opted} THEN {Why.OPTED_OUT} WHEN reason > 0 THEN reason "
            f"WHEN day < DATE '{self.first}' OR day > DATE '{self.last}' THEN {Why.PART_OF_PERIOD} ELSE 0 END"
        )
        passed = ", ".join(f"number{i}" for i in range(len(numbers)))
        judged = (
            f"SELECT CAST({why} AS TINYINT) AS why, day, channel_code, geo_code, atom_code, id"
            f"{', ' + passed if passed else ''} FROM ({log}) JOIN meaning USING ({', '.join(f'{r}_' for r in _ROLES)})"
        )
        return (
            f"SELECT why, CASE WHEN why = 0 THEN {self.periods.sql('day')} ELSE {_NO_DAY} END AS period, "
            f"CAST(CASE WHEN why = 0 THEN channel_code ELSE {_NOWHERE} END AS SMALLINT) AS channel, "
            f"CAST(CASE WHEN why = 0 THEN geo_code ELSE {_NOWHERE} END AS SMALLINT) AS geo, "
            f"coalesce(id, 0) AS person, "
            f"CAST(CASE WHEN why = 0 OR why > {Why.OTHER_KIND} THEN atom_code ELSE -1 END AS SMALLINT) AS atom"
            f"{', ' + passed if passed else ''} FROM ({judged})"
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
        return read_tally(table, self.measures)

    def keep_few(self, tally: Tally, cells: IntArray) -> None:
        """Keep who is in some cells, for :meth:`together`: one more reading of the log, of these cells only."""
        chosen = pa.table(
            {
                "cell": pa.array(cells, pa.int64()),
                "why": pa.array(tally.why[cells], pa.int8()),
                "period": pa.array(tally.period[cells]),
                "channel": pa.array(tally.channel[cells], pa.int16()),
                "geo": pa.array(tally.geo[cells], pa.int16()),
            }
        )
        self._keep("chosen", chosen)
        keys = ", ".join(CELL)
        wanted = f"SELECT * FROM ({self.rows()}) JOIN chosen USING ({keys})"
        self.store.rows(
            f"CREATE OR REPLACE TEMP TABLE few AS {by_person(wanted, self.measures, ('cell',))}", self.secrets
        )

    def together(self, sets: Sequence[IntArray]) -> Tally:
        """Return what the cells of each set hold together, one row a set; all were named in :meth:`keep_few`."""
        number = np.repeat(np.arange(len(sets)), [len(cells) for cells in sets])
        plan = pa.table({"set": pa.array(number, pa.int64()), "cell": pa.array(np.concatenate(sets), pa.int64())})
        self._keep("plan", plan)
        people = regrouped("SELECT * FROM few JOIN plan USING (cell)", self.measures, ('"set"',))
        table = self.store.table(by_cell(people, self.measures, ('"set"',)))
        return read_tally(table, self.measures, {"why": 0, "channel": 0, "geo": 0})

    def _keep(self, name: str, table: pa.Table) -> None:
        self.store.connection.register("handed_over", table)
        self.store.rows(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM handed_over")
        self.store.connection.unregister("handed_over")


_ROLES = ("channel", "geo", "kind", "consent")
