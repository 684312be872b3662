"""Bytewax with its recovery store: snapshots in SQLite, no changelog; runs in .venv-peers."""

from datetime import timedelta

import bytewax.operators as op
from bytewax._bytewax import cli_main
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir

from tests.benchmarks.peers.fold import State, fold
from tests.benchmarks.peers.heat import Heat, Marks

Message = KafkaSourceMessage[bytes, bytes]


def create_flow(heat: Heat) -> Dataflow:
    marks = Marks(heat.events)

    def handle(before: State | None, value: bytes) -> tuple[State, bytes | None]:
        marks.before()
        handled = fold(before, value)
        marks.after()
        return handled

    def alert_of(told: tuple[str, bytes | None]) -> KafkaSinkMessage[bytes, bytes] | None:
        key, alert = told
        return None if alert is None else KafkaSinkMessage(key.encode(), alert)

    flow = Dataflow("peers")
    source = KafkaSource([heat.kafka], [heat.topic], tail=False)
    events = op.input("events", flow, source)
    keyed = op.map("keyed", events, lambda message: (message.key.decode(), message.value))
    folded = op.stateful_map("fold", keyed, handle)
    alerts = op.filter_map("alerts", folded, alert_of)
    kop.output("tell", alerts, brokers=[heat.kafka], topic=heat.alerts)
    return flow


def main() -> None:
    heat = Heat.given()
    heat.folder.mkdir()
    init_db_dir(heat.folder, 1)
    cli_main(
        create_flow(heat),
        epoch_interval=timedelta(seconds=1),
        recovery_config=RecoveryConfig(heat.folder),
    )


if __name__ == "__main__":
    main()
