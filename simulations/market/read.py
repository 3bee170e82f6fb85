"""``world.yaml`` → a world, whichever engine it asks for; a file may be written as a change to a preset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmm.config import StrictModel, YamlDocument, load_yaml, parse
from mmm.exceptions import SpecError

if TYPE_CHECKING:
    from simulations.market.consumers.world import ConsumerWorld
    from simulations.market.world import World

ENGINES = ("curves", "consumers")
#: Keys by which a setting says what kind it is: another kind replaces the whole setting.
_KINDS = ("pattern", "kind")


def read_world(path: str | Path) -> World | ConsumerWorld:
    """Read a world file of either engine.

    Parameters
    ----------
    path : str or Path
        ``engine: curves`` is the default; ``base: NAME`` starts from a preset of that name and changes it.

    Raises
    ------
    SpecError
        The file, line and key of the first error, and the remedy.
    """
    document = load_document(Path(path))
    engine = document.data.get("engine", "curves") if isinstance(document.data, dict) else "curves"
    if engine not in ENGINES:
        raise SpecError(
            f"there is no engine '{engine}'", where=document.where(("engine",)), do=f"Known: {', '.join(ENGINES)}."
        )
    if engine == "consumers":
        from simulations.market.consumers.world import ConsumerWorld  # noqa: PLC0415  (only where it is asked for)

        return parse(ConsumerWorld, document)
    from simulations.market.world import World  # noqa: PLC0415  (worlds read themselves through this module)

    return parse(World, document)


def read_as[ModelT: StrictModel](model: type[ModelT], path: Path) -> ModelT:
    """Read a world file as one engine's world; see :func:`read_world`."""
    return parse(model, load_document(path))


def in_file(error: SpecError, document: YamlDocument) -> SpecError:
    """Return what a market refused with the world file and the line of its place."""
    where = error.where or ""
    data = document.data if isinstance(document.data, dict) else {}
    at: tuple[str | int, ...] = tuple(part for part in where.split(".") if part)
    for number, tried in enumerate(data.get("experiments") or ()):
        begins = f"experiments.{tried['name']}."
        if where.startswith(begins):
            at = ("experiments", number, where.removeprefix(begins))
    return SpecError(error.says, where=document.where(at), do=error.do)


def is_of(error: SpecError, world: World | ConsumerWorld) -> bool:
    """Whether an error names a place in a world's file, rather than a folder or a file."""
    return (error.where or "").split(".", 1)[0] in type(world).model_fields


def load_document(path: Path) -> YamlDocument:
    """Read a world file as plain data, put upon its base.

    Raises
    ------
    SpecError
        Not plain YAML, or its base is no preset.
    """
    document = load_yaml(path)
    if not isinstance(document.data, dict) or "base" not in document.data:
        return document
    from simulations.market.presets import preset_names, preset_path  # noqa: PLC0415  (presets are read by this module)

    changes = {key: value for key, value in document.data.items() if key != "base"}
    base = document.data["base"]
    if base not in preset_names() or preset_path(base).resolve() == path.resolve():
        raise SpecError(
            f"there is no world '{base}' to start from",
            where=document.where(("base",)),
            do=f"Known: {', '.join(name for name in preset_names() if name != path.stem)}.",
        )
    below = load_document(preset_path(base)).data
    engines = [data.get("engine", "curves") for data in (below, changes)]
    if "engine" in changes and engines[0] != engines[1]:
        raise SpecError(
            f"'{base}' is a world of {engines[0]}, and this one is to be of {engines[1]}",
            where=document.where(("engine",)),
            do="Start from a world of the same engine, or leave 'base' out.",
        )
    return replace(document, data=_merged(below, changes))


def _merged(base: Any, change: Any) -> Any:
    """Put a change upon a base: mappings key by key, anything else instead of what was there."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    if any(key in change and change[key] != base.get(key) for key in _KINDS):
        return change
    return base | {key: _merged(base.get(key), value) for key, value in change.items()}
