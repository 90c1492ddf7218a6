"""The peers of the benchmark: who they are, that they do the same work, how they are installed."""

import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bench import peers_venv
from bench.contestants import PEERS
from bench.peers.movement import movement
from bench.peers.options import Options, read_options
from bench.report.contestants import DETECTION
from bench.stage import Stage
from conscope_app.domains.tickets.pricing import LastSeen, observe

SEEN_AT = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_report_knows_every_peer_and_its_guarantee() -> None:
    """A peer under another name would stand at the report's end, without a guarantee."""
    known = {(contestant.name, contestant.guarantee) for contestant in DETECTION}

    assert {(peer.name, peer.guarantee) for peer in PEERS} <= known


@pytest.mark.parametrize(
    ("price", "old_price"),
    [
        pytest.param("100.00", None, id="new"),
        pytest.param("80.00", "99.99", id="drop"),
        pytest.param("99.98", "99.99", id="drop of a cent"),
        pytest.param("250.10", "249.80", id="rise"),
        pytest.param("0.30", "0.30", id="same"),
    ],
)
def test_peers_say_of_a_price_what_conscope_says(price: str, old_price: str | None) -> None:
    """Floats, rounded, are the same JSON numbers as our decimals."""
    last = None if old_price is None else LastSeen(Decimal(old_price), "USD", SEEN_AT)
    ours = observe(Decimal(price), "USD", SEEN_AT, last)
    theirs = movement(float(price), None if old_price is None else float(old_price))

    assert theirs.kind == ours.kind
    for field in ("old_price", "change", "change_percent"):
        amount = getattr(ours, field)
        assert getattr(theirs, field) == (None if amount is None else float(amount)), field


def test_the_loop_is_started_with_options_that_peers_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a contestant is told arrives in the peer's process."""
    stage = Stage(
        bootstrap="127.0.0.1:9",
        partitions=4,
        folder=tmp_path,
        group="group-1",
        processed="processed-1",
        alerts="alerts-1",
    )
    loop = next(peer for peer in PEERS if peer.name == "confluent-kafka loop")
    _python, _m, module, *options = loop.start(stage).command
    monkeypatch.setattr("sys.argv", [module, *options])

    assert read_options() == Options(
        bootstrap="127.0.0.1:9",
        input="raw_prices",
        processed="processed-1",
        alerts="alerts-1",
        partitions=4,
        group="group-1",
        state=tmp_path / "state",
        guarantee="at-least-once",
    )


def test_an_installation_that_was_killed_is_made_anew_and_a_whole_one_is_kept(
    tmp_path: Path,
) -> None:
    """Only an environment with everything in it is ever used."""
    nothing = tmp_path / "requirements.txt"
    nothing.write_text("")
    python = peers_venv.prepare(tmp_path / "venv", requirements=nothing, pins=nothing)
    witness = python.parent / "witness"
    witness.touch()

    assert peers_venv.prepare(tmp_path / "venv", requirements=nothing, pins=nothing) == python
    assert witness.exists()

    (python.parents[1] / "complete").unlink()
    peers_venv.prepare(tmp_path / "venv", requirements=nothing, pins=nothing)

    assert not witness.exists()
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0
