"""`python -m tests.benchmarks.peers`: the same fold by this engine and by others."""

import argparse
import dataclasses
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.benchmarks.measure import broker, machine, median, table
from tests.benchmarks.peers.contest import Figures, heat_of, run
from tests.benchmarks.peers.contestants import CONTESTANTS, Contestant
from tests.benchmarks.peers.events import KEYS, PARTITIONS, publish

HEADER = (
    "", "events/s", "CPU s/100k", "of engine", "first 100k", "start CPU s", "peak MB",
)  # fmt: skip
Results = Mapping[str, list[Figures]]


def main() -> None:
    options = _options()
    chosen = [each for each in CONTESTANTS if each.name in options.only]
    results = _contest(chosen, options.rounds, options.events)
    print(f"\n{machine()}\n{_conditions(options)}\n")
    print(table(HEADER, _rows(results)))
    print("\n" + "\n".join(f"{each.name}: {_says(each, options.events)}" for each in chosen))
    if options.json:
        turns = {name: [dataclasses.asdict(f) for f in all_] for name, all_ in results.items()}
        said = {"machine": machine(), "events": options.events, "turns": turns}
        options.json.write_text(json.dumps(said, indent=1))


def _contest(chosen: list[Contestant], rounds: int, events: int) -> Results:
    results = defaultdict(list)
    with tempfile.TemporaryDirectory() as made, broker(Path(made) / "broker") as kafka:
        folder = Path(made)
        heats = [heat_of(each, 0, kafka.bootstrap, events, folder) for each in chosen]
        counts = {heat.topic: heat.events for heat in heats}
        expected = {topic: publish(kafka.bootstrap, topic, n) for topic, n in counts.items()}
        for number in range(1, rounds + 1):
            for contestant in chosen:
                heat = heat_of(contestant, number, kafka.bootstrap, events, folder)
                figures = run(contestant, heat, expected[heat.topic])
                results[contestant.name].append(figures)
                shutil.rmtree(heat.folder)
                print(
                    f"round {number}, {contestant.name}: {figures.per_second:,.0f} events/s, "
                    f"{figures.cpu_per_100k:.2f} CPU s/100k {figures.wrong}",
                    flush=True,
                )
    return results


def _rows(results: Results) -> Iterable[list[object]]:
    ours = results.get("engine")
    for name, turns in results.items():
        cpu = median(each.cpu_per_100k for each in turns)
        wrong = next((each.wrong for each in turns if each.wrong), "")
        yield [
            f"{name} WRONG: {wrong}" if wrong else name,
            round(median(each.per_second for each in turns)),
            f"{cpu:.2f}",
            f"{cpu / median(each.cpu_per_100k for each in ours):.2f}" if ours else "",
            f"{median(each.cold_cpu_per_100k for each in turns):.2f}",
            f"{median(each.start_cpu for each in turns):.2f}",
            round(median(each.peak_mb for each in turns)),
        ]


def _conditions(options: argparse.Namespace) -> str:
    return (
        f"{options.events:,} events of 400 bytes, {KEYS:,} keys, {PARTITIONS} partitions; "
        f"events/s and CPU of the last 100,000; median of {options.rounds} interleaved rounds; "
        "each on one core, Kafka on another"
    )


def _says(contestant: Contestant, events: int) -> str:
    fewer = f"; the first {int(events * contestant.share):,} events" * (contestant.share < 1)
    return contestant.says + fewer


def _options() -> argparse.Namespace:
    names = [each.name for each in CONTESTANTS]
    parser = argparse.ArgumentParser(prog="peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=400_000)
    parser.add_argument("--only", type=lambda given: given.split(","), default=names)
    parser.add_argument("--json", type=Path, help="write the figures of every turn there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
