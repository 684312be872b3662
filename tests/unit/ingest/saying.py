"""Events as a field system writes them, for the tests of the edge."""

import json
from datetime import UTC, datetime

NOW = datetime(2026, 2, 3, 20, tzinfo=UTC)


def saying(**changes: object) -> dict[str, object]:
    """A departed ambulance, an hour before NOW; a change of None leaves the field out."""
    event: dict[str, object] = {
        "event_id": "hsi-1",
        "publisher": "US-DHS-HSI",
        "kind": "shipment",
        "subject_id": "EC-AMB-0017",
        "type": "departed",
        "classifier": "actual",
        "occurred_at": "2026-02-03T14:00:00-05:00",
        "recorded_at": "2026-02-03T14:31:12-05:00",
    }
    return {name: value for name, value in (event | changes).items() if value is not None}


def row(**changes: object) -> bytes:
    return json.dumps(saying(**changes)).encode()
