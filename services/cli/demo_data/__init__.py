"""The data sets of `stripchart demo`. Their values are functions of seed, series and time."""
