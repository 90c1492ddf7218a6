"""Builds what the pages need of npm packages: `web/client` becomes `web/static/built`.

Runs as a plain script (`make`), and from the hook that builds wheels (`hatch_build.py`), outside
of any environment of ours: it uses the standard library only.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
MIN_NODE = 18  # what esbuild asks for

Which = Callable[[str], "str | None"]
VersionOf = Callable[[str], str]


class ClientNotBuilt(Exception):
    """The pages have no charts then; the message says what is missing."""


def build(root: Path = ROOT) -> bool:
    """Build the client, unless that was done of these very sources; whether there was need to.

    A build that is interrupted leaves the one before it, or none. Raises `ClientNotBuilt`.
    """
    if is_current(root):
        return False
    npm = require_node()
    for command in ([npm, "ci", "--loglevel=error"], [npm, "run", "--silent", "build"]):
        done = subprocess.run(command, cwd=root / "web" / "client", check=False)
        if done.returncode:
            raise ClientNotBuilt(f"`npm {command[1]}` failed in web/client.")
    if not is_current(root):
        raise ClientNotBuilt("The sources in web/client changed while they were built.")
    return True


def is_current(root: Path = ROOT) -> bool:
    """Whether there is a build, and each of its sources is still what it was made of."""
    web = root / "web"
    try:
        lines = (web / "static" / "built" / "sources.sha256").read_text().splitlines()
        parts = [line.split("  ", 1) for line in lines]
        return all(
            hashlib.sha256((web / name).read_bytes()).hexdigest() == digest
            for digest, name in parts
        )
    except FileNotFoundError:
        return False


def require_node(which: Which = shutil.which, version_of: VersionOf | None = None) -> str:
    """The path of `npm`, beside a Node that is new enough. Raises `ClientNotBuilt`."""
    node, npm = which("node"), which("npm")
    if node is None or npm is None:
        missing = "node" if node is None else "npm"
        raise ClientNotBuilt(_sentence(f"there is no `{missing}`"))
    version = (version_of or _version_of)(node)
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major[1]) < MIN_NODE:
        raise ClientNotBuilt(_sentence(f"`node` is {version or 'broken'}"))
    return npm


def _version_of(node: str) -> str:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _sentence(found: str) -> str:
    return (
        f"Charts are built with Node {MIN_NODE} or newer and npm; {found}. "
        "Debian and Ubuntu: apt-get install nodejs npm. macOS: brew install node."
    )


def main() -> int:
    """Build it where there is need; say in a line what keeps it from that."""
    try:
        build()
    except ClientNotBuilt as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
