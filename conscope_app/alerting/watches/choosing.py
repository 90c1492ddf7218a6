"""Which message a channel is to be told now: one of those that are due, by what it can do.

A channel whose messages cannot be edited is told what is new, and what is over, in messages of
their own; that a price has fallen further is not worth another one, and is taken as said.
"""

from collections.abc import Callable, Iterable, Mapping

from conscope_app.alerting.watches.channel_queue import ChannelQueue
from conscope_app.alerting.watches.deliveries import Delivery, rank
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.telling import Choice, Told, Waiting

_UNKNOWN = Told(None)

# More than any channel takes within the half minute for which a plan may hold.
_MOST_AHEAD = 200


def choose(waiting: Waiting, *, can_edit: bool) -> Choice:
    """The most urgent message that is due, and of equally urgent ones that which waits longest.

    What need not be said to this channel is noted in the queue as said.
    """
    entries = {entry.episode: entry for entry in waiting.queue.entries}
    planned = plan(waiting)
    due = [delivery for delivery in planned if delivery.not_before <= waiting.now]
    later = (delivery.not_before for delivery in planned if delivery.not_before > waiting.now)
    next_at = min(later, default=None)
    in_turn = sorted(due, key=_urgency(entries))
    for place, delivery in enumerate(in_turn, 1):
        ahead = tuple(each.episodes for each in in_turn[place : place + _MOST_AHEAD])
        told = waiting.messages.get(delivery.message, _UNKNOWN)
        if delivery.is_new or (told.is_gone and can_edit):
            return Choice(delivery, None, next_at, ahead)
        if can_edit and told.reference is not None:
            return Choice(delivery, told.reference, next_at, ahead)
        if delivery.kind == "over":
            return Choice(delivery, None, next_at, ahead)
        waiting.queue.sent(delivery, waiting.watch_of, waiting.now)
    return Choice(None, None, next_at)


def plan(waiting: Waiting) -> list[Delivery]:
    """What is to be sent as things stand; a new message of a suspect has nothing else in it.

    So one that the channel will never take does not keep others from being told.
    """
    queue = waiting.queue
    how = (waiting.watch_of, waiting.silences, waiting.now, waiting.spellings)
    alone = [entry for entry in queue.entries if _is_suspect(entry, waiting)]
    if not alone:
        return queue.plan(*how)
    others = (entry for entry in queue.entries if not _is_suspect(entry, waiting))
    parts = [_with(queue, others), *(_with(queue, [entry]) for entry in alone)]
    return [delivery for part in parts for delivery in part.plan(*how)]


def _is_suspect(entry: Entry, waiting: Waiting) -> bool:
    return entry.said is None and entry.episode in waiting.suspects


def _with(queue: ChannelQueue, entries: Iterable[Entry]) -> ChannelQueue:
    return ChannelQueue.restored(queue.channel, entries, queue.spoken, {})


def _urgency(entries: Mapping[str, Entry]) -> Callable[[Delivery], tuple[object, ...]]:
    def urgency(delivery: Delivery) -> tuple[object, ...]:
        waiting_since = min(
            entries[episode].changed_at
            for episode in delivery.episodes
            if entries[episode].is_waiting
        )
        return -rank(delivery.severity), waiting_since, delivery.message

    return urgency
