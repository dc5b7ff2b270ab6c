"""Owns ``python -m derivcheck``: the command line, without its script being on the path."""

from derivcheck.cli import main

if __name__ == "__main__":
    main(prog_name="derivcheck")
