"""The sources file: which keys exist, the SHA-256 of their secrets, and what each may say."""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from services.runtime.keys.source import EVERYTHING, Scope, Source

SECRET_BYTES = 32
_NO_DIGEST = bytes(32)
_FOR_PEOPLE: Final = frozenset({Scope.ALERTS, Scope.OPERATOR})
"""Scopes of use to a key that speaks for no publisher."""

KeyId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Pattern = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,127}\*?)$")]
Name = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z_]*)$", max_length=64)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class SourcesFileError(ValueError):
    """The sources file cannot be read as what it should be; the message says where."""


class SourceEntry(BaseModel):
    """One `[[source]]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: KeyId
    secret_sha256: Digest
    publishers: tuple[Pattern, ...] = ()
    kinds: tuple[Name, ...] = Field(default=(EVERYTHING,), min_length=1)
    types: tuple[Name, ...] = Field(default=(EVERYTHING,), min_length=1)
    scopes: tuple[Scope, ...] = ()

    @model_validator(mode="after")
    def _may_do_something(self) -> Self:
        if not self.publishers and not _FOR_PEOPLE.intersection(self.scopes):
            says = " or ".join(sorted(_FOR_PEOPLE))
            raise ValueError(f"publishers: at least one, or the scope {says}")
        return self

    def source(self) -> Source:
        return Source(self.id, self.publishers, self.kinds, self.types, frozenset(self.scopes))


class SourcesFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: tuple[SourceEntry, ...] = ()


class Keyring:
    """The known sources by key id; answers who holds a token."""

    def __init__(self, entries: tuple[SourceEntry, ...] = ()) -> None:
        self._sources = {entry.id: entry.source() for entry in entries}
        self._digests = {entry.id: bytes.fromhex(entry.secret_sha256) for entry in entries}

    def __len__(self) -> int:
        return len(self._sources)

    def holder(self, token: str) -> Source | None:
        """Whose `<key id>.<secret>` this is; an unknown id costs the time of a wrong secret."""
        key_id, _, secret = token.partition(".")
        digest = hashlib.sha256(secret.encode(errors="replace")).digest()
        same = hmac.compare_digest(digest, self._digests.get(key_id, _NO_DIGEST))
        return self._sources.get(key_id) if same else None


def read_sources(path: Path) -> tuple[SourceEntry, ...]:
    """The entries of a sources file. Raises SourcesFileError; an absent file has no entries."""
    try:
        text = path.read_text(encoding="utf-8")
        entries = SourcesFile.model_validate(tomllib.loads(text)).source
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path.name}: {error}"
        raise SourcesFileError(message) from error
    except ValidationError as error:
        raise SourcesFileError(f"{path.name}: {_first_fault(error)}") from None
    _demand_unique(path, entries)
    return entries


def add_source(
    path: Path,
    key_id: str,
    publishers: tuple[str, ...],
    *,
    kinds: tuple[str, ...] = (EVERYTHING,),
    types: tuple[str, ...] = (EVERYTHING,),
    scopes: tuple[Scope, ...] = (),
) -> str:
    """Write a new source into the file (mode 0600, replaced in one step) and return its token.

    The token is `<key id>.<secret>`; only its hash is kept, so this is the one time it can be seen.
    Raises SourcesFileError when the id is taken, a word is not allowed or the file is broken.
    """
    secret = secrets.token_hex(SECRET_BYTES)
    entry = _entry(
        id=key_id,
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        publishers=publishers,
        kinds=kinds,
        types=types,
        scopes=scopes,
    )
    if any(known.id == entry.id for known in read_sources(path)):
        message = f"{path.name}: the source {entry.id} exists already"
        raise SourcesFileError(message)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    _replace(path, before + _as_toml(entry))
    return f"{entry.id}.{secret}"


def _entry(**words: object) -> SourceEntry:
    try:
        return SourceEntry.model_validate(words)
    except ValidationError as error:
        raise SourcesFileError(_first_fault(error)) from None


def _demand_unique(path: Path, entries: tuple[SourceEntry, ...]) -> None:
    ids = [entry.id for entry in entries]
    twice = next((key_id for key_id in ids if ids.count(key_id) > 1), None)
    if twice is not None:
        message = f"{path.name}: the source {twice} stands there twice"
        raise SourcesFileError(message)


def _first_fault(error: ValidationError) -> str:
    # never the input: it may be a secret that somebody wrote into the wrong field
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    says = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {says}" if where else says


def _as_toml(entry: SourceEntry) -> str:
    words: Mapping[str, object] = entry.model_dump(mode="json")
    lines = [f"{name} = {json.dumps(word)}" for name, word in words.items()]
    return "\n".join(["[[source]]", *lines, "", ""])


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
