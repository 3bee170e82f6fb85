"""pip-audit over the pinned packages: ``python -m benchmarks.safety.packages``.

It asks a service of advisories. A package that the service does not know was not audited, whatever pip-audit's exit
code says: unless every pinned package was, this part has not run, says so, writes nothing and ends with 3.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks import common

LOCKS = ("requirements.lock", "requirements-dev.lock")
SERVICES = ("pypi", "osv")
NOT_RUN = 3


def ask(service: str, lock: str) -> list[dict[str, Any]]:
    """Return what a service says of each package of a lock; an empty list where it could not be asked."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        lock,
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
    ]
    command += ["--vulnerability-service", service, "--progress-spinner", "off", "--desc", "off", "--timeout", "15"]
    done = subprocess.run(command, cwd=common.ROOT, capture_output=True, text=True)
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError):
        return []


def pinned(lock: str) -> int:
    """Count the packages of a lock."""
    text = (common.ROOT / lock).read_text(encoding="utf-8")
    return sum("==" in line and not line.startswith((" ", "#")) for line in text.splitlines())


def audited(said: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the packages that were really looked up."""
    return [one for one in said if "skip_reason" not in one and "vulns" in one]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask each service in turn until one knows every package."""
    del arguments
    head = common.start()
    rows, vulnerable = [], 0
    for lock in LOCKS:
        count = pinned(lock)
        for service in SERVICES:
            said = audited(ask(service, lock))
            if count and len(said) == count:
                break
            print(f"{lock}: {service} looked up {len(said)} of {count} packages.", file=sys.stderr)
        else:
            print(
                "The audit has NOT run: no service of advisories could be asked about every package.", file=sys.stderr
            )
            return NOT_RUN
        bad = [one for one in said if one["vulns"]]
        for one in bad:
            print(f"{one['name']} {one['version']}: {', '.join(flaw['id'] for flaw in one['vulns'])}")
        vulnerable += len(bad)
        rows.append([lock, service, count, len(bad)])
    table = common.Table("pip-audit", ("lock file", "service", "packages", "with known flaws"), rows)
    common.write("reliability_13_packages", head, "Reliability 13: packages", [table], {"vulnerable": vulnerable})
    return 1 if vulnerable else 0


if __name__ == "__main__":
    raise SystemExit(main())
