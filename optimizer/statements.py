"""One entry under ``constraints`` of a brief, and the constraint it stands for.

What an entry can say is a table of kinds (:data:`KINDS`), each with its keys and its builder; see
:mod:`optimizer.statements_base` for what a kind is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from pydantic import model_validator

from mmm.exceptions import SpecError
from optimizer import statements_amount, statements_integer, statements_response, statements_week
from optimizer.limits import Constraint
from optimizer.statements_amount import AmountKeys
from optimizer.statements_base import Kind, Known, Unit
from optimizer.statements_integer import IntegerKeys
from optimizer.statements_response import ResponseKeys
from optimizer.statements_week import WeekKeys

#: Every kind of entry, in the order of the brief's page.
KINDS: tuple[Kind[Any], ...] = (
    *statements_amount.KINDS,
    *statements_week.KINDS,
    *statements_response.KINDS,
    *statements_integer.KINDS,
)
#: Keys that have a meaning with every kind.
COMMON = ("channel", "channels", "geos", "name")
#: The kind that may stand beside another in one entry.
BESIDE = "allow_extrapolation"


class Statement(AmountKeys, WeekKeys, ResponseKeys, IntegerKeys):
    """One constraint as people write it: whom it is about, and one thing that holds for them."""

    @property
    def _given(self) -> set[str]:
        """Keys that say something."""
        fields = type(self).model_fields
        return {name for name in fields if getattr(self, name) != fields[name].default}

    @property
    def kinds(self) -> tuple[Kind[Any], ...]:
        """What the entry says; one kind where it is well written."""
        given = self._given
        heads = {kind.title: given & set(kind.heads) for kind in KINDS}
        found = [kind for kind in KINDS if heads[kind.title]]
        # A minimum of a ratio is no minimum of money.
        own = [
            kind for kind in found if not any(heads[kind.title] <= set(other.uses) for other in found if other != kind)
        ]
        return tuple(kind for kind in own if kind.title != BESIDE) or tuple(own)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        kinds = self.kinds
        if (self.channel is None) == (self.channels is None):
            raise ValueError("give 'channel' (one) or 'channels' (all, or a list)")
        if len(kinds) > 1:
            titles = " and ".join(kind.title for kind in kinds)
            raise ValueError(f"one constraint says one thing, not {titles}: write an entry for each")
        if not kinds:
            raise ValueError(f"say what is limited: {', '.join(head for kind in KINDS for head in kind.heads)}")
        (kind,) = kinds
        if kind.one and self.channel is None:
            raise ValueError(f"'{kind.title}' is of one channel: give 'channel'")
        if self.allow_extrapolation and self.geos is not None:
            raise ValueError("'allow_extrapolation' is for all geos: write it in an entry without 'geos'")
        if self.unit is Unit.VOLUME and (self.channel is None or self.group is not None):
            raise ValueError("'unit: volume' is of one channel, by itself: give 'channel', and no 'group'")
        for key in sorted(self._given - {*COMMON, BESIDE, *kind.heads, *kind.uses}):
            raise ValueError(_meaningless(key, kind))
        return self

    def check(self, channels: tuple[str, ...], geos: tuple[str, ...], where: str, *, by_week: bool) -> None:
        """Refuse channels and geos that the fit does not have, and weeks where none are decided.

        Parameters
        ----------
        channels, geos : tuple of str
            Of the fit; ``geos`` is empty where the plan decides national spend.
        where : str
            The entry's place, for the error.
        by_week : bool
            Whether weeks are decided.

        Raises
        ------
        SpecError
        """
        for name in self.members or ():
            if name not in channels:
                key = "channel" if self.channel is not None else "channels"
                says = f"the channel '{name}' is not in the fit"
                raise SpecError(says, where=f"{where}.{key}", do=f"Known: {', '.join(channels)}.")
        (kind,) = self.kinds
        if not by_week and self.per in kind.weekly:
            says = f"'{kind.title}' is about weeks, and this plan decides totals"
            do = "Write granularity: week, or flighting: optimised, or remove the entry."
            raise SpecError(says, where=f"{where}.{kind.heads[0]}", do=do)
        if self.geos is not None:
            self._check_geos(geos, where)

    def _check_geos(self, geos: tuple[str, ...], where: str) -> None:
        if not geos:
            says = "the entry is about geos, and this plan decides national spend"
            do = "Write granularity: geo_week or geo_total, or remove 'geos'."
            raise SpecError(says, where=f"{where}.geos", do=do)
        picked = self.geos or ()
        for name in picked:
            if name not in geos:
                says = f"the geo '{name}' is not in the fit"
                raise SpecError(says, where=f"{where}.geos", do=f"Known: {', '.join(geos)}.")
        if len(set(picked)) != len(picked):
            raise SpecError("a geo is listed twice", where=f"{where}.geos", do="List each geo once.")

    def constraint(self, known: Known) -> Constraint | None:
        """Return the constraint; None where it only allows extrapolation.

        Raises
        ------
        SpecError
            What is written contradicts itself, or a file that it names cannot be read.
        """
        (kind,) = self.kinds
        built = kind.build(self, known)
        return built if built is None or self.geos is None else replace(built, geos=self.geos)


def _meaningless(key: str, kind: Kind[Any]) -> str:
    """Say that a key has no meaning with a kind, and what to do."""
    if key == "group":
        return (
            f"'group' is for min, max, min_share and max_share: with '{kind.title}' each channel is meant by itself, "
            "so remove 'group'"
        )
    if key == "per" and kind in statements_week.KINDS:
        return f"'per' has no meaning with '{kind.title}', which is about weeks already: remove 'per'"
    return f"'{key}' has no meaning with '{kind.title}': remove '{key}'"
