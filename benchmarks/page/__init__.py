"""What the benchmark of the page runs in a browser: our charts, and uPlot's."""
