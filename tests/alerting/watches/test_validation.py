"""Definitions as people write them: every field once, and every mistake with its sentence."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from conscope_app.alerting.watches.validation import Invalid, read_watch
from conscope_app.alerting.watches.watch import Watch, schema

EVERYTHING = """
id: floor-for-two
name: Two on the floor
version: 3
what:
  subjects: [evt-1, evt-2]
  only: {section: ["Floor*", "Lower 10?"], source: [seatgeek]}
  never: {row: [A, B]}
  together: 2
  each: subject
  days_to_go: {at_least: 0.5, at_most: 30}
when:
  target: {at_most: 99.50}
  drop: {percent: 10, amount: 5, than: median, days: 30}
  low: {days: 7, or_equal: true, nth: 1}
  happens: [on_sale, cancelled]
  basis: all_in
  currency: EUR
  on_create: true
sure: {observations: 2, hold_s: 30, over_s: 60.5, confirm_jumps: false}
often:
  rearm: {after_minutes: 60, further_drop_percent: 5}
  at_most_a_day: 5
  zone: Europe/Berlin
  quiet: {begin: "22:00", until: "07:00"}
  over_meanwhile: tell
  digest: {daily_at: "08:00"}
  group: {wait_s: 30, alone_s: 2}
to:
  channels: [discord, mail]
  severity: critical
  expires_at: 2027-01-01T00:00:00Z
  snoozed_until: 2026-12-01T00:00:00+01:00
"""

SMALLEST: dict[str, Any] = {"id": "w", "what": {}, "when": {"target": {"at_most": 100}}}


def plain(text: str) -> Any:
    """YAML as the plain values of JSON; it reads moments on its own."""
    return json.loads(json.dumps(yaml.safe_load(text), default=lambda moment: moment.isoformat()))


def problems(**parts: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read_watch({**SMALLEST, **parts})
    return [str(problem) for problem in refused.value.problems]


def test_every_field_is_read() -> None:
    watch = read_watch(plain(EVERYTHING))

    again = msgspec.json.decode(msgspec.json.encode(watch), type=Watch)
    assert again == watch
    for part in ("what", "when", "sure", "often", "to"):
        default = getattr(read_watch(SMALLEST), part)
        for field in msgspec.structs.fields(default):
            if field.name not in ("each", "nth", "basis", "group"):
                assert getattr(getattr(watch, part), field.name) != getattr(default, field.name)


def test_what_and_when_are_enough() -> None:
    assert read_watch(SMALLEST).to.channels == ("default",)


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"what": None}, "what: must be a set of fields, not None"),
        ({"what": {"subjects": "evt-1"}}, "what.subjects: expected array, got str"),
        ({"what": {"subjects": ["a", 1]}}, "what.subjects[1]: expected str, got int"),
        ({"what": {"only": {"row": []}}}, "what.only[...]: expected array of length >= 1"),
        ({"what": {"together": 0}}, "what.together: expected int >= 1"),
        (
            {"what": {"together": 2, "each": "item"}},
            "what.together: neighbours are several items: leave out each: item",
        ),
        (
            {"what": {"days_to_go": {"at_least": 3, "at_most": 2}}},
            "what.days_to_go.at_least: must not be over at_most, 2",
        ),
        ({"when": {}}, "when: must have a target, a drop, a low, or what happens"),
        ({"when": {"target": {}}}, "when.target.at_most: is missing"),
        ({"when": {"target": {"at_most": 0}}}, "when.target.at_most: must be over 0"),
        ({"when": {"target": {"at_most": "NaN"}}}, "when.target.at_most: must be over 0"),
        (
            {"when": {"target": {"at_most": "1e16"}}},
            "when.target.at_most: must not be over 1000000000000000",
        ),
        ({"when": {"drop": {}}}, "when.drop: by how many percent, or by which amount?"),
        ({"when": {"drop": {"percent": 0}}}, "when.drop.percent: must be over 0"),
        ({"when": {"drop": {"percent": 100}}}, "when.drop.percent: must be under 100"),
        ({"when": {"drop": {"percent": "x"}}}, "when.drop.percent: invalid decimal string"),
        ({"when": {"drop": {"amount": -1}}}, "when.drop.amount: must be over 0"),
        ({"when": {"low": {"days": 91}}}, "when.low.days: expected int <= 90"),
        (
            {"when": {"low": {"days": 3, "nth": 2}}},
            "when.low.nth: the n-th low is one of all times: leave out days",
        ),
        (
            {"when": {"low": {}, "currency": "usd"}},
            "when.currency: must be a currency's code, USD, not 'usd'",
        ),
        (
            {"often": {"quiet": {"begin": 1320, "until": "07:00"}}},
            'often.quiet.begin: must be a time of day in quotes, "07:30", not 1320',
        ),
        (
            {"often": {"quiet": {"begin": "25:00", "until": "07:00"}}},
            """often.quiet.begin: must be a time of day in quotes, "07:30", not '25:00'""",
        ),
        (
            {"often": {"quiet": {"begin": "07:00", "until": "07:00"}}},
            "often.quiet.until: must differ from begin, or it would always be quiet",
        ),
        ({"often": {"zone": "Mars/Olympus"}}, "often.zone: there is no time zone 'Mars/Olympus'"),
        ({"often": {"zone": "../etc"}}, "often.zone: there is no time zone '../etc'"),
        ({"often": {"digest": {}}}, "often.digest: must have either every_minutes or daily_at"),
        (
            {"often": {"rearm": {"once": True, "after_minutes": 3}}},
            "often.rearm.once: once is once: leave out after_minutes and further_drop_percent",
        ),
        (
            {"often": {"group": {"wait_s": 1, "alone_s": 2}}},
            "often.group.alone_s: must not be over wait_s, 1",
        ),
        ({"to": {"channels": []}}, "to.channels: must name at least one channel"),
        (
            {"to": {"expires_at": "2027-01-01T00:00:00"}},
            "to.expires_at: must say its offset from UTC: 2027-01-31T12:00:00Z",
        ),
        ({"sure": {"hold_z": 3}}, "sure.hold_z: there is no such field; did you mean hold_s?"),
        ({"too": {}}, "too: there is no such field; did you mean to?"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(parts: dict[str, Any], problem: str) -> None:
    assert problems(**parts) == [problem]


def test_all_mistakes_are_told_at_once() -> None:
    found = problems(
        id=7,
        what={"together": "two", "colour": "red"},
        when={"drop": {"percent": 0, "days": 0}},
        often={"zone": "Nowhere"},
    )

    assert found == [
        "id: expected str, got int",
        (
            "what.colour: there is no such field; "
            "there are subjects, only, never, together, each, days_to_go"
        ),
        "what.together: expected int, got str",
        "when.drop.days: expected int >= 1",
        "when.drop.percent: must be over 0",
        "often.zone: there is no time zone 'Nowhere'",
    ]


@pytest.mark.parametrize("definition", [None, 7, [], "id: w", {}, {"id": "w"}])
def test_what_is_no_definition_is_refused(definition: object) -> None:
    with pytest.raises(Invalid):
        read_watch(definition)


def test_the_schema_takes_what_is_read() -> None:
    validator = jsonschema.Draft202012Validator(schema())

    validator.validate(SMALLEST)
    validator.validate(plain(EVERYTHING))
    for wrong in ({"when": {}, "what": {}}, {**SMALLEST, "colour": 1}):
        assert not validator.is_valid(wrong)
    assert not validator.is_valid({**SMALLEST, "when": {"drop": {"percent": 0}}})
