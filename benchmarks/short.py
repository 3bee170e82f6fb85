"""What ``make bench`` runs, in a few minutes: the optimiser on small instances, and real data where they are there."""

from __future__ import annotations

from benchmarks import optimizer_speed, real_data


def main() -> int:
    small = ["--sizes", "10x13x1000", "--seeds", "3", "--slsqp-limit", "10"]
    code = optimizer_speed.main(small, name="optimizer_speed_short")
    return max(code, real_data.main([]))


if __name__ == "__main__":
    raise SystemExit(main())
