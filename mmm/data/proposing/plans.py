"""What to plan and what to compare, for channels that were proposed: ``brief.yaml`` and ``scenarios.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from mmm.data.panel import Panel
from mmm.data.proposing.channels import quoted
from mmm.data.proposing.proposal import Proposal
from mmm.data.proposing.words import slug

BRIEF, SCENARIOS = "brief.yaml", "scenarios.yaml"
_WEEKS = 13
_MORE = "# Every key with an example: 'mixwise init' without --from, into another folder, writes them."


def plans_of(made: Proposal, panel: Panel | None, today: date) -> dict[str, str]:
    """Return file → text: a first brief and first scenarios, for the weeks after the data.

    Parameters
    ----------
    made : Proposal
    panel : Panel, optional
        Where the proposal could be read as it is.
    today : date
        Where there is no panel: the horizon begins after the last date of the outcome, or of any table, before it.
    """
    start = _start(made, panel, today)
    return {BRIEF: "\n".join(_brief(start, panel)) + "\n", SCENARIOS: "\n".join(_scenarios(made, start)) + "\n"}


def _start(made: Proposal, panel: Panel | None, today: date) -> date:
    """Return the first day of the week after the data."""
    if panel is not None:
        return date.fromisoformat(str(panel.weeks[-1])) + timedelta(days=7)
    dates = [use.guess.dates for use in sorted(made.uses, key=lambda use: made.outcome not in use.outcomes)]
    ends = [date.fromisoformat(str(np.max(one.days))) for one in dates if one is not None and one.days is not None]
    last = min(ends[0] if ends else today, today)
    return last + timedelta(days=7 - last.weekday())


def _brief(start: date, panel: Panel | None) -> Iterator[str]:
    yield "# What to plan. Next, once there is a fit: mixwise plan brief.yaml --fit fit --out plan"
    yield _MORE
    yield ""
    sure = "" if panel is not None else "a guess: "
    yield f"horizon: {{start: {start}, weeks: {_WEEKS}}}   # {sure}the first week after the data's last"
    if panel is not None:
        recent = float(panel.spend[..., -_WEEKS:].sum())
        digits = 10 ** max(0, len(str(int(recent))) - 2)
        total = max(1, round(recent / digits)) * digits
        yield f"budget: {{total: {total:_}}}   # about what the last {_WEEKS} weeks cost"
    yield "baseline: last_weeks"
    yield "objective: {maximise: outcome}"
    yield "#objective: {maximise: profit, margin: 0.4}   # margin: what remains of the outcome's value before media"
    yield "constraints:"
    yield "  - {channels: all, change_vs_baseline: 0.3}   # each channel within 30 % of its baseline"


def _scenarios(made: Proposal, start: date) -> Iterator[str]:
    yield "# What to compare with business as usual. Next, once there is a fit:"
    yield "# mixwise simulate scenarios.yaml --fit fit --out scenarios"
    yield _MORE
    yield ""
    yield "baseline: last_weeks"
    yield f"horizon: {{start: {start}, weeks: {_WEEKS}}}"
    yield "scenarios:"
    names = list(made.channels.found)[:2]
    for name in names:
        yield f"  {quoted(f'less_{slug(name)}')}: [{{channel: {quoted(name)}, change: -20%}}]"
    if len(names) > 1:
        one, other = map(quoted, names)
        yield f"  {quoted('_to_'.join(map(slug, names)))}: [{{shift: 20%, from: {one}, to: {other}}}]"
    yield "  weak_demand: [{demand: -0.1}]"
