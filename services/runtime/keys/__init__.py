"""Who may speak to a service over HTTP or Kafka: keys, their holders and what each may do."""
