"""Worlds that come with the package, each a ``world.yaml`` by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mmm.exceptions import SpecError
from simulations.market.read import read_world

if TYPE_CHECKING:
    from simulations.market.consumers.world import ConsumerWorld
    from simulations.market.world import World

_FOLDER = Path(__file__).resolve().parent


def preset_names() -> tuple[str, ...]:
    """Return the names of the worlds that come with the package, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def preset_path(name: str) -> Path:
    """Return the world file of a preset.

    Raises
    ------
    SpecError
        There is none of that name.
    """
    if name not in preset_names():
        raise SpecError(f"there is no world '{name}'", where="preset", do=f"Known: {', '.join(preset_names())}.")
    return _FOLDER / f"{name}.yaml"


def preset(name: str) -> World | ConsumerWorld:
    """Return one of the package's worlds.

    Raises
    ------
    SpecError
        There is none of that name.
    """
    return read_world(preset_path(name))


def preset_says(name: str) -> str:
    """Return what a preset is, in the words at the head of its file."""
    lines = preset_path(name).read_text(encoding="utf-8").splitlines()
    head = []
    for line in lines:
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("#").strip())
    return " ".join(head)
