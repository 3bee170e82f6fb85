"""The peers' answers, each made by a script in an environment of its own (``benchmarks/peers``)."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks.decision.tasks import TASK_FILE, question, write_csv
from benchmarks.model.cells import one_thread
from simulations.market.planning import PlanTask
from simulations.market.protocol import SimulatedMarket

HERE = common.ROOT / "benchmarks" / "peers"


@dataclass(frozen=True)
class Peer:
    """How a peer is asked.

    Attributes
    ----------
    script : str
        In ``benchmarks/peers``.
    variable : str
        Environment variable that names its interpreter.
    extra : dict
        What its question says besides.
    """

    script: str
    variable: str
    extra: dict[str, Any]

    @property
    def python(self) -> str | None:
        """Its interpreter, or None where none is named."""
        return os.environ.get(self.variable)

    @property
    def sources(self) -> tuple[str, ...]:
        """The files that its answers depend on."""
        environment = self.variable.removesuffix("_PYTHON").lower()
        files = (self.script, "answers.py", f"requirements-{environment}.txt")
        return tuple(f"benchmarks/peers/{name}" for name in files)


PEERS = {
    "PyMC-Marketing": Peer("pymc_marketing_decision.py", "PYMC_MARKETING_PYTHON", {"cores": 1}),
    "Meridian + season": Peer("meridian_decision.py", "MERIDIAN_PYTHON", {"waves": True}),
    "Meridian": Peer("meridian_decision.py", "MERIDIAN_PYTHON", {"waves": False}),
}


def answer(peer: Peer, market: SimulatedMarket, task: PlanTask, seed: int, limit: float) -> dict[str, Any]:
    """Ask a peer; where it gives no answer, say why.

    Raises
    ------
    ValueError
        Its interpreter is not named.
    """
    if peer.python is None:
        raise ValueError(f"{peer.variable} does not name an interpreter")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_csv(market, folder, national=True)
        said = question(market, task, seed) | peer.extra
        (folder / TASK_FILE).write_text(json.dumps(said), encoding="utf-8")
        out = folder / "out.json"
        command = [peer.python, str(HERE / peer.script), str(folder / TASK_FILE), str(out)]
        done = common.run(command, cwd=folder, env=one_thread(), limit=limit)
        if done.code == 0 and out.is_file():
            return dict(json.loads(out.read_text(encoding="utf-8")))
        why = f"stopped after {limit:.0f} s" if done.code == 124 else done.reason()
        return {"failed": why, "wall_s": done.wall, "cpu_s": done.cpu}
