"""Row 12 in full: files damaged at random, whose truth is known: ``… hostile.fuzz [--files 100000] [--workers 2]``.

A file is made from its number alone, so a failure can be made again: ``… hostile.fuzz --show 4711``. Blocks of files
that are finished are kept as long as neither the reader nor the damages change; a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import common
from benchmarks.hostile.mutant import Mutant, judge, mutate
from benchmarks.model.cells import Store, run_workers, source_key

SOURCES = ("mmm/data", "mmm/config.py", "mmm/findings.py", "benchmarks/hostile")
BLOCK = 1000
#: Failures kept whole, a block.
KEPT = 20


def made(number: int) -> Mutant:
    """Return the damaged file of a number; the same on every machine."""
    return mutate(Random(number))  # noqa: S311  (damage, not secrets)


def block(first: int, store: Store) -> dict[str, Any]:
    """Read ``BLOCK`` files; count outcomes, keep the first failures beside the block."""
    outcomes: Counter[str] = Counter()
    failures: list[dict[str, Any]] = []
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + BLOCK):
            mutant = made(number)
            verdict = judge(mutant, Path(folder))
            outcomes[verdict.outcome] += 1
            if verdict.wrong:
                failures.append({"number": number, "wrong": verdict.wrong, "done": mutant.sheet.done})
                if len(failures) <= KEPT:
                    keep = store.path(f"failure-{number}", "")
                    keep.mkdir(exist_ok=True)
                    mutant.write(keep)
    return {"outcomes": outcomes, "failures": failures, "seconds": time.process_time() - started}


def main(arguments: Sequence[str] | None = None) -> int:
    """Work out every block that is not kept yet, in several processes; count, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", type=int, help="make one file again, and say what became of it")
    parser.add_argument("--worker", default=None, help=argparse.SUPPRESS)
    parser.add_argument("--key", default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.show is not None:
        return _show(options.show)
    # Workers are told the key: what they keep belongs to the code with which the run began.
    key = options.key or source_key(SOURCES)
    store = Store.of("hostile_fuzz", key)
    if options.worker is not None:
        for first in json.loads(options.worker):
            store.write(str(first), block(first, store))
            print(f"{first + BLOCK:,} files", flush=True)
        return 0
    head = common.start()
    firsts = list(range(0, options.files, BLOCK))
    missing = [first for first in firsts if store.read(str(first)) is None]
    shares = [missing[i :: options.workers] for i in range(options.workers)]
    if run_workers("benchmarks.hostile.fuzz", [["--key", key, "--worker", json.dumps(x)] for x in shares if x]):
        raise SystemExit("A worker failed; run the same command again to go on.")
    return _written(head, [found for first in firsts if (found := store.read(str(first))) is not None], store)


def _written(head: dict[str, Any], blocks: Sequence[dict[str, Any]], store: Store) -> int:
    outcomes: Counter[str] = Counter()
    for one in blocks:
        outcomes.update(one["outcomes"])
    failures = [failure for one in blocks for failure in one["failures"]]
    total, seconds = sum(outcomes.values()), sum(one["seconds"] for one in blocks)
    says = {
        "refused": "refused with a place and a remedy",
        "repaired": "read, equal to its truth; repairs or warnings listed",
        "read": "read, equal to its truth; nothing to list",
        "traceback": "ended in a traceback",
    }
    rows = [[says[name], f"{outcomes[name]:,}", f"{outcomes[name] / total:.1%}"] for name in says]
    rows.append(
        ["of these wrong: misread, accepted against its truth, or refused without a place", str(len(failures)), ""]
    )
    table = common.Table(
        f"{total:,} files damaged at random in one to four ways",
        ("what became of them", "files", "share"),
        rows,
        notes=(
            f"{seconds:,.0f} CPU s; {len(failures)} failures"
            + (f", kept in {store.folder.name}." if failures else "."),
        ),
    )
    figures = {"files": total, **outcomes, "failures": len(failures), "cpu_seconds": seconds}
    common.write("reliability_12_fuzz", head, "Reliability 12: damaged files", [table], figures)
    for failure in failures[:10]:
        print(f"{failure['number']}: {failure['wrong']} ({'; '.join(failure['done'])})")
    return 1 if failures else 0


def _show(number: int) -> int:
    mutant = made(number)
    with tempfile.TemporaryDirectory() as folder:
        verdict = judge(mutant, Path(folder))
    for name, content in mutant.files.items():
        text = content.decode(mutant.sheet.encoding, "replace") if name.endswith(".csv") else f"{len(content)} bytes"
        print(f"== {name}\n{text}")
    print(json.dumps(mutant.model, ensure_ascii=False, indent=1))
    print(f"{'; '.join(mutant.sheet.done)} → {verdict.outcome}: {verdict.wrong or verdict.said or 'as it should be'}")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
