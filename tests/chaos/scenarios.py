"""The table: every fault, how often it strikes, and what must hold."""

from tests.chaos import changelog
from tests.chaos.faults import (
    brokers,
    clocks,
    compaction,
    discord,
    formats,
    inside,
    kills,
    members,
    outages,
    poison,
    postgres,
    retention,
    senders,
    snapshots,
    soak,
    watches,
    zombies,
)
from tests.chaos.inside import points
from tests.chaos.scenario import Demand, Scenario

_BY_THEMSELVES = "as SIGKILL; workers recover or restart by themselves"
_WITH_TWO = "as SIGKILL; prices are compared while one of the brokers is away"
_SINKS_WAIT = "as SIGKILL; prices are compared meanwhile, the rows arrive later"
_TOLD_LATER = "as SIGKILL; everything is told, in order within an event"
_AS_KILLED = (
    "0 missing, 0 wrong, 0 doubled rows; a message told twice only where a kill fell between "
    "Discord's answer and the note of it"
)
_WATCHED = (
    "as SIGKILL; every price of a watched event reaches its watches once, all decisions are those "
    "that the log gives, each episode is told once and its message says how it stands"
)
_TOO_LATE = (
    "0 missing, 0 wrong, 0 doubled rows: what the zombie does later changes nothing, and its own "
    "table is right when the heir is gone"
)

ALL = (
    Scenario("kill", "SIGKILL at random", _AS_KILLED, kills.kill, times=10, quick_times=3),
    Scenario(
        "kill-wiped",
        "SIGKILL, data directory wiped",
        _AS_KILLED,
        kills.kill_and_wipe,
        times=3,
        quick_times=1,
    ),
    Scenario(
        "terminate",
        "SIGTERM under load",
        "exit code 0 within 30 s, nothing doubled anywhere",
        kills.terminate,
        times=3,
        quick_times=1,
    ),
    Scenario(
        "scale",
        "1, 3, 1 workers under load",
        f"{_AS_KILLED}; no worker without partitions while others have several",
        members.scale,
        times=3,
        quick_times=1,
    ),
    Scenario(
        "leader-killed",
        "three brokers, the leader killed",
        _WITH_TWO,
        brokers.kill_leaders,
        times=3,
        demand=Demand(brokers=3),
    ),
    Scenario(
        "bounce-clean",
        "three brokers, each restarted in order",
        _AS_KILLED,
        brokers.bounce_in_order,
        times=1,
        demand=Demand(brokers=3),
    ),
    Scenario(
        "bounce-hard",
        "three brokers, each killed and restarted",
        _AS_KILLED,
        brokers.bounce_hard,
        times=1,
        demand=Demand(brokers=3),
    ),
    Scenario(
        "inside",
        "inside workers: slabs dropped, queues cleared, fetchers restarted, seeks, fetches that "
        "outlive their cancellation, and more, mixed",
        _AS_KILLED,
        inside.mixed,
        times=100,
        quick_times=20,
        demand=Demand(rate=150),
    ),
    Scenario(
        "disks-lost",
        "three brokers, the disk of each lost, one after the other",
        _AS_KILLED,
        brokers.lose_disks,
        times=1,
        demand=Demand(brokers=3),
    ),
    Scenario(
        "compacted-restore",
        "the changelog compacted during a restore",
        _AS_KILLED,
        compaction.compact_while_restoring,
        times=2,
        demand=Demand(
            own_kafka_properties=changelog.BROKER,
            topic_configs={changelog.NAME: {**changelog.CONFIGS, **changelog.NEVER}},
        ),
    ),
    Scenario(
        "retention-passed",
        "records removed before they were read",
        "as SIGKILL for all that is left; an alarm in readiness, API and pages until acknowledged",
        retention.past_the_position,
        times=2,
    ),
    Scenario(
        "transactional-sender",
        "a sender with transactions: 20% aborted, one left hanging; workers killed",
        f"{_AS_KILLED}; nothing of aborted records anywhere; no lag claimed, no readiness lost "
        "while it hangs",
        senders.transactions,
        times=3,
        demand=Demand(own_kafka_properties=senders.KAFKA),
    ),
    Scenario(
        "freeze",
        "SIGSTOP for 20 s, then SIGCONT",
        f"{_AS_KILLED}; the late writes change nothing",
        members.freeze,
        times=3,
        quick_times=1,
    ),
    *(
        Scenario(
            name,
            f"SIGSTOP {point}, until an heir goes on; then SIGCONT",
            _TOO_LATE,
            zombies.freeze_at(point),
            times=1,
            demand=Demand(rate=50),
            quick_times=int(point == points.AFTER_COMMIT),
        )
        for name, point in zombies.FREEZE_POINTS.items()
    ),
    Scenario(
        "zombie-courier",
        f"SIGSTOP {points.TOLD_NOT_NOTED}, until another one tells; then SIGCONT",
        "as SIGKILL; the one message that was not noted is told twice, and no other",
        zombies.freeze_courier,
        times=1,
        demand=Demand(rate=50),
    ),
    Scenario(
        "kill-at-points",
        "SIGKILL at each of these points",
        _AS_KILLED,
        zombies.kill_at_points,
        times=3,
        demand=Demand(rate=100),
    ),
    Scenario(
        "kafka-5s",
        "Kafka killed, back after 5 s",
        _BY_THEMSELVES,
        outages.kafka_for_seconds,
        times=2,
        quick_times=1,
    ),
    Scenario(
        "kafka-100s",
        "Kafka killed, back after 100 s",
        _BY_THEMSELVES,
        outages.kafka_for_minutes,
        times=2,
    ),
    Scenario("postgres-stopped", "Postgres stopped for 60 s", _SINKS_WAIT, postgres.stop, times=1),
    Scenario(
        "postgres-killed",
        "Postgres killed",
        _SINKS_WAIT,
        postgres.kill,
        times=3,
        quick_times=1,
    ),
    Scenario(
        "postgres-resets",
        "connections to Postgres reset, for 20 s",
        _SINKS_WAIT,
        postgres.resets,
        times=1,
        demand=Demand(toxiproxy=True),
    ),
    Scenario(
        "postgres-far",
        "Postgres 300 ms away, for 30 s",
        _SINKS_WAIT,
        postgres.far_away,
        times=1,
        demand=Demand(toxiproxy=True),
    ),
    Scenario(
        "postgres-disk",
        "Postgres' disk full",
        _SINKS_WAIT,
        postgres.disk_full,
        times=1,
        demand=Demand(small_disk=True),
    ),
    Scenario("discord-busy", "Discord: 429 to half of all posts", _TOLD_LATER, discord.busy, 1),
    Scenario("discord-500", "Discord: 500 to half of all posts", _TOLD_LATER, discord.error, 1),
    Scenario(
        "discord-502",
        "Discord: 502 in HTML to half of all posts",
        _TOLD_LATER,
        discord.bad_gateway,
        times=1,
    ),
    Scenario(
        "discord-silent",
        "Discord: no answer, and half an answer",
        f"{_TOLD_LATER}; told twice only where the answer was lost",
        discord.silent,
        times=1,
    ),
    Scenario(
        "discord-refused",
        "Discord: connections refused for 60 s",
        _TOLD_LATER,
        discord.refused,
        times=1,
    ),
    Scenario(
        "discord-gone",
        "Discord: 404, enabled again later",
        f"{_TOLD_LATER}; disabled and shown, and not one post meanwhile",
        discord.gone,
        times=1,
    ),
    Scenario(
        "watches-kill",
        "with watches: SIGKILL at random",
        _WATCHED,
        kills.kill,
        times=4,
        demand=Demand(watches=True, rate=60),
    ),
    Scenario(
        "watches-kill-inside",
        "with watches: SIGKILL between decision and outbox, outbox and POST, POST and note",
        _WATCHED,
        watches.kill_inside,
        times=2,
        demand=Demand(watches=True, rate=60),
    ),
    Scenario(
        "watches-outages",
        "with watches: Postgres killed, Kafka away for 5 s, Discord answering 429, 500 and 502",
        _WATCHED,
        watches.outages,
        times=1,
        demand=Demand(watches=True, rate=60),
    ),
    Scenario(
        "snapshots-kill-inside",
        "market snapshots: SIGKILL between each two steps of their way into topics and tables",
        "as SIGKILL; each snapshot, change and happening once, and what holds now is the newest",
        snapshots.kill_inside,
        times=18,
        quick_times=2,
        demand=Demand(rate=50, snapshots=40),
    ),
    Scenario(
        "poison",
        "1% bad records of 24 kinds, batches that lie; workers killed",
        f"{_AS_KILLED}; each a dead letter once, with its reason, or re-keyed; who can be repaired "
        "is, by a replay",
        poison.poison,
        times=1,
        quick_times=1,
        demand=Demand(rate=200, snapshots=0),  # it counts all dead letters
    ),
    Scenario(
        "clock",
        "clocks an hour ahead and back: workers', Kafka's, Postgres'; prices of 1970 and 9999",
        f"{_AS_KILLED}; every partition gets on, alerts are told, no alert is false",
        clocks.jump,
        times=1,
        demand=Demand(movable_clocks=True, rate=200, snapshots=0),
    ),
    Scenario(
        "formats",
        "a new version's records and rows: rolled out, back, and out again",
        "as SIGKILL; old records and rows are read; the older version leaves newer rows alone "
        "and says what it cannot read",
        formats.roll,
        times=1,
    ),
)

SOAK = Scenario(
    "soak",
    "hours of kills, stops, freezes and outages at random, one after the other",
    f"{_AS_KILLED}; no worker's memory grows with what it has seen",
    soak.soak,
    times=3600,
    demand=Demand(rate=150),
)
