"""What a person is told, in one sentence, where Kafka or Postgres cannot be worked with."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from sqlalchemy.exc import DBAPIError

from conscope_app.kafka.brokers import Brokers
from conscope_app.store.errors import reason_of


class CannotRun(click.ClickException):
    """The command could not do its work; its exit code is none that speaks of the outcome."""

    exit_code = 2


@contextmanager
def told_in_a_sentence(brokers: Brokers) -> Iterator[None]:
    """Turn the errors of servers that are away, or refuse, into `CannotRun`."""
    try:
        yield
    except (ProducerFenced, InvalidProducerEpoch) as error:
        raise CannotRun("another one has taken over; what was not sent yet is as before") from error
    except (KafkaError, TimeoutError) as error:
        said = str(error) or type(error).__name__
        raise CannotRun(f"Kafka at {brokers.where} cannot be read: {said}") from error
    except DBAPIError as error:
        raise CannotRun(f"the database cannot be read: {reason_of(error.orig)}") from error
