// Writes with the package influxdb-lite, as version 1 and as version 2.
const influx = require("influxdb-lite")

const [port] = process.argv.slice(2)
const url = `http://127.0.0.1:${port}`

async function main() {
  await influx.write({ url, db: "lite" }, [{ measurement: "lite1", fields: { value: 12.34 } }])
  await influx.write(
    { url, version: "v2", bucket: "lite", org: "org", token: "none" },
    { measurement: "lite2", tags: { host: "linux, too" }, fields: { value: 5.4 } },
  )
  process.stdout.write("{}")
}

main()
