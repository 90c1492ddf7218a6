"""Whom a server runs as. Postgres refuses root, so root starts it as somebody with fewer rights."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CANDIDATES = ("postgres", "nobody")
_SHELTERS = Path("/var/tmp")  # noqa: S108 readable to every account; see _shelter for its safety


class AccountError(Exception):
    """There is no account that the server could run as, or no folder that it could use."""


@dataclass(frozen=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int

    def process_options(self) -> dict[str, Any]:
        """What `subprocess` needs to be told to run something as this user and nothing more."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, path: Path) -> bool:
        """Whether this user can read the file or folder and run or enter it."""
        asked = ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(path.absolute())]
        try:
            done = subprocess.run(asked, cwd="/", check=False, **self.process_options())
        except PermissionError as error:
            raise AccountError(
                f"root may not become {self.name} here, and Postgres does not run as root: "
                "run as an ordinary user, or set CONSCOPE_DATABASE_URL"
            ) from error
        return done.returncode == 0


def unprivileged_account() -> Account | None:
    """Whom to run as instead of root; None where we are not root and run as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise AccountError("Postgres does not run as root, and there is no user `postgres` or `nobody`")


def reachable_folder(folder: Path, account: Account | None) -> Path:
    """The folder, made if need be, or, where the account cannot get to it, one that it can.

    No permission of a parent is ever widened. The same folder always gives the same answer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    if account is None or account.can_enter(folder):
        return folder
    return _shelter(folder)


def reachable_copy(folder: Path, program: str, account: Account | None) -> Path:
    """The folder, or a copy of it from which the account can run the program."""
    if account is None or account.can_enter(folder / program):
        return folder
    shelter = _shelter(folder)
    copy = shelter / folder.name
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=shelter) as name:
            stage = Path(name) / folder.name
            shutil.copytree(folder, stage, symlinks=True)
            _open_to_readers(stage)
            try:
                stage.rename(copy)
            except OSError:
                if not copy.exists():  # somebody else was first: theirs is the same
                    raise
    return copy


def remove_shelter(folder: Path) -> None:
    """Remove what was put elsewhere because an account could not reach the folder."""
    shutil.rmtree(_shelter_path(folder), ignore_errors=True)


def _shelter_path(folder: Path) -> Path:
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return _SHELTERS / f"conscope-{digest}"


def _shelter(folder: Path) -> Path:
    path = _shelter_path(folder)
    path.mkdir(mode=0o755, exist_ok=True)
    found = path.lstat()
    # Anybody may make folders in /var/tmp: programs that root runs must not come from theirs.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise AccountError(f"{path} belongs to somebody else: remove it and start again")
    path.chmod(0o755)
    return path


def _open_to_readers(folder: Path) -> None:
    """Let everybody read and run what is in the folder, whatever the umask was."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if path.is_symlink():
            continue
        runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runnable else 0o644)
