// Writes with InfluxData's client for JavaScript, with its defaults and only the address set.
// Prints each result as a JSON object on a line.
const { InfluxDB, Point, HttpError } = require("@influxdata/influxdb-client")

const [url, lines] = process.argv.slice(2)

function print(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

async function main() {
  const callbacks = {
    writeSuccess: () => print({ ok: true }),
    writeFailed(error, _lines, attempt) {
      if (!(error instanceof HttpError)) return
      print({ ok: false, status: error.statusCode, message: error.message, attempt })
    },
  }
  const api = new InfluxDB({ url, token: "none" }).getWriteApi("home", "home", "ns", callbacks)
  for (const line of JSON.parse(lines)) {
    if (line === null) api.writePoint(new Point("js").tag("host", "a").floatField("value", 21.5))
    else api.writeRecord(line)
  }
  // Retries continue after this, and keep the process alive.
  await api.flush().catch(() => {})
}

main()
