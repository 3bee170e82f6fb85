"""Scenarios: named patches on business as usual, and the file that people write them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from mmm.config import KeyPath, StrictModel, YamlDocument, load_yaml, parse
from mmm.response.calendar import BaselineRule, SpendCalendar
from mmm.response.draws import ResponseDraws
from mmm.response.stated import Horizon, stated_calendar
from simulations.future import Future, Setting
from simulations.grids import options
from simulations.patch_values import as_share
from simulations.patches import KINDS, Patch, WrittenPatch
from simulations.rollouts import applied
from simulations.stacking import StackRule
from simulations.sweeps import Sweep

#: What every scenario is compared with; no scenario may bear its name.
BAU = "business_as_usual"


@dataclass(frozen=True)
class Scenario:
    """A named tuple of patches, applied in order to business as usual.

    Attributes
    ----------
    name : str
    patches : tuple of Patch
        None at all: business as usual under another name.
    """

    name: str
    patches: tuple[Patch, ...] = ()

    def says(self, currency: str) -> str:
        """Describe the scenario, a sentence a patch."""
        return " ".join(f"{patch.says(currency)}." for patch in self.patches) or "Nothing changes."


def _list_of_patches(value: object) -> object:
    """Refuse a patch that is not in a list."""
    if not isinstance(value, (list, tuple)):
        says = "a scenario is a list of changes, each in braces: [{channel: tv, change: -0.2}]"
        raise ValueError(says)  # noqa: TRY004  (pydantic turns it into an error with a place)
    return value


@dataclass(frozen=True)
class _ScenarioDocument(YamlDocument):
    """A document that finds patches under their tags, as errors name them, and leaves the tags out of what it says."""

    @staticmethod
    def of(plain: YamlDocument) -> _ScenarioDocument:
        # Where a change stands: scenarios.name.0, grid.axis.option.0.
        depth = {"scenarios": 3, "grid": 4}
        tagged = {
            (*at[:end], f"<{kind}>", *at[end:]): line
            for at, line in plain.lines.items()
            if at and len(at) >= (end := depth.get(str(at[0]), len(at) + 1))
            for kind in KINDS
        }
        return _ScenarioDocument(plain.path, plain.data, {**plain.lines, **tagged})

    def where(self, location: KeyPath) -> str:
        tags = {f"<{kind}>" for kind in KINDS}
        return super().where(tuple(part for part in location if part not in tags))


Changes = Annotated[tuple[WrittenPatch, ...], BeforeValidator(_list_of_patches)]
AxisName = Annotated[str, Field(min_length=1, max_length=80)]
AxisOptions = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=80)], Changes], BeforeValidator(options), Field(min_length=1)
]


class ScenarioSet(StrictModel):
    """Scenarios over one horizon (``scenarios.yaml``).

    Attributes
    ----------
    horizon : Horizon
    scenarios : mapping
        Name → patches, applied in order. May be left out where there is a grid or a sweep.
    grid : mapping, optional
        Axis → option → patches: every combination of one option of each axis is evaluated, in the axes' order. An axis
        may be one patch with ``{values: [...]}`` in the place of a value.
    sweep : Sweep, optional
        Patches with ranges, drawn all at once.
    baseline : str
        ``last_weeks``, ``same_weeks_last_year`` or a CSV of week, channel, spend: what business as usual spends.
    bridge : str, optional
        A CSV of what is spent between the data and the horizon; by default the baseline goes on, and with a baseline
        from a CSV the last weeks of data.
    fiscal_year_start : int, optional
        Month in which the fiscal year begins; by default the model's, else January.
    margin : float, optional
        Profit before media per unit of outcome value, 0.4 or 40%: with it profit is stated too. It needs an outcome
        with a value in money.
    discount_rate : float, optional
        A year, 0.08 or 8%: with it the present value of profit is stated. It needs a margin.
    value_per_outcome : float, optional
        Money per outcome unit in the horizon, where the outcome is not money; by default the mean of the last 13 weeks
        of data.
    stack : str or mapping, optional
        How several fits are weighted where they are mixed: ``equal``, ``backtest`` or a weight a fit.
    """

    horizon: Horizon
    scenarios: dict[str, Changes] = Field(default_factory=dict)
    grid: Annotated[dict[AxisName, AxisOptions], Field(min_length=1)] | None = None
    sweep: Sweep | None = None
    baseline: Annotated[str, Field(min_length=1)] = BaselineRule.LAST_WEEKS.value
    bridge: Annotated[str, Field(min_length=1)] | None = None
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] | None = None
    margin: Annotated[float, BeforeValidator(as_share), Field(gt=0, le=1)] | None = None
    discount_rate: Annotated[float, BeforeValidator(as_share), Field(ge=0, lt=1)] | None = None
    value_per_outcome: Annotated[float, Field(gt=0)] | None = None
    stack: StackRule = "equal"
    _document: YamlDocument | None = PrivateAttr(default=None)

    @field_validator("scenarios")
    @classmethod
    def _names(cls, scenarios: dict[str, Any]) -> dict[str, Any]:
        for name in scenarios:
            if not name.strip() or len(name) > 80:
                raise ValueError(f"the scenario name '{name[:80]}' is empty or longer than 80 characters")
            if name.casefold() in (BAU, "bau"):
                raise ValueError(f"'{name}' is what scenarios are compared with: choose another name")
        return scenarios

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not self.scenarios and self.grid is None and self.sweep is None:
            raise ValueError("there is nothing to compare with business as usual: write scenarios, a grid or a sweep")
        return self

    @field_validator("discount_rate")
    @classmethod
    def _needs_margin(cls, rate: float | None, info: ValidationInfo) -> float | None:
        # A margin that is refused itself is not in the data, and has its own error.
        if rate is not None and info.data.get("margin", 0) is None:
            raise ValueError("present value is of profit: give a margin too")
        return rate

    @classmethod
    def from_yaml(cls, path: str | Path) -> ScenarioSet:
        """Read a scenario file.

        Raises
        ------
        SpecError
            Names file, line and key of what is not understood.
        """
        document = _ScenarioDocument.of(load_yaml(path))
        result = parse(cls, document)
        result._document = document  # noqa: SLF001  (its own class)
        return result

    @property
    def folder(self) -> Path:
        """Where file names are resolved: the file's folder, or the current one for a set made in Python."""
        return self._document.path.parent if self._document is not None else Path()

    @property
    def named(self) -> tuple[Scenario, ...]:
        """The scenarios, in the file's order."""
        return tuple(Scenario(name, patches) for name, patches in self.scenarios.items())

    @property
    def patches(self) -> Iterator[Patch]:
        """Every patch of the scenarios, the grid and the sweep; of a range, both ends."""
        for changes in self.scenarios.values():
            yield from changes
        for axis in (self.grid or {}).values():
            for changes in axis.values():
                yield from changes
        for one in self.sweep.inputs.values() if self.sweep is not None else ():
            yield from (one.at(one.low), one.at(one.high))

    def where(self, *location: str | int) -> str:
        """Name a place for an error: file, line and key path where there is a file."""
        if self._document is not None:
            return self._document.where(location)
        return ".".join(str(part) for part in location)

    def files(self) -> Iterator[str]:
        """Yield the names of the files that the set reads besides itself."""
        if self.baseline not in tuple(BaselineRule):
            yield self.baseline
        if self.bridge is not None:
            yield self.bridge
        for patch in self.patches:
            yield from patch.files(self.folder)

    def calendar(self, response: ResponseDraws) -> SpendCalendar:
        """Lay out the horizon and what business as usual spends in it.

        Raises
        ------
        SpecError
            The horizon does not follow the data, or a file of spend is not understood.
        """
        return stated_calendar(
            response,
            self.horizon,
            baseline=self.baseline,
            bridge=self.bridge,
            folder=self.folder,
            place=lambda key: self.where(*key.split(".")),
        )

    def future(self, scenario: Scenario, response: ResponseDraws, calendar: SpendCalendar) -> Future:
        """Apply one scenario's patches to business as usual.

        Raises
        ------
        SpecError
            A patch names what does not exist, or asks for what cannot be.
        """
        steps = [(("scenarios", scenario.name, index), patch) for index, patch in enumerate(scenario.patches)]
        return self.course(steps, response, calendar)

    def course(
        self, steps: Sequence[tuple[KeyPath, Patch]], response: ResponseDraws, calendar: SpendCalendar
    ) -> Future:
        """Apply patches, each with its place in the file, to business as usual.

        Raises
        ------
        SpecError
            A patch names what does not exist, or asks for what cannot be.
        """
        setting = Setting(response, calendar, self.folder)
        future = Future.as_usual(calendar)
        for at, patch in steps:
            place = replace(setting, place=lambda key, at=at: self.where(*at, key))  # type: ignore[misc]
            future = applied(patch, future, place)
        return future
