"""Give a world of consumers the size that its author asks for: what it sells a week, and what its channels return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mmm.exceptions import SpecError
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.moves import Effect
from simulations.market.consumers.truth import lost_outcome

if TYPE_CHECKING:
    from simulations.market.consumers.world import ConsumerWorld

#: How near the ROAS come to those asked for, relative.
_NEAR = 0.005
_MOST_ROUNDS = 25
#: In a round a channel's effect grows or shrinks by this factor at most: far from the answer it is not linear.
_MOST_STEP = 3.0


def sized(
    world: ConsumerWorld,
    *,
    weekly: float | None = None,
    roas: Mapping[str, float] | None = None,
    seed: int | None = None,
) -> ConsumerWorld:
    """Return the world with its basket and its channels' effects scaled.

    A channel keeps the proportions of its effect: all its chances are multiplied by one factor. What is asked for holds
    for the market of ``seed``; another seed's has other weeks, and ROAS that differ by a few percent.

    Parameters
    ----------
    world : ConsumerWorld
    weekly : float, optional
        Outcome units of an average week of the window over all geos, media included.
    roas : mapping of str to float, optional
        True ROAS of the channels named; 0 takes the effect away.
    seed : int, optional
        Instead of the world's own.

    Raises
    ------
    SpecError
        A channel is not the world's or has no effect to scale, or no chances up to 1 make the ROAS.
    """
    from simulations.market.consumers.simulate import simulate_consumers  # noqa: PLC0415  (it sizes worlds that ask)

    targets = dict(roas or {})
    _check(world, targets)
    experiments = world.experiments
    world = world.model_copy(update={"sizes": None, "experiments": ()})
    for name in [name for name, target in targets.items() if target == 0.0]:
        world, _ = _with_factor(world, name, 0.0), targets.pop(name)
    errors: dict[str, float] = {}
    for _ in range(_MOST_ROUNDS):
        market = simulate_consumers(world, seed)
        world, level_error = _at_level(world, market, weekly)
        basket = world.outcome.basket / market.world.outcome.basket
        returns = {name: basket * value for name, value in _returns(market, tuple(targets)).items()}
        errors = {name: abs(returns[name] / target - 1.0) for name, target in targets.items()}
        if max([level_error, *errors.values()]) < _NEAR:
            return world.model_copy(update={"experiments": experiments})
        for name, target in targets.items():
            if returns[name] <= 0:
                raise SpecError(
                    f"'{name}' returns {returns[name]:.2g}, and no size of its effect makes that {target:g}",
                    where=f"sizes.roas.{name}",
                    do="Give it an effect that sells more, such as 'favour' or 'purchase'.",
                )
            if returns[name] < target * (1.0 - _NEAR) and max(_chances(world, name).values()) > 1.0 - 1e-9:
                raise _unreached(name, target)
            world = _with_factor(world, name, float(np.clip(target / returns[name], 1.0 / _MOST_STEP, _MOST_STEP)))
    worst = max(errors, key=lambda name: errors[name], default="weekly")
    raise _unreached(worst, targets.get(worst, weekly or 0.0))


def _unreached(name: str, target: float) -> SpecError:
    return SpecError(
        f"a ROAS of {target:g} is not reached by any size of the effect of '{name}'",
        where=f"sizes.roas.{name}",
        do="Ask for less, spend less, lower its cost per exposure, or raise the basket.",
    )


def _check(world: ConsumerWorld, targets: Mapping[str, float]) -> None:
    for name in targets:
        if name not in world.channels:
            do = f"Known: {', '.join(world.channels)}."
            raise SpecError(f"there is no channel '{name}'", where=f"sizes.roas.{name}", do=do)
        if targets[name] > 0 and not world.channels[name].effect.directions():
            do = "Give it one; its proportions are kept."
            raise SpecError(f"'{name}' has no effect to size", where=f"channels.{name}.effect", do=do)


def _at_level(world: ConsumerWorld, market: ConsumerMarket, weekly: float | None) -> tuple[ConsumerWorld, float]:
    """Return the world with the basket that sells so much, and how far off the market was, relative."""
    if weekly is None:
        return world, 0.0
    factor = weekly / float(market.record.outcome.sum(axis=1).mean())
    outcome = world.outcome.model_copy(update={"basket": world.outcome.basket * factor})
    return world.model_copy(update={"outcome": outcome}), abs(factor - 1.0)


def _returns(market: ConsumerMarket, names: tuple[str, ...]) -> dict[str, float]:
    lost = lost_outcome(market, names)
    return {name: float(lost[name].sum()) * market.value / float(market.record.spend[name].sum()) for name in names}


def _chances(world: ConsumerWorld, name: str) -> dict[str, float]:
    return world.channels[name].effect.model_dump()


def _with_factor(world: ConsumerWorld, name: str, factor: float) -> ConsumerWorld:
    chances = _chances(world, name)
    # No chance is above 1, and their proportions stay.
    factor = min(factor, 1.0 / max(chances.values())) if factor > 1.0 else factor
    scaled = Effect.model_validate({key: min(1.0, factor * chance) for key, chance in chances.items()})
    changed = world.channels[name].model_copy(update={"effect": scaled})
    return world.model_copy(update={"channels": {**world.channels, name: changed}})
