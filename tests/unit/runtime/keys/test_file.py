"""A key says who sends; its secret is nowhere but with the sender."""

import stat
from pathlib import Path

import pytest

from services.runtime.keys.file import Keyring, SourcesFileError, add_source, read_sources
from services.runtime.keys.source import Scope, Source


def test_a_new_source_is_known_by_its_token(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "sources.toml"
    token = add_source(path, "hsi", ("US-DHS-HSI",), kinds=("shipment",), scopes=(Scope.OPERATOR,))
    holder = Keyring(read_sources(path)).holder(token)
    assert holder == Source(
        "hsi", ("US-DHS-HSI",), ("shipment",), ("*",), frozenset({Scope.OPERATOR})
    )


def test_the_file_is_private_and_keeps_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    token = add_source(path, "hsi", ("US-DHS-HSI",))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = token.split(".")[1]
    assert len(bytes.fromhex(secret)) == 32
    assert secret not in path.read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == ["sources.toml"]


def test_comments_and_earlier_sources_stay(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text("# the field systems\n")
    tokens = [add_source(path, key_id, ("US-FBI",)) for key_id in ("one", "two")]
    keyring = Keyring(read_sources(path))
    assert path.read_text().startswith("# the field systems\n")
    holders = [keyring.holder(token) for token in tokens]
    assert [holder.key_id for holder in holders if holder] == ["one", "two"]


@pytest.mark.parametrize(
    "token", ["", ".", "hsi", "hsi.", "hsi.00", "nobody.00", "hsi.\udce4", "\u00e9.\u00e9"]
)
def test_a_wrong_token_has_no_holder(tmp_path: Path, token: str) -> None:
    path = tmp_path / "sources.toml"
    add_source(path, "hsi", ("US-DHS-HSI",))
    assert Keyring(read_sources(path)).holder(token) is None


def test_an_absent_file_knows_nobody(tmp_path: Path) -> None:
    assert len(Keyring(read_sources(tmp_path / "none.toml"))) == 0


@pytest.mark.parametrize(
    "text",
    [
        "[[source]",
        '[[source]]\nid = "hsi"',
        '[[source]]\nid = "hsi"\nsecret = "s3cret"\npublishers = ["*"]',
        '[[source]]\nid = "HSI!"\nsecret_sha256 = "s3cret"\npublishers = ["*"]',
        "\x00",
    ],
)
def test_a_broken_file_is_one_sentence_without_its_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(SourcesFileError, match=r"^sources\.toml: ") as caught:
        read_sources(path)
    assert "s3cret" not in str(caught.value)


def test_an_id_cannot_be_taken_twice(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    add_source(path, "hsi", ("US-DHS-HSI",))
    with pytest.raises(SourcesFileError, match="exists already"):
        add_source(path, "hsi", ("US-FBI",))
    path.write_text(path.read_text() * 2)
    with pytest.raises(SourcesFileError, match="twice"):
        read_sources(path)


@pytest.mark.parametrize("publisher", ["US FBI", "", "*-FBI", "-US", "US/FBI"])
def test_a_publisher_is_a_code_or_a_prefix(tmp_path: Path, publisher: str) -> None:
    with pytest.raises(SourcesFileError):
        add_source(tmp_path / "sources.toml", "hsi", (publisher,))


@pytest.mark.parametrize(
    ("pattern", "publisher", "spoken_for"),
    [
        ("*", "EC-PN", True),
        ("US-DHS-*", "US-DHS-HSI", True),
        ("US-DHS-*", "US-FBI", False),
        ("US-FBI", "US-FBI-X", False),
    ],
)
def test_patterns_of_publishers(pattern: str, publisher: str, spoken_for: bool) -> None:
    assert Source("k", (pattern,)).speaks_for(publisher) is spoken_for


@pytest.mark.parametrize("scope", [Scope.OPERATOR, Scope.ALERTS])
def test_a_key_of_peoples_tools_speaks_for_nobody(tmp_path: Path, scope: Scope) -> None:
    path = tmp_path / "sources.toml"
    token = add_source(path, "oncall", (), scopes=(scope,))
    holder = Keyring(read_sources(path)).holder(token)
    assert holder is not None
    assert holder.scopes == {scope}
    assert not any(holder.speaks_for(code) for code in ("US-FBI", "", "*"))


@pytest.mark.parametrize("scopes", [(), (Scope.BACKFILL,)])
def test_a_key_that_may_do_nothing_is_not_made(tmp_path: Path, scopes: tuple[Scope, ...]) -> None:
    with pytest.raises(SourcesFileError, match=r"^publishers: at least one, or the scope alerts"):
        add_source(tmp_path / "sources.toml", "hsi", (), scopes=scopes)
