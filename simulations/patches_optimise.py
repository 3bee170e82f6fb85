"""The patch that asks the optimiser: a brief's plan, or the best plan for the money that a scenario spends."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Discriminator, Field, Tag, field_validator

from mmm.config import StrictModel
from mmm.exceptions import FitError, InfeasibleError
from simulations.future import Future, Setting
from simulations.patch_base import WrittenBase
from simulations.patch_values import Name, as_share, percent_of


class Leeway(StrictModel):
    """What the optimiser may do with the money that the scenario spends so far."""

    change: Annotated[float, Field(ge=0, le=10)] | None = Field(
        None, description="The most that each channel's total may differ from the scenario so far: `30%` or `0.3`."
    )
    weeks: bool = Field(
        default=True, description="Whether each week is decided; false: totals, with the timing as it is."
    )

    @field_validator("change", mode="before")
    @classmethod
    def _share(cls, value: object) -> object:
        return as_share(value)


def _written_as(value: object) -> str:
    """Tell a brief's file from what may change."""
    return "leeway" if isinstance(value, (dict, Leeway)) else "brief"


class OptimisePlan(WrittenBase):
    """``{optimise: brief.yaml}`` or ``{optimise: {change: 30%}}``: the optimiser's plan.

    With a brief, its plan replaces the spend. Without, the same money as the scenario spends so far is laid out anew,
    under its costs of media and its demand: written after other changes, it is the best answer to them.
    """

    whole_market = True

    optimise: Annotated[
        Annotated[Name, Tag("brief")] | Annotated[Leeway, Tag("leeway")], Discriminator(_written_as)
    ] = Field(description="A brief's file, or `{change, weeks}` for the same money as the scenario spends so far.")

    def apply(self, future: Future, setting: Setting) -> Future:
        if future.parts:
            do = "Write optimise before the roll-out."
            raise setting.refuse("optimise", "a market in parts cannot be optimised as one", do)
        from simulations.optimising import briefed, laid_out_anew  # noqa: PLC0415  (the solvers are slow to load)

        try:
            if isinstance(self.optimise, str):
                return briefed(self.optimise, future, setting)
            return laid_out_anew(future, setting, change=self.optimise.change, by_week=self.optimise.weeks)
        except FitError as error:
            raise setting.refuse("optimise", error.says, error.do or "Fit again.") from error
        except InfeasibleError as error:
            place = error.where or setting.place("optimise")
            raise InfeasibleError(error.says, conflict=error.conflict, where=place, do=error.do) from error

    def says(self, currency: str) -> str:  # noqa: ARG002  (one signature for all patches)
        if isinstance(self.optimise, str):
            return f"The optimiser's plan for {self.optimise}"
        near = "" if self.optimise.change is None else f", each channel within {percent_of(self.optimise.change)}"
        timing = "" if self.optimise.weeks else ", its timing kept"
        return f"The same money, laid out by the optimiser{near}{timing}"

    def files(self, folder: Path) -> tuple[str, ...]:
        """Return the brief and the files that it names, where it can be read."""
        if not isinstance(self.optimise, str):
            return ()
        from simulations.optimising import files_of_brief  # noqa: PLC0415  (the solvers are slow to load)

        return files_of_brief(self.optimise, folder)
