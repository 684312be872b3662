package peers;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/** The write buffer that this engine gives its own RocksDB; neither waits for the disk. */
public final class Rocks implements RocksDBConfigSetter {
  @Override
  public void setConfig(String store, Options options, Map<String, Object> config) {
    options.setWriteBufferSize(32L * 1024 * 1024);
  }

  @Override
  public void close(String store, Options options) {}
}
