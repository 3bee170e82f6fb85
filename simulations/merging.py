"""Departments' separate plans put together: where they overlap, what that costs, and in which weeks they clash."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.reporting.text import join_names
from mmm.response.calendar import read_spend_csv
from mmm.response.horizon import HorizonResponse
from simulations.future import Future, Setting
from simulations.launches import aligned
from simulations.pricing import is_money

#: Weeks that are named one by one; more are counted.
NAMED_WEEKS = 4


def read_department(path: Path, channels: tuple[str, ...], weeks: WeekArray) -> tuple[FloatArray, BoolArray]:
    """Read the plan of a department, which need not name every channel.

    Parameters
    ----------
    path : Path
    channels : tuple of str
        C of them.
    weeks : (T,)

    Returns
    -------
    (C, T)
        Its spend, money.
    (C,) bool
        The channels that have a row.

    Raises
    ------
    SpecError
        Not understood: see :func:`~mmm.response.calendar.read_spend_csv`.
    """
    named = _channels_in(path)
    owned = np.array([name in named for name in channels], dtype=np.bool_)
    if not named or not named <= set(channels):
        # Its reader says what is wrong, or which names are known.
        return read_spend_csv(path, channels, weeks), np.ones_like(owned)
    spend = np.zeros((len(channels), len(weeks)))
    spend[owned] = read_spend_csv(path, tuple(np.array(channels)[owned].tolist()), weeks)
    return spend, owned


def _channels_in(path: Path) -> set[str]:
    """Return the channels that a file names; an unreadable file names none, and its reader says why."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return {(row.get("channel") or "").removeprefix("'") for row in csv.DictReader(handle)}
    except (UnicodeDecodeError, csv.Error):
        return set()


def overlap_cost(future: Future, plans: Mapping[str, FloatArray], setting: Setting) -> tuple[BoolArray, FloatArray]:
    """Return the channels that several plans spend on, and what saturation takes from them there.

    Parameters
    ----------
    future : Future
        With the merged spend; its prices of media and demand hold.
    plans : Mapping
        Name → spend, (C + L, T).
    setting : Setting

    Returns
    -------
    (C + L,) bool
    (S,)
        The sum of what each plan brings by itself on those channels, less what they bring together; outcome units,
        horizon and after it.
    """
    shared = np.sum([plan.sum(axis=1) > 0 for plan in plans.values()], axis=0) > 1
    if not shared.any():
        return shared, np.zeros(setting.response.n_draws)
    response, calendar, (wide,) = aligned(setting.response, setting.calendar, (future,))
    factor = np.concatenate([future.demand, np.ones(len(calendar.tail_weeks))])
    horizon = HorizonResponse(response, calendar, cost_factor=wide.cost, effect_factor=factor)
    alone = sum((horizon.per_channel(plan)[shared] for plan in plans.values()), np.zeros(1))
    together = horizon.per_channel(sum(plans.values(), np.zeros_like(future.spend)))[shared]
    return shared, np.asarray((alone - together).sum(axis=0))


def clash_notes(future: Future, plans: Mapping[str, FloatArray], setting: Setting) -> Iterator[str]:
    """Say what merged plans cost one another.

    Parameters
    ----------
    future : Future
        With the merged spend.
    plans : Mapping
        Name → spend, (C + L, T).
    setting : Setting
    """
    from optimizer.departments import clashes  # noqa: PLC0415  (the solvers are slow to load)

    shared, cost = overlap_cost(future, plans, setting)
    names = join_names(list(plans))
    response = setting.response
    unit = response.currency if is_money(response) else response.outcome_name
    if shared.any():
        where = join_names(np.array(setting.rows(future))[shared].tolist())
        low, high = np.quantile(cost, [0.05, 0.95])
        yield (
            f"Several of {names} spend on {where}. There they bring {cost.mean():,.0f} {unit} less together than each "
            f"plan reckons with by itself (90% interval {low:,.0f} to {high:,.0f}): the cost of the clash."
        )
    else:
        yield f"No channel is in more than one of {names}: in this model they do not take from one another."
    found = clashes(setting.calendar.weeks, {name: plan.sum(axis=0) for name, plan in plans.items()})
    if found:
        days = [str(one.week) for one in found]
        which = join_names(days) if len(days) <= NAMED_WEEKS else f"{len(days)} weeks, the first {days[0]}"
        yield (
            f"At least two of them spend a quarter above their own mean week in {which}. Where supply is short or "
            "people are busy with one campaign, that costs more than this model can say."
        )
