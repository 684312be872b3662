package peers;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The work that every contestant does with an event: fold.py in Java. */
final class Fold {
  private static final int KEPT = 10;
  private static final Duration LATE = Duration.ofMinutes(1);
  private static final int TOLD = 13;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader EVENTS = JSON.readerFor(Event.class);
  private static final ObjectReader STATES = JSON.readerFor(State.class);
  private static final ObjectWriter STATE = JSON.writerFor(State.class);
  private static final ObjectWriter ALERT = JSON.writerFor(Alert.class);

  /** What is kept of one event. */
  record Seen(String id, String type, String at, String facility, double lat, double lon) {}

  /** What is known of a shipment. */
  record State(
      @JsonProperty("shipment_id") String shipmentId,
      long count,
      long seq,
      String status,
      String facility,
      @JsonProperty("first_at") String firstAt,
      @JsonProperty("last_at") String lastAt,
      long late,
      List<Seen> last) {}

  /** What is told on. */
  record Alert(String id, String type, String at, String status, long count) {}

  /** The state after an event, and for one event in twenty what is told on. */
  record Folded(byte[] state, byte[] alert) {}

  private Fold() {}

  static Folded fold(byte[] before, byte[] value) throws IOException {
    Event event = EVENTS.readValue(value);
    Instant occurredAt = event.occurredAt();
    String at = occurredAt.toString();
    boolean late = Duration.between(occurredAt, event.recordedAt()).compareTo(LATE) > 0;
    State after = apply(before == null ? null : STATES.readValue(before), event, at, late);
    byte[] alert = null;
    if (Integer.parseInt(event.eventId().substring(0, 2), 16) < TOLD) {
      String id = event.shipmentId() + ":" + event.seq();
      alert = ALERT.writeValueAsBytes(new Alert(id, "ALERT", at, after.status(), after.count()));
    }
    return new Folded(STATE.writeValueAsBytes(after), alert);
  }

  private static State apply(State before, Event event, String at, boolean late) {
    Seen seen =
        new Seen(event.eventId(), event.type(), at, event.facility(), event.lat(), event.lon());
    if (before == null) {
      return new State(
          event.shipmentId(), 1, event.seq(), event.type(), event.facility(), at, at,
          late ? 1 : 0, List.of(seen));
    }
    List<Seen> last = new ArrayList<>(KEPT);
    last.addAll(before.last().subList(Math.max(0, before.last().size() + 1 - KEPT), before.last().size()));
    last.add(seen);
    boolean newest = event.seq() > before.seq();
    return new State(
        event.shipmentId(),
        before.count() + 1,
        newest ? event.seq() : before.seq(),
        newest ? event.type() : before.status(),
        newest ? event.facility() : before.facility(),
        at.compareTo(before.firstAt()) < 0 ? at : before.firstAt(),
        at.compareTo(before.lastAt()) > 0 ? at : before.lastAt(),
        before.late() + (late ? 1 : 0),
        last);
  }
}
