"""Raw events as sources write them, by Hypothesis, of every type."""

from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

from hypothesis import strategies as st

from schemas.codes import COUNTRIES, UNITS
from schemas.personal import personal_text
from schemas.vocabulary import (
    EVENT_TYPES,
    LEGGED,
    MILESTONES,
    AcceptableDelay,
    CountedType,
    Mode,
    Reason,
    ResolvableDoubt,
)

Raw = dict[str, object]

ids = st.text("abcXYZ019 .-_éñ漢", min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
codes = st.text("ABCxyz019", min_size=1, max_size=8)
slugs = st.text("abc019", min_size=1, max_size=8)
whole = st.integers(1, 5)
quantities = st.one_of(
    st.integers(1, 10**9), st.floats(0.001, 10**9, allow_nan=False), st.integers(1, 9).map(float)
)
counts = st.one_of(st.just(0), st.just(0.0), quantities)
notes = st.text('abc \n"\\é', min_size=1, max_size=20).filter(lambda text: not text.isspace())
_FIRST = datetime(2001, 1, 1, tzinfo=UTC)
_LAST = datetime(2099, 12, 31, tzinfo=UTC)
moments = st.datetimes(_FIRST.replace(tzinfo=None), _LAST.replace(tzinfo=None)).map(
    lambda at: at.replace(tzinfo=UTC)
)
offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@st.composite
def times(draw: st.DrawFn) -> str:
    """A moment with any offset and any precision."""
    text = draw(moments).astimezone(draw(offsets)).isoformat(timespec=draw(_PRECISION))
    return text.replace("+00:00", draw(st.sampled_from(["Z", "z", "+00:00", "-00:00"])))


_PRECISION = st.sampled_from(["seconds", "milliseconds", "microseconds"])


def numbered(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[list[Raw]]:
    """Lines with each number once."""
    line = st.fixed_dictionaries({"line": whole, **fields})
    return st.lists(line, min_size=1, max_size=3, unique_by=lambda one: str(one["line"]))


def _choice(words: object) -> st.SearchStrategy[object]:
    return st.sampled_from(get_args(words))


def _items(unit: st.SearchStrategy[str]) -> st.SearchStrategy[list[Raw]]:
    return numbered(item=slugs, quantity=quantities, unit=unit)


_counted = numbered(accepted=counts, damaged=counts)
_quantified = numbered(quantity=quantities)
_any_unit = st.sampled_from(sorted(UNITS))
_children = st.lists(
    st.fixed_dictionaries(
        {"subject_id": ids.map("child ".__add__), "lines": _quantified},
        optional={"due_at": st.one_of(st.none(), times())},
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda child: str(child["subject_id"]),
)

_OWN: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "committed": {
        "lines": _items(_any_unit),
        "due_at": times(),
        "recipient": st.sampled_from(sorted(COUNTRIES)),
    },
    "registered": {"lines": _items(st.just("IE")), "legs": whole},
    "departed": {"leg": whole, "silent_until": times()},
    "arrived": {"leg": whole},
    "held": {"hold_id": ids, "reason": _choice(Reason)},
    "released": {"hold_id": ids},
    "handed_over": {"event_id": ids, "lines": _counted, "closed": st.booleans()},
    "confirmed": {"lines": _counted},
    "lost": {"event_id": ids, "lines": _quantified},
    "split": {"event_id": ids, "children": _children},
    "merged": {"event_id": ids, "into": ids.map("into ".__add__), "lines": _quantified},
    "rebaselined": {"milestone": st.sampled_from(MILESTONES), "at": times(), "note": notes},
    "discrepancy_accepted": {"delay": _choice(AcceptableDelay), "note": notes},
    "adopted": {
        "parties": st.fixed_dictionaries({"owner": codes}, optional={"custodian": codes}),
        "lines": st.one_of(st.just([]), _items(st.just("IE"))),
        "note": notes,
    },
    "reopened": {"note": notes},
}
_preferences: dict[str, st.SearchStrategy[object]] = {
    "possible_duplicate": st.fixed_dictionaries({"publisher": codes, "type": _choice(CountedType)}),
    "conflict": st.fixed_dictionaries(
        {"publisher": codes, "event_id": ids, "content": st.text("0af", min_size=32, max_size=64)}
    ),
}
_FORESEEABLE = {"ready", *LEGGED, "handed_over", "completed", "returned"}
_OPTIONAL: dict[str, st.SearchStrategy[object]] = {
    "schema_version": st.sampled_from([1, 1.0]),
    "event_id": ids,
    "retracted": st.just(value=False),
    "leg": whole,
    "mode": st.one_of(st.none(), _choice(Mode)),
    "location": st.fixed_dictionaries(
        {"country": st.sampled_from(sorted(COUNTRIES))},
        optional={
            "name": ids.filter(lambda text: personal_text(text) is None),
            "lat": st.floats(-90, 90),
            "lon": st.none(),
        },
    ),
    "parties": st.fixed_dictionaries({}, optional={"owner": codes, "custodian": codes}),
    "refs": st.fixed_dictionaries({}, optional={"commitment": ids}),
    "received_at": times(),
    "revised_at": st.just("2100-06-01T00:00:00.5+02:00"),
    "colour": st.integers(),
}


@st.composite
def sayings(draw: st.DrawFn) -> Raw:
    """An event that is admitted."""
    type_ = draw(st.sampled_from(EVENT_TYPES))
    kinds = ["commitment"] if type_ == "committed" else ["shipment", "deployment"]
    classifiers = ["planned", "estimated", "actual"] if type_ in _FORESEEABLE else ["actual"]
    own = _OWN.get(type_, {})
    if type_ == "preferred":
        doubt = draw(st.sampled_from(get_args(ResolvableDoubt)))
        own = {"doubt": st.just(doubt), "counts": _preferences[doubt], "note": notes}
    envelope = {
        "publisher": codes,
        "kind": st.sampled_from(kinds),
        "subject_id": ids,
        "type": st.just(type_),
        "classifier": st.sampled_from(classifiers),
        "occurred_at": times(),
        "recorded_at": times(),
    }
    optional = {name: made for name, made in _OPTIONAL.items() if name not in own}
    return draw(st.fixed_dictionaries({**envelope, **own}, optional=optional))
