"""What was told of a log under differential privacy: a week is told once, and every later reading repeats it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from mmm.config import StrictModel, inside
from mmm.data.events.noise import Budget
from mmm.data.events.spec import PrivacySpec
from mmm.exceptions import DataError, SpecError
from mmm.runs import write_json

_FORMAT = 1
_MAX_BYTES = 200_000_000
#: Settings that a log may change without being another.
_NAMES = {"source", "file", "table"}
_NAMES_DO = (
    "If it is the same log under another name, write the new name under 'settings' in this file; another log needs a "
    "release file of its own."
)
_SETTINGS_DO = "Restore the settings: to tell these weeks once more would cost people as much again."


class NoisyCell(StrictModel):
    """One cell that was told.

    Attributes
    ----------
    channel, geo : str, optional
    rows : int
        Noisy people: how many rows stand behind a cell is not told.
    figures : mapping of metric to number
    """

    channel: str | None
    geo: str | None
    rows: Annotated[int, Field(ge=0)]
    figures: dict[str, float]


class Told(StrictModel):
    """One occasion on which periods were told, and what it cost a person who is in one of them.

    Attributes
    ----------
    on : date
    log : str
        SHA-256 of the log as it was.
    periods : tuple of date
        First days.
    epsilon, delta, rho, gaussian_delta : float
        As in :class:`mmm.data.events.noise.Budget`.
    """

    on: date
    log: str
    periods: tuple[date, ...]
    epsilon: float
    delta: float
    rho: float
    gaussian_delta: float


class Release(StrictModel):
    """The release file.

    Attributes
    ----------
    format : int
    settings : mapping
        What was asked for; other settings are another release.
    told : tuple of Told
    cells : mapping of a period's first day to its cells
    """

    format: int = _FORMAT
    settings: dict[str, Any] = Field(default_factory=dict)
    told: tuple[Told, ...] = ()
    cells: dict[date, tuple[NoisyCell, ...]] = Field(default_factory=dict)


def cost_of(occasions: Iterable[Told]) -> tuple[float, float]:
    """Return (epsilon, delta) of a person who is in every period that was told."""
    # What is told at the same price adds up before it is converted.
    alike: dict[tuple[float, float, float, float], int] = {}
    for told in occasions:
        key = (told.epsilon, told.delta, told.rho, told.gaussian_delta)
        alike[key] = alike.get(key, 0) + len(told.periods)
    epsilon = delta = 0.0
    for key, periods in alike.items():
        one, more = Budget(*key).over(periods)
        epsilon, delta = epsilon + one, delta + more
    return epsilon, delta


def release_in(path: Path) -> Release | None:
    """Return the release that a file holds, None where it is none."""
    with suppress(OSError, ValidationError):
        if path.stat().st_size <= _MAX_BYTES:
            found = Release.model_validate_json(path.read_bytes())
            return found if found.format == _FORMAT else None
    return None


@dataclass(frozen=True)
class ReleaseFile:
    """Where a release is kept.

    Attributes
    ----------
    path : Path
    name : str
    settings : mapping
    """

    path: Path
    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, privacy: PrivacySpec, settings: Mapping[str, Any], folder: Path, where: str) -> ReleaseFile:
        """Find the place of a release, inside the folder of ``model.yaml``.

        Raises
        ------
        DataError, SpecError
            Outside the folder, in a folder that does not exist, or not called ``….json``.
        """
        key = f"{where}.events.privacy.release"
        name = Path(privacy.release)
        if name.suffix != ".json":
            raise SpecError("the release is a JSON file", where=key, do="Name it '….json'.")
        parent = inside(folder, str(name.parent), where=key)
        path = parent / name.name
        if path.exists() or path.is_symlink():
            inside(folder, privacy.release, where=key)
        return cls(path, privacy.release, json.loads(json.dumps(settings, default=str)))

    def read(self) -> Release:
        """Return what was told so far; nothing where there is no file.

        Raises
        ------
        DataError
            Not a release, or one with other settings.
        """
        if not self.path.exists():
            return Release(settings=dict(self.settings))
        found = release_in(self.path)
        if found is None:
            raise DataError(
                "this is not a release that Mixwise wrote",
                where=self.name,
                do="Restore the file from a backup: it holds what was told already, and what that cost.",
            )
        if found.settings != self.settings:
            changed = sorted(
                key for key in {*found.settings, *self.settings} if found.settings.get(key) != self.settings.get(key)
            )
            raise DataError(
                f"the weeks in it were told with other settings ({', '.join(changed)})",
                where=self.name,
                do=_NAMES_DO if set(changed) <= _NAMES else _SETTINGS_DO,
            )
        return found

    def write(self, release: Release) -> None:
        """Write the file whole or not at all.

        Raises
        ------
        DataError
            It cannot be written.
        """
        stage = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        try:
            write_json(stage, release.model_dump(mode="json"))
            stage.replace(self.path)
        except OSError as error:
            stage.unlink(missing_ok=True)
            raise DataError(
                f"the release cannot be written ({error.strerror})", where=self.name, do="Correct the folder's rights."
            ) from error
