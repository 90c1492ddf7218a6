"""`python -m conscope_app.local`: run the demo, fetch what it needs, or remove what it left."""

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import get_args

from pydantic import ValidationError
from rich.console import Console

from conscope_app.local.account import AccountError, remove_shelter
from conscope_app.local.artifacts import ArtifactsError, prepare
from conscope_app.local.demo import DemoOptions, DemoSources, run_demo
from conscope_app.local.ports import PortError
from conscope_app.local.prerequisites import MissingPrerequisiteError
from conscope_app.local.programs import ProgramError
from conscope_app.local.screen import Screen
from conscope_app.local.server import StartError
from conscope_app.local.stop_request import StoppedError, StopRequest
from conscope_app.settings import PREFIX, Settings, UnreadableFile
from conscope_app.stream.folder_lock import FolderInUseError, FolderLock

_EXPECTED = (
    AccountError,
    ArtifactsError,
    FolderInUseError,
    MissingPrerequisiteError,
    PortError,
    ProgramError,
    StartError,
)


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; 0 where it was done, 1 with a sentence where not."""
    options = _parser().parse_args(arguments)
    screen = Screen(Console())
    stop = StopRequest()
    with stop.on_signals():
        try:
            options.action(options, screen, stop)
        except StoppedError:
            screen.line("Stopped.")
        except _EXPECTED as error:
            if stop.is_set:
                screen.line("Stopped.")
                return 0
            screen.trouble(str(error))
            return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m conscope_app.local", description=__doc__)
    parser.add_argument(
        "--folder",
        type=Path,
        default=DemoOptions.folder,
        help="where servers and data are kept (default: %(default)s)",
    )
    actions = parser.add_subparsers(required=True)
    demo = actions.add_parser("demo", help="start everything and show the dashboard")
    demo.add_argument(
        "--workers", type=_at_least_one, default=1, help="how many workers (default: %(default)s)"
    )
    demo.add_argument(
        "--rate",
        type=float,
        default=DemoOptions.rate,
        help="simulated prices a second; 0 is as fast as possible (default: %(default)s)",
    )
    demo.add_argument(
        "--sources",
        choices=get_args(DemoSources),
        default=DemoOptions.sources,
        help="simulated seats, stand-ins of the vendors, or nothing (default: %(default)s)",
    )
    demo.add_argument(
        "--no-mock",
        dest="sources",
        action="store_const",
        const="none",
        help="the same as --sources none",
    )
    demo.add_argument("--port", type=int, help="port of the dashboard (default: 6066)")
    demo.set_defaults(action=_demo)
    fetch = actions.add_parser("fetch", help="fetch Kafka and Postgres, and start nothing")
    fetch.set_defaults(action=_fetch)
    clean = actions.add_parser("clean", help="remove fetched servers and all their data")
    clean.set_defaults(action=_clean)
    return parser


def _demo(options: argparse.Namespace, screen: Screen, stop: StopRequest) -> None:
    asked = DemoOptions(
        folder=options.folder,
        workers=options.workers,
        rate=options.rate,
        sources=options.sources,
        port=options.port,
    )
    environment = dict(os.environ)  # noqa: TID251 what we start inherits the whole environment
    run_demo(asked, _settings(), environment, screen, stop)


def _fetch(options: argparse.Namespace, screen: Screen, stop: StopRequest) -> None:
    with screen.step("Getting Kafka and Postgres") as say:
        prepare(options.folder / "artifacts", say)
    stop.check()


def _clean(options: argparse.Namespace, screen: Screen, _stop: StopRequest) -> None:
    if not options.folder.exists():
        return
    demo = FolderLock(options.folder / "demo")
    demo.hold()  # a demo that runs keeps its data
    demo.release()
    with screen.step(f"Removing {options.folder}"):
        for sheltered in (options.folder / "demo" / "postgres", *_unpacked(options.folder)):
            remove_shelter(sheltered)
        shutil.rmtree(options.folder)


def _unpacked(folder: Path) -> list[Path]:
    return list(folder.glob("artifacts/*/postgres"))


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"{PREFIX}{'_'.join(str(part).upper() for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise ProgramError("\n".join(problems)) from error
    except UnreadableFile as error:
        raise ProgramError(str(error)) from error


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
