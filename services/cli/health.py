"""`chasqui health`: whether a service can be relied on, for those who start containers."""

from http import HTTPStatus

import click
import httpx

from services.cli.errors import CommandError

_PATIENCE_SECONDS = 4.0


@click.command("health")
@click.argument("url", envvar="CHASQUI_HEALTH_URL", default="http://127.0.0.1:8080/readyz")
def health(url: str) -> None:
    """Ask URL, or CHASQUI_HEALTH_URL, or the edge here; the exit code says whether it is ready."""
    try:
        answer = httpx.get(url, timeout=_PATIENCE_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CommandError(f"{url} does not answer: {type(error).__name__}.") from error
    if answer.status_code != HTTPStatus.OK:
        raise CommandError(f"{url} answers {answer.status_code}: {answer.text[:500]}")
    click.echo(f"{url} is ready.")
