"""What is published is what the models say, byte for byte."""

import json
from pathlib import Path

import pytest

from schemas import publish
from schemas.publish import PUBLISHED, differing, documents, main
from schemas.topics import TOPICS


def test_regenerating_changes_nothing() -> None:
    assert differing(PUBLISHED) == []
    assert dict(documents()) == dict(documents())
    assert main(["--check"]) == 0


def test_a_difference_is_told_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(publish, "PUBLISHED", tmp_path / "published")
    assert main([]) == 0
    (tmp_path / "published" / "tick.schema.json").write_text("{}")
    (tmp_path / "published" / "old.schema.json").write_text("{}")
    assert main(["--check"]) == 1
    assert "old.schema.json, tick.schema.json" in capsys.readouterr().err
    assert main([]) == 0
    assert differing(tmp_path / "published") == []


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads((PUBLISHED / "asyncapi.json").read_text(encoding="utf-8"))
    assert list(document["channels"]) == [topic.name for topic in TOPICS]
    for channel in document["channels"].values():
        for message in channel["messages"].values():
            schema = message["payload"].get("schema")
            assert schema is None or (PUBLISHED / schema["$ref"]).is_file()
    for operation in document["operations"].values():
        name = operation["channel"]["$ref"].removeprefix("#/channels/")
        assert name in document["channels"]
