"""Writes with the package aioinflux, and prints the names of the databases."""

import asyncio
import json
import sys
import warnings

warnings.simplefilter("ignore")  # it warns that pandas is missing

from aioinflux import InfluxDBClient  # noqa: E402


async def main() -> None:
    async with InfluxDBClient("127.0.0.1", int(sys.argv[1]), db="aio") as client:
        await client.ping()
        await client.create_database(db="aio")
        answer = await client.show_databases()
        point = {"measurement": "aio", "tags": {"host": "x y"}, "fields": {"value": 1.25, "n": 3}}
        await client.write(point | {"time": "2025-11-22T06:41:00.5Z"})
        await client.write("aio value=2.5")
    print(json.dumps([name for (name,) in answer["results"][0]["series"][0]["values"]]))  # noqa: T201


asyncio.run(main())
