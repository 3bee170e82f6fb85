"""The front door: the version and the command group; each subcommand is imported only when it is called."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

import click

__version__ = "0.1.0"

#: Command name → where it lives. Nothing here is imported until the command runs.
COMMANDS = {
    "init": "mmm.cli:init",
    "check": "mmm.cli:check",
    "trace": "mmm.cli:trace",
    "fit": "mmm.cli:fit",
    "validate": "mmm.cli:validate",
    "plan": "optimizer.cli:plan",
    "simulate": "simulations.cli:simulate",
    "market": "simulations.cli:market",
    "demo": "simulations.cli:demo",
}

#: One line each, so that `mixwise --help` needs no import.
SUMMARIES = {
    "init": "Write a commented model.yaml, brief.yaml, scenarios.yaml and a data template.",
    "check": "Read the data strictly and report what was found in it.",
    "trace": "Say which files and rows a figure was made of.",
    "fit": "Learn what each channel returns.",
    "validate": "Refit to changed data, many times, and say whether the fit stands up.",
    "plan": "Allocate the next budget, with a bound on how much better any plan could be.",
    "simulate": "Compare scenarios with business as usual.",
    "market": "Make data with known truth from a world file.",
    "demo": "Run everything on the embedded example company.",
}


class LazyGroup(click.Group):
    """A click group that knows its commands by name and loads one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module_name, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module_name), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mixwise")
def cli() -> None:
    """Mixwise: what each marketing channel returns, what to spend next, and what would happen otherwise."""


def _check_own_packages() -> str | None:
    """Return one sentence if another distribution's package shadows ours, else None."""
    here = Path(__file__).resolve().parent
    for name in ("mmm", "optimizer", "simulations"):
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve() if spec and spec.origin else None
        if found is None or found.parent.parent != here:
            return (
                f"The package '{name}' is loaded from {found or 'nowhere'}, which is not Mixwise's "
                f"(expected under {here}). Another distribution or a folder named '{name}' shadows it: "
                "uninstall it, or run from another folder, in an environment of Mixwise's own."
            )
    return None


def main() -> None:
    """Run the command line; turn every expected failure into one sentence and an exit code."""
    problem = _check_own_packages()
    if problem is not None:
        click.echo(f"mixwise: {problem}", err=True)
        sys.exit(2)
    from mmm.exceptions import MixwiseError  # noqa: PLC0415  (only once the packages are known to be ours)

    try:
        # click returns what ctx.exit() was given when it does not run standalone.
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except MixwiseError as error:
        click.echo(f"mixwise: {error}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        click.echo("mixwise: interrupted; nothing that was complete before is changed.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)


if __name__ == "__main__":
    main()
