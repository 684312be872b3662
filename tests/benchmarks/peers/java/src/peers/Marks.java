package peers;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Prints wall and CPU seconds before the first event, each 50,000 events, and at the end. */
final class Marks {
  private static final long STEP = 50_000;
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final long events;
  private long count;

  Marks(long events) {
    this.events = events;
  }

  void before() {
    if (count % STEP == 0) {
      mark();
    }
  }

  /** Whether it was the last one. */
  boolean after() {
    count++;
    if (count == events) {
      mark();
    }
    return count == events;
  }

  private void mark() {
    System.out.println(
        "{\"events\":" + count
            + ",\"wall\":" + System.nanoTime() / 1e9
            + ",\"cpu\":" + SYSTEM.getProcessCpuTime() / 1e9
            + ",\"peak\":" + peak() + "}");
  }

  private static long peak() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
      return 0;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
