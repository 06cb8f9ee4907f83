"""Other time-series databases, as Debian packages them, and Stripchart beside them.

Each runs with its defaults on a temporary folder and port. Their acknowledgements differ: InfluxDB
has synced a write to the disk. VictoriaMetrics has it in memory and writes it to the disk after a
second or more. Stripchart has it in Redis, whose file is synced every second; a reading counts as
stored once the database has synced it.
"""
