"""That nobody stands in a log by name: every column is judged, used or not, by its beginning and then as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mmm.data.events.columns import LogColumns
from mmm.data.events.files import Head, Part
from mmm.data.events.spec import EventsSpec, Identifiers
from mmm.data.events.store import Store, literal, name
from mmm.data.events.survey import Group
from mmm.data.log import ReadingLog, listed
from mmm.data.privacy import looks_personal, safe
from mmm.data.reading import name_key
from mmm.exceptions import DataError

#: A pseudonym may look like these: they say nothing of a person without the key or the table behind them.
_PSEUDONYMS = "device identifiers"
#: Cells of a column that are drawn from all that are filled.
_DRAWN = 2_000
#: What may be an e-mail address, for DuckDB to pick out of every cell; :mod:`mmm.data.privacy` judges it.
_ADDRESS = r"(?:^|[\s@,;<>])[^\s@,;<>]{1,64}@[^\s@,;<>]{1,190}\.\pL\pL"
#: Roles whose columns say few different things: all of them are known after the survey.
_NAMES = frozenset({"channel", "geo", "kind", "consent"})
_TEXTS = ("VARCHAR", "JSON")
_NUMBERS = ("INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT")


@dataclass
class People:
    """The judge of one log's columns.

    Attributes
    ----------
    columns : LogColumns
    events : EventsSpec
    where : str
        What messages call the log.
    passed : dict of column to kind
        Columns of personal data that a keyed hash, or not being read, makes harmless.
    """

    columns: LogColumns
    events: EventsSpec
    where: str
    passed: dict[str, str] = field(default_factory=dict)

    def judge_heads(self, heads: Sequence[Head]) -> None:
        """Refuse columns of personal data, by what the beginning of every file shows.

        Raises
        ------
        DataError
            Names the column and the kind, never a value.
        """
        for head in heads:
            for index, column in enumerate(head.header):
                self._judge(column, [row[index] for row in head.rows], head.place.name)

    def judge_whole(self, parts: Sequence[Part], store: Store) -> None:
        """Refuse ids and unused columns of personal data by all their cells: they may be empty, or others, at first.

        DuckDB looks for addresses in every cell of text, and draws 2,000 of a column's filled cells; no other cell
        leaves it. Errors as in :meth:`judge_heads`.
        """
        for part in parts:
            where = part.head.place.name if part.files == 1 else self.where
            for column, cells in self._drawn(part, store):
                self._judge(column, cells, where)

    def judge_names(self, groups: Sequence[Group]) -> None:
        """Refuse names of channels, geos and kinds, and answers to consent, if any of them is personal data."""
        roles = self.columns.by_role()
        for role in sorted(_NAMES & roles.keys()):
            self._judge(roles[role], [getattr(group, role) for group in groups], self.where)

    def tell(self, log: ReadingLog) -> None:
        """Say which columns of personal data there are, where a keyed hash is declared."""
        if self.passed:
            told = listed((f"{column} ({kind})" for column, kind in self.passed.items()), 6)
            log.repaired(
                "identifiers",
                f"Columns of personal data: {told}. The person's id went through a keyed hash; the others were not "
                "used.",
                where=self.where,
                do="Export the log without them, if nothing else needs them.",
            )

    def _judge(self, column: str, cells: Sequence[str], where: str) -> None:
        # Each value once: a column of a log says few different things.
        found = looks_personal(column, list(dict.fromkeys(cells)))
        is_person = name_key(column) == name_key(self.columns.person)
        if found is None or (is_person and found[0] == _PSEUDONYMS and not _is_named_so(column)):
            return
        used = any(name_key(column) == name_key(one) for one in self.columns.by_role().values())
        if self.events.identifiers is Identifiers.HASH and (is_person or not used):
            self.passed[safe(column)] = found[0]
            return
        raise DataError(
            f"the column holds {found[0]}",
            where=f"{where}, column {safe(column)}",
            do=_remedy(used=used, is_person=is_person),
        )

    def _drawn(self, part: Part, store: Store) -> Iterator[tuple[str, list[str]]]:
        """Yield columns, each with cells drawn from all files of a part, and all that may be addresses."""
        roles = self.columns.by_role()
        named = {name_key(roles[role]) for role in _NAMES & roles.keys()}
        cells: dict[str, str] = {}
        picks: list[str] = []
        for column, kind in ((str(row[0]), str(row[1])) for row in store.rows(f"DESCRIBE SELECT * FROM {part.body}")):
            is_text = kind in _TEXTS or kind.startswith("ENUM")
            # Numbers are telephone numbers only where the column's name says so.
            judged = is_text or kind == "UUID" or (kind in _NUMBERS and _is_named_so(column))
            if judged and safe(column) not in self.passed and name_key(column) not in named:
                cell = f"cell{len(cells)}"
                picks.append(f"arg_min({cell}, chance, {_DRAWN}) FILTER (WHERE {cell} <> '')")
                picks.append(_addresses(cell) if is_text else "NULL")
                cells[column] = name(column) if kind in _TEXTS else f"CAST({name(column)} AS VARCHAR)"
        if not cells:
            return
        person, time = (name(part.head.named(one)) for one in (self.columns.person, self.columns.time))
        # A hash of who and when stands for chance: the same cells in every reading, whatever the order of the rows.
        rows = ", ".join(
            [f"hash({person}, {time}) AS chance", *(f"{c} AS cell{i}" for i, c in enumerate(cells.values()))]
        )
        (found,) = store.rows(f"SELECT {', '.join(picks)} FROM (SELECT {rows} FROM {part.body})")
        for i, column in enumerate(cells):
            yield column, [*(found[2 * i] or ()), *(found[2 * i + 1] or ())]


def _addresses(cell: str) -> str:
    """Write what may be e-mail addresses in a column; the cheap look for '@' comes first, as few cells have one."""
    found = f"CASE WHEN contains({cell}, '@') THEN nullif(regexp_extract({cell}, {literal(_ADDRESS)}), '') END"
    return f"min({found}, {_DRAWN})"


def _is_named_so(column: str) -> bool:
    """Say whether a column's name says that bare digits or letters in it are telephone or device numbers."""
    return looks_personal(column, ["1" * 8]) is not None


def _remedy(*, used: bool, is_person: bool) -> str:
    if used and not is_person:
        return "Name another column in the model file: this one may not be shown, and Mixwise needs no personal data."
    return (
        "Delete the column at its source, or replace it by a pseudonym; or declare 'identifiers: hash' under events: "
        "then ids go through a keyed hash and other such columns are not used."
    )
