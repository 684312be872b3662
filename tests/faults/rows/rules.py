"""The rules are changed again and again, and trackers are killed while they look at everything."""

from services.cli.broadcasting import append_to_all
from tests.faults.running import Row, Run

_BUILT_IN = 'version = "built in"\n'


def change_rules(run: Run) -> None:
    """Tighten and loosen what waits, moves and is held; the end is what is built in."""
    number = 0
    while run.loaded:
        number += 1
        hours = run.chance.choice((1, 6, 40, 400))
        _apply(
            run, f'version = "{number}"\n[default]\ndwell = "PT{hours}H"\nsilent = "PT{hours}H"\n'
        )
        run.wait(0, 0.6)
        victim = run.chance.choice(run.world.trackers)
        victim.kill()
        run.count("kills")
        victim.start()
        run.recovered(victim)
    _apply(run, _BUILT_IN)


def _apply(run: Run, toml: str) -> None:
    said: dict[str, object] = {"type": "rules", "version": "fault", "toml": toml}
    append_to_all(run.world.bootstrap, said, run.world.clock.now())
    run.count("rules applied")


RULES = (
    Row(
        "rules changed, kill -9",
        "every movement is judged once by each of the rules, in the order of the journal",
        change_rules,
    ),
)
