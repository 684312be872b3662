package peers;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Set;

/** What a carrier says of a shipment; what is missing or wrong is refused. */
record Event(
    @JsonProperty("event_id") String eventId,
    @JsonProperty("shipment_id") String shipmentId,
    Long seq,
    String type,
    @JsonProperty("occurred_at") String occurredText,
    @JsonProperty("recorded_at") String recordedText,
    String facility,
    String carrier,
    Double lat,
    Double lon,
    @JsonProperty("weight_kg") Double weightKg,
    @JsonProperty("temp_c") Double tempC,
    String note) {
  private static final Set<String> TYPES =
      Set.of("PICKED_UP", "DEPARTED", "ARRIVED", "OUT_FOR_DELIVERY", "DELIVERED");

  Event {
    Objects.requireNonNull(eventId, "event_id");
    Objects.requireNonNull(shipmentId, "shipment_id");
    Objects.requireNonNull(seq, "seq");
    Objects.requireNonNull(facility, "facility");
    Objects.requireNonNull(carrier, "carrier");
    Objects.requireNonNull(lat, "lat");
    Objects.requireNonNull(lon, "lon");
    Objects.requireNonNull(weightKg, "weight_kg");
    if (!TYPES.contains(type)) {
      throw new IllegalArgumentException("type: " + type);
    }
  }

  Instant occurredAt() {
    return OffsetDateTime.parse(occurredText).toInstant();
  }

  Instant recordedAt() {
    return OffsetDateTime.parse(recordedText).toInstant();
  }
}
