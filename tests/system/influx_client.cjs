// Writes with InfluxData's client for JavaScript, its defaults and the address alone.
// Prints what it was told: a JSON object a line.
const { InfluxDB, Point, HttpError } = require("@influxdata/influxdb-client")

const [url, lines] = process.argv.slice(2)

function tell(seen) {
  process.stdout.write(`${JSON.stringify(seen)}\n`)
}

async function main() {
  const callbacks = {
    writeSuccess: () => tell({ ok: true }),
    writeFailed(error, _lines, attempt) {
      if (!(error instanceof HttpError)) return
      tell({ ok: false, status: error.statusCode, message: error.message, attempt })
    },
  }
  const api = new InfluxDB({ url, token: "none" }).getWriteApi("home", "home", "ns", callbacks)
  for (const line of JSON.parse(lines)) {
    if (line === null) api.writePoint(new Point("js").tag("host", "a").floatField("value", 21.5))
    else api.writeRecord(line)
  }
  // What is to be tried again goes on after this, and keeps the process.
  await api.flush().catch(() => {})
}

main()
