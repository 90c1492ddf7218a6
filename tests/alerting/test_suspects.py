from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.suspects import Suspects


@given(st.data())
def test_halving_finds_the_refused_alert_and_tells_all_others(data: st.DataObject) -> None:
    """Whatever the length of the message that was refused, and wherever its poison is."""
    count = data.draw(st.integers(1, 5_000))
    poison = data.draw(st.integers(0, count - 1))
    queue, told, attempts = list(range(count)), [], 1
    suspects = Suspects().refused(count)
    found = count == 1
    while not found:
        probe = queue[: suspects.probe]
        attempts += 1
        if poison in probe:
            suspects = suspects.refused(len(probe))
            found = len(probe) == 1
        else:
            suspects = suspects.accepted(len(probe))
            told += probe
            del queue[: len(probe)]

    assert queue[0] == poison
    assert told == list(range(poison))
    assert suspects == Suspects(0)
    assert attempts <= 2 + count.bit_length()


def test_a_refusal_that_was_nobodys_fault_ends_when_all_were_taken() -> None:
    """Ten together were refused, yet each half is taken."""
    suspects = Suspects().refused(10).accepted(5).accepted(3).accepted(1).accepted(1)

    assert suspects == Suspects(0)
