"""A real Apache Kafka on loopback, for who has none."""

import base64
import os
import random
import signal
import socket
import subprocess
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from services.cli.child import Child
from services.cli.errors import CommandError

KAFKA = Path(__file__).parents[2] / "deploy" / "kafka"
# Below what systems hand out for outgoing connections: a client that knocks on a stopped broker's
# port would otherwise sooner or later be connected to itself, and hold the port.
PORTS = range(15000, 30000)
JVM = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
)
PAUSE = timedelta(milliseconds=50)
STARTED_WITHIN = timedelta(seconds=180)
"""An unclean start checks every log first; on a slow disk that takes tens of seconds."""
STOPPED_WITHIN = timedelta(seconds=60)


class BrokerError(CommandError):
    """The embedded broker cannot run; the message says why."""


class EmbeddedBroker:
    """One Kafka node in a process of its own, with its data in a folder that survives it.

    A broker that was stopped or killed starts again on the same data and the same port.
    It ends with the process that started it.
    """

    def __init__(self, data_dir: Path, port: int = 0) -> None:
        self._data_dir = data_dir.absolute()
        self._port = port
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`."""
        return f"127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """What the broker printed, over all its starts."""
        return self._data_dir / "broker.log"

    def start(self) -> Self:
        """Start it and wait until it answers; raise BrokerError when it does not."""
        if self._child is not None:
            raise BrokerError(f"the broker on {self.bootstrap} runs already")
        if not any((KAFKA / "libs").glob("kafka_*.jar")):
            raise BrokerError("Kafka's jars are not there yet: run `make kafka`")
        self._configure()
        self._format()
        self._child = self._run()
        self._await_answer(self._child)
        return self

    def stop(self) -> None:
        """Stop it in good order, by SIGTERM; a paused one goes on first."""
        if self._child is not None:
            self._child.end(STOPPED_WITHIN)
            self._child = None

    def kill(self) -> None:
        """End it at once, by SIGKILL."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def pause(self) -> None:
        """Stop its clock, by SIGSTOP: it holds its connections and answers nothing."""
        self._running().signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused one go on."""
        self._running().signal(signal.SIGCONT)

    def exit_code(self) -> int | None:
        """The exit code of a broker that ended by itself; None while it runs or after a stop."""
        return None if self._child is None else self._child.exit_code()

    def _running(self) -> Child:
        if self._child is None:
            raise BrokerError("the broker does not run")
        return self._child

    def _configure(self) -> None:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._port = self._port or free_port()
        if not is_free(self._port):
            raise BrokerError(f"port {self._port} on loopback is taken by another program")
        template = Template((KAFKA / "server.properties").read_text(encoding="utf-8"))
        text = template.substitute(
            port=self._port, controller_port=free_port(), log_dir=self._data_dir / "log"
        )
        self._properties().write_text(text, encoding="utf-8")

    def _format(self) -> None:
        if (self._data_dir / "log" / "meta.properties").exists():
            return
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = ("format", f"--cluster-id={cluster_id}", "--config", str(self._properties()))
        try:
            with self.log.open("ab") as output:
                subprocess.run(
                    _command("kafka.tools.StorageTool", *arguments),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    check=True,
                )
        except OSError as error:
            raise BrokerError(f"Java 17 or later does not run here: {error}") from error
        except subprocess.CalledProcessError as error:
            why = self._last_words()
            raise BrokerError(f"the broker's folder cannot be made ready: {why}") from error

    def _run(self) -> Child:
        with self.log.open("ab") as output:
            return Child.start(_command("kafka.Kafka", str(self._properties())), output=output)

    def _await_answer(self, child: Child) -> None:
        for _ in range(STARTED_WITHIN // PAUSE):
            if child.wait(PAUSE) is not None:
                self._child = None
                raise BrokerError(f"the broker ended while starting: {self._last_words()}")
            if self._listens() and self._answers():
                return
        self.kill()
        raise BrokerError(f"the broker did not answer within {STARTED_WITHIN}: see {self.log}")

    def _listens(self) -> bool:
        with socket.socket() as knock:
            knock.settimeout(1)
            return knock.connect_ex(("127.0.0.1", self._port)) == 0

    def _answers(self) -> bool:
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=5000)
        except KafkaError:
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except KafkaError:
            return False
        finally:
            admin.close()

    def _properties(self) -> Path:
        return self._data_dir / "server.properties"

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        telling = [line for line in lines if "rror" in line or "xception" in line]
        return (telling or lines or ["it printed nothing"])[-1]


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    for port in random.sample(PORTS, 100):
        if is_free(port):
            return port
    raise BrokerError(f"no free port between {PORTS.start} and {PORTS.stop}")


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of loopback."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _command(main_class: str, *arguments: str) -> Sequence[str]:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    logging = f"-Dlog4j2.configurationFile=file:{KAFKA / 'log4j2.properties'}"
    return (java, *JVM, logging, "-cp", str(KAFKA / "libs" / "*"), main_class, *arguments)
