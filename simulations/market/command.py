"""What `mixwise market` does: a world becomes data, a model file and, apart, the truth."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from mmm.exceptions import SpecError
from mmm.runs import Manifest, hash_file, staged_run
from simulations.market.files import (
    MODEL_FILE,
    TRUTH_FOLDER,
    write_data,
    write_model,
    write_tests,
    write_truth,
)
from simulations.market.frames import DATA_FILE, TESTS_FILE
from simulations.market.presets import preset_names, preset_path, preset_says
from simulations.market.read import in_file, is_of, load_document, read_world
from simulations.market.simulate import simulate_market
from simulations.market.sizes import refuse_unreadable

if TYPE_CHECKING:
    from simulations.market.consumers.market import ConsumerMarket
    from simulations.market.consumers.world import ConsumerWorld
    from simulations.market.market import Market
    from simulations.market.world import World

#: What stands before the name of a world that comes with the package.
PRESET = "preset:"


def world_path(named: str | Path) -> Path:
    """Return the world file that is meant: ``preset:NAME``, or a path.

    Raises
    ------
    SpecError
        There is no preset of that name, or no such file.
    """
    text = str(named)
    if text.startswith(PRESET):
        return preset_path(text.removeprefix(PRESET))
    if text in preset_names() and not Path(text).exists():
        raise SpecError("there is no such file", where=text, do=f"For the world of that name write {PRESET}{text}.")
    return Path(named)


def run(world_file: str | Path, out: Path, *, seed: int | None, quiet: bool) -> int:
    """Draw a market and write its folder.

    Parameters
    ----------
    world_file : str or Path
        A ``world.yaml`` of either engine, or ``preset:NAME``.
    out : Path
        Run folder: ``weekly.csv``, ``model.yaml``, ``truth/``; ``tests.csv`` where the world has experiments, and
        journeys where it asks for them.
    seed : int or None
        Instead of the world's own.
    quiet : bool
        Print nothing.

    Returns
    -------
    int
        Exit code 0.

    Raises
    ------
    SpecError
        The world file is not understood, or its market cannot happen.
    """
    path = world_path(world_file)
    world = read_world(path)
    try:
        # What overflows is refused by its name, and not by a warning.
        with np.errstate(all="ignore"):
            return _made(path, world, out, world.seed if seed is None else seed, quiet=quiet)
    except SpecError as error:
        if not is_of(error, world):
            raise
        raise in_file(error, load_document(path)) from error


def _made(path: Path, world: World | ConsumerWorld, out: Path, used: int, *, quiet: bool) -> int:
    market: Market | ConsumerMarket = simulate_market(world, used)
    refuse_unreadable(market)
    manifest = Manifest(
        command="market",
        inputs={path.name: hash_file(path)},
        configuration=market.world.model_dump(mode="json"),
        seed=used,
    )
    with staged_run(out, manifest) as folder:
        write_data(market, folder)
        write_model(market, folder)
        if market.lift_tests:
            write_tests(market.lift_tests, folder)
        truth = write_truth(market, folder)
        # The world file holds the truth too, so it stands with it and not beside the data.
        shutil.copyfile(path, truth / "world.yaml")
        journeys = _people(market, folder, truth, used)
    if not quiet:
        _say(out, market, journeys)
    return 0


def listing() -> int:
    """Print the worlds that come with the package, with what each is; return exit code 0."""
    console = Console(highlight=False, soft_wrap=True)
    width = max(len(name) for name in preset_names())
    for name in preset_names():
        console.print(f"{PRESET}{name:<{width}}  {preset_says(name)}", markup=False)
    return 0


def _people(market: Market | ConsumerMarket, folder: Path, truth: Path, seed: int) -> tuple[Path, ...]:
    """Write what only people can tell, where a world asks for it; return the files beside the data."""
    from simulations.market.market import Market  # noqa: PLC0415  (journeys are imported only where they are asked for)

    if isinstance(market, Market):
        return ()
    from simulations.market.consumers.files import write_consumers  # noqa: PLC0415

    write_consumers(market, truth)
    if not market.world.coordination.neutral:
        from simulations.market.consumers.coordinated import write_coordination  # noqa: PLC0415

        write_coordination(market, truth)
    if market.world.journeys is None:
        return ()
    from simulations.market.journeys.files import write_journeys  # noqa: PLC0415

    return tuple(path for path in write_journeys(market, folder, truth, seed) if path.parent == folder)


def _say(out: Path, market: Market | ConsumerMarket, journeys: tuple[Path, ...]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    geos = f" in {len(market.geos)} geos" if len(market.geos) > 1 else ""
    organic = len(market.truth.organic)
    console.print(
        f"Made a market of {len(market.weeks)} weeks{geos}, {len(market.names)} paid and {organic} organic channels.",
        markup=False,
    )
    files = [("data", DATA_FILE), ("model", MODEL_FILE)]
    files += [("tests", TESTS_FILE)] if market.lift_tests else []
    files += [("log", path.name) for path in journeys]
    for what, name in files:
        console.print(f"  {what:<6} {out / name}", markup=False)
    console.print(f"  truth  {out / TRUTH_FOLDER / 'truth.json'}  (a company would not have this)", markup=False)
    rows, needed = _rows_and_parameters(market)
    if rows < needed:
        console.print(
            f"Note: {rows} rows are fewer than the {needed} parameters that any model of them has: 'mixwise check' "
            "refuses them. Give the world more weeks, or fewer channels and controls.",
            markup=False,
        )
    console.print(f"Next: mixwise check {out / MODEL_FILE}", markup=False)


def _rows_and_parameters(market: Market | ConsumerMarket) -> tuple[int, int]:
    """Return the data file's rows, and the least number of parameters that a model of it has."""
    from mmm.data.checks import least_parameters  # noqa: PLC0415  (reading data is not needed until a market is made)

    settings, rows = market.settings, len(market.frame)
    media = len(settings["channels"]) + len(settings.get("organic", ()))
    controls = len(settings.get("controls", ()))
    return rows, least_parameters(media, controls, rows // len(market.weeks))
