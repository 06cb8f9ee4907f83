"""Code of the page benchmarks that runs in a browser: Stripchart's charts and uPlot's."""
