"""Entry point of `python -m benchmarks`."""

from benchmarks.harness.registry import main

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
