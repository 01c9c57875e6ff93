"""The benchmarks: every figure is a ratio to a yardstick that is measured in the same run. `python -m bench`."""
