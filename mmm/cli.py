"""The analyst's commands: ``init``, ``check``, ``fit``. What they do is imported when they run."""

from __future__ import annotations

from pathlib import Path

import click

_MODEL = click.argument("model", type=click.Path(path_type=Path))
_QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_QUIET
@click.pass_context
def init(ctx: click.Context, folder: Path, *, quiet: bool) -> None:
    """Write a commented model.yaml, brief.yaml, scenarios.yaml and a data template into FOLDER."""
    from mmm.templates import init_command  # noqa: PLC0415

    ctx.exit(init_command.run(folder, quiet=quiet))


@click.command()
@_MODEL
@click.option("--out", type=click.Path(path_type=Path), help="Where the report goes; default: 'check' beside MODEL.")
@_QUIET
@_JSON
@click.pass_context
def check(ctx: click.Context, model: Path, out: Path | None, *, quiet: bool, as_json: bool) -> None:
    """Read the data of MODEL (model.yaml) strictly; report findings, the ledger, and a picture of every series."""
    from mmm.data import check_command  # noqa: PLC0415
    from mmm.model.spec import ModelSpec  # noqa: PLC0415

    ctx.exit(check_command.run(model, out, spec_class=ModelSpec, quiet=quiet, as_json=as_json))


@click.command()
@_MODEL
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The run folder to write.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the sampler; default: chosen and recorded.")
@_QUIET
@_JSON
@click.pass_context
def fit(ctx: click.Context, model: Path, out: Path, seed: int | None, *, quiet: bool, as_json: bool) -> None:
    """Learn from the data of MODEL (model.yaml) what each channel returns, and say whether to trust it."""
    from mmm.model import fit_command  # noqa: PLC0415

    ctx.exit(fit_command.run(model, out, seed=seed, quiet=quiet, as_json=as_json))
