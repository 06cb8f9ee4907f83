// Writes with InfluxData's client for InfluxDB 3, through both routes that it knows.
const { InfluxDBClient, Point } = require("@influxdata/influxdb3-client")

const [port] = process.argv.slice(2)

async function main() {
  const client = new InfluxDBClient({
    host: `http://127.0.0.1:${port}`, token: "none", database: "three",
  })
  await client.write(Point.measurement("js3").setTag("host", "a").setFloatField("value", 21.5))
  await client.write("js3,host=b value=1.5 1763793660", undefined, undefined, { precision: "s", gzipThreshold: 1 })
  await client.write("js3 value=2.5", undefined, undefined, { noSync: true })
  const error = await client.write("js3\njs3 value=3.5").catch((error) => error)
  await client.close()
  process.stdout.write(JSON.stringify({ status: error.statusCode, message: error.message }))
}

main()
