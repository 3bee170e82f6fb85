"""Every kind of patch: a small frozen change to business as usual, told apart by its key, said in one sentence.

A new kind is a class with ``apply``, ``says`` and ``files``, and its key in :data:`KINDS` and :data:`WrittenPatch`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from mmm.config import StrictModel
from simulations.patch_base import Patch
from simulations.patches_launch import LaunchChannel
from simulations.patches_market import ChangeCost, Competitor, DemandShock, SeasonShift, SupplyCap
from simulations.patches_optimise import OptimisePlan
from simulations.patches_plans import FollowPlan, MergePlans
from simulations.patches_price import ChangeControl, ChangePrice, Promotion
from simulations.patches_rollout import RollOut
from simulations.patches_spend import ChangeSpend, GoDark, SetTotal, ShiftSpend
from simulations.patches_timing import Reflight, ShiftWeeks

__all__ = [
    "KINDS",
    "ChangeControl",
    "ChangeCost",
    "ChangePrice",
    "ChangeSpend",
    "Competitor",
    "DemandShock",
    "FollowPlan",
    "GoDark",
    "LaunchChannel",
    "MergePlans",
    "OptimisePlan",
    "Patch",
    "Promotion",
    "Reflight",
    "RollOut",
    "SeasonShift",
    "SetTotal",
    "ShiftSpend",
    "ShiftWeeks",
    "SupplyCap",
    "WrittenPatch",
]

#: The key that tells what a patch is. Its tag is the key in angle brackets, which no key of a file is.
KINDS: dict[str, type[StrictModel]] = {
    "change": ChangeSpend,
    "total": SetTotal,
    "dark": GoDark,
    "shift": ShiftSpend,
    "flighting": Reflight,
    "shift_weeks": ShiftWeeks,
    "launch": LaunchChannel,
    "rollout": RollOut,
    "cost_per_exposure": ChangeCost,
    "demand": DemandShock,
    "season_shift": SeasonShift,
    "supply_cap": SupplyCap,
    "competitor": Competitor,
    "control": ChangeControl,
    "price": ChangePrice,
    "promotion": Promotion,
    "plan": FollowPlan,
    "merge": MergePlans,
    "optimise": OptimisePlan,
}


def _kind(value: Any) -> str | None:
    """Return the tag of what a patch is; None where no kind has all of its telling keys.

    A key that tells one kind may be a detail of another: ``{control: price, change: -10%}`` is a control's change.
    """
    if isinstance(value, dict):
        found = [key for key in KINDS if key in value]
        fitting = [key for key in found if set(found) <= _keys(KINDS[key])]
        return f"<{fitting[0]}>" if len(fitting) == 1 else None
    return next((f"<{key}>" for key, kind in KINDS.items() if isinstance(value, kind)), None)


def _keys(kind: type[StrictModel]) -> set[str]:
    return {field.alias or name for name, field in kind.model_fields.items()}


WrittenPatch = Annotated[
    Annotated[ChangeSpend, Tag("<change>")]
    | Annotated[SetTotal, Tag("<total>")]
    | Annotated[GoDark, Tag("<dark>")]
    | Annotated[ShiftSpend, Tag("<shift>")]
    | Annotated[Reflight, Tag("<flighting>")]
    | Annotated[ShiftWeeks, Tag("<shift_weeks>")]
    | Annotated[LaunchChannel, Tag("<launch>")]
    | Annotated[RollOut, Tag("<rollout>")]
    | Annotated[ChangeCost, Tag("<cost_per_exposure>")]
    | Annotated[DemandShock, Tag("<demand>")]
    | Annotated[SeasonShift, Tag("<season_shift>")]
    | Annotated[SupplyCap, Tag("<supply_cap>")]
    | Annotated[Competitor, Tag("<competitor>")]
    | Annotated[ChangeControl, Tag("<control>")]
    | Annotated[ChangePrice, Tag("<price>")]
    | Annotated[Promotion, Tag("<promotion>")]
    | Annotated[FollowPlan, Tag("<plan>")]
    | Annotated[MergePlans, Tag("<merge>")]
    | Annotated[OptimisePlan, Tag("<optimise>")],
    Discriminator(
        _kind,
        custom_error_type="patch_kind",
        custom_error_message=f"a patch changes one thing and has exactly one of the keys {', '.join(KINDS)}",
    ),
]
