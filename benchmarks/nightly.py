"""The long studies: ``python -m benchmarks.nightly [PART] [options of that part]``; without a part, all of them."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import common

PARTS = {
    "w1": "benchmarks.w1",
    "markets": "benchmarks.markets",
    "defaults": "benchmarks.model.defaults",
    "scale": "benchmarks.model.scale",
    "calibration": "benchmarks.reliability.calibration",
    "coverage": "benchmarks.reliability.coverage",
    "stress": "benchmarks.reliability.stress",
    "lift_tests": "benchmarks.reliability.lift_tests",
    "placebos": "benchmarks.reliability.placebos",
    "decisions": "benchmarks.reliability.decisions",
    "rolling": "benchmarks.reliability.rolling",
    "refresh": "benchmarks.reliability.refresh",
    "regret": "benchmarks.reliability.regret",
    "decision": "benchmarks.decision",
    "attribution": "benchmarks.attribution",
    "market": "benchmarks.market",
    "scenarios": "benchmarks.scenarios",
    "properties": "benchmarks.reliability.properties",
    "real_data": "benchmarks.real_data",
    "data_room": "benchmarks.data_room",
    "event_logs": "benchmarks.event_logs",
    "optimizer": "benchmarks.optimizer_speed",
    "demo": "benchmarks.demo_time",
    "fuzz": "benchmarks.hostile.fuzz",
    "code": "benchmarks.safety.code",
    "packages": "benchmarks.safety.packages",
}


def main() -> int:
    """Run each part in a process of its own, so that one that fails leaves the others their turn."""
    part, *options = sys.argv[1:] or [""]
    if part and part not in PARTS:
        print(f"There is no part '{part}': choose one of {', '.join(PARTS)}, or none for all.", file=sys.stderr)
        return 2
    codes = {}
    for name in [part] if part else list(PARTS):
        print(f"== {name}", flush=True)
        codes[name] = subprocess.run([sys.executable, "-m", PARTS[name], *options], cwd=common.ROOT).returncode
    failed = [name for name, code in codes.items() if code]
    print(f"Failed: {', '.join(failed)}." if failed else "All parts ran.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
