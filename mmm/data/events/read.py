"""``read_events``: a log of single events → counts of enough people, as facts like those of any long source."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from mmm.data.events.account import Left, Money, left_out, tell_left_out
from mmm.data.events.aggregate import Aggregation
from mmm.data.events.coding import Names, code_names
from mmm.data.events.columns import LogColumns, log_columns
from mmm.data.events.consent import load_opt_outs, opt_out_path, tell_consent
from mmm.data.events.deciding import decide_all, tell_given_up
from mmm.data.events.expressions import expressions
from mmm.data.events.files import Head, Part, heads_of, parts_of, relation, table_relation
from mmm.data.events.key import key_of
from mmm.data.events.log import LogFiles
from mmm.data.events.measures import Family, Measures
from mmm.data.events.noisy import Noisy, settings_of
from mmm.data.events.people import People
from mmm.data.events.periods import Periods
from mmm.data.events.release import ReleaseFile
from mmm.data.events.returning import warn_of_no_return
from mmm.data.events.shown import Cell, Codes, facts_table, shown_cells, tell_shown
from mmm.data.events.spec import EventsSpec
from mmm.data.events.store import Store, private_store
from mmm.data.events.suppress import Decision
from mmm.data.events.survey import Group, refuse_unreadable, survey
from mmm.data.events.tally import TOTAL, CellCode, Tally
from mmm.data.log import ReadingLog, counted
from mmm.data.sources.facts import Facts, SourceFile
from mmm.data.sources.layout import with_shared
from mmm.data.sources.spec import SourceSpec
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError, SpecError


def read_events(name: str, source: SourceSpec, spec: PanelSpec, folder: Path, today: date, log: ReadingLog) -> Facts:
    """Count the events of a log by period, channel and geo; no person leaves it.

    Consent and opt-out are applied before anything is counted. Figures of fewer than ``minimum_people`` are merged or
    left out as :mod:`mmm.data.events.suppress` says; under differential privacy, as :mod:`mmm.data.events.noise` says.

    Parameters
    ----------
    name : str
        Its name in ``sources``.
    source : SourceSpec
        With ``events``.
    spec : PanelSpec
        Names of channels and geos, the periods, the currency.
    folder : Path
        Of ``model.yaml``.
    today : date
        Later events are refused unless ``data.allow_future``; a period that is not over is left out.
    log : ReadingLog
        What was counted, and every row that was not.

    Returns
    -------
    Facts
        ``row`` numbers the cells that are shown, not lines of the log, and ``rows`` is how many rows a cell holds.

    Raises
    ------
    DataError, SpecError
        In a sentence without a value of the log.
    """
    events, key = source.events, f"sources.{name}"
    if events is None:
        raise SpecError("the source is no log of events", where=key, do="Declare 'events' under it.")
    source = with_shared(source, spec.data)
    columns = log_columns(source, events, spec.data.date, key)
    files = LogFiles.find(source, folder, key)
    optout = opt_out_path(events, folder, key)
    keyed = key_of(events, f"{key}.events")
    hidden: dict[str, object] = {"salt": secrets.randbits(63)}
    if keyed is not None:
        hidden |= {"inner": keyed.inner, "outer": keyed.outer}
    allowed = [] if files.database else [place.path for place in files.places]
    if optout is not None:
        allowed.append(optout)
    database = files.places[0].path if files.database else None
    with private_store(files.name, events.memory_limit, allowed, database) as store:
        reading = _Reading(name, source, events, spec, folder, columns, files, today, log, store, hidden)
        return reading.facts(optout)


@dataclass(frozen=True, eq=False)
class _Reading:
    """One log being read."""

    name: str
    source: SourceSpec
    events: EventsSpec
    spec: PanelSpec
    folder: Path
    columns: LogColumns
    files: LogFiles
    today: date
    log: ReadingLog
    store: Store
    hidden: Mapping[str, object] = field(repr=False)

    @property
    def where(self) -> str:
        return self.files.name

    def facts(self, optout: Path | None) -> Facts:
        """Read the log from its files to its facts."""
        roles = self.columns.by_role()
        if self.files.database:
            sql, part = table_relation(self.store, self.source, self.columns, self.where)
            heads: tuple[Head, ...] = (part.head,)
            parts: tuple[Part, ...] = (part,)
        else:
            heads = heads_of(self.files.places, self.source, list(roles.values()))
            sql, parts = relation(heads, self.columns), parts_of(heads)
        people = People(self.columns, self.events, self.where)
        people.judge_heads(heads)
        people.judge_whole(parts, self.store)
        people.tell(self.log)
        types = {str(row[0]): str(row[1]) for row in self.store.rows(f"DESCRIBE {sql}")}
        say = expressions(types, self.source, self.events, roles, self.where)
        groups = survey(self.store, sql, types, self.columns, say)
        people.judge_names(groups)
        rows = sum(group.rows for group in groups)
        if rows == 0:
            raise DataError("the log has a header and no rows", where=self.where, do="Export it again.")
        measures = Measures.of(
            self.events, self.columns.sums, (group.kind for group in groups), long=self.source.is_long
        )
        self._refuse_nothing(measures)
        zone = self.source.time_zone is not None
        refuse_unreadable(groups, measures, self.columns, zone_declared=zone, where=self.where)
        periods = Periods.of(self.spec, self.source)
        first, last = self._whole(groups, periods)
        names = Names(self.name, self.where, self.source, self.spec)
        codes, coded = code_names(groups, measures, names, self.columns)
        opted = 0 if optout is None else load_opt_outs(self.store, self.events, optout, self.hidden, self.log)
        code = CellCode(len(codes.channels), len(codes.geos))
        run = Aggregation(
            self.store, sql, roles, types, say, measures, code, periods, first, last, self.hidden, optout is not None
        )
        run.load(coded)
        tally = run.tally()
        tell_consent(tally, opted, self.source, run, self.log)
        warn_of_no_return(run, rows, self.columns, self.where, self.log)
        if self.events.privacy is not None:
            # Which names occur in the log is protected: every line of join may have fitted.
            join = self.spec.join
            lines = ((*join.channels, *join.campaigns, *join.ignore), tuple(join.geos))
            return replace(self._noisy(run, codes, rows), written=lines)
        codes.tell_taken(self.where, self.log)
        facts = self._exact(run, tally, codes, rows)
        return replace(facts, written=(tuple(codes.taken), tuple(codes.geos_taken)))

    def _exact(self, run: Aggregation, tally: Tally, codes: Codes, rows: int) -> Facts:
        """Give exact counts of enough people."""
        measures, minimum = run.measures, self.events.minimum_people
        decisions = decide_all(run, tally, codes, self.events, self.spec)
        every = run.periods.every(run.first, run.last)
        money = Money.of(measures, self.source.currency or self.spec.currency)
        units = self._units(measures)
        cells = list(shown_cells(tally, decisions, every))
        used = sum(cell.rows for cell in cells)
        if used == 0:
            raise DataError(
                f"no figure is of {minimum} people or more",
                where=self.where,
                do="Leave out the geo, or gather channels with join.channels or join.campaigns.",
            )
        listed = left_out(tally, decisions, measures, money, minimum)
        if used + sum(one.rows for one in listed) != rows:
            raise DataError(
                "the rows do not add up", where=self.where, do="The log changed while it was read: try again."
            )
        table = facts_table(cells, measures, money, codes, run.periods, units)
        worth = {name: units[j] for j, name in money.measures}
        listed = [_in_units(one, worth) for one in listed]
        tell_shown(cells, used, codes, minimum, self.where, self.log)
        tell_left_out(listed, self.spec.currency, self.where, self.log)
        tell_given_up(run, tally, decisions, codes, self.spec, minimum, self.log)
        self._warn_of_dominated(tally, decisions, measures)
        money_in = {(name, money.currency): 0.0 for _, name in money.measures}
        for cell in cells:
            for j, value in cell.figures:
                key = (measures.measures[j].name, money.currency)
                if key in money_in:
                    money_in[key] += value * units[j]
        for one in listed:
            for key, value in one.money.items():
                money_in[key] += value
        return Facts(self.name, (self._file(rows, used),), table, money_in)

    def _noisy(self, run: Aggregation, codes: Codes, rows: int) -> Facts:
        """Give noisy counts, those told before as they were."""
        privacy = self.events.privacy
        if privacy is None:
            raise ValueError("no differential privacy is declared")
        settings = settings_of(
            self.events,
            {
                "channels": dict(self.spec.join.channels),
                "campaigns": dict(self.spec.join.campaigns),
                "geos": dict(self.spec.join.geos),
                "periods": [run.periods.grain, run.periods.first],
                "columns": self.columns.by_role(),
                "time_zone": self.source.time_zone,
                "source": self.name,
                **{key: getattr(self.source, key) for key in ("file", "table", "query", "channel_is", "geo_is")},
            },
        )
        file = ReleaseFile.of(privacy, settings, self.folder, f"sources.{self.name}")
        sha256 = self.files.sha256
        every = run.periods.every(run.first, run.last)
        release = Noisy(run, self.events, codes, file).told(every, sha256, self.today, self.log)
        measures, units = run.measures, self._units(run.measures)
        money = Money.of(measures, self.source.currency or self.spec.currency)
        number = {measure.name: j for j, measure in enumerate(measures.measures)}
        geos = {geo: i for i, geo in enumerate(dict.fromkeys(c.geo for cs in release.cells.values() for c in cs))}
        channels = tuple(dict.fromkeys(c.channel for cs in release.cells.values() for c in cs if c.channel is not None))
        place: dict[str | None, int] = {None: TOTAL, **{channel: i for i, channel in enumerate(channels)}}
        cells = [
            Cell(period, place[c.channel], geos[c.geo], c.rows, tuple((number[n], v) for n, v in c.figures.items()))
            for period in every
            for c in release.cells.get(period, ())
        ]
        if not cells:
            raise DataError(
                "no noisy figure reaches the threshold",
                where=self.where,
                do="Leave out the geo, gather channels, or raise epsilon: few people under much noise tell nothing.",
            )
        cells = _within(cells, rows)
        used = sum(cell.rows for cell in cells)
        told = Codes(channels, tuple(geos))
        table = facts_table(cells, measures, money, told, run.periods, units)
        if rows > used:
            reason = "how many rows stand behind a noisy figure is not told: noisy people stand for them"
            self.log.exclude(self.where, reason, rows=rows - used)
        figures = {measures.measures[j].name: j for j, _ in money.measures}
        money_in = {
            (name, money.currency): sum(dict(cell.figures).get(j, 0.0) for cell in cells) * units[j]
            for name, j in figures.items()
        }
        return Facts(self.name, (self._file(rows, used, sha256),), table, money_in)

    def _warn_of_dominated(
        self, tally: Tally, decisions: Sequence[tuple[Family, Decision]], measures: Measures
    ) -> None:
        cells = sum(tally.dominated(decision.shown, family, measures) for family, decision in decisions)
        if cells:
            self.log.warned(
                "events_dominated",
                f"In {counted(cells, 'cell')} one person gives more than half of a sum.",
                where=self.where,
                means="Such a sum nearly tells what this person gave, and one person moves the model.",
                do="Look for a mistaken value; or declare events.privacy, which bounds what counts of a person.",
            )

    def _refuse_nothing(self, measures: Measures) -> None:
        empty = next((measure.name for measure in measures.measures if not measure.atoms), None)
        if empty is not None:
            raise DataError(
                f"the log has no event of the kinds that '{empty}' counts",
                where=f"{self.where}, column {self.columns.kind}",
                do=f"Correct sources.{self.name}.events.metrics.{empty}.of.",
            )

    def _whole(self, groups: Sequence[Group], periods: Periods) -> tuple[date, date]:
        """Return the first day of the first whole period, and the last day of the last."""
        first = min(group.first for group in groups if group.first is not None)
        last = max(group.last for group in groups if group.last is not None)
        where = f"{self.where}, column {self.columns.time}"
        if last > self.today and not self.spec.data.allow_future:
            raise DataError(
                f"there are events after today ({self.today}), up to {last}",
                where=where,
                do="Remove them, or declare data.allow_future: true if the log is simulated.",
            )
        start = periods.start(first)
        if start < first:
            start = periods.last(start) + timedelta(days=1)
        end = periods.last(periods.start(last))
        if end > last or (end >= self.today and not self.spec.data.allow_future):
            end = periods.start(last) - timedelta(days=1)
        if end < start:
            raise DataError("no whole week is left", where=where, do="Give a log that covers more weeks.")
        return start, end

    def _units(self, measures: Measures) -> list[float]:
        units = []
        for measure in measures.measures:
            unit = None if measure.metric.sum is None else self.source.unit_of(measure.metric.sum)
            units.append(1.0 if unit is None else unit)
        return units

    def _file(self, rows: int, used: int, sha256: str | None = None) -> SourceFile:
        number = len(self.files.places)
        if number > 1:
            self.log.repaired(
                "events_files", f"The log is {counted(number, 'file')}, {self.files.bytes:,} bytes.", where=self.where
            )
        return SourceFile(self.where, sha256 or self.files.sha256, rows, used, self.files.bytes)


def _in_units(left: Left, worth: Mapping[str, float]) -> Left:
    return Left(left.name, left.reason, left.rows, {key: value * worth[key[0]] for key, value in left.money.items()})


def _within(cells: list[Cell], rows: int) -> list[Cell]:
    """Keep the rows that noisy people stand for within the rows that there are, in order."""
    kept = []
    for cell in cells:
        part = min(cell.rows, rows)
        rows -= part
        kept.append(Cell(cell.period, cell.channel, cell.geo, part, cell.figures))
    return kept
