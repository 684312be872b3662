"""KIND/ID on the command line."""

from typing import NamedTuple

import click


class Subject(NamedTuple):
    """A shipment, deployment or commitment by its kind and id."""

    kind: str
    subject_id: str

    @property
    def key(self) -> bytes:
        """The key of its records."""
        return "/".join(self).encode()

    @property
    def promised(self) -> bool:
        """Whether it is a promise, which rests on what movements bring."""
        return self.kind == "commitment"


class SubjectType(click.ParamType):
    """Reads `shipment/EC-AMB-0017`."""

    name = "kind/id"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Subject:
        if isinstance(value, Subject):
            return value
        kind, _, subject_id = str(value).partition("/")
        if not kind or not subject_id:
            self.fail(f"{value!r} is not KIND/ID, as in shipment/EC-AMB-0017", param, ctx)
        return Subject(kind, subject_id)


SUBJECT = SubjectType()
