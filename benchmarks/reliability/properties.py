"""Row 11 in full: the optimiser's property tests with many random cases: ``… properties [--cases 5000]``."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from benchmarks import common

#: Tests that take the number of their cases from the environment.
FILES = ("tests/test_optimizer/test_properties.py",)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5000, help="random cases over all properties, about")
    options = parser.parse_args(arguments)
    head = common.start()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "cases.xml"
        each = max(options.cases // properties(), 5)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *FILES],
            cwd=common.ROOT,
            env={**os.environ, "MIXWISE_EXAMPLES": str(each)},
        )
        rows = [outcome(case) for case in ET.parse(report).getroot().iter("testcase")]  # noqa: S314  # nosec B314  (pytest wrote it)
    seconds = time.perf_counter() - started
    table = common.Table(
        "Properties of the optimiser",
        ("property", "outcome", "s"),
        rows,
        notes=(
            f"{each} random cases a property where they are many, half of that where they are slow; {seconds:.0f} s.",
        ),
    )
    figures = {"cases_each": each, "seconds": seconds, "passes": done.returncode == 0}
    common.write("reliability_11_properties", head, "Reliability 11: the optimiser's properties", [table], figures)
    return done.returncode


def properties() -> int:
    """Count the properties in the files."""
    return sum(len(re.findall(r"^@given", (common.ROOT / file).read_text("utf-8"), re.MULTILINE)) for file in FILES)


def outcome(case: ET.Element) -> list[object]:
    """Return a test's name, whether it held, and its seconds."""
    failed = any(case.find(tag) is not None for tag in ("failure", "error"))
    name = case.get("name", "").removeprefix("test_").replace("_", " ")
    return [name, "broken" if failed else "holds", f"{float(case.get('time', 0)):.0f}"]


if __name__ == "__main__":
    raise SystemExit(main())
