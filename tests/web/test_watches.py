"""`/api/v1/watches` and `/api/v1/silences`, on a real Postgres."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.store.ledgers import Tables
from tests.web.api import ask
from tests.web.site import Site

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

CHEAP: dict[str, Any] = {"what": {"subjects": ["x"]}, "when": {"target": {"at_most": 99.5}}}


@pytest.fixture
def kept(site: Site, database_url: str) -> Iterator[Site]:
    """The pages over a database without watches."""
    with Tables(database_url) as tables:
        tables.run("DELETE FROM watches")
        tables.run("DELETE FROM watch_silences")
        site.use_database(database_url)
        yield site
        tables.run("DELETE FROM watches")
        tables.run("DELETE FROM watch_silences")


async def test_a_watch_is_made_read_and_listed(kept: Site) -> None:
    """Under the id of its address, in version 1, which is its ETag."""
    made = await ask(kept, "PUT", "watches/cheap", CHEAP)
    read = await ask(kept, "GET", "watches/cheap")
    listed = await ask(kept, "GET", "watches")

    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    assert made.body["watch"]["id"] == "cheap"
    assert made.body["watch"]["when"]["target"]["at_most"] == 99.5
    assert made.body["is_published"] is False
    assert (read.status, read.headers["ETag"], read.body) == (200, '"1"', made.body)
    assert listed.body == {"watches": [made.body], "next": None}


async def test_what_was_read_can_be_changed_and_put_back(kept: Site) -> None:
    """The version that it holds is not counted; the same again is no change."""
    made = await ask(kept, "PUT", "watches/cheap", CHEAP)
    same = await ask(kept, "PUT", "watches/cheap", made.body["watch"])
    changed = await ask(kept, "PUT", "watches/cheap", {**made.body["watch"], "name": "Cheap"})

    assert (same.status, same.headers["ETag"]) == (200, '"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert changed.body["watch"]["name"] == "Cheap"


async def test_a_version_that_was_changed_meanwhile_is_left_alone(kept: Site) -> None:
    """412, for changing and for deleting; and nothing was done."""
    await ask(kept, "PUT", "watches/cheap", CHEAP)
    await ask(kept, "PUT", "watches/cheap", {**CHEAP, "name": "a"}, If_Match='"1"')

    for method, body in (("PUT", {**CHEAP, "name": "b"}), ("DELETE", None)):
        late = await ask(kept, method, "watches/cheap", body, If_Match='"1"')
        assert late.status == 412
        assert late.body["detail"] == (
            "cheap is not in the version that was asked for: it is in version 2."
        )
    again = await ask(kept, "PUT", "watches/cheap", CHEAP, If_None_Match="*")
    garbled = await ask(kept, "PUT", "watches/cheap", CHEAP, If_Match='"one", "two"')

    assert (again.status, garbled.status) == (412, 400)
    assert (await ask(kept, "GET", "watches/cheap")).body["watch"]["name"] == "a"


async def test_a_watch_is_deleted(kept: Site) -> None:
    """Once; and made anew it goes on counting."""
    await ask(kept, "PUT", "watches/cheap", CHEAP)

    assert (await ask(kept, "DELETE", "watches/cheap", If_Match='"1"')).status == 204
    gone = await ask(kept, "DELETE", "watches/cheap")
    assert (gone.status, gone.body["detail"]) == (404, "There is no watch 'cheap'.")
    assert (await ask(kept, "GET", "watches/cheap")).status == 404
    again = await ask(kept, "PUT", "watches/cheap", CHEAP, If_None_Match="*")
    assert (again.status, again.headers["ETag"]) == (201, '"3"')


async def test_every_field_that_is_wrong_is_named(kept: Site) -> None:
    """All at once, in sentences."""
    wrong = {
        "what": {"subject": ["x"], "only": {"section": ["a\x00"]}},
        "when": {"drop": {"percent": 0}},
        "often": {"zone": "Mars"},
    }

    answer = await ask(kept, "PUT", "watches/cheap", wrong)

    assert answer.status == 422
    assert answer.problems.keys() == {
        "what.subject",
        "what.only.section[0]",
        "when.drop.percent",
        "often.zone",
    }
    assert "did you mean subjects" in answer.problems["what.subject"]
    assert (await ask(kept, "GET", "watches")).body["watches"] == []


@pytest.mark.parametrize(
    ("watch_id", "body", "status", "field"),
    [
        pytest.param("cheap", {**CHEAP, "id": "dear"}, 422, "id", id="another id"),
        pytest.param("a%20b", CHEAP, 422, "id", id="a blank in it"),
        pytest.param("dry-run", CHEAP, 422, "id", id="an address of ours"),
        pytest.param("new", CHEAP, 422, "id", id="the address of a page"),
        pytest.param("cheap", b"{", 400, None, id="no JSON"),
        pytest.param("cheap", b"[]", 400, None, id="no object"),
        pytest.param("cheap", b"", 400, None, id="nothing"),
        pytest.param("cheap", b"[" * 100_000, 400, None, id="no end"),
        pytest.param("cheap", b'{"name": "\xff"}', 400, None, id="no text"),
    ],
)
async def test_what_cannot_be_taken_is_refused(
    kept: Site, watch_id: str, body: object, status: int, field: str | None
) -> None:
    """With the status of whose fault it is, and the field if there is one."""
    answer = await ask(kept, "PUT", f"watches/{watch_id}", body)

    assert answer.status == status
    assert [*answer.problems] == ([] if field is None else [field])


async def test_watches_come_in_pages_and_by_subject(kept: Site) -> None:
    """`next` goes on where a page ended."""
    for watch_id, subjects in (("a", ["x"]), ("b", []), ("c", ["y"])):
        await ask(kept, "PUT", f"watches/{watch_id}", {**CHEAP, "what": {"subjects": subjects}})

    first = (await ask(kept, "GET", "watches?limit=2")).body
    second = (await ask(kept, "GET", f"watches?limit=2&after={first['next']}")).body
    about_x = (await ask(kept, "GET", "watches?subject=x")).body
    too_many = await ask(kept, "GET", "watches?limit=1001")

    assert [each["watch"]["id"] for each in first["watches"]] == ["a", "b"]
    assert [each["watch"]["id"] for each in second["watches"]] == ["c"]
    assert second["next"] is None
    assert [each["watch"]["id"] for each in about_x["watches"]] == ["a", "b"]
    assert (too_many.status, [*too_many.problems]) == (400, ["limit"])


async def test_a_database_that_is_away_is_said(site: Site) -> None:
    """503, and when to try again; without the password."""
    answers = [
        await ask(site, "GET", "watches"),
        await ask(site, "PUT", "watches/cheap", CHEAP),
        await ask(site, "GET", "silences"),
    ]

    assert [each.status for each in answers] == [503, 503, 503]
    assert all(each.headers["Retry-After"] == "5" for each in answers)
    assert "127.0.0.1:1/none does not answer" in answers[0].body["detail"]


async def test_a_channel_that_there_is_not_is_refused(kept: Site) -> None:
    """By its field, when a watch is put and when it is tried; it would wait there silently."""
    given = {**CHEAP, "to": {"channels": ["phon"]}}
    put = await ask(kept, "PUT", "watches/cheap", given)
    tried = await ask(kept, "POST", "watches/dry-run", {"watch": given})
    sentence = "there is no channel `phon`; there are: default"

    assert (put.status, put.problems) == (422, {"to.channels": sentence})
    assert (tried.status, tried.problems) == (422, {"watch.to.channels": sentence})
    assert (await ask(kept, "GET", "watches/cheap")).status == 404


async def test_a_definition_that_is_too_large_is_refused(kept: Site) -> None:
    """By the field that takes most of it; what is no definition at all is not even read."""
    subjects = ["ä" * 190 + f"{number}" for number in range(1_000)]
    large = await ask(kept, "PUT", "watches/cheap", {**CHEAP, "what": {"subjects": subjects}})
    huge = await ask(kept, "PUT", "watches/cheap", b" " * (1_024 * 1_024 + 1))

    assert (large.status, [*large.problems]) == (422, ["what.subjects"])
    assert (huge.status, huge.body["detail"]) == (413, "The body takes over 1 MiB.")


async def test_a_watch_is_snoozed_until_somebody_ends_it(kept: Site) -> None:
    """Under a new version each time, and as the same watch."""
    await ask(kept, "PUT", "watches/cheap", CHEAP)
    snoozed = await ask(
        kept, "POST", "watches/cheap/snooze", {"until": "2027-01-01T00:00:00Z"}, If_Match='"1"'
    )
    late = await ask(kept, "POST", "watches/cheap/snooze", {"until": None}, If_Match='"1"')
    ended = await ask(kept, "POST", "watches/cheap/snooze", {"until": None})

    assert (snoozed.status, snoozed.headers["ETag"]) == (200, '"2"')
    assert snoozed.body["watch"]["to"]["snoozed_until"] == "2027-01-01T00:00:00Z"
    assert late.status == 412
    assert (ended.status, ended.body["watch"]["version"]) == (200, 3)
    assert ended.body["watch"]["to"]["snoozed_until"] is None
    assert (await ask(kept, "POST", "watches/dear/snooze", {"until": None})).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "until", id="nothing"),
        pytest.param({"until": "tomorrow"}, "until", id="no moment"),
        pytest.param({"until": "2027-01-01T00:00:00"}, "until", id="no offset"),
        pytest.param({"until": "9999-12-31T23:59:59Z"}, "until", id="the end of time"),
        pytest.param({"until": None, "hours": 2}, "hours", id="no such field"),
    ],
)
async def test_what_no_watch_is_snoozed_until_is_refused(
    kept: Site, body: dict[str, Any], field: str
) -> None:
    """422, by field; the watch stays as it was."""
    await ask(kept, "PUT", "watches/cheap", CHEAP)
    answer = await ask(kept, "POST", "watches/cheap/snooze", body)

    assert (answer.status, [*answer.problems]) == (422, [field])
    assert (await ask(kept, "GET", "watches/cheap")).headers["ETag"] == '"1"'


async def test_a_name_that_nothing_can_have_is_no_fault_of_ours(kept: Site) -> None:
    """Postgres takes no NUL."""
    answers = [
        await ask(kept, "GET", "watches/a%00"),
        await ask(kept, "DELETE", "silences/%00"),
        await ask(kept, "GET", "watches?subject=%00"),
    ]

    assert [each.status for each in answers] == [400] * 3


SILENCE: dict[str, Any] = {"ends_at": "2027-01-01T00:00:00Z", "labels": {"section": ["Floor*"]}}


async def test_a_silence_is_made_listed_and_ended(kept: Site) -> None:
    """Under the id of its address."""
    made = await ask(kept, "PUT", "silences/party", SILENCE)
    changed = await ask(kept, "PUT", "silences/party", {**SILENCE, "watches": ["w"]})
    listed = await ask(kept, "GET", "silences")
    read = await ask(kept, "GET", "silences/party")

    assert (made.status, changed.status) == (201, 200)
    assert listed.body == {"silences": [changed.body]}
    assert read.body == changed.body
    assert (await ask(kept, "DELETE", "silences/party")).status == 204
    assert (await ask(kept, "DELETE", "silences/party")).status == 404
    assert (await ask(kept, "GET", "silences/party")).status == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"ends_at": None}, "ends_at", id="no end"),
        pytest.param({"ends_at": "2027-01-01T00:00:00"}, "ends_at", id="no offset"),
        pytest.param({"begins_at": "2028-01-01T00:00:00Z"}, "ends_at", id="over before it begins"),
        pytest.param({"until": 1}, "until", id="no such field"),
        pytest.param({"labels": {"section": "Floor"}}, "labels[...]", id="no list"),
    ],
)
async def test_a_silence_that_makes_no_sense_is_refused(
    kept: Site, given: dict[str, Any], field: str
) -> None:
    """422, by field."""
    answer = await ask(kept, "PUT", "silences/party", {**SILENCE, **given})

    assert (answer.status, [*answer.problems]) == (422, [field])
