// Writes with the package influx, which first makes sure that its database exists.
const { InfluxDB } = require("influx")

const [port] = process.argv.slice(2)

async function main() {
  const client = new InfluxDB({ host: "127.0.0.1", port: Number(port), database: "npm home" })
  const hosts = await client.ping(10_000)
  const before = await client.getDatabaseNames()
  await client.createDatabase("npm home")
  const after = await client.getDatabaseNames()
  await client.writePoints([
    { measurement: "npm1", tags: { host: "a b" }, fields: { value: 21.5, on: true, text: "x" } },
  ])
  await client.writeMeasurement("npm1", [{ fields: { value: 3 }, timestamp: new Date(1_763_793_660_500) }])
  process.stdout.write(JSON.stringify({ online: hosts.every((host) => host.online), before, after }))
}

main()
