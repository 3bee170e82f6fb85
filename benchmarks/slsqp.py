"""scipy's SLSQP on the benchmark's instances, in a process of its own: ``python -m benchmarks.slsqp 10x13x1000 1 60``.

Its linear algebra gets one thread: more of them take the cores from the compiled response and slow both down.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from benchmarks import common
from benchmarks.instances import problem
from optimizer import AllocationProblem, ChangeVsBaseline


class OutOfTimeError(Exception):
    """SLSQP used up its seconds."""


@dataclass
class Slsqp:
    """SLSQP with the exact gradient over all planning draws, in units of typical spend and of the baseline's value.

    It is given what it likes: scaled variables, the baseline as a start, the same bounds and linear rows with their
    Jacobians.
    """

    problem: AllocationProblem
    limit: float

    def solve(self) -> dict[str, Any]:
        problem = self.problem
        baseline, shape = problem.baseline, problem.baseline.shape
        unit = np.maximum(baseline.mean(axis=1, keepdims=True), 1e-9) * np.ones(shape)
        level = abs(problem.horizon.evaluate(baseline).value)
        total, change = float(baseline.sum()), self._change()
        started, best, evaluations = time.perf_counter(), baseline, 0

        def objective(u: np.ndarray) -> tuple[float, np.ndarray]:
            nonlocal evaluations
            if time.perf_counter() - started > self.limit:
                raise OutOfTimeError
            evaluations += 1
            found = problem.horizon.evaluate(u.reshape(shape) * unit, order=1)
            if found.gradient is None:
                raise ValueError("no gradient came back")
            return -found.value / level, -(found.gradient * unit).ravel() / level

        def remember(u: np.ndarray) -> None:
            nonlocal best
            best = u.reshape(shape) * unit

        rows = np.kron(np.eye(shape[0]), np.ones(shape[1])) * unit.ravel()
        totals = baseline.sum(axis=1)
        scaled, least, most = rows / totals[:, None], 1 - change, 1 + change
        budget = unit.ravel() / total
        status = "converged"
        try:
            answer = minimize(
                objective,
                (baseline / unit).ravel(),
                jac=True,
                method="SLSQP",
                bounds=list(zip(np.zeros(unit.size), (problem.upper / unit).ravel(), strict=True)),
                constraints=[
                    {"type": "eq", "fun": lambda u: np.array([budget @ u - 1]), "jac": lambda _: budget[None]},
                    {"type": "ineq", "fun": lambda u: scaled @ u - least, "jac": lambda _: scaled},
                    {"type": "ineq", "fun": lambda u: most - scaled @ u, "jac": lambda _: -scaled},
                ],
                callback=remember,
                options={"maxiter": 1000, "ftol": 1e-9},
            )
            best = answer.x.reshape(shape) * unit
            status = "converged" if answer.success else str(answer.message)
        except OutOfTimeError:
            status = f"stopped at {self.limit:.0f} s"
        seconds = time.perf_counter() - started
        return {
            "seconds": seconds,
            "evaluations": evaluations,
            "value": problem.horizon.evaluate(np.maximum(best, 0.0)).value,
            "violation": float(abs(best.sum() / total - 1)),
            "status": status,
        }

    def _change(self) -> float:
        return next(c.change for c in self.problem.constraints if isinstance(c, ChangeVsBaseline))


def solve_apart(size: str, seed: int, limit: float) -> dict[str, Any]:
    """Solve in a child process; one iteration that never ends is killed at four times the limit."""
    command = [sys.executable, "-m", "benchmarks.slsqp", size, str(seed), str(limit)]
    done = common.run(command, cwd=common.ROOT, env={"OPENBLAS_NUM_THREADS": "1"}, limit=4 * limit + 60)
    if done.code == 124:
        return {"seconds": done.wall, "evaluations": None, "value": None, "status": "killed inside an iteration"}
    if done.code:
        raise RuntimeError(f"SLSQP's process failed: {done.reason()}")
    return done.last_json()


def main() -> int:
    size, seed, limit = sys.argv[1:4]
    channels, weeks, draws = (int(part) for part in size.split("x"))
    task = problem(int(seed), channels=channels, weeks=weeks, draws=draws)
    task.horizon.evaluate(task.baseline, order=1)
    print(json.dumps(Slsqp(task, float(limit)).solve()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
