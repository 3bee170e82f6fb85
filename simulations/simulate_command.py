"""What ``mixwise simulate`` does: a scenario file and one or more fits become a run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmm.config import inside
from mmm.exceptions import SpecError
from mmm.findings import Finding
from mmm.reporting.text import clean
from mmm.response.checks import fit_findings
from mmm.response.draws import ResponseDraws
from mmm.response.probability import p_positive
from mmm.response.storage import load_response
from mmm.runs import Manifest, Run, hash_file, open_run, staged_run, versions, write_json
from simulations.contract import scenarios_json, write_tables
from simulations.report import write_report
from simulations.results import Estimate, ScenarioResults
from simulations.run import simulate
from simulations.scenario import ScenarioSet
from simulations.stacking import Stack, stack_weights, stacked
from simulations.wording import Scale, grid_words, lead, more, outcome_heading, shown, sweep_words
from simulations.workbook import write_workbook

PAGE, BOOK, DATA = "report.html", "scenarios.xlsx", "scenarios.json"


@dataclass(frozen=True, eq=False)
class _Fit:
    name: str
    run: Run
    response: ResponseDraws


def run(scenario_file: Path, fit_folders: Sequence[Path], out: Path, *, seed: int, quiet: bool, as_json: bool) -> int:
    """Simulate and write the run folder.

    Parameters
    ----------
    scenario_file : Path
    fit_folders : sequence of Path
        Folders that ``mixwise fit`` wrote; the first is the one that the page is about.
    out : Path
        Gets ``report.html``, ``scenarios.xlsx``, ``scenarios.json``, CSV tables and ``manifest.json``.
    seed : int
        Of the residual noise in outcome levels.
    quiet : bool
        Print nothing.
    as_json : bool
        Print ``scenarios.json`` instead of a table.

    Returns
    -------
    int
        Exit code 0.

    Raises
    ------
    SpecError, DataError
        A file is not understood, or the scenarios do not fit the fit.
    """
    scenarios = ScenarioSet.from_yaml(scenario_file)
    fits = list(_load(fit_folders))
    if len(fits) > 1 and not scenarios.scenarios:
        raise SpecError(
            "several fits are compared by their scenarios, and the file names none",
            where=scenarios.where("scenarios"),
            do="Write at least one scenario, or give one fit.",
        )
    scenarios = _with_fiscal_year(scenarios, fits[0].run)
    results = {fit.name: _simulate(fit, scenarios, seed) for fit in fits}
    first = next(iter(results.values()))
    manifest = _manifest(scenario_file, scenarios, fits, seed)
    stack = _stacked(scenarios, fits, results)
    content = scenarios_json(first, results, stack)
    details, findings = _details(manifest, fits), fit_findings(fits[0].run)
    with staged_run(out, manifest) as folder:
        write_json(folder / DATA, content)
        write_tables(first, results, folder, stack)
        write_report(first, folder / PAGE, fits=results, stack=stack, findings=findings, details=details)
        write_workbook(first, folder / BOOK, fits=results, stack=stack, details=details)
    if as_json:
        click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
    elif not quiet:
        _say(first, findings, out)
    return 0


def _load(folders: Sequence[Path]) -> Iterator[_Fit]:
    """Open every fit, check its files, and give it a name of its own."""
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise SpecError("the same fit is named twice", where="--fit", do="Name each fit once.")
    first: ResponseDraws | None = None
    for name, folder in zip(_names(folders), folders, strict=True):
        found = open_run(folder, command="fit")
        response = load_response(folder)
        first = first or response
        theirs, ours = ((other.outcome_name, other.outcome_is_money, other.currency) for other in (response, first))
        if theirs != ours:
            raise SpecError(
                f"this fit explains {theirs[0]} in {theirs[2]}, the first one {ours[0]} in {ours[2]}",
                where=str(folder),
                do="Compare fits of the same outcome and currency.",
            )
        yield _Fit(name, found, response)


def _names(folders: Sequence[Path]) -> list[str]:
    """Return the shortest ends of the folders' paths that tell them apart: ``fit``, or ``spring/fit``."""
    parts = [folder.resolve().parts for folder in folders]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [folder.as_posix() for folder in folders]


def _with_fiscal_year(scenarios: ScenarioSet, fit: Run) -> ScenarioSet:
    """Take the fiscal year from the model where the scenarios do not say it."""
    start = fit.manifest.get("configuration", {}).get("spec", {}).get("fiscal_year_start")
    if scenarios.fiscal_year_start is not None or not isinstance(start, int):
        return scenarios
    return scenarios.model_copy(update={"fiscal_year_start": start})


def _simulate(fit: _Fit, scenarios: ScenarioSet, seed: int) -> ScenarioResults:
    try:
        return simulate(fit.response, scenarios, seed=seed)
    except SpecError as error:
        raise SpecError(error.says, where=f"{error.where} (with the fit '{fit.name}')", do=error.do) from error


def _stacked(scenarios: ScenarioSet, fits: Sequence[_Fit], results: Mapping[str, ScenarioResults]) -> Stack | None:
    """Mix the fits; nothing for one fit, but weights that are written must be of it."""
    runs = {fit.name: fit.run for fit in fits}
    weights = stack_weights(scenarios.stack, runs, where=scenarios.where)
    return stacked(results, weights) if len(fits) > 1 else None


def _manifest(scenario_file: Path, scenarios: ScenarioSet, fits: Sequence[_Fit], seed: int) -> Manifest:
    files = {name: inside(scenarios.folder, name, where=scenario_file.name) for name in scenarios.files()}
    return Manifest(
        command="simulate",
        inputs={scenario_file.name: hash_file(scenario_file)} | {name: hash_file(path) for name, path in files.items()},
        configuration=scenarios.model_dump(mode="json", by_alias=True, exclude_none=True)
        | {"fits": {fit.name: fit.run.hash for fit in fits}},
        seed=seed,
        parent=fits[0].run.hash,
    )


def _details(manifest: Manifest, fits: Sequence[_Fit]) -> dict[str, str]:
    """Return the facts for whoever repeats the run."""
    return {
        **{f"Input {name}": f"SHA-256 {digest}" for name, digest in manifest.inputs.items()},
        **{
            f"Fit {fit.name}": f"run {fit.run.hash}, made {fit.run.manifest.get('created', 'at an unknown time')}"
            for fit in fits
        },
        "Seed": str(manifest.seed),
        **{
            f"Version of {name}": version
            for name, version in versions().items()
            if name in ("mixwise", "python", "numpy")
        },
    }


def _say(results: ScenarioResults, findings: Sequence[Finding], out: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    scale = Scale.fitting(np.array([results.delta(one).mean() for one in results.scenarios]))
    table = Table(box=None, pad_edge=False)
    table.add_column("scenario", no_wrap=True)
    table.add_column(f"difference in {outcome_heading(results, scale)} (90% interval)", justify="right")
    table.add_column("probability of more", justify="right")
    for one in results.scenarios:
        draws = results.delta(one)
        found = Estimate.of(draws)
        table.add_row(Text(clean(shown(one.name))), scale.difference(found), more(found, p_positive(draws)))
    for finding in findings:
        says = f"{finding.severity.value.upper()}: {finding.says} {finding.means} {finding.do}"
        console.print(clean(says), markup=False)
    console.print(clean(lead(results)), markup=False)
    if results.scenarios:
        console.print(table)
    # Without scenarios the lead has said it.
    for said in (grid_words(results), sweep_words(results)):
        if said and results.scenarios:
            console.print(clean(said), markup=False)
    beyond = sorted({flag.scenario for flag in results.beyond if flag.above})
    if beyond:
        console.print(f"Beyond the weekly spend seen in the data: {clean(', '.join(beyond))}.", markup=False)
    console.print(f"Page      {out / PAGE}", markup=False)
    console.print(f"Workbook  {out / BOOK}", markup=False)
    console.print(f"Next: open {out / PAGE} in a browser, or change a scenario and run this again.", markup=False)
