"""One signal's turn: what is judged in it, what is told, and why the rest is not."""

from datetime import datetime
from decimal import Decimal

import msgspec

from conscope_app.alerting.watches import episodes
from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.conditions import Threshold, Unknown, threshold
from conscope_app.alerting.watches.decisions import Decision, Trace, reason_of_end, sentence
from conscope_app.alerting.watches.happening import Happening, Occurrence
from conscope_app.alerting.watches.lives import Event, Finding, Life, Phase, Step, Whose
from conscope_app.alerting.watches.past import Past
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.scope import wrong_day
from conscope_app.alerting.watches.verdicts import Cause, Verdict

_NEW = Life()


class Turn:
    """What a signal leads to, at one place and one moment; there are traces if it is traced."""

    def __init__(self, book: Book, place: int, now: datetime, *, is_traced: bool) -> None:
        self.book = book
        self.place = place
        self.now = now
        self.is_traced = is_traced
        self.decisions: list[Decision] = []
        self.traces: list[Trace] = []

    def judge(
        self,
        ready: ReadyWatch,
        item: str,
        price: Decimal | None,
        items: tuple[str, ...],
        past: Past | None,
        *,
        doubtful: bool = False,
        cause: Cause | None = None,
    ) -> None:
        """What an observation means for an alert: of one item, or of the subject as a whole.

        `past` is what was known before. Without a price nothing is to be had, and the `cause` says
        why.
        """
        life = self.book.lives.get(ready.id, _NONE).get(item)
        if price is None and life is None:
            self.trace(ready.id, item, Verdict.NOT_TRUE, detail=(cause or Cause.GONE).value)
            return
        if life is None:
            if not self.is_traced and price is not None and ready.cannot_begin_at(price, past):
                return  # a trace would say why not
            life = _NEW
        if price is not None and ready.wants_first and life.first is None:
            life = msgspec.structs.replace(life, first=price)
            self.keep(ready, item, life)
        wanted = life.threshold
        if life.phase is Phase.QUIET and price is not None:
            found = threshold(ready.watch.when, past, life.last_told, self.now)
            if isinstance(found, Unknown):
                self.trace(ready.id, item, Verdict.UNKNOWN, price, detail=found.reason)
                return
            wanted = found
        detail = ""
        if cause is None:
            cause, detail = self._contrary(ready, price, wanted)
        if cause is not None and life.phase is Phase.QUIET:
            verdict = Verdict.OUT_OF_DAYS if cause is Cause.OUT_OF_DAYS else Verdict.NOT_TRUE
            self.trace(ready.id, item, verdict, price, wanted, detail)
            return
        finding = Finding(price, items, self.place, wanted, cause, doubtful)
        whose = Whose(self.book.subject, ready.id, item)
        step = episodes.observe(life, finding, ready.terms, whose, self.now)
        self.apply(ready, item, step, wanted, price)

    def greet(
        self,
        ready: ReadyWatch,
        item: str,
        price: Decimal,
        items: tuple[str, ...],
        past: Past | None,
    ) -> None:
        """What is so already when a watch is made: told only where that was asked for."""
        if ready.watch.when.on_create:
            self.judge(ready, item, price, items, past)
            return
        life = Life(first=price) if ready.wants_first else _NEW
        found = threshold(ready.watch.when, past, life.last_told, self.now)
        if isinstance(found, Threshold) and self._contrary(ready, price, found)[0] is None:
            life = episodes.mute(life, Finding(price, items, self.place, found))
            self.trace(ready.id, item, Verdict.ALREADY_TRUE, price, found)
        if life is not _NEW:
            self.keep(ready, item, life)

    def apply(
        self,
        ready: ReadyWatch,
        item: str,
        step: Step,
        wanted: Threshold | None,
        price: Decimal | None,
    ) -> None:
        """Keep the life after a step, and tell what it says."""
        occurrence = step.life.occurrence
        for event in step.events:
            self.tell(ready.id, event, wanted, occurrence)
        self.keep(ready, item, step.life)
        if occurrence is None:
            self.trace(ready.id, item, step.verdict, price, wanted)
        else:
            cause = step.events[0].cause if step.events else None
            why = "" if cause is None else cause.value
            self.trace_happening(ready.id, step.verdict, occurrence.happening, price, why)

    def end(self, watch_id: str, cause: Cause) -> None:
        """End all that a watch has raised."""
        for item in sorted(self.book.lives.get(watch_id, _NONE)):
            life = self.book.lives[watch_id][item]
            step = episodes.end(life, cause)
            known = life.occurrence
            for event in step.events:
                self.tell(watch_id, event, life.threshold, known)
                shown = item if known is None else known.happening.item
                self.trace(watch_id, shown, Verdict.OVER, detail=cause.value)
            self.book.set_life(watch_id, item, None)

    def tell(
        self,
        watch_id: str,
        event: Event,
        wanted: Threshold | None,
        occurrence: Occurrence | None = None,
    ) -> None:
        """Make an event a decision."""
        enrolled = self.book.enrolled[watch_id]
        offered = self.book.items.get(event.items[0]) if event.items else None
        labels = {} if offered is None else offered.labels
        if occurrence is not None:
            labels = occurrence.labels
        if event.cause is not None:
            reason = reason_of_end(event.cause, event.price, wanted)
        elif occurrence is not None:
            reason = sentence(event.verdict, None, None, occurrence.happening.sentence)
        else:
            reason = sentence(event.verdict, event.price, wanted)
        self.decisions.append(
            Decision(
                verdict=event.verdict,
                episode=event.episode,
                watch_id=watch_id,
                watch_version=enrolled.version,
                subject=self.book.subject,
                items=event.items,
                labels=labels,
                price=event.price,
                was=event.was,
                currency=enrolled.currency,
                basis=enrolled.basis,
                at=self.now,
                place=self.place,
                reason=reason,
                happening=None if occurrence is None else occurrence.happening,
                is_past=event.cause is Cause.PAST,
            )
        )

    def trace(
        self,
        watch_id: str,
        item: str,
        verdict: Verdict,
        price: Decimal | None = None,
        wanted: Threshold | None = None,
        detail: str = "",
    ) -> None:
        """Note what a watch made of the signal, where anybody asks."""
        if not self.is_traced:
            return
        subject = self.book.subject
        self.traces.append(
            Trace(watch_id, subject, item, self.place, self.now, verdict, price, wanted, detail)
        )

    def trace_happening(
        self,
        watch_id: str,
        verdict: Verdict,
        happening: Happening,
        price: Decimal | None = None,
        detail: str = "",
    ) -> None:
        """Note what a watch made of what happened, where anybody asks."""
        if self.is_traced:
            words = ": ".join(filter(None, (happening.sentence, detail)))
            self.trace(watch_id, happening.item, verdict, price, detail=words)

    def _contrary(
        self, ready: ReadyWatch, price: Decimal | None, wanted: Threshold | None
    ) -> tuple[Cause | None, str]:
        """Why a watch is not true, if it is not."""
        if price is None:
            return Cause.GONE, ""
        if ready.days is not None:
            detail = wrong_day(ready.days, self.book.head.takes_place_at, self.now)
            if detail:
                return Cause.OUT_OF_DAYS, detail
        if wanted is None or not wanted.is_met_by(price):
            return Cause.ROSE, ""
        return None, ""

    def keep(self, ready: ReadyWatch, item: str, life: Life) -> None:
        """Keep a life, as long as it says anything."""
        due_at = episodes.due_at(life, ready.terms)
        if due_at != life.due_at:
            life = msgspec.structs.replace(life, due_at=due_at)
        needless = episodes.is_needless(life, ready.terms, self.now)
        self.book.set_life(ready.id, item, None if needless else life)


_NONE: dict[str, Life] = {}
