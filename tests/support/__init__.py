"""The test harness: servers, processes, clocks, viewers and recorded journals."""
