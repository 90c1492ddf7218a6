"""`python -m conscope_app.local.standins`: SeatGeek and Ticketmaster, on this machine alone."""

import argparse
import asyncio
import sys

from conscope_app.core.clock import utc_now
from conscope_app.local.standins.market import Market
from conscope_app.local.standins.misbehaviour import hectic, misbehaving, well_behaved
from conscope_app.local.standins.server import REPORT, serving
from conscope_app.local.standins.standin import KEY, StandIns


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the address is the first line printed. 1 where it cannot be had."""
    given = _parser().parse_args(arguments)
    market = Market(
        seed=given.seed,
        events=given.events,
        opened_at=utc_now().replace(minute=0, second=0, microsecond=0),
        days=given.days,
        price_step_s=given.price_step,
    )
    standins = StandIns(market, manner=given.manner, key=given.key)
    try:
        asyncio.run(_serve(standins, given.port))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"Nothing can be served on port {given.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


async def _serve(standins: StandIns, port: int) -> None:
    async with serving(standins, port=port) as url:
        print(url, flush=True)
        for standin in standins.by_name.values():
            print(f"{standin.vendor.name}: {url}{standin.vendor.path}", flush=True)
        print(f"report: {url}{REPORT}", flush=True)
        await asyncio.Event().wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m conscope_app.local.standins", description=__doc__
    )
    parser.add_argument("--port", type=int, default=0, help="0: a free one (default)")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--events", type=_at_least_one, default=300, help="default: %(default)s")
    parser.add_argument(
        "--days",
        type=_at_least_one,
        default=180,
        help="all events take place within so many days (default: %(default)s)",
    )
    parser.add_argument(
        "--price-step",
        type=_at_least_one,
        default=1_800,
        metavar="SECONDS",
        help="how long a price holds (default: %(default)s)",
    )
    parser.add_argument(
        "--key", default=KEY, help="what both take for a key (default: %(default)s)"
    )
    manner = parser.add_mutually_exclusive_group()
    for name, chosen, said in (
        ("--well-behaved", well_behaved, "go wrong never (default)"),
        ("--misbehave", misbehaving, "go wrong at times"),
        ("--hectic", hectic, "have an outage soon and often, for somebody who looks on"),
    ):
        manner.add_argument(name, dest="manner", action="store_const", const=chosen, help=said)
    parser.set_defaults(manner=well_behaved)
    return parser


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
