// usage: check.mjs D1C PRISM ROLE [DEFECT FILTER SIDE]
//
// Puts one prism before every specification of a role, sends d1c through them, and judges what prism says. With a defect,
// prism must see it on this side, `request` or `response`, and it must not be in expected.json.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

import { record } from './recorder.mjs'

const [d1c, prism, role, defect, filter, side] = process.argv.slice(2)
const suites = { d1: ['inbound'], issuer: ['outbound', 'outbound-extra'] }[role]
const direction = { d1: 'inbound', issuer: 'outbound' }[role]

// These say that the sandbox refused the request for what it looks like, or for who sent it; so may prism.
const REFUSED = [400, 401, 405, 413, 415]

const work = await mkdtemp(join(tmpdir(), 'prism-'))
const children = []
let code = 1
try {
  code = await main()
} finally {
  children.forEach((child) => child.kill())
  await rm(work, { recursive: true, force: true })
}
process.exit(code)

async function main() {
  const planted = defect ? ['--defect', defect] : []
  const serve = ['sandbox', '--role', role, '--listen', '127.0.0.1:0', ...planted]
  const [, url] = await started(d1c, serve, /^listening on (\S+)/)
  const specs = await specifications()
  const ports = new Map()
  for (const { name, file, basePath } of specs) {
    const port = await freePort()
    await started(prism, ['proxy', join('specs', file), url + basePath, '--port', String(port)], /Prism is listening/)
    ports.set(name, port)
  }
  const recorder = await record(ports)
  const exit = await run(specs, recorder.port)
  recorder.close()
  const judged = await judge(recorder.exchanges)
  const { exchanges } = recorder
  const answered = exchanges.filter((one) => one.answeredBy === 'sandbox')
  const refused = answered.filter((one) => REFUSED.includes(one.status))
  const who = defect ? `${role} with ${defect}` : role
  console.log(`  ${who}: ${specs.length} specifications, ${exchanges.length} exchanges, d1c exit ${exit}`)
  console.log(`  ${answered.length} answered by the sandbox, ${refused.length} of them refused`)
  const said = refused.filter((one) => one.violations.some(isRequest))
  console.log(`  refused requests: prism finds something wrong with ${said.length} of ${refused.length}`)
  for (const { reason, count } of judged.excused) console.log(`  ${count} times: ${reason}`)
  for (const [line, { count, example }] of judged.flagged) {
    console.log(`  FLAGGED ${count} times: ${line}\n    such as ${example}`)
  }
  if (defect) {
    const seen = [...judged.flagged.keys()].some((line) => line.includes(`: ${side}.`))
    if (!seen) console.error(`prism did not see ${defect}`)
    return seen ? 0 : 1
  }
  if (answered.length < 100) console.error('too few exchanges: d1c did not get through')
  // An entry that nothing needs any more would hide the next mistake.
  for (const { reason } of judged.unused) console.error(`not needed any more, take it out of expected.json: ${reason}`)
  return judged.flagged.size || judged.unused.length || answered.length < 100 ? 1 : 0
}

/** Starts a program and waits for a line of its output. */
async function started(program, args, sign) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const found = sign.exec(line)
    if (found) {
      // Read on, or the pipe fills up and the program stops.
      child.stdout.resume()
      return found
    }
  }
  throw new Error(`${program} ${args.join(' ')} ended before it was ready`)
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** The specifications that the suites of this role use. */
async function specifications() {
  const catalog = await readFile('specs/catalog.yaml', 'utf8')
  const used = (await Promise.all(suites.map((suite) => readFile(`suites/${suite}.yaml`, 'utf8')))).join('\n')
  const entry = /^ {2}- name: (\S+)\n {4}direction: (\S+)\n {4}file: (\S+)\n(?:.*\n)*? {4}base_path: (\S+)$/gm
  const entries = [...catalog.matchAll(entry)]
  const found = entries
    .filter(([, name, its]) => its === direction && new RegExp(`^ +- ${name}$`, 'm').test(used))
    .map(([, name, , file, basePath]) => ({ name, file, basePath: basePath === "''" ? '' : basePath }))
  if (!found.length) throw new Error('specs/catalog.yaml has no specification that this script can read')
  return found
}

async function run(specs, port) {
  const at = (name) => `http://127.0.0.1:${port}/${name}`
  const auth = specs.find(({ name }) => name.includes('Auth2')).name
  const example = await readFile(`examples/targets/sandbox-${role}.yaml`, 'utf8')
  const target = example
    .replace(/^base_url:.*$/m, `base_url: ${at('nowhere')}`)
    .replace(/^base_urls:\n(?: .*\n)+/m, `base_urls:\n${specs.map(({ name }) => `  ${name}: ${at(name)}\n`).join('')}`)
    .replace(/token_url:.*$/m, `token_url: ${at(auth)}/oauth2/token`)
    .replaceAll('{file:../../', `{file:${resolve('.')}/`)
    .replace(/timeout_seconds: .*/, 'timeout_seconds: 60')
  const file = join(work, 'target.yaml')
  await writeFile(file, target)
  const chosen = [...(filter ? [filter] : []), ...suites.flatMap((suite) => ['--suite', suite])]
  const args = ['run', ...chosen, '--target', file, '--no-snapshots', '--quiet', '--report-dir', join(work, 'report')]
  const child = spawn(d1c, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => (text += chunk))
  const [exit] = await once(child, 'close')
  if (exit === 2) throw new Error(`d1c refused its input:\n${text}`)
  if (process.env.VERBOSE) console.log(text)
  return exit
}

function isRequest({ location }) {
  return location[0] === 'request'
}

/** What prism says against answers, against requests that were not refused, and exchanges that it did not let through. */
async function judge(exchanges) {
  const expected = JSON.parse(await readFile(new URL('expected.json', import.meta.url), 'utf8'))
    .filter((one) => one.role === role)
    .map((one) => ({ ...one, pattern: new RegExp(one.pattern), count: 0 }))
  const flagged = new Map()
  for (const exchange of exchanges) {
    for (const what of complaints(exchange)) {
      const line = `${exchange.spec} ${exchange.method}${oddity(exchange)} -> ${exchange.status}: ${what}`
      const known = expected.find(({ pattern }) => pattern.test(line))
      if (known) {
        known.count += 1
        continue
      }
      const example = `${exchange.method} ${exchange.path}`.slice(0, 300)
      const entry = flagged.get(line) ?? { count: 0, example }
      entry.count += 1
      flagged.set(line, entry)
    }
  }
  return { flagged, excused: expected.filter(({ count }) => count), unused: expected.filter(({ count }) => !count) }
}

/** What is out of the ordinary in a request as a message. */
function oddity({ path, label, empty }) {
  if (!path) return ' (the bare address)'
  if (empty) return ' (a body of nothing)'
  const names = [...new URLSearchParams(path.split('?')[1])].map(([name]) => name)
  if (new Set(names).size < names.length) return ' (a parameter twice)'
  const usual = [undefined, 'application/json', 'application/x-www-form-urlencoded'].includes(label)
  return usual ? '' : ` (as ${label})`
}

function complaints({ answeredBy, status, violations }) {
  if (answeredBy !== 'sandbox') return [`answered by ${answeredBy}`]
  const refused = REFUSED.includes(status)
  return violations
    .filter((violation) => !refused || !isRequest(violation))
    .map(({ location, code, message }) => `${location.join('.')}: ${code ?? '-'}: ${message}`)
}
