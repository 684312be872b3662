"""Dead letters on a real Kafka: what a sink refused is seen, mended outside, and sent again."""

from pathlib import Path

import msgspec
import orjson
from click.testing import CliRunner, Result

from schemas.topics import AUDIT, DEAD_LETTERS
from services.cli.broker import EmbeddedBroker
from services.cli.dead_letters import dead_letters_
from tests.integration.alerts.receiver import Receiver
from tests.integration.alerts.site import Site, eventually
from tests.unit.alerts.desk import delay


def said(broker: EmbeddedBroker, *words: str) -> Result:
    env = {"CHASQUI_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap, "COLUMNS": "400"}
    return CliRunner().invoke(dead_letters_, words, env=env, catch_exceptions=False)


def listed(broker: EmbeddedBroker, *words: str) -> list[dict[str, object]]:
    return [
        orjson.loads(line)
        for line in said(broker, "list", "--json", *words).stdout.split("\n")
        if line
    ]


def bodies(receiver: Receiver) -> list[tuple[str, bytes]]:
    return [(r.headers["webhook-id"], r.body) for r in receiver.taken]


def at_the_hook(broker: EmbeddedBroker, folder: Path, receiver: Receiver, secret: Path) -> Site:
    env = {
        "CHASQUI_ALERTS_SINKS": "log,webhook",
        "CHASQUI_ALERTS_WEBHOOK_URL": f"{receiver.url}/hook",
        "CHASQUI_ALERTS_WEBHOOK_SECRET_FILE": str(secret),
    }
    return Site(broker.bootstrap, folder, env)


def three_refused_of_which_two_end(alerts: Site, receiver: Receiver) -> None:
    receiver.usually = lambda _: 400
    alerts.tell(*(delay(subject_id=f"EC-{n}") for n in (1, 2, 3)))
    eventually(lambda: len(alerts.read(DEAD_LETTERS.full_name)) == 3, "three are parked")
    receiver.usually = lambda _: 200
    alerts.tell(*(delay(does="cleared", seq=2, subject_id=f"EC-{n}") for n in (2, 3)))
    eventually(lambda: len(receiver.taken) == 2, "two of them end")
    receiver.taken.clear()


def test_what_was_refused_is_sent_again_as_it_was(fresh_broker, tmp_path, receiver, secret_file):
    alerts = at_the_hook(fresh_broker, tmp_path, receiver, secret_file)
    with alerts.running():
        three_refused_of_which_two_end(alerts, receiver)
        found = {str(row["subject"])[-1]: str(row["call_id"]) for row in listed(fresh_broker)}
        assert found.keys() == {"1", "2", "3"}
        assert "delivery_overdue of EC-1." in said(fresh_broker, "list").stdout
        assert listed(fresh_broker, "--sink", "log") == []
        shown = said(fresh_broker, "show", found["1"][:10])
        assert "reason: refused\nstatus: 400\n" in shown.stderr
        assert msgspec.json.decode(shown.stdout)["type"] == "alert.opened"

        again = said(fresh_broker, "replay", "--all", "--by", "maria")
        assert "1 of 3 are sent again." in again.stderr
        assert again.stdout.count("left out: newer was told since") == 2
        eventually(lambda: receiver.taken, "the one that lasts is sent again")
        refused = {request.headers["webhook-id"]: request.body for request, _ in receiver.refused}
        assert bodies(receiver) == [(found["1"], refused[found["1"]])]
        assert {row["call_id"] for row in listed(fresh_broker)} == {found["2"], found["3"]}

        receiver.usually = lambda _: 410
        said(fresh_broker, "replay", found["2"], "--outdated", "--by", "joe")
        eventually(lambda: len(listed(fresh_broker)) == 2, "refused once more, it stands again")
        statuses = {row["call_id"]: row["status"] for row in listed(fresh_broker)}
        assert statuses == {found["2"]: 410, found["3"]: 400}
    audit = [e for e in alerts.read(AUDIT.full_name) if e["action"] == "replayed"]
    assert {(e["by"], e["call_id"]) for e in audit} == {("maria", found["1"]), ("joe", found["2"])}


def test_who_names_letters_and_all_of_them_is_asked_what_is_meant():
    for words in (["replay"], ["replay", "--all", "x"]):
        assert CliRunner().invoke(dead_letters_, words).exit_code == 2
