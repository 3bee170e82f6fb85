"""What all kinds of patch have in common."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from pydantic import model_validator

from mmm.arrays import BoolArray
from mmm.config import StrictModel
from mmm.reporting.text import join_names
from simulations.future import Future, Setting
from simulations.patch_values import Name, Names, Weeks


class Patch(Protocol):
    """A change to a future. Applied in the order written.

    Attributes
    ----------
    whole_market : bool
        Whether it is about the whole market at once: it is then not applied part by part to a future in parts.
    """

    @property
    def whole_market(self) -> bool: ...

    def apply(self, future: Future, setting: Setting) -> Future:
        """Return the changed future; raise SpecError, with the key's place, where it cannot be."""
        ...

    def says(self, currency: str) -> str:
        """Describe the change in one sentence without its stop, with its figures."""
        ...

    def files(self, folder: Path) -> tuple[str, ...]:
        """Return the names of the files that it reads, as seen from the scenarios' folder."""
        ...


class WrittenBase(StrictModel):
    """A patch that is written in a file; most read no other file."""

    whole_market: ClassVar[bool] = False

    def files(self, folder: Path) -> tuple[str, ...]:  # noqa: ARG002  (one signature for all patches)
        """Return the names of the files that it reads, as seen from the scenarios' folder."""
        return ()


class InWeeks(WrittenBase):
    """What holds in all weeks of the horizon, or in a range of them."""

    weeks: Weeks | None = None

    def _when(self) -> str:
        if self.weeks is None:
            return ""
        first, last = self.weeks
        if isinstance(first, int):
            return f" in week {first}" if first == last else f" in weeks {first} to {last}"
        return f" in the weeks that start from {first} to {last}"


class OnChannels(InWeeks):
    """What acts on one channel, on several, or on all."""

    channel: Name | None = None
    channels: Names = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> OnChannels:
        if (self.channel is None) == (self.channels is None):
            raise ValueError("give either channel: one name, or channels: all or a list of names")
        if self.channels == ():
            raise ValueError("the list of channels is empty")
        return self

    def _mask(self, setting: Setting, future: Future) -> BoolArray:
        """Return which rows of the future's spend are meant, (C + L,)."""
        if self.channel is not None:
            return setting.channels("channel", (self.channel,), future)
        return setting.channels("channels", self.channels or "all", future)

    def _cells(self, setting: Setting, future: Future) -> BoolArray:
        """Return which rows and weeks are meant, (C + L, T)."""
        return np.outer(self._mask(setting, future), setting.weeks(self.weeks))

    def _who(self) -> str:
        if self.channel is not None:
            return self.channel
        return join_names(self.channels) if isinstance(self.channels, tuple) else "All channels"
