"""`python -m bench.polling`: 5,000 events at two vendors for 30 days, and what came of it."""

import argparse
from collections.abc import Iterator

from bench.polling.figures import BANDS_DAYS
from bench.polling.run import OPEN_HANDED, TIGHT, Month, simulate
from conscope_app.core.clock import monotonic_s


def main() -> None:
    """Simulate, and print; ends with an error where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.polling", description=__doc__)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    broken = 0
    for manner in (OPEN_HANDED, TIGHT):
        began_s = monotonic_s()
        month = simulate(
            manner, events=options.events, days=options.days, seed=options.seed, kills=options.days
        )
        print("\n".join(lines(month)))
        print(f"  simulated in {monotonic_s() - began_s:.0f} s\n", flush=True)
        seen = month.vendor.seen
        broken += seen.over_day + seen.over_rate + seen.repeated_invalid + len(month.kept.missed)
    if broken:
        raise SystemExit(f"{broken} promises were broken")


def lines(month: Month) -> Iterator[str]:
    """The figures of one vendor, for people."""
    manner, seen, kept = month.vendor.manner, month.vendor.seen, month.kept
    yield f"{manner.name}: {manner.per_day:,} requests a day allowed, {manner.most_ids} events each"
    yield f"  {seen.requests:,} requests, at most {max(seen.by_day.values()):,} in a day of its own"
    yield f"  refused for the day's limit: {seen.over_day}, for the rate: {seen.over_rate}"
    yield f"  invalid requests: {len(seen.invalid)}, repeated: {seen.repeated_invalid}"
    yield f"  answers: {dict(seen.answers.most_common())}"
    late = kept.late_s or [0.0]
    yield (
        f"  milestones met: {kept.met:,}, missed: {len(kept.missed)}; "
        f"after p50 {late[len(late) // 2]:.0f} s, p95 {late[len(late) * 95 // 100]:.0f} s"
    )
    yield f"  the source was: {', '.join(sorted(month.states))}; {month.kills} kills"
    for band in BANDS_DAYS:
        half, most = (month.looks.age_minutes(band, share) for share in (0.5, 0.95))
        if half is not None and most is not None:
            yield f"  up to {band:>3} days before: known {half:.0f} min old (p50), {most:.0f} (p95)"


if __name__ == "__main__":
    main()
