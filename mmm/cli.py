"""The analyst's commands, from ``init`` and ``check`` to ``validate``; what they do is imported when they run."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

_MODEL = click.argument("model", type=click.Path(path_type=Path))
_QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "files",
    metavar="FILE…",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Files or folders of exports to look at; more may follow the first.",
)
@click.argument("more", metavar="", nargs=-1, type=click.Path(path_type=Path))
@_QUIET
@click.pass_context
def init(ctx: click.Context, folder: Path, files: tuple[Path, ...], more: tuple[Path, ...], *, quiet: bool) -> None:
    """Write a commented model.yaml, brief.yaml, scenarios.yaml and a data template into FOLDER.

    With --from, look at files of your own (CSV, TSV, xlsx, Parquet, SQLite, DuckDB, or folders of exports) and write a
    model.yaml that describes them, with a QUESTION wherever that is unsure, and a first brief and scenarios.
    Files from elsewhere are copied into FOLDER/data; nothing is overwritten, and nothing in a file is run.
    """
    if more and not files:
        raise click.UsageError(f"Files to look at follow --from: mixwise init {folder} --from {more[0]}")
    if files:
        from mmm.data.proposing import command  # noqa: PLC0415

        ctx.exit(command.run(folder, [*files, *more], quiet=quiet))
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
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--week", required=True, help="Any day of the week, as 2024-03-04.")
@click.option("--channel", help="The spend of this channel.")
@click.option("--exposure", is_flag=True, help="With --channel: its exposure instead.")
@click.option("--outcome", is_flag=True, help="The outcome.")
@click.option("--series", help="Any column of the model file by its name.")
@click.option("--geo", help="One geo; default: all of them, added up.")
@click.option("--data", type=click.Path(path_type=Path), help="Where the sources lie now, if they were moved.")
@_JSON
@click.pass_context
def trace(
    ctx: click.Context,
    folder: Path,
    week: str,
    channel: str | None,
    series: str | None,
    geo: str | None,
    data: Path | None,
    *,
    exposure: bool,
    outcome: bool,
    as_json: bool,
) -> None:
    """Say which files and rows one figure of FOLDER (a check or a fit) was made of; they add up to it."""
    from mmm.data.room import trace_command  # noqa: PLC0415

    asked = trace_command.Question(week, channel, series, geo, exposure=exposure, outcome=outcome, data=data)
    ctx.exit(trace_command.run(folder, asked, as_json=as_json))


@click.command()
@_MODEL
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The run folder to write.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the sampler; default: chosen and recorded.")
@click.option(
    "--strict-reproducible",
    "strict",
    is_flag=True,
    help="Compile everything anew, so that the same seed gives the same figures to the last bit. Slower.",
)
@_QUIET
@_JSON
@click.pass_context
def fit(
    ctx: click.Context, model: Path, out: Path, seed: int | None, *, strict: bool, quiet: bool, as_json: bool
) -> None:
    """Learn from the data of MODEL (model.yaml) what each channel returns, and say whether to trust it.

    Can be interrupted: finished chains are kept, and the same command goes on from there.
    """
    from mmm.model.strict import fresh_code  # noqa: PLC0415

    with fresh_code() if strict else nullcontext():
        from mmm.model import fit_command  # noqa: PLC0415  (loads the compilers, which read their settings then)

        code = fit_command.run(model, out, seed=seed, quiet=quiet, as_json=as_json)
    ctx.exit(code)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the result goes; default: 'validation' in FOLDER.")
@click.option(
    "--folds",
    type=click.IntRange(1, 26),
    default=4,
    show_default=True,
    help="Refits of the backtest, each forecasting the 8 weeks after its end.",
)
@click.option(
    "--placebos", type=click.IntRange(1, 50), default=4, show_default=True, help="Made-up channels, a refit each."
)
@click.option(
    "--only",
    type=click.Choice(["backtest", "placebo", "refresh", "confounder", "demand", "prior"]),
    multiple=True,
    help="Run this check only; may be given several times.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the refits; default: the fit's.")
@_QUIET
@_JSON
@click.pass_context
def validate(
    ctx: click.Context,
    folder: Path,
    out: Path | None,
    folds: int,
    placebos: int,
    only: tuple[str, ...],
    seed: int | None,
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    """Refit the model of FOLDER (a fit) to changed data, many times, and say whether it stands up.

    \b
    backtest    forecast weeks that the refit has not seen; better than 'same week last year'?
    placebo     add made-up channels that sold nothing: are they credited with anything?
    refresh     drop the last 4 weeks: do ROAS and plan hold?
    confounder  how strong would a cause that nobody measured have to be to halve a ROAS?
    demand      does spend follow demand (search)?
    prior       make the ROAS priors twice as wide: what moves?

    Can be interrupted: finished refits are kept, and the same command goes on from there.
    """  # noqa: D301  (click's own mark: keep these lines as they are)
    from mmm.model import validate_command  # noqa: PLC0415
    from mmm.model.validation.settings import Check, Settings  # noqa: PLC0415

    ctx.exit(
        validate_command.run(
            folder,
            out,
            settings=Settings(folds=folds, placebos=placebos),
            only=[Check(name) for name in only] or list(Check),
            seed=seed,
            quiet=quiet,
            as_json=as_json,
        )
    )
