"""What alerts answers over HTTP: whether it is alive, and whether it can be relied on."""

from starlette.applications import Starlette

from services.runtime.health import Progress, health_routes


def create_http(progress: Progress) -> Starlette:
    """The interface of alerts."""
    return Starlette(routes=health_routes(progress))
