"""What ``mixwise plan`` does: a brief and a fit become a run folder with a plan and its proof."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from mmm.exceptions import SpecError
from mmm.findings import Finding
from mmm.reporting import write_page
from mmm.reporting.numbers import MISSING, count, percent, ratio
from mmm.reporting.text import clean, csv_text
from mmm.response.checks import fit_findings
from mmm.response.draws import ResponseDraws
from mmm.response.storage import load_response
from mmm.runs import Manifest, Run, hash_file, open_run, staged_run, versions, write_json
from optimizer import report_words as words
from optimizer.allocation import Allocation
from optimizer.brief import Brief
from optimizer.extras_of import plan_for
from optimizer.interrupt import interruptible
from optimizer.problem import AllocationProblem, Progress, ProgressCall
from optimizer.report import plan_page
from optimizer.report_facts import PlanFacts
from optimizer.risk import WorstFit
from optimizer.several import SeveralResponses
from optimizer.workbook import write_plan_workbook

DATA, PAGE, BOOK, ROWS = "plan.json", "report.html", "plan.xlsx", "plan.csv"
#: Of a plan that decides geos.
GEO_ROWS = "plan_by_geo.csv"
#: Exit code where the plan is there but the gap asked for was not reached.
CHECK_FAILED = 4


def run(
    brief_file: Path,
    fit_folders: Sequence[Path],
    out: Path,
    *,
    gap: float,
    time_limit: float | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Plan and write the run folder.

    Parameters
    ----------
    brief_file : Path
    fit_folders : sequence of Path
        Folders that ``mixwise fit`` wrote. With several, a plan is chosen on the draws of all of them, or on the worst
        (``risk: worst_fit``); the page's curves are the first one's.
    out : Path
        Gets ``plan.json``, ``report.html``, ``plan.xlsx``, ``plan.csv`` and ``manifest.json``.
    gap : float
        Relative gap to certify.
    time_limit : float or None
        Seconds.
    quiet : bool
        Print nothing.
    as_json : bool
        Print ``plan.json`` instead of a table.

    Returns
    -------
    int
        0, or 4 where the gap asked for was not reached.

    Raises
    ------
    SpecError, DataError
        A file is not understood, or brief and fit do not go together.
    InfeasibleError
        No plan satisfies every constraint.
    """
    brief = Brief.from_yaml(brief_file)
    _once(fit_folders)
    fits = [open_run(folder, command="fit") for folder in fit_folders]
    brief = _with_fiscal_year(brief, fits[0])
    responses = [load_response(folder) for folder in fit_folders]
    problem = stated_problem(brief, responses)
    shown = not quiet and not as_json
    with _progress(shown=shown) as progress, interruptible(_interrupted) as stop, brief.located():
        allocation, extras = plan_for(brief, problem, gap=gap, time_limit=time_limit, progress=progress, stop=stop)
    manifest = _manifest(brief_file, brief, fits, gap, time_limit)
    findings = [finding for fit in fits for finding in fit_findings(fit)]
    details = _details(manifest, brief, fits)
    response = responses[0]
    facts = PlanFacts(allocation, response)
    further = {extra.key: extra.to_json() for extra in extras}
    content = allocation.to_json() | further
    with staged_run(out, manifest) as folder:
        write_json(folder / DATA, content)
        write_plan_csv(allocation, folder / ROWS)
        if allocation.problem.granularity.by_geo:
            write_geo_csv(allocation, folder / GEO_ROWS)
        write_page(plan_page(facts, findings, details, extras=extras), folder / PAGE)
        write_plan_workbook(allocation, response, folder / BOOK, findings=findings, details=details, extras=extras)
    if as_json:
        click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
    elif not quiet:
        answers = [f"{key}: {one['says']}" for key, one in further.items() if "says" in one]
        _say(facts, findings, answers, out, fit_folders[0])
    return 0 if allocation.certified else CHECK_FAILED


def stated_problem(brief: Brief, responses: Sequence[ResponseDraws]) -> AllocationProblem:
    """State a brief's problem for one fit, or for the draws of several side by side.

    Raises
    ------
    SpecError
        The fits are of other channels, weeks or money.
    """
    stated = [brief.problem(response) for response in responses]
    first = stated[0]
    if len(stated) == 1:
        alone = ("One fit is given: it is the worst of the fits by itself.",)
        return replace(first, notes=(*first.notes, *alone)) if isinstance(first.risk, WorstFit) else first
    return replace(
        first,
        horizon=SeveralResponses([one.horizon for one in stated]),
        held_back=SeveralResponses([one.held_back for one in stated]),
        observed_max=np.minimum.reduce([one.observed_max for one in stated]),
        notes=(*first.notes, f"Planned on the draws of {len(stated)} fits; the curves shown are the first one's."),
    )


def _once(folders: Sequence[Path]) -> None:
    if len({folder.resolve() for folder in folders}) != len(folders):
        raise SpecError("the same fit is named twice", where="--fit", do="Name each fit once.")


def write_plan_csv(allocation: Allocation, path: Path) -> None:
    """Write week, channel, spend, volume: a file that a scenario can take as an uploaded plan.

    Volume is what the money serves or buys; empty for a channel that the model sees by its money.
    """
    bought = allocation.volumes
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["week", "channel", "spend", "volume"])
        for t, week in enumerate(allocation.weeks):
            for c, channel in enumerate(allocation.problem.channels):
                volume = repr(float(bought[channel][t])) if channel in bought else ""
                writer.writerow([str(week), csv_text(channel), repr(float(allocation.spend[c, t])), volume])


def write_geo_csv(allocation: Allocation, path: Path) -> None:
    """Write week, channel, geo, spend of a plan that decides geos."""
    rows = allocation.by_geo()
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["week", "channel", "geo", "spend"])
        for week, channel, geo, spend, _ in rows.itertuples(index=False):
            writer.writerow([f"{week:%Y-%m-%d}", csv_text(channel), csv_text(geo), repr(float(spend))])


def _interrupted() -> None:
    says = "Stopping: the best plan so far is written with its gap. Press Ctrl-C again to leave without."
    click.echo(f"\n{says}", err=True)


@contextmanager
def _progress(*, shown: bool) -> Iterator[ProgressCall | None]:
    """Show on the terminal how far the search has come; nothing where there is no terminal."""
    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield None
        return
    with console.status("Planning") as status:

        def tell(state: Progress) -> None:
            room = (state.upper_bound - state.value) / abs(state.value) if state.value else float("nan")
            gap = f"gap {percent(room, 3)}" if np.isfinite(room) else "no bound yet"
            status.update(f"Planning, {state.phase}: {gap}, {state.seconds:.0f} s")

        yield tell


def _with_fiscal_year(brief: Brief, fit: Run) -> Brief:
    """Take the fiscal year from the model where the brief does not say it."""
    start = fit.manifest.get("configuration", {}).get("spec", {}).get("fiscal_year_start")
    if brief.fiscal_year_start is not None or not isinstance(start, int):
        return brief
    return brief.model_copy(update={"fiscal_year_start": start})


def _manifest(brief_file: Path, brief: Brief, fits: Sequence[Run], gap: float, time_limit: float | None) -> Manifest:
    files = {brief_file.name: brief_file} | {name: brief_file.parent / name for name in brief.files}
    return Manifest(
        command="plan",
        inputs={name: hash_file(path) for name, path in files.items()},
        configuration={"brief": brief.model_dump(mode="json"), "gap": gap, "time_limit": time_limit}
        | ({"fits": [fit.hash for fit in fits]} if len(fits) > 1 else {}),
        parent=fits[0].hash,
    )


def _details(manifest: Manifest, asked: Brief, fits: Sequence[Run]) -> dict[str, str]:
    """Return the facts for whoever repeats the run."""
    brief = asked.model_dump(mode="json", exclude_none=True, by_alias=True)
    return {
        **{f"Input {name}": f"SHA-256 {digest}" for name, digest in manifest.inputs.items()},
        **{
            "Fit" if len(fits) == 1 else f"Fit {n}": f"run {fit.hash}, made {fit.manifest.get('created', 'unknown')}"
            for n, fit in enumerate(fits, start=1)
        },
        "Gap asked for": f"{manifest.configuration['gap']:g}",
        **{f"Brief: {key}": json.dumps(value, ensure_ascii=False) for key, value in brief.items()},
        **{f"Version of {name}": version for name, version in versions().items()},
    }


def _say(facts: PlanFacts, findings: Sequence[Finding], answers: Sequence[str], out: Path, fit: Path) -> None:
    """Print the plan, where it is and what to do next."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column("channel")
    for head in (f"business as usual, {facts.currency}", "planned", "change", "mROAS, planned"):
        table.add_column(head, justify="right")
    for name, one in facts.allocation.channels.items():
        change = one.spend / one.baseline_spend - 1.0 if one.baseline_spend > 0 else float("nan")
        marginal = MISSING if one.mroas is None else ratio(one.mroas.mean)
        table.add_row(clean(name), count(one.baseline_spend), count(one.spend), percent(change, signed=True), marginal)
    table.add_row("total", count(facts.baseline_spend), count(facts.budget), "", "", style="bold")
    for finding in (*findings, *facts.allocation.findings):
        console.print(clean(f"{finding.severity.value.upper()}: {finding.says} {finding.do}"), markup=False)
    console.print(clean(words.lead(facts)), markup=False)
    console.print(table)
    for answer in answers:
        console.print(clean(answer), markup=False)
    console.print(clean(words.gap_sentence(facts)), markup=False)
    console.print(f"Page      {out / PAGE}", markup=False)
    console.print(f"Workbook  {out / BOOK}", markup=False)
    console.print(
        f"Next: open the page; to compare the plan with other ideas, put {ROWS} beside your scenarios.yaml, add the "
        f"scenario 'planned: [{{plan: {ROWS}}}]', and run 'mixwise simulate scenarios.yaml --fit {fit} --out …'.",
        markup=False,
    )
