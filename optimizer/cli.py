"""The planner's command: ``plan``. What it does is imported when it runs."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("brief", type=_PATH)
@click.option(
    "--fit",
    "fits",
    type=_PATH,
    required=True,
    multiple=True,
    help="The folder that 'mixwise fit' wrote; several: plan on all of them, or on the worst (risk: worst_fit).",
)
@click.option("--out", type=_PATH, required=True, help="The run folder to write.")
@click.option(
    "--gap",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=1e-3,
    show_default=True,
    help="Certify the plan to this share of its value.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds; then the best plan so far and its gap are written.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print plan.json.")
@click.pass_context
def plan(
    ctx: click.Context,
    brief: Path,
    fits: tuple[Path, ...],
    out: Path,
    gap: float,
    time_limit: float | None,
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    """Allocate the budget of BRIEF (brief.yaml), and say how much better any plan could be."""
    from optimizer import plan_command  # noqa: PLC0415

    ctx.exit(plan_command.run(brief, fits, out, gap=gap, time_limit=time_limit, quiet=quiet, as_json=as_json))
