"""What all benchmarks share: finding them, comparing in turns, and naming the machine."""
