"""kill -9 of a real Alertmanager, which is shown again and again what stands."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from schemas.times import parse
from services.alerts.core.standing import milestone_of
from tests.faults.receiving import Message, taken
from tests.faults.rows.sinks import SINKS
from tests.faults.running import Row, Run, Size

KILLS = 4
_KILLS_IN_SHORT = 2
_LONG = Size(60, 585)
_REMEMBERED = timedelta(seconds=3)
"""What it was shown for so long it remembers after its death: it writes down every second."""
Labels = tuple[tuple[str, str], ...]
Place = tuple[str, str, str]
"""Delay, subject and milestone: what an Alertmanager's labels say of it."""
Lives = dict[Place, tuple[datetime, datetime | None]]
"""From when to when each lasted, wall time; None where it lasts."""


def kill_alertmanager(run: Run) -> None:
    """Again and again, and for a moment nobody is there."""
    peer = run.world.alertmanager
    run.findings.figures["notified before"] = len(peer.notified())
    kills = KILLS if run.size.seconds >= _LONG.seconds else _KILLS_IN_SHORT
    for _ in range(kills):
        run.wait(run.size.seconds / (kills + 2), run.size.seconds / (kills + 1))
        began = run.world.clock.wall()
        peer.kill()
        run.wait(0, 1)
        peer.start()
        run.findings.spans.append((began, run.world.clock.wall()))
        run.count("kills")


def nothing_lost(run: Run) -> None:
    """People heard of every beginning and every end, of each at most once more for each kill."""
    told = _told(run)
    wanted = {one: ended for one, (since, ended) in told.items() if _known(run, since, ended)}
    seconds = run.eventually(lambda: not _missing(run, wanted), "people hear of everything")
    run.findings.recoveries.append(seconds)
    missing = _missing(run, wanted)
    run.demand(not missing, f"people did not hear of {missing[:3]}")
    run.count("alerts", len(wanted))
    run.count("ends", sum(1 for ended in wanted.values() if ended))
    run.count("too short to be remembered", len(told) - len(wanted))
    run.count("of these not heard of in full", len(_missing(run, _over(told, wanted))))
    _demand_few_repeats(run)


def _told(run: Run) -> Lives:
    """What the webhook, which was well, was told of: since when, and until when if it is over."""
    found: Lives = {}
    for message in taken(run.world.hook):
        if message.subject not in run.subjects:
            continue  # of another run, or a digest, which is of a country
        place, at = _place(message), parse(message.written_at)
        match message.news:
            case "opened":
                found[place] = (found.get(place, (at, None))[0], None)
            case "resolved":
                found[place] = (found.get(place, (at, None))[0], at)
    return found


def _place(message: Message) -> Place:
    data = message.data
    milestone = milestone_of(data["milestone"], data["leg"], data["hold_id"])
    return data["delay"], data["subject_id"], milestone or ""


def _known(run: Run, began: datetime, ended: datetime | None) -> bool:
    """Whether it lasted for long enough while Alertmanager was there without a break."""
    spans = run.findings.spans
    there_from = [began, *(max(began, up) for _, up in spans)]
    there_until = [*(down for down, _ in spans), ended]
    return any(
        ended is None or (until is not None and min(until, ended) - since >= _REMEMBERED)
        for since, until in zip(there_from, there_until, strict=True)
    )


def _over(told: Lives, wanted: dict[Place, datetime | None]) -> dict[Place, datetime | None]:
    """What began and ended, and is not among the wanted."""
    return {one: ended for one, (_, ended) in told.items() if one not in wanted}


def _missing(run: Run, wanted: dict[Place, datetime | None]) -> list[str]:
    """Beginnings nobody heard of, and ends: of each set of labels the last word counts."""
    last: dict[Place, dict[Labels, str]] = defaultdict(dict)
    for status, labels in _notified(run):
        last[_place_of(labels)][tuple(sorted(labels.items()))] = status
    unheard = [f"the beginning of {place}" for place in wanted if place not in last]
    return unheard + [
        f"the {'end' if ended else 'lasting'} of {place}: {set(last[place].values())}"
        for place, ended in wanted.items()
        if place in last and ("firing" in last[place].values()) is (ended is not None)
    ]


def _demand_few_repeats(run: Run) -> None:
    words = Counter((status, tuple(sorted(labels.items()))) for status, labels in _notified(run))
    run.count("notifications", words.total())
    run.count("repeated", words.total() - len(words))
    often = [word for word, times in words.items() if times > 1 + len(run.findings.spans)]
    run.demand(not often, f"told too often: {often[:2]}")


def _notified(run: Run) -> list[tuple[str, dict[str, str]]]:
    since = round(run.findings.figures["notified before"])
    ours = {subject.partition("/")[2] for subject in run.subjects}
    notified = run.world.alertmanager.notified()[since:]
    return [(status, labels) for status, labels in notified if labels.get("subject") in ours]


def _place_of(labels: dict[str, str]) -> Place:
    return labels["delay"], labels["subject"], labels.get("milestone", "")


PEERS = (
    Row(
        "Alertmanager kill -9",
        "no beginning and no end is lost; each is told at most once more for each kill",
        kill_alertmanager,
        shape=SINKS,
        short=Size(14, 104),
        long=_LONG,
        then=nothing_lost,
    ),
)
