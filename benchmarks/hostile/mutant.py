"""One damaged file, the model file beside it, and the judgement of what a reader made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.hostile.kinds import Kind, damages, files, model
from benchmarks.hostile.sheet import MONEY, Sheet, clean
from mmm.config import load_yaml, parse
from mmm.data import Panel, PanelSpec, read_panel
from mmm.exceptions import MixwiseError

TODAY = date(2026, 1, 5)
#: Series of the panel → column: (field, name, column).
SERIES = (
    ("outcome", "revenue", "revenue"), ("spend", "tv", "tv_spend"), ("spend", "search", "search_spend"),
    ("exposure", "search", "clicks"), ("organic", "news", "news"), ("controls", "price", "price"),
)  # fmt: skip
_NAMES = {"spend": "channels", "exposure": "channels", "organic": "organic_names", "controls": "control_names"}


@dataclass(frozen=True)
class Mutant:
    """A damaged table as files.

    Attributes
    ----------
    sheet : Sheet
        With its truth, and what was done.
    kind : Kind
    files : Mapping
        Name → content.
    model : Mapping
    """

    sheet: Sheet
    kind: Kind
    files: Mapping[str, bytes]
    model: Mapping[str, Any]

    def write(self, folder: Path) -> Path:
        """Write all files; return the model file."""
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        path = folder / "model.yaml"
        path.write_text(json.dumps(self.model, ensure_ascii=False), encoding="utf-8")
        return path


def mutate(random: Random, most: int = 4, kind: Kind | None = None) -> Mutant:
    """Damage a clean table in one to ``most`` ways."""
    chosen = kind or random.choices(list(Kind), (4, 1, 2))[0]
    sheet = clean(random)
    known = damages(chosen)
    places = set(random.sample(range(len(known)), random.randint(1, most)))
    sheet.done += [chosen, *(known[i](sheet, random) for i in sorted(places))]
    sheet.finish()
    return Mutant(sheet, chosen, files(sheet, chosen, random), model(sheet, chosen))


def load(path: Path) -> Panel:
    """Read a model file and its data as ``mixwise check`` does."""
    return read_panel(parse(PanelSpec, load_yaml(path)), path.parent, today=TODAY, name=path.name)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes
    ----------
    outcome : str
        ``refused``, ``read`` or ``repaired``.
    wrong : str
        What must not be; empty where all is well.
    said : str
        The error's sentence.
    """

    outcome: str
    wrong: str = ""
    said: str = ""


def judge(mutant: Mutant, folder: Path) -> Verdict:
    """Read a mutant and compare with its truth."""
    path = mutant.write(folder)
    try:
        panel = load(path)
    except MixwiseError as error:
        return Verdict("refused", _sentence(error), str(error))
    except Exception as error:  # noqa: BLE001  (whatever it is, it is the finding)
        return Verdict("traceback", f"{type(error).__name__}: {error}")
    notes = [finding for finding in panel.report.findings if finding.severity in ("note", "warning")]
    outcome = "repaired" if notes else "read"
    if mutant.sheet.refuse and not mutant.sheet.torn:
        return Verdict(outcome, f"accepted although {mutant.sheet.refuse[0]}")
    return Verdict(outcome, _figures(mutant.sheet, panel) or _accounts(mutant, panel))


def _sentence(error: MixwiseError) -> str:
    """Say what a refusal lacks."""
    text = str(error)
    if error.exit_code != 2:
        return f"exit code {error.exit_code}"
    if not error.where or not error.do:
        return "no place or no remedy"
    if any(char < " " for char in text) or "a@b.org" in text:
        return "it shows what it must not"
    return "" if len(text) < 700 else "it is too long"


def _figures(sheet: Sheet, panel: Panel) -> str:
    """Say where the panel differs from what the file says."""
    truth = {line.day + timedelta(days=sheet.shift): line.figures for line in sheet.lines}
    unknown = {day + timedelta(days=sheet.shift) for day in sheet.unknown}
    weeks = [week.item() for week in panel.weeks]
    wrong: dict[date, str] = {}
    for field, name, column in SERIES:
        if sheet.torn and column in sheet.twice:
            continue
        values = _series(panel, field, name)
        if values is None:
            by = "search_spend" if field == "exposure" else column
            told = {figures[by] for figures in truth.values()}
            if sheet.torn == 0 and ((told - {0.0}) if field != "controls" else len(told) > 1):
                return f"{name} is not in the panel"
            continue
        for t, week in enumerate(weeks):
            if week in unknown:
                continue
            if week not in truth:
                if field in ("spend", "organic") and values[t]:
                    wrong.setdefault(week, f"{column} of {week} is {values[t]} and the file has no such week")
                continue
            true = truth[week][column]
            if abs(values[t] - true) > 1e-9 * max(1.0, abs(true)):
                wrong.setdefault(week, f"{column} of {week} is {values[t]} and the file says {true}")
    if len(wrong) > min(sheet.torn, 2):
        return next(iter(wrong.values()))
    lost = [day for day in truth if day not in weeks and day not in unknown]
    return f"{lost[0]} is not in the panel" if lost and not sheet.torn else ""


def _series(panel: Panel, field: str, name: str) -> np.ndarray[Any, Any] | None:
    if field == "outcome":
        return panel.outcome[0] if panel.outcome.ndim == 2 else panel.outcome
    names: tuple[str, ...] = getattr(panel, _NAMES[field])
    return getattr(panel, field)[names.index(name), 0] if name in names else None


def _accounts(mutant: Mutant, panel: Panel) -> str:
    """Say where a row or a coin is neither used nor listed."""
    sheet = mutant.sheet
    ledger = panel.report.ledger
    listed = sum(item.rows for item in ledger.excluded)
    if ledger.rows_in != ledger.rows_used + listed:
        return f"{ledger.rows_in} rows in, {ledger.rows_used} used, {listed} listed"
    if sheet.torn:
        return ""
    records = (len(sheet.lines) + len(sheet.below)) * len(mutant.files)
    if ledger.rows_in != records:
        return f"{ledger.rows_in} rows in, and the file has {records}"
    for name, column in (("tv", MONEY[1]), ("search", MONEY[2])):
        money = sum(line.figures[column] for line in sheet.lines)
        used = float(panel.spend[panel.channels.index(name)].sum()) if name in panel.channels else 0.0
        out = sum(item.spend.get(name, 0.0) for item in ledger.excluded)
        if abs(ledger.spend_in[name] - money) > 1e-6:
            return f"{ledger.spend_in[name]} of {name} in, and the file has {money}"
        if abs(money - used - out) > 1e-6:
            return f"{money} of {name} in, {used} used, {out} listed"
    return ""
