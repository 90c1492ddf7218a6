"""`make demo`: everything that ConScope needs on one machine, started and stopped in order."""

import hashlib
import http.client
import os
import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from conscope_app.core.clock import monotonic_s
from conscope_app.core.loopback import is_loopback
from conscope_app.local.ports import free_port, is_free
from conscope_app.local.programs import SOURCE_GRACE_S, WORKER_GRACE_S, ProgramError, Programs
from conscope_app.local.screen import Screen
from conscope_app.local.servers import Servers
from conscope_app.local.standins.standin import KEY
from conscope_app.local.stop_request import StopRequest
from conscope_app.local.supervisor import Supervisor
from conscope_app.settings import Settings
from conscope_app.stream.folder_lock import FolderLock

_READY_LIMIT_S = 180.0
_WEB_PORTS_TRIED = 100
_STANDINS_PORT = 6180

# Prices of the stand-ins hold for half an hour otherwise, as vendors' do: too long to watch.
_STANDINS_PRICE_STEP_S = 120

# What takes place soon is asked for most often: within a day each quarter of an hour.
_STANDINS_DAYS = 2


# Simulated seats that are published; stand-ins of the vendors that are polled; nothing.
DemoSources = Literal["mock", "standins", "none"]


_SAID_OF_SOURCES: Mapping[DemoSources, str] = {
    "mock": "{rate:g} simulated prices a second.",
    "standins": "Stand-ins of SeatGeek and Ticketmaster are polled: a simulated market.",
    "none": "No source.",
}


@dataclass(frozen=True)
class DemoOptions:
    """What can be asked for on the command line."""

    folder: Path = Path(".conscope")
    workers: int = 1
    rate: float = 20
    sources: DemoSources = "mock"
    port: int | None = None


def run_demo(
    options: DemoOptions,
    settings: Settings,
    environment: Mapping[str, str],
    screen: Screen,
    stop: StopRequest,
) -> None:
    """Start everything, say where it is, and keep it running until somebody asks to stop.

    Whatever was started is stopped in the opposite order, however this ends; nothing else is.
    """
    lock = FolderLock(options.folder / "demo")
    lock.hold()
    with ExitStack() as started:
        started.callback(lock.release)
        servers = Servers(options.folder, settings, screen, stop)
        started.callback(servers.stop)
        servers.start()
        settled = _with_servers(environment, servers)
        _write_environment(options.folder, settled)
        programs = Programs(_home(options.folder, servers), settled, screen, stop)
        started.callback(programs.stop)
        with screen.step("Migrating the database, creating the topics"):
            programs.run_to_end(migrate="migrate", topics="topics create")
        ports = _choose_web_ports(options, settings)
        if options.sources == "standins":
            programs.settle(_start_standins(programs))
        workers = [_start_worker(programs, number, port) for number, port in enumerate(ports, 1)]
        with screen.step("Starting the workers" if len(ports) > 1 else "Starting the worker"):
            _await_ready(ports[0], settings, programs, workers[0], stop)
        if options.sources == "mock":
            mock = ("produce", "mock", "--rate", f"{options.rate:g}")
            programs.keep_running("mock", *mock, grace_s=SOURCE_GRACE_S)
        _show_address(ports, options, programs, settings, screen)
        while not stop.is_set:
            programs.tick()
            servers.revive()
        screen.line("Stopping what was started here …")
    screen.line("Stopped. The data is kept: the next `make demo` goes on with it.")


def _home(folder: Path, servers: Servers) -> Path:
    """Where the workers keep their tables: never those of one Kafka with another."""
    if servers.starts_kafka:
        return folder / "demo"
    return folder / "demo" / hashlib.sha256(servers.kafka_url.encode()).hexdigest()[:12]


def _with_servers(environment: Mapping[str, str], servers: Servers) -> dict[str, str]:
    # A login or a certificate in the shell is for another Kafka than the one started here.
    foreign = [name for name in environment if name.startswith("CONSCOPE_KAFKA_")]
    return {
        **environment,
        **(dict.fromkeys(foreign, "") if servers.starts_kafka else {}),
        "CONSCOPE_KAFKA_URL": servers.kafka_url,
        "CONSCOPE_DATABASE_URL": servers.database_url,
        "PYTHONUNBUFFERED": "1",
    }


def _environment_file(folder: Path) -> Path:
    """What another shell reads so that commands find the demo's servers."""
    return folder / "demo" / "environment"


def _write_environment(folder: Path, environment: Mapping[str, str]) -> None:
    """Write the settings as a shell reads them; for the owner alone, as a password is in there."""
    lines = [
        f"export {name}={shlex.quote(value)}\n"
        for name, value in sorted(environment.items())
        if name.startswith("CONSCOPE_")
    ]
    path = _environment_file(folder)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(lines)


def _choose_web_ports(options: DemoOptions, settings: Settings) -> list[int]:
    """One for each worker, from the wanted one up, leaving out those that are taken."""
    wanted = settings.web_port if options.port is None else options.port
    ports: list[int] = []
    for _ in range(options.workers):
        first = ports[-1] + 1 if ports else wanted
        candidates = range(first, first + _WEB_PORTS_TRIED)
        ports.append(free_port(port for port in candidates if is_free(port, settings.web_host)))
    return ports


def _start_standins(programs: Programs) -> dict[str, str]:
    """SeatGeek and Ticketmaster on this machine, going wrong at times; the settings to ask them."""
    port = free_port(port for port in range(_STANDINS_PORT, _STANDINS_PORT + 100) if is_free(port))
    programs.keep_module_running(
        "standins",
        "conscope_app.local.standins",
        *("--port", str(port), "--price-step", str(_STANDINS_PRICE_STEP_S), "--hectic"),
        *("--days", str(_STANDINS_DAYS)),
        grace_s=SOURCE_GRACE_S,
    )
    url = f"http://127.0.0.1:{port}"
    return {
        "CONSCOPE_SOURCES": "seatgeek,ticketmaster",
        "CONSCOPE_SEATGEEK_CLIENT_ID": KEY,
        "CONSCOPE_SEATGEEK_URL": url,
        "CONSCOPE_TICKETMASTER_API_KEY": KEY,
        "CONSCOPE_TICKETMASTER_URL": url,
    }


def _start_worker(programs: Programs, number: int, port: int) -> Supervisor:
    name = f"worker-{number}"
    return programs.keep_running(
        name,
        "worker",
        grace_s=WORKER_GRACE_S,
        CONSCOPE_DATA_DIR=str(programs.folder / name / "data"),
        CONSCOPE_WEB_PORT=str(port),
    )


def _await_ready(
    port: int, settings: Settings, programs: Programs, worker: Supervisor, stop: StopRequest
) -> None:
    given_up_at = monotonic_s() + _READY_LIMIT_S
    while not _is_ready(port, settings):
        stop.check()
        programs.tick()
        if monotonic_s() > given_up_at:
            raise ProgramError(
                f"the worker was not ready within {_READY_LIMIT_S:.0f} s:\n{worker.log_tail()}"
            )


def _is_ready(port: int, settings: Settings) -> bool:
    """Whether the worker says that it does all its work."""
    headers = {}
    if settings.web_token is not None:
        headers["Authorization"] = f"Bearer {settings.web_token.get_secret_value()}"
    connection = http.client.HTTPConnection(_reached_at(settings), port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers=headers)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False  # not listening yet
    finally:
        connection.close()


def _reached_at(settings: Settings) -> str:
    """The address under which this machine reaches the pages."""
    host = settings.web_host
    return "127.0.0.1" if is_loopback(host) or host in {"0.0.0.0", "::"} else host  # noqa: S104 compared, not bound


def _show_address(
    ports: list[int],
    options: DemoOptions,
    programs: Programs,
    settings: Settings,
    screen: Screen,
) -> None:
    notes = [_SAID_OF_SOURCES[options.sources].format(rate=options.rate)]
    notes += [f"Also on http://{_reached_at(settings)}:{port}/" for port in ports[1:]]
    notes += [f"For commands in another shell: . {_environment_file(options.folder)}"]
    notes += [f"Logs are in {programs.folder}/*/output.log. Ctrl-C stops everything."]
    screen.address(f"http://{_reached_at(settings)}:{ports[0]}/", "\n  ".join(notes))
