"""Compile once, swap data: the sampler's code for a model, kept in the process for every model of the same structure.

Two ways lead to the sampler. The slim bridge (:mod:`mmm.model.bridge`) is fast to compile and reads its data at run
time, but knows a few transforms only and the sampler's version that it was written for; the public way takes any model.
Both draw from the same posterior.
"""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from threading import Lock
from typing import TYPE_CHECKING, Any

import nutpie
import pymc as pm

from mmm.model.chains import Sampler
from mmm.model.public_path import PublicSampler
from mmm.model.structure import structure
from mmm.model.units import formulas

if TYPE_CHECKING:
    from mmm.model.bridge import SlimCode

#: The versions whose private calls the slim bridge makes; of PyTensor any patch.
WRITTEN_FOR = {"nutpie": "0.16.11", "pytensor": "3.3."}
#: Structures whose code is kept in the process at a time.
_KEPT = 16
#: What the slim bridge calls of the sampler's inner module.
_PRIVATE = ("LogpFunc", "ExpandFunc", "PyMcModel", "PyNutsSettings", "PySampler", "PyStorage", "PyVariable")

_BRIDGE = "mmm.model.bridge"

_codes: OrderedDict[Hashable, SlimCode] = OrderedDict()
_lock = Lock()


class Route(StrEnum):
    """How a model reached the sampler."""

    SLIM = "slim"
    PUBLIC = "public"


@dataclass(frozen=True, eq=False)
class Compiled:
    """A model ready to be sampled.

    Attributes
    ----------
    sampler : Sampler
    route : Route
    why : str
        One sentence on why this route was taken.
    reused : bool
        Whether code compiled for an earlier model of the same structure was used.
    """

    sampler: Sampler
    route: Route
    why: str
    reused: bool


def compile_model(model: pm.Model) -> Compiled:
    """Return a model ready to be sampled, with code from an earlier model of the same structure if there is one.

    Parameters
    ----------
    model : pymc.Model
        Arrays that differ from data set to data set enter as ``pm.Data``: one written into the graph as a constant
        makes a structure of its own.
    """
    against = obstacle(model)
    if against is not None:
        return Compiled(PublicSampler.of(model), Route.PUBLIC, against, reused=False)
    from mmm.model import bridge  # noqa: PLC0415  (imports private names: only once they are known to be there)

    found = structure(model)
    # One compile at a time: a second thread with the same structure waits for the first and takes its code.
    with _lock:
        code = _codes.get(found.key)
        reused = code is not None
        if code is None:
            code = bridge.compile_slim(model, found)
        _codes[found.key] = code
        _codes.move_to_end(found.key)
        while len(_codes) > _KEPT:
            _codes.popitem(last=False)
    sampler = bridge.SlimSampler.of(code, found, formulas(model) or {})
    return Compiled(sampler, Route.SLIM, "The sampler reads the data by address from code kept on disk.", reused)


def forget() -> None:
    """Drop the compiled code that the process keeps."""
    with _lock:
        _codes.clear()


def obstacle(model: pm.Model) -> str | None:
    """Return why a model cannot take the slim bridge, in one sentence; None if it can."""
    return _library_obstacle() or _model_obstacle(model)


def _library_obstacle() -> str | None:
    for package, wanted in WRITTEN_FOR.items():
        version = metadata.version(package)
        if not version.startswith(wanted):
            return f"The slim bridge was written for {package} {wanted.rstrip('.')}, and {version} is installed."
    inner: Any = getattr(nutpie, "_lib", None)
    missing = [name for name in _PRIVATE if not hasattr(inner, name)]
    if missing:
        return f"This build of nutpie lacks '{missing[0]}', which the slim bridge calls."
    try:
        importlib.import_module(_BRIDGE)
    except ImportError as error:
        return f"A library's private name that the slim bridge uses is gone ({error})."
    return None


def _model_obstacle(model: pm.Model) -> str | None:
    if model.deterministics:
        return f"'{model.deterministics[0].name}' is a deterministic, which the slim bridge does not record."
    if model.discrete_value_vars:
        return f"'{model.discrete_value_vars[0].name}' is discrete."
    if any(start is not None for start in model.rvs_to_initial_values.values()):
        return "A variable states a starting value of its own."
    if formulas(model) is None:
        return "A variable has a transform whose formula the slim bridge does not hold."
    return None
