"""Finance's commands: ``simulate``, ``market``, ``demo``. What they do is imported when they run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)
_OUT = click.option("--out", type=_PATH, required=True, help="The folder to write.")
_QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")


@click.command()
@click.argument("scenarios", type=_PATH)
@click.option(
    "--fit", "fits", type=_PATH, required=True, multiple=True, help="A fit's folder; repeat it to compare fits."
)
@_OUT
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the residual noise.")
@_QUIET
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def simulate(
    ctx: click.Context, scenarios: Path, fits: tuple[Path, ...], out: Path, seed: int, *, quiet: bool, as_json: bool
) -> None:
    """Compare SCENARIOS (scenarios.yaml) with business as usual; write a page, a workbook and tables."""
    from simulations import simulate_command  # noqa: PLC0415

    ctx.exit(simulate_command.run(scenarios, fits, out, seed=seed, quiet=quiet, as_json=as_json))


@click.command()
@click.argument("world", required=False)
@click.option("--out", type=_PATH, help="The folder to write.")
@click.option("--seed", type=click.IntRange(min=0), help="Instead of the world's own seed.")
@click.option("--list", "listed", is_flag=True, help="List the worlds that come with the package, and stop.")
@_QUIET
@click.pass_context
def market(
    ctx: click.Context, world: str | None, out: Path | None, seed: int | None, *, listed: bool, quiet: bool
) -> None:
    """Make the data of a market with known truth; the truth is written apart.

    WORLD is a file (world.yaml) or preset:NAME, a world that comes with the package.
    """
    from simulations.market import command  # noqa: PLC0415

    if listed:
        ctx.exit(command.listing())
    if world is None:
        raise click.UsageError("Name a world: world.yaml, or preset:NAME (mixwise market --list shows them).")
    if out is None:
        raise click.UsageError("Say which folder to write: --out DIR.")
    ctx.exit(command.run(world, out, seed=seed, quiet=quiet))


@click.command()
@_OUT
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the fit.")
@_QUIET
@click.pass_context
def demo(ctx: click.Context, out: Path, seed: int, *, quiet: bool) -> None:
    """Run check, fit, plan and simulate on the embedded example company."""
    from simulations import demo_command  # noqa: PLC0415

    # The commands are taken from the running program: importing them here would drag the sampler's libraries in.
    program = ctx.find_root().command

    def mixwise(arguments: Sequence[str]) -> int:
        code = program.main(list(arguments), prog_name="mixwise", standalone_mode=False)
        return code if isinstance(code, int) else 0

    ctx.exit(demo_command.run(out, seed=seed, quiet=quiet, mixwise=mixwise))
