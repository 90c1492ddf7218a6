from datetime import timedelta

from conscope_app.notify.contact import RECONNECT_S, Contact
from tests.notify.alerts import NOON

SECOND = timedelta(seconds=1)
STEADY = int(RECONNECT_S)


def heard_each_second(first: int, last: int, contact: Contact | None = None) -> Contact:
    """Contact with an outbox that answered in each of these seconds after noon."""
    contact = contact or Contact(silence_s=6)
    for second in range(first, last + 1):
        contact.heard(NOON + second * SECOND)
    return contact


def test_nothing_is_taken_over_before_the_outbox_has_answered_for_a_while() -> None:
    """A living sender has had the time to come back to it by then."""
    assert Contact(silence_s=6).take_over_before is None
    assert heard_each_second(0, STEADY - 1).take_over_before is None
    assert heard_each_second(0, STEADY).take_over_before == NOON + (STEADY + 6) * SECOND


def test_one_failure_begins_the_wait_anew() -> None:
    """However short the outage: the note of another may have met it as well."""
    contact = heard_each_second(0, STEADY)
    contact.lost()
    assert contact.take_over_before is None

    heard_each_second(STEADY + 1, 2 * STEADY, contact)
    assert contact.take_over_before is None
    heard_each_second(2 * STEADY + 1, 2 * STEADY + 1, contact)
    assert contact.take_over_before is not None


def test_a_silence_is_as_good_as_a_failure() -> None:
    """As of a server that stood still: it answers everybody at once when it goes on."""
    contact = heard_each_second(0, STEADY)
    heard_each_second(STEADY + 6, STEADY + 6, contact)
    assert contact.take_over_before is not None

    heard_each_second(STEADY + 13, STEADY + 13, contact)
    assert contact.take_over_before is None


def test_a_clock_that_is_put_back_begins_the_wait_anew() -> None:
    """Not an hour's wait until it shows again what it showed before."""
    contact = heard_each_second(3600, 3600 + STEADY)
    contact.heard(NOON)
    assert contact.take_over_before is None

    heard_each_second(1, STEADY, contact)
    assert contact.take_over_before is not None
