"""What the tests of deploy/ may ask for."""

from tests.integration.alerts.conftest import clock, receiver, secret_file, settings

__all__ = ["clock", "receiver", "secret_file", "settings"]
