"""What we lean on in faust-streaming 0.15.3: a newer one must fail here, not in production."""

import inspect
from importlib.metadata import version

import faust
import pytest
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from faust.app.base import BootStrategy
from faust.channels import Channel
from mode.utils.queues import FlowControlEvent, ThrowableQueue

from conscope_app import app


def test_the_pin_holds() -> None:
    """Everything below was read in exactly this version."""
    assert version("faust-streaming") == "0.15.3"


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        pytest.param(BootStrategy, "enable_kafka", id="no consumer, conductor, recovery"),
        pytest.param(faust.App, "_on_agent_error", id="where agents' exceptions arrive"),
        pytest.param(faust.App, "on_shutdown", id="after the feeds have stopped"),
        pytest.param(faust.App, "discover", id="strict discovery"),
        pytest.param(Channel, "_clone_args", id="clones share the queue"),
        pytest.param(faust.Worker, "on_setup_root_logger", id="no spinner"),
    ],
)
def test_a_seam_is_there(owner: type, name: str) -> None:
    """Names that we override or set."""
    assert hasattr(owner, name)


def test_the_web_has_a_runner_that_can_be_replaced() -> None:
    """Ours answers what is no request."""
    app.discover()
    assert type(vars(app.web)["_runner"]).__module__ == "web.malformed"


@pytest.mark.parametrize(
    "name", ["open", "show", "release", "changelog", "row_format", "open_partitions"]
)
def test_our_names_are_not_taken(name: str) -> None:
    """What our table adds must not hide something of Faust's."""
    assert not hasattr(faust.Table, name)


def test_agents_get_on_error_from_the_app() -> None:
    """The app hands its `_on_agent_error` to each agent."""
    assert "on_error=self._on_agent_error" in inspect.getsource(faust.App.agent)


def test_no_kafka_service_of_fausts_is_started() -> None:
    """Of Faust's own only sensors, web and agents start; nothing of its own reads Kafka."""
    app.finalize()
    started = {type(service).__name__ for service in app.boot_strategy.server()}

    assert not started & {"Consumer", "Conductor", "TableManager", "Recovery", "Producer"}
    assert "AgentManager" in started


def test_a_queue_is_made_without_a_loop_and_open() -> None:
    """Topics are declared at import: their queue must not bind a loop, nor wait to be resumed."""
    queue: ThrowableQueue = ThrowableQueue(flow_control=FlowControlEvent(initially_suspended=False))
    queue.put_nowait("slab")

    assert queue.get_nowait() == "slab"


def test_the_assignor_keeps_its_memory_on_the_class() -> None:
    """Why each feed has an assignor class of its own; if this changes, the subclass may go."""
    assert "member_assignment" in vars(StickyPartitionAssignor)
