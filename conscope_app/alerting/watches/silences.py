"""Silences: what nobody is to be told of until a moment, whoever watches it."""

from datetime import datetime
from functools import lru_cache

import msgspec

from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.scope import Labels, Patterns, Spellings, frozen_patterns
from conscope_app.alerting.watches.watch import Labels as LabelPatterns
from conscope_app.alerting.watches.watch import Text


class Silence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until `ends_at`, nothing that fits is told; what is still true then is told then.

    What is left out fits everything. `labels` are patterns, as a watch's are: by the same spellings
    they mean the same.
    """

    id: Text
    ends_at: datetime
    begins_at: datetime | None = None
    subjects: tuple[Text, ...] = ()
    watches: tuple[Text, ...] = ()
    labels: LabelPatterns = {}

    def fits(self, entry: Entry, spellings: Spellings = ()) -> bool:
        """Whether an entry is silenced, at some time."""
        if self.subjects and entry.subject not in self.subjects:
            return False
        if self.watches and entry.watch_id not in self.watches:
            return False
        return not self.labels or _asked(frozen_patterns(self.labels), spellings).fit(entry.labels)

    def ends_after(self, moment: datetime) -> datetime | None:
        """When it ends, if it holds at this moment."""
        begun = self.begins_at is None or self.begins_at <= moment
        return self.ends_at if begun and moment < self.ends_at else None


@lru_cache(maxsize=1_024)
def _asked(patterns: Patterns, spellings: Spellings) -> Labels:
    return Labels(patterns, spellings)
