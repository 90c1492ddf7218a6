from conscope_app.stream.watchdog import AwakeTime, Pulse


def test_what_moves_is_left_alone() -> None:
    """A value that changes is progress, however long it goes on."""
    pulse = Pulse(10)

    assert [pulse.stuck([("p0", step)], step * 9.0) for step in range(5)] == [[]] * 5


def test_what_does_not_move_is_named_after_its_time() -> None:
    """Only then, and only that."""
    pulse = Pulse(10)
    pulse.stuck([("p0", 1), ("p1", 1)], 0)

    assert pulse.stuck([("p0", 1), ("p1", 2)], 10) == []
    assert pulse.stuck([("p0", 1), ("p1", 2)], 11) == ["p0"]


def test_what_had_nothing_to_do_begins_anew() -> None:
    """A partition that was idle in between has its whole time again."""
    pulse = Pulse(10)
    pulse.stuck([("p0", 1)], 0)
    pulse.stuck([], 8)

    assert pulse.stuck([("p0", 1)], 15) == []
    assert pulse.stuck([("p0", 1)], 26) == ["p0"]


def test_what_could_not_move_because_the_process_stood_still_is_left_alone() -> None:
    """An hour under a closed lid is a moment to the watchdog; an hour of waiting is an hour."""
    pulse, awake = Pulse(60), AwakeTime(0)
    pulse.stuck([("p0", 1)], awake.at(1))

    assert pulse.stuck([("p0", 1)], awake.at(3600)) == []
    assert [pulse.stuck([("p0", 1)], awake.at(3600.0 + more)) for more in range(60)][-1] == ["p0"]
