"""What `mixwise market` does: a world file becomes data, a model file and, apart, the truth."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console

from mmm.runs import Manifest, hash_file, staged_run
from simulations.market.files import MODEL_FILE, TRUTH_FOLDER, write_data, write_model, write_truth
from simulations.market.frames import DATA_FILE
from simulations.market.simulate import simulate_market
from simulations.market.world import World


def run(world_file: Path, out: Path, *, seed: int | None, quiet: bool) -> int:
    """Draw a market and write its folder.

    Parameters
    ----------
    world_file : Path
        A ``world.yaml``.
    out : Path
        Run folder: ``weekly.csv``, ``model.yaml``, ``truth/``.
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
    world = World.from_yaml(world_file)
    used = world.seed if seed is None else seed
    market = simulate_market(world, used)
    manifest = Manifest(
        command="market",
        inputs={world_file.name: hash_file(world_file)},
        configuration=world.model_dump(mode="json"),
        seed=used,
    )
    with staged_run(out, manifest) as folder:
        write_data(market, folder)
        write_model(market, folder)
        truth = write_truth(market, folder)
        # The world file holds the truth too, so it stands with it and not beside the data.
        shutil.copyfile(world_file, truth / "world.yaml")
    if not quiet:
        _say(out, len(market.channels), len(market.organic), world.weeks)
    return 0


def _say(out: Path, paid: int, organic: int, weeks: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Made a market of {weeks} weeks, {paid} paid and {organic} organic channels.", markup=False)
    console.print(f"  data   {out / DATA_FILE}", markup=False)
    console.print(f"  model  {out / MODEL_FILE}", markup=False)
    console.print(f"  truth  {out / TRUTH_FOLDER / 'truth.json'}  (a company would not have this)", markup=False)
    console.print(f"Next: mixwise check {out / MODEL_FILE}", markup=False)
