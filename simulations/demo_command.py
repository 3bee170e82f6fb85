"""What ``mixwise demo`` does: the commands a person would type, in order, on the embedded example company."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from mmm.exceptions import SpecError

#: What the example is made of; the truth that made it is not copied.
FILES = ("weekly.csv", "model.yaml", "brief.yaml", "scenarios.yaml")
#: The plan that ``plan`` makes, beside the scenarios that it joins.
PLAN, WITH_PLAN = "plan.csv", "scenarios_with_plan.yaml"
_CHECK_FAILED = 4


def example_folder() -> Path:
    """Return the example company: inside the package where it is installed, else in the repository.

    Raises
    ------
    SpecError
        It is in neither place.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "_example", here.parent / "examples" / "company"):
        if all((folder / name).is_file() for name in FILES):
            return folder
    raise SpecError("the example company is not in this installation", do="Install Mixwise again.")


def run(out: Path, *, seed: int, quiet: bool, mixwise: Callable[[Sequence[str]], int]) -> int:
    """Run check, fit, plan and simulate on a copy of the example company.

    Parameters
    ----------
    out : Path
        Gets ``company/`` (the copy), ``check/``, ``fit/``, ``plan/`` and ``scenarios/``.
    seed : int
        Of the fit.
    quiet : bool
        Print nothing.
    mixwise : callable
        Runs one Mixwise command from its arguments and returns its exit code.

    Returns
    -------
    int
        0, or the code of the command that stopped; 4 where all ran and one says that a check failed.
    """
    console = Console(highlight=False, soft_wrap=True, quiet=quiet)
    company = _copy(out)
    console.print(f"The example company's files are in {company}.", markup=False)
    fit = out / "fit"
    steps: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        ("check", lambda: [str(company / "model.yaml"), "--out", str(out / "check")]),
        ("fit", lambda: [str(company / "model.yaml"), "--out", str(fit), "--seed", str(seed)]),
        ("plan", lambda: [str(company / "brief.yaml"), "--fit", str(fit), "--out", str(out / "plan")]),
        ("simulate", lambda: [str(_join_plan(company, out)), "--fit", str(fit), "--out", str(out / "scenarios")]),
    )
    worst, start = 0, time.perf_counter()
    for number, (name, arguments) in enumerate(steps, start=1):
        given = arguments()
        console.print(f"\n[{number}/{len(steps)}] mixwise {name} {' '.join(given)}", markup=False)
        code = mixwise([name, *given, *(["--quiet"] if quiet else [])])
        if code not in (0, _CHECK_FAILED):
            return code
        worst = max(worst, code)
    _say(console, out, time.perf_counter() - start)
    return worst


def _copy(out: Path) -> Path:
    """Copy the example into ``out/company``; what an earlier demo left is replaced, anything else is refused."""
    if out.is_file():
        raise SpecError("the output path is a file", where=str(out), do="Choose a folder.")
    company = out / "company"
    if out.is_dir() and any(out.iterdir()) and not all((company / name).is_file() for name in FILES):
        raise SpecError("the folder holds other files", where=str(out), do="Choose an empty or new folder.")
    company.mkdir(parents=True, exist_ok=True)
    source = example_folder()
    for name in FILES:
        shutil.copyfile(source / name, company / name)
    return company


def _join_plan(company: Path, out: Path) -> Path:
    """Put the plan beside the scenarios, as one more of them: 'scenarios' is the last key of the example's file."""
    shutil.copyfile(out / "plan" / PLAN, company / PLAN)
    text = (company / "scenarios.yaml").read_text(encoding="utf-8").rstrip()
    joined = company / WITH_PLAN
    joined.write_text(f"{text}\n  as_planned:       [{{plan: {PLAN}}}]\n", encoding="utf-8")
    return joined


def _say(console: Console, out: Path, seconds: float) -> None:
    console.print(f"\nDone in {seconds:.0f} s. What to read:", markup=False)
    for label, path in (
        ("what was found in the data", out / "check" / "report.html"),
        ("whether to trust the fit", out / "fit" / "report.html"),
        ("the plan for the next quarter", out / "plan" / "report.html"),
        ("what would happen otherwise", out / "scenarios" / "report.html"),
        ("the plan's workbook", next(iter(sorted((out / "plan").glob("*.xlsx"))), out / "plan")),
        ("the scenarios' workbook", out / "scenarios" / "scenarios.xlsx"),
    ):
        console.print(f"  {label:<32}{path}", markup=False)
    console.print(
        "To do the same with your own file: 'mixwise init my-company', put your data into my-company/weekly.csv, and "
        "run 'mixwise check my-company/model.yaml'.",
        markup=False,
    )
