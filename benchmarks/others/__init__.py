"""Other programs that keep time series, as Debian packages them, and ours beside them.

Each is started on a scratch folder and port with its defaults. What that means for what is
acknowledged: InfluxDB has synced it to the disk; VictoriaMetrics has it in memory, and writes it
to the disk after a second or more; ours has it in Redis, whose file is synced each second, and
counts as stored once the database has synced it.
"""
