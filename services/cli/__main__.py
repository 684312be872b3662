"""`python -m services.cli`: the same as `chasqui`."""

from services.cli.main import main

main(prog_name="chasqui")
