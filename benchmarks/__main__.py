"""`python -m benchmarks`."""

from benchmarks.harness.catalogue import main

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
