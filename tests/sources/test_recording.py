"""Recordings: what is kept, what is not, and what is left of one that broke off."""

import gzip
import json
import os
import signal
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.sources.adapter import Answer, Request, Secret
from conscope_app.sources.exchange import QUERY_NAMES, Exchange, Secrets, from_line, to_line
from conscope_app.sources.recorded import Garbled, read_recording, read_recordings
from conscope_app.sources.recording import Recorder
from conscope_app.sources.recordings_folder import Bounds
from conscope_app.sources.registry import adapter_names, open_adapter

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = 'k/y+that "nobody" knows'
REQUEST = Request("/2/events", (("page", "1"), ("id", "a,b")), ("a", "b"), page=3)


def an_answer(body: bytes = b"{}", at: datetime = NOON, **headers: str) -> Answer:
    return Answer(200, headers, body, at)


def record(folder: Path, *answers: Answer, bounds: Bounds | None = None) -> list[Path]:
    """Record these answers of one source and close; the files, by name."""
    recorder = Recorder(folder, keys=[KEY], bounds=bounds or Bounds())
    for answer in answers:
        recorder.record("seatgeek", REQUEST, answer)
    recorder.close()
    return sorted(folder.iterdir())


def bodies(path: Path) -> list[bytes]:
    return [each.answer.body for each in read_recording(path) if isinstance(each, Exchange)]


def test_what_was_recorded_is_read_again(tmp_path: Path) -> None:
    """Request and answer, as they were, bytes that are no text among them."""
    answers = [an_answer(b'{"a":1}', etag='"1"'), an_answer(b"\xff\x00"), an_answer(b"")]
    (path,) = record(tmp_path, *answers)

    assert list(read_recording(path)) == [Exchange("seatgeek", REQUEST, each) for each in answers]
    assert path.name == "seatgeek-20261120T12-0001.jsonl.gz"
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_is_json_lines_in_gzip(tmp_path: Path) -> None:
    """`zcat` shows it."""
    (path,) = record(tmp_path, an_answer(b'{"a":1}'))
    (line,) = gzip.decompress(path.read_bytes()).splitlines()

    assert json.loads(line)["body"] == '{"a":1}'
    assert json.loads(line)["query"] == [["page", "1"], ["id", "a,b"]]


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(KEY, id="as it is"),
        pytest.param("k%2Fy%2Bthat%20%22nobody%22%20knows", id="in an address"),
        pytest.param("k/y%2Bthat%20%22nobody%22%20knows", id="in a path"),
        pytest.param("k%2Fy%2Bthat+%22nobody%22+knows", id="in a form"),
        pytest.param('k/y+that \\"nobody\\" knows', id="in JSON"),
    ],
)
def test_no_key_reaches_the_disk(tmp_path: Path, spelling: str) -> None:
    """However an answer repeats it, and wherever a request holds it."""
    request = Request(f"/x/{spelling}", (("client_id", Secret(KEY)), ("q", spelling)))
    signed = request._replace(headers=(("x-key", Secret(KEY)),))
    answer = an_answer(f'{{"self":"?apikey={spelling}"}}'.encode(), location=KEY, etag=spelling)
    recorder = Recorder(tmp_path, keys=[KEY])
    recorder.record("seatgeek", signed, answer)
    recorder.close()
    (path,) = tmp_path.iterdir()
    text = gzip.decompress(path.read_bytes()).decode()
    (read,) = read_recording(path)
    assert isinstance(read, Exchange)

    assert "nobody" not in text
    assert json.loads(text)["left_out"] == ["client_id"]
    assert read.request.query == (("q", "[secret]"),)
    assert read.answer.headers == {"etag": "[secret]"}
    assert read.answer.body == b'{"self":"?apikey=[secret]"}'


def test_what_is_not_known_by_name_is_left_out(tmp_path: Path) -> None:
    """Parameters of a feed are named to the recorder; cookies are not."""
    request = Request("/", (("vs", "usd"), ("token", "a")))
    recorder = Recorder(tmp_path, keys=[], query_names=["vs"])
    recorder.record("coins", request, an_answer(**{"set-cookie": "s=1", "date": "today"}))
    recorder.close()
    (read,) = read_recording(next(tmp_path.iterdir()))
    assert isinstance(read, Exchange)

    assert read.request.query == (("vs", "usd"),)
    assert read.answer.headers == {"date": "today"}


def test_the_keys_are_in_no_repr() -> None:
    assert KEY not in repr(Secrets([KEY]))


def test_a_file_an_hour_and_a_source(tmp_path: Path) -> None:
    hours = [an_answer(at=NOON + timedelta(minutes=minutes)) for minutes in (0, 59, 60, 119, 120)]
    record(tmp_path, *hours)
    files = record(tmp_path, an_answer())

    assert [path.name[9:-9] for path in files] == [
        "20261120T12-0001",
        "20261120T12-0002",
        "20261120T13-0001",
        "20261120T14-0001",
    ]


def test_files_and_the_folder_stay_within_bounds(tmp_path: Path) -> None:
    """The oldest go; nothing else in the folder does."""
    (tmp_path / "notes.txt").write_text("mine")
    answers = [an_answer(os.urandom(1_000)) for _ in range(40)]
    record(tmp_path, *answers, bounds=Bounds(file_bytes=3_000, folder_bytes=12_000))
    files = sorted(tmp_path.glob("*.gz"))

    assert (tmp_path / "notes.txt").exists()
    assert all(path.stat().st_size < 3_000 + 2_000 for path in files)
    assert sum(path.stat().st_size for path in files) <= 12_000 + 2_000
    assert [body for path in files for body in bodies(path)] == [
        answer.body for answer in answers[-sum(len(bodies(path)) for path in files) :]
    ]


def test_the_bound_is_that_of_all_who_record_in_the_folder(tmp_path: Path) -> None:
    """What each of them begins has its place from its beginning on; of three sources each."""
    bounds = Bounds(file_bytes=3_000, folder_bytes=36_000)
    recorders = [Recorder(tmp_path, keys=[], bounds=bounds) for _ in range(3)]
    for number in range(60):
        recorder = recorders[number % 3]
        for source in ("seatgeek", "ticketmaster", "coins"):
            recorder.record(source, REQUEST, an_answer(os.urandom(600)))
            size = sum(path.stat().st_size for path in tmp_path.iterdir())
            assert size <= 36_000 + 9 * 1_500  # each file ends with the exchange that reaches 3,000
    for recorder in recorders:
        recorder.close()


def test_a_file_that_somebody_writes_to_stays(tmp_path: Path) -> None:
    """Also where it is the oldest; when its writer has ended, however, it goes."""
    bounds = Bounds(file_bytes=3_000, folder_bytes=12_000)
    slow = Recorder(tmp_path, keys=[], bounds=bounds)
    slow.record("seatgeek", REQUEST, an_answer(b"first"))
    (path,) = tmp_path.iterdir()
    fast = Recorder(tmp_path, keys=[], bounds=bounds)
    for _ in range(30):
        fast.record("ticketmaster", REQUEST, an_answer(os.urandom(1_000)))
    slow.record("seatgeek", REQUEST, an_answer(b"last"))
    assert bodies(path) == [b"first", b"last"]

    slow._open["seatgeek"].raw.close()  # as the system does when a process ends
    os.utime(path, (0, 0))
    for _ in range(10):
        fast.record("ticketmaster", REQUEST, an_answer(os.urandom(1_000)))
    fast.close()

    assert not path.exists()


def test_a_disk_that_is_full_ends_the_file_and_not_the_recorder(tmp_path: Path) -> None:
    """What was recorded is kept, and the next exchange begins a new file."""
    recorder = Recorder(tmp_path, keys=[])
    recorder.record("seatgeek", REQUEST, an_answer(b"before"))
    recorder._open["seatgeek"].raw.close()
    recorder._open["seatgeek"].raw = open("/dev/full", "wb")  # noqa: PTH123, SIM115 a device
    with pytest.raises(OSError, match="No space left"):
        recorder.record("seatgeek", REQUEST, an_answer(b"lost"))
    recorder.record("seatgeek", REQUEST, an_answer(b"after"))
    recorder.close()

    assert [bodies(path) for path in sorted(tmp_path.iterdir())] == [[b"before"], [b"after"]]


def test_an_end_without_warning_leaves_every_whole_line(tmp_path: Path) -> None:
    """A process that is killed while it records."""
    code = (
        "import sys; from pathlib import Path; from tests.sources.test_recording import *\n"
        "recorder = Recorder(Path(sys.argv[1]), keys=[])\n"
        "for number in range(1_000_000):\n"
        "    recorder.record('seatgeek', REQUEST, an_answer(b'%d' % number))\n"
        "    print(number, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 50:
            pass
        process.send_signal(signal.SIGKILL)
        said = [int(line) for line in process.stdout.read().splitlines() if line]
    (path,) = tmp_path.iterdir()
    read = bodies(path)

    assert len(read) > max(said, default=50)
    assert read == [b"%d" % number for number in range(len(read))]


@given(cut=st.integers(0, 2_000), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_may_break_off_anywhere(
    tmp_path_factory: pytest.TempPathFactory, cut: int, data: st.DataObject
) -> None:
    """The lines before are whole, and one at most is told of as garbled."""
    folder = tmp_path_factory.mktemp("cut")
    whole = [an_answer(b'{"n":%d}' % number) for number in range(20)]
    (path,) = record(folder, *whole)
    content = path.read_bytes()
    path.write_bytes(content[: cut % len(content)])
    read = list(read_recording(path))
    good = [each.answer for each in read if isinstance(each, Exchange)]

    assert good == whole[: len(good)]
    assert len(read) - len(good) <= 1


@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_garbled_bytes_are_told_of(
    tmp_path_factory: pytest.TempPathFactory, at: int, garbage: bytes
) -> None:
    """In a packed file what follows is lost, and that is said; nothing is raised."""
    (path,) = record(tmp_path_factory.mktemp("garbled"), *[an_answer(b"x" * 9)] * 5)
    content = path.read_bytes()
    at %= len(content)
    path.write_bytes(content[:at] + garbage + content[at + len(garbage) :])

    for each in read_recording(path):
        assert isinstance(each, Exchange) or str(each).isprintable()


def test_garbled_lines_are_passed_over(tmp_path: Path) -> None:
    """Of an unpacked file, which people may have had their hands on."""
    good = to_line(Exchange("s", REQUEST, an_answer()), Secrets([]), ["page", "id"])
    path = tmp_path / "by-hand.jsonl"
    path.write_bytes(good + b"{}\n\nnonsense\n\xff\n" + good + b'{"source":"s","rec')
    read = list(read_recording(path))

    assert [each.number for each in read if isinstance(each, Garbled)] == [2, 4, 5, 7]
    assert [str(each) for each in read if isinstance(each, Garbled)][:2] == [
        "by-hand.jsonl, line 2: Object missing required field `source`",
        "by-hand.jsonl, line 4: JSON is malformed: invalid character (byte 4)",
    ]
    assert sum(isinstance(each, Exchange) for each in read) == 2

    path.write_bytes(good + good.rstrip())
    assert sum(isinstance(each, Exchange) for each in read_recording(path)) == 2


def test_several_members_are_one_file(tmp_path: Path) -> None:
    """`cat` of recordings is a recording."""
    (one,) = record(tmp_path / "a", an_answer(b"1" * 300_000))
    (two,) = record(tmp_path / "b", an_answer(b"2"))
    both = tmp_path / "both.gz"
    both.write_bytes(one.read_bytes() + two.read_bytes())

    assert bodies(both) == [b"1" * 300_000, b"2"]


def test_a_line_that_unpacks_without_end_is_passed_over(tmp_path: Path) -> None:
    """Its memory is bounded."""
    good = to_line(Exchange("s", REQUEST, an_answer()), Secrets([]), ["page", "id"])
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    path = tmp_path / "bomb.gz"
    with path.open("wb") as file:
        for _ in range(101):
            file.write(packer.compress(b" " * (1024 * 1024)))
        file.write(packer.compress(b"\n" + good) + packer.flush())
    first, second = read_recording(path)

    assert isinstance(first, Garbled)
    assert first.why == "the line is too long"
    assert isinstance(second, Exchange)


def test_many_files_come_in_the_order_of_their_time(tmp_path: Path) -> None:
    """Each in its own order, whatever the clock did meanwhile."""

    def at(*minutes: int) -> list[Answer]:
        return [an_answer(b"%d" % each, NOON + timedelta(minutes=each)) for each in minutes]

    files = [
        *record(tmp_path / "a", *at(0, 20, 40)),
        *record(tmp_path / "b", *at(10, 5, 30)),
        *record(tmp_path / "c", *at(50)),
    ]
    empty = tmp_path / "empty.gz"
    empty.write_bytes(b"")
    read = [
        each.answer.body
        for each in read_recordings([*reversed(files), empty])
        if isinstance(each, Exchange)
    ]

    assert read == [b"0", b"10", b"5", b"20", b"30", b"40", b"50"]


@pytest.mark.parametrize("name", list(adapter_names()))
def test_vendors_ask_for_nothing_that_is_left_out(name: str) -> None:
    """But the key, without which everything can be read again."""
    adapter = open_adapter(name)
    requests = [adapter.catalogue(NOON, NOON + timedelta(days=1)), adapter.events(["abc"])]
    named = {name for request in requests for name, _ in request.query}

    assert named <= QUERY_NAMES
    for request in requests:
        added = set(adapter.signed(request, "k").query) - set(request.query)
        assert added
        assert not {name for name, _ in added} & QUERY_NAMES


@given(st.text(), st.binary(), st.dictionaries(st.text(max_size=5), st.text()))
@settings(max_examples=100)
def test_any_answer_comes_back(path: str, body: bytes, query: dict[str, str]) -> None:
    """Whatever stands in it, that is no half of a character."""
    request = Request(path, tuple(query.items()))
    exchange = Exchange("s", request, an_answer(body))

    assert from_line(to_line(exchange, Secrets([]), query)) == exchange
