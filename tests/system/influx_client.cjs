// Writes with InfluxData's client for JavaScript, its defaults and the address alone.
// Prints what it was told: one JSON object.
const { InfluxDB, Point, HttpError } = require("@influxdata/influxdb-client")

async function written(url, lines) {
  const api = new InfluxDB({ url, token: "none" }).getWriteApi("home", "home", "ns")
  const seen = { ok: false, status: null, retryAfter: null }
  for (const line of lines) {
    if (line === null) api.writePoint(new Point("js").tag("host", "a").floatField("value", 21.5))
    else api.writeRecord(line)
  }
  try {
    await api.close()
    seen.ok = true
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    seen.status = error.statusCode
    seen.message = error.message
  }
  return seen
}

async function main() {
  const [url] = process.argv.slice(2)
  const good = await written(url, [null, "js,host=b value=1,text=\"x\\\"y\""])
  const bad = await written(url, ["js", "js value=2"])
  process.stdout.write(JSON.stringify({ good, bad }))
}

main()
