"""bandit over our own code: ``python -m benchmarks.safety.code``; any finding fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from benchmarks import common

CONFIG = "benchmarks/safety/bandit.yaml"
PRODUCT = ("mmm", "optimizer", "simulations", "mixwise.py")
#: Benchmarks run lists of words, without a shell, that no data file can change (B603, B607), and random numbers in them
#: make damage and worlds, never secrets (B311).
STUDIES = ("--skip", "B311,B603,B607", "benchmarks")


def bandit(*arguments: str) -> dict[str, object]:
    """Return bandit's report; it must have looked at every file."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--configfile", CONFIG, "--format", "json"]
    done = subprocess.run([*command, *arguments], cwd=common.ROOT, capture_output=True, text=True)
    try:
        report = dict(json.loads(done.stdout))
    except ValueError as error:
        raise SystemExit(f"bandit gave no report (exit {done.returncode}): {done.stderr.strip()[-400:]}") from error
    if report["errors"]:
        raise SystemExit(f"bandit could not read every file: {report['errors']}")
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print each finding with its place, write the result."""
    del arguments
    head = common.start()
    rows: list[list[object]] = []
    found: list[dict[str, object]] = []
    for what, asked in (("what is installed", PRODUCT), ("benchmarks", STUDIES)):
        report = bandit(*asked)
        results = list(report["results"])  # type: ignore[call-overload]
        totals = report["metrics"]["_totals"]  # type: ignore[index]
        rows.append([what, f"{totals['loc']:,}", totals["nosec"] + totals["skipped_tests"], len(results)])
        found += results
    for one in found:
        print(f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}")
    table = common.Table("bandit", ("code", "lines", "lines excused where they stand", "findings"), rows)
    common.write("reliability_13_code", head, "Reliability 13: our own code", [table], {"findings": len(found)})
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
