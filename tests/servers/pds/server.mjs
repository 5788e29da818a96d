// Starts a PLC directory and a Bluesky PDS on free loopback ports, without network, makes one account and prints one
// JSON line: {"url", "handle", "password", "did", "plc_url"}. Ends on SIGTERM or SIGINT, or, with --until-stdin-closes,
// when its standard input ends, so that it cannot outlive a starter that was killed.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

process.env.LOG_ENABLED ??= 'false'

// Packages are looked up from the working folder, so that this file need not be copied beside node_modules.
const require = createRequire(join(process.cwd(), 'package.json'))
const { PlcServer, MockDatabase } = require('@did-plc/server')
const { PDS, envToCfg, envToSecrets } = require('@atproto/pds')

const HANDLE = 'newsroom.test'
const LOOPBACK = '127.0.0.1'
const secret = () => randomBytes(32).toString('hex')

async function freePort() {
  const probe = createServer().listen(0, LOOPBACK)
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

// Both servers listen on every interface when left to themselves.
function listenOnLoopback(server) {
  const listen = server.app.listen.bind(server.app)
  server.app.listen = (port) => listen(port, LOOPBACK)
  return server.start()
}

const data = mkdtempSync(join(tmpdir(), 'pulse-pds-'))
const started = []

async function end(code) {
  for (const server of started.reverse()) await server.destroy().catch(() => {})
  rmSync(data, { recursive: true, force: true })
  process.exit(code)
}
process.once('SIGTERM', () => end(0))
process.once('SIGINT', () => end(0))
if (process.argv.includes('--until-stdin-closes')) process.stdin.on('end', () => end(0)).resume()

try {
  const plcPort = await freePort()
  const plc = PlcServer.create({ db: new MockDatabase(), port: plcPort })
  await listenOnLoopback(plc)
  started.push(plc)
  const plcUrl = `http://${LOOPBACK}:${plcPort}`

  const port = await freePort()
  const settings = {
    port,
    hostname: 'localhost',
    dataDirectory: data,
    blobstoreDiskLocation: join(data, 'blobs'),
    didPlcUrl: plcUrl,
    devMode: true,
    inviteRequired: false,
    rateLimitsEnabled: false,
    trustedOAuthClients: [],
    handleBackupNameservers: [],
    serviceHandleDomains: ['.test'],
    crawlers: [],
    jwtSecret: secret(),
    adminPassword: secret(),
    plcRotationKeyK256PrivateKeyHex: secret(),
  }
  const pds = await PDS.create(envToCfg(settings), envToSecrets(settings))
  await listenOnLoopback(pds)
  started.push(pds)
  const url = `http://${LOOPBACK}:${port}`

  const password = randomBytes(12).toString('hex')
  const answer = await fetch(`${url}/xrpc/com.atproto.server.createAccount`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'newsroom@example.test', handle: HANDLE, password }),
  })
  if (!answer.ok) throw new Error(`createAccount answered ${answer.status}: ${await answer.text()}`)
  const { did } = await answer.json()
  console.log(JSON.stringify({ url, handle: HANDLE, password, did, plc_url: plcUrl }))
} catch (error) {
  console.error(error)
  await end(1)
}
