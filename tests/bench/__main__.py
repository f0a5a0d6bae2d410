"""Runs the benchmarks: `python -m tests.bench [NAME …]`.

A benchmark is a file `bench_NAME.py` beside this one whose `measure()` gives the lines to print: a figure with its
unit, the peer's figure and the ratio. Each is run alone and in order, so that none disturbs another's figures.
"""

import sys
from importlib import import_module
from pathlib import Path


def main(wanted: list[str]) -> int:
    """Runs the named benchmarks, or all; 2 if a name is not known."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    if unknown := sorted(set(wanted) - set(known)):
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(known) or 'none yet'}", file=sys.stderr)
        return 2
    for name in wanted or known:
        print(f"{name}:")
        for line in import_module(f"tests.bench.bench_{name}").measure():
            print(f"  {line}")
    if not known:
        print("No benchmark stands here yet.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
