"""`python -m tests.benchmarks`: every benchmark, one after another, or one with its options."""

import subprocess
import sys

ALL = (
    "peers",
    "tracker",
    "flat",
    "deadlines",
    "alert_delay",
    "recovery",
    "exactly_once",
    "edge",
    "learnt",
)


def main() -> None:
    name, *options = sys.argv[1:] or [""]
    if name and name not in ALL:
        sys.exit(f"a benchmark is one of {', '.join(ALL)}, not {name}")
    failed = [each for each in ([name] if name else ALL) if _run(each, options)]
    if failed:
        sys.exit(f"did not come to their end: {', '.join(failed)}")


def _run(name: str, options: list[str]) -> int:
    """The exit code."""
    print(f"\n== {name} ==\n", flush=True)
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *options]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    main()
