"""A market of two geos and four steps, small enough to follow by hand."""

from __future__ import annotations

import numpy as np

from simulations.market.consumers.kernel import Cause, Kernel, Reach, Step
from simulations.market.consumers.states import SHAPE, STATES, Activity, Axis, Favourability
from simulations.market.journeys.build import Frame, build
from simulations.market.journeys.journeys import Journeys
from simulations.market.journeys.material import Material, material_of
from simulations.market.journeys.people import Trail, draw_states, follow
from simulations.market.journeys.spec import JourneySettings, Research
from simulations.market.streams import Streams

GEOS = ("north", "south")
WEEKS = 30
#: Weeks before the window.
HISTORY = 8


def moves(axis_size: int, *chances: tuple[int, int, float]) -> np.ndarray:
    matrix = np.eye(axis_size)
    for source, to, chance in chances:
        matrix[source, to] += chance
        matrix[source, source] -= chance
    return matrix


def week_of_steps(week: int) -> tuple[Step, ...]:
    """TV makes the brand liked, search makes liking people buy; people forget and start to explore by themselves."""
    season = 0.05 + 0.04 * np.sin(week / 4.0)
    nature = Step(
        "nature",
        Cause.NATURE,
        (
            Kernel(Axis.FAVOURABILITY, (), moves(5, (3, 0, 0.3))[None]),
            Kernel(
                Axis.ACTIVITY,
                (),
                moves(5, (0, 1, season), (1, 0, 0.3), (2, 0, 0.5), (3, 0, 1.0))[None],
            ),
        ),
    )
    tv = Step(
        "tv",
        Cause.PAID,
        (Kernel(Axis.FAVOURABILITY, (), moves(5, (0, 3, 0.5))[None]),),
        Reach((), np.array([0.3, 0.15]) * (week % 3 > 0), np.ones(2)),
    )
    exploring = np.zeros((1, 5))
    exploring[0, Activity.EXPLORING] = 0.6
    decide = np.stack([moves(5, (1, 2, 0.2 if level < Favourability.FAVOURABLE else 0.8)) for level in range(5)])
    search = Step(
        "search",
        Cause.PAID,
        (Kernel(Axis.ACTIVITY, (Axis.FAVOURABILITY,), decide[None]),),
        Reach((Axis.ACTIVITY,), exploring, np.ones((1, 5))),
    )
    sales = Step("sales", Cause.SALES, (Kernel(Axis.ACTIVITY, (), moves(5, (2, 3, 0.7))[None]),))
    return nature, tv, search, sales


def first_people() -> np.ndarray:
    """1,000,000 and 500,000 inactive people, unaware or liking the brand, (B, S)."""
    people = np.zeros((2, *SHAPE))
    people[:, 1, 0, 0, 0, 0, 1] = [800_000, 300_000]
    people[:, 1, 0, 0, 3, 0, 1] = [200_000, 200_000]
    return people.reshape(2, STATES)


def trail_of(people: int, seed: int, weeks: int = WEEKS) -> Trail:
    columns = np.repeat([0, 1], [2 * people // 3, people - 2 * people // 3])
    states = draw_states(first_people(), columns, np.random.default_rng(seed))
    steps = (week_of_steps(week) for week in range(weeks))
    return follow(steps, states, columns, ("tv", "search"), Streams(seed))


def material(settings: JourneySettings, seed: int = 3) -> Material:
    return material_of(trail_of(settings.people, seed), settings, Streams(seed))


def journeys_of(made: Material, dials: Research | None = None) -> Journeys:
    return build(made, made.settings.research if dials is None else dials, frame(1_500_000 / made.settings.people))


def frame(scale: float) -> Frame:
    return Frame(np.datetime64("2026-01-05"), HISTORY, GEOS, scale, np.full((2, WEEKS), 25.0))
