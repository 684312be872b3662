package peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams: guarantee, commit interval in ms, then what every contestant is given. */
public final class Contestant {
  private static final String STATES = "states";
  private static final CountDownLatch ENDED = new CountDownLatch(1);

  private static final class Follow implements Processor<byte[], byte[], byte[], byte[]> {
    private static Marks marks;
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<byte[], byte[]> states;

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
      context = given;
      states = given.getStateStore(STATES);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      marks.before();
      try {
        Fold.Folded folded = Fold.fold(states.get(record.key()), record.value());
        states.put(record.key(), folded.state());
        if (folded.alert() != null) {
          context.forward(record.withValue(folded.alert()));
        }
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
      if (marks.after()) {
        ENDED.countDown();
      }
    }
  }

  public static void main(String[] given) throws InterruptedException {
    String guarantee = given[0], interval = given[1], kafka = given[2], name = given[3];
    Follow.marks = new Marks(Long.parseLong(given[5]));
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
    config.put(StreamsConfig.STATE_DIR_CONFIG, given[6]);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, interval);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "1");
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, String.valueOf(64L * 1024 * 1024));
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Rocks.class);
    config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    config.put("auto.offset.reset", "earliest");
    config.put("max.partition.fetch.bytes", "4194304");
    config.put("max.poll.records", "5000");
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STATES), Serdes.ByteArray(), Serdes.ByteArray())
            .withCachingEnabled());
    builder.<byte[], byte[]>stream(given[4]).process(Follow::new, STATES).to(name + ".alerts");
    try (KafkaStreams streams = new KafkaStreams(builder.build(), config)) {
      streams.start();
      ENDED.await();
    }
  }
}
