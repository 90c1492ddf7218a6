package conscope.bench;

import java.math.BigDecimal;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Compares each raw price with the last one of its seat, which RocksDB and a changelog keep. */
final class Detector implements FixedKeyProcessor<byte[], PriceEvent, Move> {
    private static final String STORE = "last-seen-prices";

    private FixedKeyProcessorContext<byte[], Move> context;
    private KeyValueStore<byte[], BigDecimal> lastSeen;

    @Override
    public void init(FixedKeyProcessorContext<byte[], Move> context) {
        this.context = context;
        lastSeen = context.getStateStore(STORE);
    }

    @Override
    public void process(FixedKeyRecord<byte[], PriceEvent> record) {
        PriceEvent event = record.value();
        RecordMetadata place = context.recordMetadata().orElseThrow();
        String id = place.topic() + "-" + place.partition() + "-" + place.offset();
        Move move = Move.of(event, id, record.timestamp(), lastSeen.get(record.key()));
        lastSeen.put(record.key(), event.price);
        context.forward(record.withValue(move));
    }

    static final class Supplier implements FixedKeyProcessorSupplier<byte[], PriceEvent, Move> {
        @Override
        public FixedKeyProcessor<byte[], PriceEvent, Move> get() {
            return new Detector();
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            // With the record cache, which the DSL's own stores have by default.
            return Set.of(
                    Stores.keyValueStoreBuilder(
                                    Stores.persistentKeyValueStore(STORE),
                                    Serdes.ByteArray(),
                                    Json.serde(BigDecimal.class))
                            .withCachingEnabled());
        }
    }
}
