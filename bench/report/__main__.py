"""Publish a benchmark: `python -m bench.report [results.json] [--anew later.json]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.report.page import load, publish
from bench.report.summary import targets

ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write page and pictures, and print the targets."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("results", type=Path, nargs="?", default=ROOT / "bench" / "results.json")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the page is")
    parser.add_argument(
        "--anew", type=Path, help="results whose scenarios take the place of their earlier runs"
    )
    options = parser.parse_args(arguments)
    if not options.results.exists():
        parser.error(f"there is no {options.results}: `make bench` writes it")
    results = load(options.results)
    if options.anew is not None:
        results = results.with_anew(load(options.anew))
        options.results.write_bytes(
            msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"
        )
    publish(results, options.docs)
    print(targets(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
