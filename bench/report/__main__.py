"""Publish a benchmark: `python -m bench.report [results.json]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.report.page import load, publish
from bench.report.summary import targets

ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write page and pictures, and print the targets."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("results", type=Path, nargs="?", default=ROOT / "bench" / "results.json")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the page is")
    options = parser.parse_args(arguments)
    if not options.results.exists():
        parser.error(f"there is no {options.results}: `make bench` writes it")
    results = load(options.results)
    publish(results, options.docs)
    print(targets(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
