"""A real nginx, Debian's, with the shipped configuration and a test's ports and certificates."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from services.cli.broker import free_port
from tests.integration.alerts.site import eventually

SHIPPED = Path("deploy/nginx")
MISSING = "nginx is not installed: apt-get install --no-install-recommends nginx-light"


class Proxy:
    """A copy of the configuration in a folder; only addresses and places are its own."""

    def __init__(self, folder: Path, upstreams: Mapping[str, int], *, mtls: bool = False) -> None:
        """`upstreams`: port on loopback of each, by its address in upstreams.conf."""
        self._folder = folder / "nginx"
        self._secrets = folder / "secrets"
        self.port = free_port()
        shutil.copytree(SHIPPED, self._folder)
        (self._folder / "tmp").mkdir()
        _made_secrets(self._secrets)
        places = {"/tmp/": f"{self._folder}/tmp/", "/run/secrets/": f"{self._secrets}/"}
        self.change("nginx.conf", {"/tmp/": places["/tmp/"]})
        self.change("readers.conf", {"/run/secrets/": places["/run/secrets/"]})
        self.change("mtls.conf", {"/run/secrets/": places["/run/secrets/"]})
        self.change(
            "listen.conf",
            {"/run/secrets/": places["/run/secrets/"], "8443": f"127.0.0.1:{self.port}"},
        )
        addresses = {name: f"127.0.0.1:{port}" for name, port in upstreams.items()}
        self.change("upstreams.conf", addresses)
        if mtls:
            (self._folder / "enabled").mkdir()
            shutil.copy(self._folder / "mtls.conf", self._folder / "enabled")

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def authority(self) -> Path:
        """Whose certificate the edge has."""
        return self._secrets / "ca.crt"

    @property
    def certificate(self) -> tuple[str, str]:
        """The certificate of a field system, and its key."""
        return str(self._secrets / "field-systems.crt"), str(self._secrets / "field-systems.key")

    @property
    def reader(self) -> tuple[str, str]:
        """Name and password of who may look things up."""
        return "reader", (self._secrets / "readers.password").read_text().strip()

    def check(self) -> str:
        """What `nginx -t` says of it; fails when it is wrong."""
        done = subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    @contextmanager
    def running(self) -> Iterator[None]:
        log = (self._folder / "tmp" / "log").open("wb")
        command = [*self._command(), "-g", "user root; daemon off;"]
        child = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            eventually(self._answers, f"nginx answers: {self._folder}/tmp/log")
            yield
        finally:
            child.terminate()
            child.wait(20)
            log.close()

    def log(self) -> str:
        """What it said of requests and errors."""
        return (self._folder / "tmp" / "log").read_text()

    def _command(self) -> list[str]:
        program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
        assert program, MISSING
        return [program, "-p", str(self._folder), "-c", "nginx.conf", "-e", "stderr"]

    def _answers(self) -> bool:
        try:
            httpx.get(self.url, verify=False, timeout=2)
        except httpx.TransportError:
            return False
        return True

    def change(self, name: str, words: Mapping[str, str]) -> None:
        path = self._folder / name
        text = path.read_text()
        for old, new in words.items():
            assert old in text, f"{old} is not in {name} any more"
            text = text.replace(old, new)
        path.write_text(text)


def _made_secrets(folder: Path) -> None:
    _run("sh", "deploy/make-secrets.sh", str(folder))
    own = ("-keyout", str(folder / "field-systems.key"), "-out", str(folder / "field-systems.crt"))
    _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=field", *own)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
