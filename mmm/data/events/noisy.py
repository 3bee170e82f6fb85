"""A log under differential privacy → facts: people bounded first, then noise, then what was told before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from mmm.data.events.aggregate import Aggregation
from mmm.data.events.measures import Measures
from mmm.data.events.noise import Noise
from mmm.data.events.release import NoisyCell, Release, ReleaseFile, Told, cost_of
from mmm.data.events.shown import Codes
from mmm.data.events.spec import EventsSpec, Keys, PrivacySpec
from mmm.data.events.spent import told_elsewhere
from mmm.data.events.tally import TOTAL, by_person
from mmm.data.log import ReadingLog, counted
from mmm.data.reading import name_key
from mmm.exceptions import SpecError

#: Sums are counted in hundredths: noise is of whole numbers, where it has no rounding to give anything away.
HUNDREDTHS = 100
_KEY = tuple[date, int, int]


@dataclass(frozen=True, eq=False)
class Noisy:
    """What reads a log under differential privacy.

    Attributes
    ----------
    run : Aggregation
    events : EventsSpec
    codes : Codes
    file : ReleaseFile
    """

    run: Aggregation
    events: EventsSpec
    codes: Codes
    file: ReleaseFile

    @property
    def privacy(self) -> PrivacySpec:
        """What is declared."""
        if self.events.privacy is None:
            raise ValueError("no differential privacy is declared")
        return self.events.privacy

    def told(self, every: Sequence[date], sha256: str, today: date, log: ReadingLog) -> Release:
        """Return all that is told of these periods: those told before as they were, the others with fresh noise.

        Raises
        ------
        SpecError
            All periods together would cost more than ``limit``, or OpenDP is missing.
        DataError
            The release file cannot be used.
        """
        before = self.file.read()
        elsewhere = told_elsewhere(self.file, before, sha256)
        fresh = [period for period in every if period not in before.cells]
        now = before
        if fresh:
            noise = Noise.calibrate(self.privacy, _bounds(self.run.measures, self.privacy), self.events.minimum_people)
            cost = noise.budget
            occasion = Told(
                on=today,
                log=sha256,
                periods=tuple(fresh),
                epsilon=cost.epsilon,
                delta=cost.delta,
                rho=cost.rho,
                gaussian_delta=cost.gaussian_delta,
            )
            now = before.model_copy(update={"told": (*before.told, occasion)})
            self._within(now, elsewhere)
            now = now.model_copy(update={"cells": {**before.cells, **self._release(noise, fresh)}})
            self.file.write(now)
        self._tell(now, elsewhere, len(fresh), sha256, log)
        return now

    def _within(self, release: Release, elsewhere: Sequence[Told]) -> None:
        epsilon, _ = cost_of([*release.told, *elsewhere])
        limit = self.privacy.limit
        if limit is not None and epsilon > limit:
            periods = sum(len(told.periods) for told in release.told)
            more = ", with what other release files beside it have told of this log," if elsewhere else ""
            raise SpecError(
                f"all {counted(periods, 'period')} together{more} would cost a person who is in each {epsilon:,.1f}, "
                f"above the limit of {limit:g}",
                where="events.privacy.limit",
                do="Lower epsilon, leave out early periods, use mechanism: gaussian (its cost adds up more slowly), or "
                "raise the limit.",
            )

    def _release(self, noise: Noise, fresh: Sequence[date]) -> dict[date, tuple[NoisyCell, ...]]:
        """Add noise to the bounded tallies of some periods."""
        measures = self.run.measures
        table = self._bounded()
        exact: dict[_KEY, tuple[int, list[int]]] = {}
        wanted = set(fresh)
        code, number = self.run.code, np.asarray(table["cell"].to_numpy().astype(np.int64))
        places = zip(
            code.period(number).tolist(), code.channel(number).tolist(), code.geo(number).tolist(), strict=True
        )
        for key, row in zip(places, table.to_pylist(), strict=True):
            if key[0] in wanted:
                exact[key] = (int(row["people"]), [int(row[f"f{j}"]) for j in range(len(measures.measures))])
        if self.privacy.keys is Keys.DECLARED:
            nothing = (0, [0] * len(measures.measures))
            exact = {key: exact.get(key, nothing) for key in self._declared(fresh)}
        names = {f"{period} {channel} {geo}": (period, channel, geo) for period, channel, geo in sorted(exact)}
        people = noise.people({name: exact[key][0] for name, key in names.items()})
        kept = [(names[name], people[name]) for name in sorted(people)]
        figures: dict[_KEY, dict[str, float]] = {key: {} for key, _ in kept}
        for family in measures.families:
            own = [key for key, _ in kept if (key[1] != TOTAL) == family.by_channel]
            for j in family.measures:
                scale = 1 if measures.measures[j].sum_of < 0 else HUNDREDTHS
                noisy = noise.figures(j, [exact[key][1][j] for key in own])
                for key, value in zip(own, noisy, strict=True):
                    # Counts below nil are made nil, which tells nothing more.
                    figures[key][measures.measures[j].name] = max(0, value) if scale == 1 else value / scale
        cells: dict[date, list[NoisyCell]] = {period: [] for period in fresh}
        for (period, channel, geo), n in kept:
            cell = NoisyCell(
                channel=self.codes.channel(channel),
                geo=self.codes.geos[geo],
                rows=n,
                figures=figures[period, channel, geo],
            )
            cells[period].append(cell)
        return {period: tuple(found) for period, found in cells.items()}

    def _bounded(self) -> pa.Table:
        """Count every cell with each person's part bounded."""
        measures, privacy = self.run.measures, self.privacy
        persons = f"SELECT * FROM ({by_person(self.run.rows(), measures)}) WHERE cell >= 0"
        # Which of a person's cells count is drawn by the salted hash: it hangs on nobody else.
        week = f"cell // {self.run.code.places}"
        rank = f"row_number() OVER (PARTITION BY {week}, person ORDER BY hash(person, cell, $salt::UBIGINT))"
        chosen = f"SELECT * FROM ({persons}) QUALIFY {rank} <= {privacy.cells}"
        bounds = _bounds(measures, privacy)
        figures = []
        for j, measure in enumerate(measures.measures):
            counts = " + ".join(f"n{atom}" for atom in measure.atoms) or "0"
            if measure.counts_people:
                part = f"CAST({counts} > 0 AS BIGINT)"
            elif measure.sum_of < 0:
                part = f"least({counts}, {bounds[j]})"
            else:
                parts = [measures.parts.index((measure.sum_of, atom)) for atom in measure.atoms]
                total = " + ".join(f"CAST(s{i} AS DOUBLE)" for i in parts) or "0"
                part = f"least(greatest(CAST(round(({total}) * {HUNDREDTHS}) AS HUGEINT), -{bounds[j]}), {bounds[j]})"
            figures.append(f"CAST(sum({part}) AS BIGINT) AS f{j}")
        return self.run.store.table(
            f"SELECT cell, count(*) AS people, {', '.join(figures)} FROM ({chosen}) GROUP BY cell", self.run.secrets
        )

    def _declared(self, fresh: Sequence[date]) -> list[_KEY]:
        """Return every cell of the declared channels and geos."""
        taken, places = self.codes.taken, [geo or "" for geo in self.codes.geos]
        channels = [self._code(taken.get(name, name), self.codes.channels) for name in self.privacy.channels]
        geos = [self._code(self.codes.geos_taken.get(name, name), places) for name in self.privacy.geos] or [0]
        totals = [TOTAL] if any(not family.by_channel for family in self.run.measures.families) else []
        codes = [code for code in channels if code >= 0] + totals
        return [(period, code, geo) for period in fresh for code in codes for geo in geos if geo >= 0]

    @staticmethod
    def _code(name: str, names: Sequence[str]) -> int:
        return next((i for i, known in enumerate(names) if name_key(known) == name_key(name)), -9)

    def _tell(self, release: Release, elsewhere: Sequence[Told], fresh: int, sha256: str, log: ReadingLog) -> None:
        """Say in words what was told, and what it cost."""
        privacy, periods = self.privacy, sum(len(told.periods) for told in release.told)
        epsilon, delta = cost_of([*release.told, *elsewhere])
        others = " (with what other release files beside it have told of this log)" if elsewhere else ""
        noun, odds = str(self.run.periods.grain), f"{math.exp(privacy.epsilon):,.3g}"
        again = "" if fresh == periods else f" {counted(periods - fresh, noun)} of them were told before and repeated."
        keys = "found in the log, above a threshold" if privacy.keys is Keys.THRESHOLD else "declared in the model file"
        log.repaired(
            "privacy_budget",
            f"Noise was added to every figure of the log ({privacy.mechanism}, by OpenDP; cells {keys}). A person's "
            f"{noun} costs epsilon {privacy.epsilon:g}, delta {privacy.delta:g}: from these figures, the odds of any "
            f"guess about what one person did in a {noun} change by a factor of at most {odds}. "
            f"{counted(periods, noun)} were told so far; of a person who is in every one of them they cost together"
            f"{others} epsilon {epsilon:,.4g}, delta {delta:.2g}: {_strength(epsilon)}.{again}",
            where=self.file.name,
            do="Keep this file: it holds what was told, and later readings repeat it instead of telling more.",
        )
        earlier = [told for told in release.told if told.log != sha256]
        if earlier:
            log.repaired(
                "privacy_kept",
                f"{counted(sum(len(told.periods) for told in earlier), noun)} stand as they were told on "
                f"{max(told.on for told in earlier)}, though the log has changed since.",
                where=self.file.name,
                do="Nothing: to tell them again would cost as much again. People who opt out now are left out of weeks "
                "that are told from now on.",
            )


def _strength(epsilon: float) -> str:
    """Say what a total budget promises, in words."""
    if epsilon <= 1:
        return "strong protection"
    if epsilon <= 10:
        return "some protection of people who are in every week, and strong of those who are in few"
    return "next to no protection of people who are in every week; what protects them is the bound of each week"


def _bounds(measures: Measures, privacy: PrivacySpec) -> tuple[int, ...]:
    """Return the most that a cell holds of a person in each measure; sums in hundredths."""
    bounds = []
    for measure in measures.measures:
        if measure.sum_of >= 0:
            bounds.append(max(1, math.ceil(privacy.largest[measure.name] * HUNDREDTHS)))
        else:
            bounds.append(1 if measure.counts_people else privacy.events)
    return tuple(bounds)


def settings_of(events: EventsSpec, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a release hangs on, for the release file: everything but the limit and the place of the key."""
    told = events.model_dump(mode="json", exclude={"privacy": {"limit", "release"}, "memory_limit": True})
    told.pop("identifiers_key_from", None)
    return {**told, **more}
