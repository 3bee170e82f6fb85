"""What ``mixwise validate`` does: a fit's folder becomes a page on whether the fit stands up, after many refits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mmm.data.privacy import safe
from mmm.findings import Severity
from mmm.model.fit import Fit
from mmm.model.validation.page import validation_page
from mmm.model.validation.run import Validation, validate
from mmm.model.validation.settings import Check, Settings
from mmm.reporting import write_page
from mmm.runs import Manifest, Run, open_run, staged_run, versions, write_json

FOLDER, DATA, PAGE = "validation", "validation.json", "report.html"
CHECK_FAILED = 4
_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan", Severity.OK: "green"}


def run(
    fit_folder: Path,
    out: Path | None,
    *,
    settings: Settings,
    only: Sequence[Check],
    seed: int | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Run the long checks of a fit.

    Parameters
    ----------
    fit_folder : Path
        A run of ``mixwise fit``.
    out : Path or None
        Where the result goes; None: ``validation`` in the fit's folder, beside its files, none of which is touched.
    settings : Settings
    only : sequence of Check
    seed : int or None
        None: the fit's.
    quiet, as_json : bool
        Print nothing; print ``validation.json``.

    Returns
    -------
    int
        0, or 4 where a check failed gravely (the result is written and says so).

    Raises
    ------
    SpecError, DataError
        The folder is no fit, or ``out`` cannot be written.
    KeyboardInterrupt
        Refits that were finished stay, and the same command goes on from there.
    """
    opened = open_run(fit_folder, command="fit")
    fit = Fit.load(fit_folder)
    out = (out or fit_folder / FOLDER).absolute()
    kept = out.with_name(f".{out.name}.refits")
    manifest = _manifest(opened, settings, only, fit.seed if seed is None else seed)
    with staged_run(out, manifest) as folder:
        try:
            found = validate(
                fit, settings, only=only, seed=manifest.seed, cache=kept, progress=not quiet and not as_json
            )
        except KeyboardInterrupt:
            _say_kept(kept, Console(stderr=True, highlight=False, markup=False, soft_wrap=True))
            raise
        write_json(folder / DATA, found.as_dict())
        write_page(validation_page(found, details=_details(opened)), folder / PAGE)
    if as_json:
        print(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))  # noqa: T201  (the result, asked for)
    elif not quiet:
        _print(found, out, Console(highlight=False, markup=False, soft_wrap=True))
    return CHECK_FAILED if found.failed else 0


def _manifest(opened: Run, settings: Settings, only: Sequence[Check], seed: int) -> Manifest:
    chosen = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(settings).items()}
    return Manifest(
        command="validate",
        inputs=dict(opened.manifest.get("inputs", {})),
        configuration={"checks": [str(check) for check in only], "settings": chosen},
        seed=seed,
        parent=opened.hash,
    )


def _details(opened: Run) -> dict[str, str]:
    return {
        "Fit": f"run {opened.hash}, made {opened.manifest.get('created', 'at an unknown time')}",
        **{f"Version of {name}": version for name, version in versions().items()},
    }


def _say_kept(kept: Path, console: Console) -> None:
    done = len(list(kept.glob("*.npz")))
    console.print(Text(f"Interrupted. {done} finished refits are kept: run the same command to go on from there."))


def _print(found: Validation, out: Path, console: Console) -> None:
    """Print the sentence, every finding with its next step, and where the page is."""
    grave = any(finding.severity in (Severity.ERROR, Severity.WARNING) for finding in found.findings)
    console.print(Text(found.sentence, style="bold yellow" if grave else "bold green"))
    for finding in found.findings:
        line = Text(f"{finding.severity.upper():8}", style=_STYLE[finding.severity])
        line.append(safe(f"{finding.says} {finding.means}".rstrip(), limit=1000), style="default")
        console.print(line)
        if finding.severity is not Severity.OK:
            console.print(Text(f"        → {safe(finding.do, limit=1000)}", style="dim"))
    seconds = sum(one.seconds for one in found.refits)
    kept = f", {found.reused} of them from an earlier run" if found.reused else ""
    console.print(Text(f"{len(found.refits)} refits{kept}, {seconds:.0f} s of fitting; seed {found.seed}."))
    console.print(Text(f"Report: {out / PAGE}"))
