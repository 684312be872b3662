"""What an alert is and does, without a clock, Kafka or the outside."""
