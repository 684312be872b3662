"""What alerts answers over HTTP: whether it can be relied on, and what it is asked for."""

from starlette.applications import Starlette
from starlette.routing import Route

from services.runtime.health import Progress, health_routes
from services.runtime.problems import HANDLERS


def create_http(progress: Progress, *routes: Route) -> Starlette:
    """The interface of alerts; `routes` besides those of its health."""
    return Starlette(
        routes=[*routes, *health_routes(progress)],
        exception_handlers=HANDLERS,
    )
