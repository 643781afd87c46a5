// Stands before the proxies, hands on every request as it came, and writes down what prism says of it in `sl-violations`.

import http from 'node:http'

// How answers look that prism gives itself.
const PRISMS = /"code":"(invalid_json)"|stoplight\.io\/prism\/errors#(\w+)/
// What prism adds, and what belongs to one connection.
const HOP = /^(sl-violations|access-control-.*|transfer-encoding|connection|keep-alive|content-length)$/i

/**
 * Starts the recorder. `/NAME/...` goes to the proxy of the specification NAME.
 *
 * @param {Map<string, number>} ports port of the proxy, by name of the specification
 */
export async function record(ports) {
  const exchanges = []
  // Violations of a big body do not fit into the default of 16 KB.
  const options = { maxHeaderSize: 1 << 20, agent: new http.Agent({ keepAlive: true, maxSockets: 64 }) }
  const server = http.createServer({ maxHeaderSize: 1 << 20 }, (request, response) => {
    const [, spec, path] = /^\/([^/]+)(.*)$/.exec(request.url) ?? []
    const label = request.headers['content-type']
    const exchange = { spec, method: request.method, path, label, status: null, violations: [], answeredBy: 'nobody' }
    exchanges.push(exchange)
    const failed = (error) => {
      exchange.answeredBy = `nobody (${error.code ?? error.message})`
      response.writeHead(502).end()
    }
    const headers = request.rawHeaders.filter((_, at) => request.rawHeaders[at - (at % 2)].toLowerCase() !== 'host')
    const onward = http.request(
      {
        ...options,
        host: '127.0.0.1',
        port: ports.get(spec),
        method: request.method,
        path,
        headers: ['host', 'localhost', ...headers],
      },
      (answer) => {
        exchange.status = answer.statusCode
        exchange.violations = JSON.parse(answer.headers['sl-violations'] ?? '[]')
        const chunks = []
        answer.on('data', (chunk) => chunks.push(chunk))
        answer.on('error', failed)
        answer.on('end', () => {
          const body = Buffer.concat(chunks)
          exchange.answeredBy = 'sandbox'
          const [, json, own] = PRISMS.exec(body.toString('latin1')) ?? []
          const error = json ?? own
          if (error) exchange.answeredBy = `prism: ${error}`
          const kept = answer.rawHeaders.filter((_, at) => !HOP.test(answer.rawHeaders[at - (at % 2)]))
          // What prism adds is taken away again, so that d1c sees the answer of the sandbox.
          response.writeHead(answer.statusCode, body.length ? [...kept, 'content-length', String(body.length)] : kept)
          response.end(body)
        })
      },
    )
    onward.on('error', failed)
    request.once('data', (chunk) => (exchange.empty = ['0', 'false', 'null'].includes(chunk.toString())))
    request.pipe(onward)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { exchanges, port: server.address().port, close: () => server.close() && server.closeAllConnections() }
}
