package conscope.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;

/** Runs until SIGTERM. Takes the options that all peers take (bench/peers/options.py). */
final class Peer {
    private static final Map<String, String> GUARANTEES =
            Map.of(
                    "at-least-once", StreamsConfig.AT_LEAST_ONCE,
                    "exactly-once", StreamsConfig.EXACTLY_ONCE_V2);

    private Peer() {}

    public static void main(String[] arguments) throws InterruptedException {
        Map<String, String> options = options(arguments);
        KafkaStreams streams = new KafkaStreams(topology(options), settings(options));
        CountDownLatch failed = new CountDownLatch(1);
        streams.setStateListener(
                (now, before) -> {
                    if (now == KafkaStreams.State.ERROR) {
                        failed.countDown();
                    }
                });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(streams), "end"));
        streams.start();
        failed.await();
        Runtime.getRuntime().halt(1);
    }

    /** A JVM that a signal ends has exit code 143: one that closed in good order says 0. */
    private static void end(KafkaStreams streams) {
        streams.close();
        Runtime.getRuntime().halt(0);
    }

    private static Topology topology(Map<String, String> options) {
        StreamsBuilder builder = new StreamsBuilder();
        Serde<byte[]> keys = Serdes.ByteArray();
        KStream<byte[], Move> moves =
                builder.stream(
                                options.get("input"),
                                Consumed.with(keys, Json.serde(PriceEvent.class)))
                        .processValues(new Detector.Supplier());
        moves.mapValues(ProcessedPrice::new)
                .to(
                        options.get("processed"),
                        Produced.with(keys, Json.serde(ProcessedPrice.class)));
        moves.filter((key, move) -> move.isDrop())
                .mapValues(PriceAlert::new)
                .to(options.get("alerts"), Produced.with(keys, Json.serde(PriceAlert.class)));
        return builder.build();
    }

    /**
     * Everything that is not here has its default: one thread, a record cache of 10 MB, a commit
     * each 30 s at least once and each 100 ms exactly once, a linger of 100 ms, `earliest`. But it
     * is a static member of its group: else a restart would first wait for the session of the
     * process before it to run out, 45 s, which is no part of what is measured.
     */
    private static Properties settings(Map<String, String> options) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, options.get("group"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.get("bootstrap"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, options.get("state"));
        settings.put(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                GUARANTEES.get(options.get("guarantee")));
        settings.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "peer");
        return settings;
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int at = 0; at + 1 < arguments.length; at += 2) {
            options.put(arguments[at].substring("--".length()), arguments[at + 1]);
        }
        return options;
    }
}
