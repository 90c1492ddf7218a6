"""Why a record is not taken: a closed set of reasons that the dead letters are counted by."""

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a record, in one word a dashboard can group by."""

    NO_VALUE = "no_value"
    NOT_JSON = "not_json"
    NOT_TEXT = "not_text"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    BAD_PRICE = "bad_price"
    BAD_AMOUNT = "bad_amount"
    BAD_CURRENCY = "bad_currency"
    BAD_TIMESTAMP = "bad_timestamp"
    TIMESTAMP_IN_FUTURE = "timestamp_in_future"
    WRONG_PARTITION = "wrong_partition"
    REFUSED_BY_DATABASE = "refused_by_database"
    UNEXPECTED = "unexpected"


class Refused(Exception):
    """A record that cannot be taken, with its reason and a sentence that a person can act on."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
