"""What ``mixwise fit`` does: data and model file become a run folder with the fit, its figures and its report."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmm.config import load_yaml, parse
from mmm.data.privacy import safe
from mmm.data.read import read_data
from mmm.data.room.files import keep_lineage, lineage_of
from mmm.data.room.view import with_sources
from mmm.findings import Severity
from mmm.model import prior_words, words
from mmm.model.calibration import APART
from mmm.model.fit import Fit, fit_model
from mmm.model.resume import Resume
from mmm.model.run_folder import PAGE, write_run
from mmm.model.spec import ModelSpec
from mmm.model.verdict import Outcome
from mmm.reporting.numbers import interval, money_short, ratio, significant
from mmm.runs import hash_file

if TYPE_CHECKING:
    import pyarrow as pa

#: Exit code of a command that was stopped with Ctrl-C.
INTERRUPTED = 130

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan", Severity.OK: "green"}
_VERDICT = {Outcome.PASSES: "bold green", Outcome.WARNS: "bold yellow", Outcome.FAILS: "bold red"}


def run(model_file: Path, out: Path, *, seed: int | None, quiet: bool, as_json: bool) -> int:
    """Fit the model of a model file.

    Parameters
    ----------
    model_file, out : Path
    seed : int or None
        None: that of an interrupted run of the same fit, or chosen; and recorded.
    quiet : bool
        Print nothing.
    as_json : bool
        Print ``summary.json`` instead of the table.

    Returns
    -------
    int
        Exit code: 0; 4 where the sampler did not converge (the result is written and says so); 130 if interrupted.

    Raises
    ------
    SpecError, DataError, FitError
    """
    spec = parse(ModelSpec, load_yaml(model_file))
    read = read_data(spec, model_file.parent, name=model_file.name)
    lineage = lineage_of(read, spec)
    panel = with_sources(read.panel, spec, lineage)
    del read  # the rows of the files are not needed any more
    store = Resume.beside(out, spec, panel, seed)
    kept = store.count()
    if kept and not quiet and not as_json:
        print(f"{kept} of {spec.sampling.chains} chains are kept from an interrupted run.", file=sys.stderr)  # noqa: T201
    try:
        fit = fit_model(spec, panel, seed=store.seed, progress=not quiet and not as_json, store=store)
        code = deliver(fit, model_file, out, quiet=quiet, as_json=as_json, inputs=panel.inputs, lineage=lineage)
    except KeyboardInterrupt:
        print(f"mixwise: {_interrupted(store, out, spec.sampling.chains)}", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    finally:
        if not store.count():
            store.clear()
    store.clear()
    return code


def _interrupted(store: Resume, out: Path, chains: int) -> str:
    """Say in one sentence what an interrupted fit leaves and how it goes on."""
    kept = store.count()
    before = f"{out} is as it was before" if out.exists() else f"{out} is not written"
    if kept == 0:
        return f"interrupted before the first of {chains} chains was done, so nothing is kept, and {before}."
    return (
        f"interrupted; {kept} of {chains} finished chains are kept in {store.folder}, {before}; "
        "the same command goes on from there."
    )


def deliver(
    fit: Fit,
    model_file: Path,
    out: Path,
    *,
    quiet: bool,
    as_json: bool,
    inputs: Mapping[str, str] | None = None,
    lineage: pa.Table | None = None,
) -> int:
    """Write a fit's run folder and say what it holds; return the exit code.

    ``inputs`` are the files of the sources, where there are several: name → SHA-256. ``lineage`` says where each figure
    of the panel comes from.
    """

    def keep(folder: Path) -> None:
        if lineage is not None:
            keep_lineage(lineage, folder, out, model_file.parent)

    write_run(fit, out, {model_file.name: hash_file(model_file), **(inputs or {})}, keep)
    if as_json:
        print(json.dumps(fit.summary(), indent=2, ensure_ascii=False))  # noqa: T201  (the result, asked for)
    elif not quiet:
        _print(fit, out, model_file, Console(highlight=False, markup=False, soft_wrap=True))
    return fit.verdict.exit_code


def _print(fit: Fit, out: Path, model_file: Path, console: Console) -> None:
    """Print the verdict, ROAS, what to look at, where the report is, and the next step."""
    console.print(Text(safe(fit.verdict.sentences[0], limit=1000), style=_VERDICT[fit.verdict.outcome]))
    if fit.diagnostics.finite:
        console.print(_table(fit))
    for finding in fit.findings:
        if finding.severity is Severity.OK:
            continue
        line = Text(f"{finding.severity.upper():8}", style=_STYLE[finding.severity])
        line.append(safe(f"{finding.says} {finding.means}".rstrip(), limit=1000), style="default")
        console.print(line)
        console.print(Text(f"        → {safe(finding.do, limit=1000)}", style="dim"))
    found = fit.diagnostics
    console.print(
        Text(
            f"{fit.seconds_total:.1f} s ({fit.seconds_sampling:.1f} s sampling); R-hat {found.max_rhat:.3f}, effective "
            f"samples {found.min_ess_bulk:.0f}/{found.min_ess_tail:.0f}, {found.divergences} divergences; "
            f"seed {fit.seed}."
        )
    )
    for sentence in _made(fit):
        console.print(Text(safe(sentence, limit=1000), style="dim"))
    console.print(Text(f"Report: {out / PAGE}"))
    if fit.verdict.outcome is Outcome.FAILS:
        console.print(Text(f"Next: mend what the report names in {model_file}, and fit again."))
    else:
        brief = model_file.parent / "brief.yaml"
        console.print(
            Text(
                f"Next: mixwise validate {out} (long checks: backtests, placebos, refits), or\n"
                f"      mixwise plan {brief} --fit {out} --out {model_file.parent / 'plan'}"
            )
        )


def _made(fit: Fit) -> list[str]:
    """Say how the fit was made: form, experiments, and what the priors alone say."""
    lines = [words.form_line(fit)]
    if fit.calibration:
        apart = sum(abs(one.apart) > APART for one in fit.calibration)
        several = len(fit.calibration) > 1
        number = f"{len(fit.calibration)} experiments" if several else "one experiment"
        against = f"; {f'{apart} of them' if several else 'it'} contradict{'s' if apart == 1 else ''} the data"
        lines.append(f"Calibrated by {number}{against if apart else ''}.")
    if fit.diagnostics.finite:
        lines.append(prior_words.sentences(fit.prior_picture)[0])
    return lines


def _table(fit: Fit) -> Table:
    response = fit.response
    unit = response.currency if response.outcome_is_money else response.outcome_name
    table = Table(
        title=safe(f"{unit} per {response.currency} of spend, 90% intervals", limit=200), title_justify="left"
    )
    table.add_column("")
    for label in ("spend", "ROAS", "mROAS"):
        table.add_column(label, justify="right")
    summary: dict[str, Any] = fit.summary()["channels"]
    for name, figures in summary.items():
        cells = []
        for measure in ("roas", "mroas"):
            values = figures[measure]
            fmt = ratio if abs(values["mean"]) < 100 else significant
            cells.append(interval(values["mean"], values["q05"], values["q95"], fmt))
        table.add_row(Text(safe(name, limit=200)), money_short(figures["spend"], response.currency), *cells)
    return table
