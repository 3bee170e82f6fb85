"""People followed through a market that has happened: sampled, moved by its own steps, and told as journeys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from operator import itemgetter

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.exceptions import SpecError
from simulations.market.consumers.draw import HISTORY
from simulations.market.consumers.engine import first_state, modules_of, run, walk
from simulations.market.consumers.kernel import Step
from simulations.market.consumers.market import ConsumerMarket
from simulations.market.consumers.now import State
from simulations.market.consumers.talk import TalkChannel
from simulations.market.journeys.agreement import Agreement, agreement
from simulations.market.journeys.build import Frame, build
from simulations.market.journeys.calibrate import calibrated
from simulations.market.journeys.figures import Figures, figures_of
from simulations.market.journeys.journeys import Journeys
from simulations.market.journeys.material import Material, material_of
from simulations.market.journeys.moments import DAYS
from simulations.market.journeys.narrow import narrowed
from simulations.market.journeys.people import Trail, draw_states, follow
from simulations.market.journeys.spec import JourneySettings, Research, Targets
from simulations.market.streams import Streams


@dataclass(frozen=True, eq=False)
class Sample:
    """People followed through a market.

    Attributes
    ----------
    journeys : Journeys
        Those that ended in the window.
    trail : Trail
        What the people did, from some weeks before the window on.
    research : Research
        The dials as they stood, solved for where targets asked for it.
    agreement : Agreement
        Purchases of the people followed beside the panel's.
    """

    journeys: Journeys
    trail: Trail
    research: Research
    agreement: Agreement

    @property
    def figures(self) -> Figures:
        """What marketers quote, counted."""
        return figures_of(self.journeys)


def touchpoints(market: ConsumerMarket) -> tuple[str, ...]:
    """Return the channels that people can meet, in the order in which they act: paid and owned ones, no talk."""
    world = market.world
    met = [name for name, spec in world.owned.items() if not isinstance(spec, TalkChannel)]
    return tuple(name for name in world.acting() if name in world.channels or name in met)


def sample_journeys(market: ConsumerMarket, settings: JourneySettings | None = None, seed: int | None = None) -> Sample:
    """Follow people through a market.

    Parameters
    ----------
    market : ConsumerMarket
    settings : JourneySettings, optional
        Instead of the world's own.
    seed : int, optional
        Of whom is followed; the world's by default. The market stays as it is.

    Raises
    ------
    SpecError
        Settings name a channel that the market does not have, or targets cannot be reached.
    """
    settings = settings or market.world.journeys or JourneySettings()
    channels = touchpoints(market)
    _check(settings, channels)
    streams = Streams(market.world.seed if seed is None else seed)
    before = min(HISTORY, ceil(settings.lookback_days / DAYS))
    trail = follow_market(market, settings.people, before, channels, streams)
    material = material_of(trail, settings, streams)
    research = _dials(material, market, before)
    journeys = _built(material, research, market, before)
    inside = trail.purchases[trail.purchases[:, 1] >= before]
    held = agreement(
        market.record.sold.T, market.scene.people[0], market.geos, trail.columns, inside[:, 0], inside[:, 1] - before
    )
    return Sample(journeys, trail, research, held)


def follow_market(market: ConsumerMarket, people: int, before: int, channels: Sequence[str], streams: Streams) -> Trail:
    """Follow people from some weeks before the window to its end.

    Parameters
    ----------
    market : ConsumerMarket
    people : int
        Spread over the geos as the population is.
    before : int
        Weeks before the window, at most its history.
    channels : sequence of str
        Whose contacts are kept.
    streams : Streams
    """
    state = _state_before(market, before)
    columns = spread_over(market.scene.people[0], people)
    states = draw_states(state.people, columns, streams("people/first states"))
    return follow(_weeks(market, state, before), states, columns, channels, streams)


def spread_over(people: FloatArray, followed: int) -> IntArray:
    """Return the geo of each person followed, (n,): in proportion to people (G,), by largest remainder."""
    exact = followed * people / people.sum()
    count = np.floor(exact).astype(np.int64)
    count[np.argsort(count - exact, kind="stable")[: followed - int(count.sum())]] += 1
    return np.repeat(np.arange(len(people)), count)


def _state_before(market: ConsumerMarket, before: int) -> State:
    """Live the history again up to some weeks before the window."""
    if before == 0:
        return market.start.copy()
    state = first_state(market.world, market.scene)
    run(market.world, market.scene, state, range(HISTORY))
    run(market.world, market.scene, state, range(HISTORY - before))
    return state


def _weeks(market: ConsumerMarket, state: State, before: int) -> Iterator[list[Step]]:
    """Yield the steps of each week, from some weeks before the window to its end."""
    modules = modules_of(market.world)
    lived = walk(modules, market.scene, state, range(HISTORY - before, HISTORY))
    for _, steps in groupby(((now.week, step) for now, step in lived), key=itemgetter(0)):
        yield [step for _, step in steps]
    window = walk(modules, market.scene, state, market.window, market.record.spend)
    for _, steps in groupby(((now.week, step) for now, step in window), key=itemgetter(0)):
        yield [step for _, step in steps]


def _dials(material: Material, market: ConsumerMarket, before: int) -> Research:
    settings = material.settings
    if settings.targets.model_copy(update={"source": None}) == Targets():
        return settings.research
    part = narrowed(material)
    return calibrated(
        lambda dials: figures_of(_built(part, dials, market, before)), settings.research, settings.targets
    )


def _built(material: Material, dials: Research, market: ConsumerMarket, before: int) -> Journeys:
    price = market.scene.price[HISTORY - before : market.window.stop].T
    frame = Frame(
        first=market.scene.weeks[HISTORY - before],
        before=before,
        geos=market.geos,
        scale=market.world.people / len(material.own),
        worth=market.world.outcome.basket * market.value * price,
    )
    return build(material, dials, frame)


def _check(settings: JourneySettings, channels: Sequence[str]) -> None:
    for key in ("offline", "unlogged"):
        unknown = sorted(set(getattr(settings, key)) - set(channels))
        if unknown:
            raise SpecError(
                f"people cannot meet '{unknown[0]}'",
                where=f"journeys.{key}",
                do=f"Name channels among {', '.join(channels)}.",
            )
