"""What the peers' scripts share: how they are asked, and how draws are told. Nothing of Mixwise is installed there."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def asked(description: str | None, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the files of the question (``task``) and of the answer (``out``) from the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("task", type=Path)
    parser.add_argument("out", type=Path)
    return parser.parse_args(arguments)


def estimate(draws: Any) -> dict[str, float]:
    """Return mean and 90 % interval of draws, (S,)."""
    import numpy as np

    low, high = np.quantile(draws, [0.05, 0.95])
    return {"mean": float(draws.mean()), "q05": float(low), "q95": float(high)}


def of_the_decision(roas: dict[str, Any], plan: Any, uplift: Any) -> dict[str, Any]:
    """Return what every peer's answer says.

    Parameters
    ----------
    roas : dict of str to (S,)
        Draws by channel.
    plan : (C, T)
        Money by week.
    uplift : (S,)
        Draws of what the plan brings over the baseline.
    """
    return {
        "roas": {name: estimate(draws) for name, draws in roas.items()},
        "plan": plan.tolist(),
        "uplift": estimate(uplift),
        "p_beats": float((uplift > 0).mean()),
    }
