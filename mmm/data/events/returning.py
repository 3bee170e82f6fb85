"""Whether ids are people's: people come back, while the number of an event or of a session never occurs again."""

from __future__ import annotations

from dataclasses import replace

from mmm.data.events.aggregate import Aggregation
from mmm.data.events.columns import LogColumns
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe

#: Rows that are looked at, about; of fewer ids than the least nothing is said.
_LOOKED_AT = 500_000
_LEAST = 100
#: Where a smaller share of ids occurs again, they may be no people's.
_SHARE = 0.01


def warn_of_no_return(run: Aggregation, rows: int, columns: LogColumns, where: str, log: ReadingLog) -> None:
    """Warn where hardly any id of those that count occurs in a second period (or again, in a log of one period).

    Parameters
    ----------
    run : Aggregation
    rows : int
        Of the log.
    columns : LogColumns
    where : str
    log : ReadingLog
    """
    noun = run.periods.grain
    period = f"cell // {run.code.places}"
    # Ids are drawn as they are written, before anything else is done with them.
    drawn = f"SELECT * FROM ({run.relation}) WHERE hash(person) % {rows // _LOOKED_AT + 1} = 0"
    persons = (
        f"SELECT min({period}) < max({period}) AS later, count(*) > 1 AS again "
        f"FROM ({replace(run, relation=drawn).rows()}) WHERE cell >= 0 GROUP BY person"
    )
    several = run.periods.start(run.last) > run.periods.start(run.first)
    ((people, back),) = run.store.rows(
        f"SELECT count(*), count_if({'later' if several else 'again'}) FROM ({persons})", run.secrets
    )
    if people >= _LEAST and back < _SHARE * people:
        log.warned(
            "events_no_return",
            f"Fewer than 1 id in 100 occurs {f'in a second {noun}' if several else 'a second time'}: they may be of "
            "events or sessions, not of people.",
            where=f"{where}, column {safe(columns.person)}",
            means="Each of them counts as a person: a figure of 50 may then tell of a single one.",
            do="Name the column of events.person that stays the same whenever a person comes back.",
        )
