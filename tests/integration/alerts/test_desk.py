"""People's tools at two instances on a real Kafka: either one answers for all, whoever owns it."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

import click
import httpx
import msgspec
import pytest
from click.testing import CliRunner, Result
from kafka import KafkaConsumer

from schemas.topics import COMMANDS
from services.cli.alerts import alerts as command_line
from services.cli.broker import EmbeddedBroker
from services.runtime.keys.file import add_source
from services.runtime.keys.source import Scope
from services.runtime.partition import partition_of
from tests.integration.alerts.site import Site, eventually
from tests.unit.alerts.desk import delay

SUBJECTS = [f"EC-{number}" for number in range(24)]
SECRET = "a secret of PagerDuty's"
Json = dict[str, object]


class People(NamedTuple):
    """Two instances with a partition each, and a key that both know."""

    broker: EmbeddedBroker
    sites: tuple[Site, Site]
    processes: tuple[Popen[bytes], Popen[bytes]]
    key: str

    def get(self, site: Site, path: str) -> httpx.Response:
        return self.ask(site, "GET", path)

    def ask(self, site: Site, method: str, path: str, said: object = None) -> httpx.Response:
        url = f"http://127.0.0.1:{site.http_port}{path}"
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.request(method, url, json=said, headers=headers, timeout=30)

    def listed(self, site: Site, query: str = "") -> list[Json]:
        """All alerts, seven at a time."""
        found: list[Json] = []
        cursor = ""
        while True:
            answer = self.get(site, f"/v1/alerts?limit=7{query}{cursor}")
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["alerts"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    def one(self, site: Site, alert_id: object) -> Json:
        answer = self.get(site, f"/v1/alerts/{alert_id}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def owned(self, site: Site) -> list[int]:
        told = site.get("/readyz").json()["partitions"]
        return [int(number) for number, own in told.items() if own["ready"]]

    def stranger(self, subject_id: str) -> Site:
        """The instance that does not own the subject."""
        number = partition_of(f"shipment/{subject_id}".encode(), 2)
        return next(site for site in self.sites if number not in self.owned(site))

    def commands(self) -> list[tuple[bytes, int, Json]]:
        """Key, partition and value of every command, partition by partition."""
        consumer = KafkaConsumer(
            COMMANDS.full_name,
            bootstrap_servers=self.broker.bootstrap,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            consumer_timeout_ms=2000,
        )
        found = sorted(consumer, key=lambda record: (record.partition, record.offset))
        consumer.close()
        return [(r.key, r.partition, msgspec.json.decode(r.value)) for r in found]

    def chasqui(self, site: Site, command: click.Command, *words: str) -> Result:
        env = {"CHASQUI_SOURCE_KEY": self.key, "COLUMNS": "200"}
        url = f"http://127.0.0.1:{site.http_port}"
        return CliRunner().invoke(command, [*words, "--url", url], env=env, catch_exceptions=False)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    folder = tmp_path_factory.mktemp("desk")
    key = add_source(folder / "sources.toml", "oncall", (), scopes=(Scope.OPERATOR,))
    (folder / "secret").write_text(SECRET)
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker(folder / "broker"))
        sites = _site(broker, folder, "a"), _site(broker, folder, "b")
        processes = tuple(stack.enter_context(site.running()) for site in sites)
        made = People(broker, sites, processes, key)
        eventually(lambda: [len(made.owned(s)) for s in sites] == [1, 1], "one partition each", 60)
        sites[0].tell(*(delay(subject_id=subject) for subject in SUBJECTS))
        sites[0].tell(delay(does="cleared", seq=2, subject_id="EC-3"))
        for site in sites:
            eventually(lambda site=site: _settled(made, site), "all is known", 60)
        yield made


def _site(broker: EmbeddedBroker, folder: Path, name: str) -> Site:
    (folder / name).mkdir()
    env = {
        "CHASQUI_INSTANCE_ID": name,
        "CHASQUI_SESSION_TIMEOUT": "PT3S",
        "CHASQUI_SOURCES_FILE": str(folder / "sources.toml"),
        "CHASQUI_ALERTS_PAGERDUTY_WEBHOOK_SECRET_FILE": str(folder / "secret"),
    }
    return Site(broker.bootstrap, folder / name, env)


def _settled(people: People, site: Site) -> bool:
    found = people.listed(site)
    return len(found) == len(SUBJECTS) and sum(a["status"] == "resolved" for a in found) == 1


def test_either_instance_lists_and_shows_the_alerts_of_all_partitions(people: People) -> None:
    one, other = (people.listed(site) for site in people.sites)
    assert one == other
    assert sorted(str(alert["subject_id"]) for alert in one) == sorted(SUBJECTS)
    assert {partition_of(f"shipment/{subject}".encode(), 2) for subject in SUBJECTS} == {0, 1}
    opened = [alert["opened_at"] for alert in one]
    assert opened == sorted(opened, reverse=True)
    for alert in one[:6]:
        eventually(
            lambda alert=alert: _actions(people, alert)[:2] == ["raised", "sent"], "it was told"
        )
        shown = [people.one(site, alert["alert_id"]) for site in people.sites]
        assert shown[0] == shown[1]
        assert shown[0]["alert"] == alert
        assert shown[0]["history_complete"] is True


def _actions(people: People, alert: Json) -> list[str]:
    history = people.one(people.sites[1], alert["alert_id"])["history"]
    assert isinstance(history, list)
    assert all(entry["alert_id"] == alert["alert_id"] for entry in history)
    return [entry["action"] for entry in history]


def test_filters_mean_the_same_at_either(people: People) -> None:
    for site in people.sites:
        ended = people.listed(site, "&status=resolved")
        assert [alert["subject_id"] for alert in ended] == ["EC-3"]
        assert len(people.listed(site, "&country=EC&severity=warning")) == len(SUBJECTS)
        assert people.listed(site, "&country=CO") == []
        assert people.get(site, "/v1/alerts?country=EC&lim=1").status_code == 400
        assert people.get(site, "/v1/alerts/unknown").json()["code"] == "unknown_alert"


def test_said_to_the_one_that_does_not_own_it_it_comes_to_the_one_that_does(people: People) -> None:
    wanted = {str(a["subject_id"]): a["alert_id"] for a in people.listed(people.sites[0])}
    said = {}
    for subject in ("EC-0", "EC-1", "EC-2", "EC-4", "EC-5"):
        path = f"/v1/alerts/{wanted[subject]}/acknowledge"
        body = {"note": f"I call about {subject}.", "until": "2099-01-01T00:00:00Z"}
        answer = people.ask(people.stranger(subject), "POST", path, body)
        assert answer.status_code == 202, answer.text
        said[f"shipment/{subject}".encode()] = answer.json()
    commands = people.commands()
    assert {key: value for key, _, value in commands} == said
    assert all(number == partition_of(key, 2) for key, number, _ in commands)
    assert len({number for _, number, _ in commands}) == 2


def test_pagerduty_is_heard_by_any_instance(people: People) -> None:
    alert = next(a for a in people.listed(people.sites[0]) if a["subject_id"] == "EC-7")
    event = {
        "event_type": "incident.acknowledged",
        "occurred_at": "2026-03-02T11:54:23.185Z",
        "agent": {"id": "PXPGF42", "type": "user_reference"},
        "data": {"incident_key": alert["alert_id"]},
    }
    body = msgspec.json.encode({"event": event})
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    url = f"http://127.0.0.1:{people.stranger('EC-7').http_port}/v1/pagerduty"
    for signed, status in ((f"v1={digest}", 202), ("v1=00", 401)):
        headers = {"x-pagerduty-signature": signed}
        assert httpx.post(url, content=body, headers=headers).status_code == status
    mine = [value for key, _, value in people.commands() if key == b"shipment/EC-7"]
    assert [(each["command"], each["by"]) for each in mine] == [
        ("acknowledge", "pagerduty:PXPGF42")
    ]


def test_the_command_line_does_it_all(people: People) -> None:
    site = people.sites[1]
    listed = people.chasqui(site, command_line, "list", "--json", "--subject", "EC-9")
    alert = msgspec.json.decode(listed.stdout)
    assert alert["subject_id"] == "EC-9"
    number = alert["alert_id"]
    table = people.chasqui(site, command_line, "list", "--status", "open")
    assert number in table.stdout
    shown = people.chasqui(site, command_line, "show", number)
    assert "delivery_overdue of shipment/EC-9" in shown.stdout
    assert "raised" in shown.stdout
    words = (("ack", number, "--for", "PT4H"), ("note", number, "Seen."), ("unack", number))
    for each in words:
        answer = people.chasqui(site, command_line, *each)
        assert answer.exit_code == 0, answer.output
        assert answer.stdout.startswith("Said by oncall at ")
    mine = [value for key, _, value in people.commands() if key == b"shipment/EC-9"]
    assert [each["command"] for each in mine] == ["acknowledge", "note", "unacknowledge"]
    assert mine[0]["until"] is not None


def test_what_is_refused_comes_nowhere(people: People) -> None:
    before = people.commands()
    alert = people.listed(people.sites[0])[0]
    path = f"/v1/alerts/{alert['alert_id']}/note"
    refused = people.ask(people.sites[0], "POST", path, {"note": "ask a@example.org"})
    assert (refused.status_code, refused.json()["code"]) == (422, "personal_data")
    assert people._replace(key="oncall.00").get(people.sites[0], path).status_code in {401, 405}
    unknown = people._replace(key="oncall.00").ask(people.sites[0], "POST", path, {"note": "x"})
    assert (unknown.status_code, unknown.json()["code"]) == (401, "unknown_key")
    assert people.commands() == before


def test_of_a_partition_that_nobody_owns_everything_is_still_told(people: People) -> None:
    left, killed = people.sites
    before = people.listed(left)
    lost = people.owned(killed)
    people.processes[1].kill()
    people.processes[1].wait()
    assert lost[0] not in people.owned(left)
    assert people.listed(left) == before
    orphan = next(s for s in SUBJECTS if partition_of(f"shipment/{s}".encode(), 2) == lost[0])
    number = next(a["alert_id"] for a in before if a["subject_id"] == orphan)
    assert people.one(left, number)["history"]
    said = people.ask(left, "POST", f"/v1/alerts/{number}/note", {"note": "Who has it?"})
    assert said.status_code == 202


def test_while_kafka_is_away_it_says_so_and_goes_on_when_it_is_back(people: People) -> None:
    site = people.sites[0]
    number = people.listed(site)[0]["alert_id"]
    people.broker.kill()
    for method, path in (
        ("GET", "/v1/alerts"),
        ("GET", f"/v1/alerts/{number}"),
        ("POST", f"/v1/alerts/{number}/acknowledge"),
    ):
        answer = people.ask(site, method, path)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
    people.broker.start()
    eventually(lambda: people.get(site, "/v1/alerts").status_code == 200, "it answers again", 120)
    assert len(people.listed(site)) == len(SUBJECTS)
