// verify.mjs checks what Valise's gateways leave, in JavaScript, with nothing but what node brings: node:crypto.
//
//   node verify.mjs proof FILE PARTY.log=KEY PARTY.witness=KEY...   one NAME.proof, valise-proof(5)
//   node verify.mjs fork FILE PARTY.log=KEY...                      one NAME.fork, valise-fork(5)
//   node verify.mjs log DIRECTORY ORIGIN KEY [NOTE...]              a whole log as C2SP tiles, DIRECTORY/checkpoint and
//                                                                   DIRECTORY/tile/...; each older NOTE must be a prefix
//
// Keys are Ed25519, in base64. Exit status 0: verified, 1: refused, with the reason.
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const LOG = 1
const WITNESS = 4
const WIDTH = 256

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leafHash = (leaf) => sha256(Buffer.of(0), leaf)
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right)

function refuse(words) {
  throw new Error(words)
}

function base64(text) {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) refuse(`'${text.slice(0, 40)}' is not base64`)
  return bytes
}

function hash32(text) {
  const bytes = base64(text)
  return bytes.length === 32 ? bytes : refuse('a hash has not 32 bytes')
}

function decimal(text) {
  return /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : refuse(`'${text.slice(0, 40)}' is not a number`)
}

// -- signed notes -------------------------------------------------------------------------------------------

class Signer {
  constructor(name, type, key) {
    const raw = base64(key ?? refuse(`no key for ${name}`))
    if (raw.length !== 32) refuse(`the key of ${name} has not 32 bytes`)
    this.name = name
    this.type = type
    this.id = sha256(name, '\n', Buffer.of(type), raw).subarray(0, 4)
    this.key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
  }

  verifies(body, bytes) {
    if (this.type === LOG) return bytes.length === 64 && verifySignature(null, Buffer.from(body), this.key, bytes)
    if (bytes.length !== 72) return false
    const time = bytes.readBigUInt64BE(0)
    const text = `cosignature/v1\ntime ${time}\n${body}`
    if (!verifySignature(null, Buffer.from(text), this.key, bytes.subarray(8))) return false
    if (time > BigInt(Math.floor(Date.now() / 1000) + 300))
      refuse(`the cosignature by ${this.name} is from the future: ${time} s`)
    return true
  }
}

// A checkpoint that all of these signed; the first is the log.
function openCheckpoint(note, signers) {
  if (note.length > 4096) refuse('the note is too long')
  const [body, rest, ...more] = note.split('\n\n')
  const lines = body.split('\n')
  if (rest === undefined || more.length > 0 || lines.length !== 3 || !rest.endsWith('\n'))
    refuse('the checkpoint has not three lines, an empty one, and signatures')
  const signatures = rest.slice(0, -1).split('\n').map((line) => {
    const [dash, name, text, ...others] = line.split(' ')
    if (dash !== '\u2014' || !name || !text || others.length > 0) refuse('a line of the note is no signature')
    const bytes = base64(text)
    return { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) }
  })
  for (const signer of signers) {
    const own = signatures.filter((s) => s.name === signer.name && s.id.equals(signer.id))
    if (own.length === 0) refuse(`there is no signature by the known key of ${signer.name}`)
    for (const s of own)
      if (!signer.verifies(`${body}\n`, s.bytes)) refuse(`the signature by ${signer.name} does not verify`)
  }
  if (lines[0] !== signers[0].name) refuse(`the checkpoint is of ${lines[0]}, not of ${signers[0].name}`)
  return { origin: lines[0], size: decimal(lines[1]), root: hash32(lines[2]) }
}

// -- trees, as RFC 6962 section 2.1 defines them ----------------------------------------------------------------

function split(size) {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}

// The root that this path leads to from the leaf, number `index` of `size`.
function rootOf(leaf, index, size, path) {
  if (size === 1) return path.length === 0 ? leaf : refuse('the path is too long')
  if (path.length === 0) refuse('the path is too short')
  const below = path.slice(0, -1)
  const side = path[path.length - 1]
  const half = split(size)
  return index < half ? nodeHash(rootOf(leaf, index, half, below), side)
    : nodeHash(side, rootOf(leaf, index - half, size - half, below))
}

function treeHash(leaves) {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0]
  const half = split(leaves.length)
  return nodeHash(treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)))
}

// -- proofs -------------------------------------------------------------------------------------------------------

function readSection(blocks, name) {
  const lines = (blocks[0] ?? '').split('\n')
  if (lines[0] !== name || lines[1] !== 'c2sp.org/tlog-proof@v1' || !lines[2]?.startsWith('extra ') ||
      !lines[3]?.startsWith('index ') || blocks.length < 3)
    refuse(`there is no section ${name}`)
  return {
    record: base64(lines[2].slice(6)),
    index: decimal(lines[3].slice(6)),
    path: lines.slice(4).map(hash32),
    note: `${blocks[1]}\n\n${blocks[2]}${blocks[2].endsWith('\n') ? '' : '\n'}`,
  }
}

function fields(record) {
  const found = {}
  let at = 0
  const number = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      if (at >= record.length || scale > 2 ** 63) refuse('a record does not decode')
      const byte = record[at++]
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
  }
  while (at < record.length) {
    const key = number()
    const value = number()
    if (key % 8 === 0) continue
    const field = Math.floor(key / 8)
    if (key % 8 !== 2 || at + value > record.length || found[field]) refuse('a record does not decode')
    found[field] = record.subarray(at, at + value)
    at += value
  }
  return found
}

function checkSection(section, kind, owner, partner, word, keys) {
  const checkpoint = openCheckpoint(section.note, [
    new Signer(`${owner}/valise/${partner}/${word}`, LOG, keys[`${owner}.log`]),
    new Signer(`${partner}/valise/witness`, WITNESS, keys[`${partner}.witness`]),
  ])
  if (section.index >= checkpoint.size) refuse('the entry is outside the log')
  const leaf = leafHash(Buffer.concat([Buffer.of(kind), sha256(section.record)]))
  if (!rootOf(leaf, section.index, checkpoint.size, section.path).equals(checkpoint.root))
    refuse(`${word}: the path leads to another root`)
}

// Takes the time stamp on the section's checkpoint from the front, when there is one. Who made it is for openssl ts -verify to
// say; what it is about, the digest of the note as its log signed it, stands in it as an OCTET STRING. Nobody signed that it is
// there: a wrong one is told, and takes nothing from the proof.
function takeStamp(blocks, name, section) {
  if (!blocks[0]?.startsWith(`${name}\n`)) return blocks
  const token = base64(blocks[0].slice(name.length + 1).replace(/\n$/, ''))
  const [body, lines] = section.note.split('\n\n')
  const own = lines.split('\n').filter((line) => line.startsWith(`\u2014 ${body.split('\n')[0]} `))
  const digest = sha256(`${body}\n\n`, ...own.map((line) => `${line}\n`))
  if (!token.includes(Buffer.concat([Buffer.of(4, 32), digest])))
    console.log(`node: ${name}: the time stamp is about another checkpoint`)
  return blocks.slice(1)
}

function checkProof(file, keys) {
  const bytes = readFileSync(file)
  if (bytes.length > 229376) refuse('the file is too long')
  const blocks = bytes.toString('utf8').split('\n\n')
  if (blocks[0] !== 'valise-proof/v1') refuse('the file is no valise-proof/v1')
  const sent = readSection(blocks.slice(1, 4), 'sent')
  const rest = takeStamp(blocks.slice(4), 'sent-time', sent)
  const received = readSection(rest.slice(0, 3), 'received')
  takeStamp(rest.slice(3), 'received-time', received)
  const manifest = fields(sent.record)
  const receipt = fields(received.record)
  const from = String(manifest[5])
  const to = String(manifest[6])
  checkSection(sent, 1, from, to, 'sent', keys)
  checkSection(received, 2, to, from, 'received', keys)
  if (!receipt[3]?.equals(sha256(sent.record)) || !receipt[2]?.equals(manifest[2]) || String(receipt[4]) !== from ||
      String(receipt[5]) !== to)
    refuse('the receipt is of another message')
  console.log(`node: verified: ${from} sent ${manifest[2].toString('hex')}, ${to} received it`)
}

// -- forks --------------------------------------------------------------------------------------------------------

// The roots of the m older and of all n entries that a path leads to which begins with its first hash in every case.
function rootsOf(path, m, n) {
  if (path.length === 0) refuse('the path is too short')
  if (m === n) return path.length === 1 ? [path[0], path[0]] : refuse('the path is too long')
  const side = path[path.length - 1]
  const half = split(n)
  if (m > half) return rootsOf(path.slice(0, -1), m - half, n - half).map((hash) => nodeHash(side, hash))
  const [older, newer] = rootsOf(path.slice(0, -1), m, half)
  return [older, nodeHash(newer, side)]
}

function readNote(blocks, name, keys) {
  if (!blocks[0]?.startsWith(`${name}\n`) || blocks.length < 2) refuse(`there is no section ${name}`)
  const note = `${blocks[0].slice(name.length + 1)}\n\n${blocks[1]}${blocks[1].endsWith('\n') ? '' : '\n'}`
  const origin = note.split('\n')[0]
  return openCheckpoint(note, [new Signer(origin, LOG, keys[`${origin.split('/')[0]}.log`])])
}

function checkFork(file, keys) {
  const blocks = readFileSync(file, 'utf8').split('\n\n')
  if (blocks[0] !== 'valise-fork/v1' || blocks.length > 6) refuse('the file is no valise-fork/v1')
  const a = readNote(blocks.slice(1, 3), 'smaller', keys)
  const b = readNote(blocks.slice(3, 5), 'larger', keys)
  if (a.origin !== b.origin) refuse('two logs')
  if (blocks.length === 6) {
    const lines = blocks[5].split('\n')
    if (lines[0] !== 'path' || lines.pop() !== '') refuse('there is no section path')
    const [older, newer] = rootsOf(lines.slice(1).map(hash32), a.size, b.size)
    if (!newer.equals(b.root)) refuse('the path leads to another root')
    if (older.equals(a.root)) refuse('the larger state continues the smaller one')
  } else if (a.size !== b.size) {
    refuse('nothing shows that the two states contradict each other')
  } else if (a.root.equals(b.root)) {
    refuse('both states are the same')
  }
  console.log(`node: verified: two histories of ${a.origin} are signed, ${a.size} and ${b.size} entries`)
}

// -- logs -----------------------------------------------------------------------------------------------------------

function tilePath(level, index, width) {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  return `tile/${level}/${groups.join('/')}${width < WIDTH ? `.p/${width}` : ''}`
}

function readLevel(directory, level, count) {
  const hashes = []
  for (let index = 0; index * WIDTH < count; index++) {
    const width = Math.min(WIDTH, count - index * WIDTH)
    let path = join(directory, tilePath(level, index, width))
    if (!existsSync(path)) path = join(directory, tilePath(level, index, WIDTH)) // a fuller one holds it too
    if (!existsSync(path)) refuse(`${tilePath(level, index, width)} is not there`)
    const bytes = readFileSync(path)
    if (bytes.length < 32 * width) refuse(`${tilePath(level, index, width)} has ${bytes.length} bytes`)
    for (let i = 0; i < width; i++) hashes.push(bytes.subarray(32 * i, 32 * (i + 1)))
  }
  return hashes
}

function checkLog(directory, origin, key, older) {
  const signers = [new Signer(origin, LOG, key)]
  const now = openCheckpoint(readFileSync(join(directory, 'checkpoint'), 'utf8'), signers)
  const leaves = readLevel(directory, 0, now.size)
  if (!treeHash(leaves).equals(now.root)) refuse('the leaves lead to another root')
  let below = leaves
  for (let level = 1; below.length >= WIDTH; level++) {
    const hashes = readLevel(directory, level, Math.floor(below.length / WIDTH))
    hashes.forEach((hash, i) => {
      if (!treeHash(below.slice(i * WIDTH, (i + 1) * WIDTH)).equals(hash))
        refuse(`hash ${i} of level ${level} is not that of the tile below it`)
    })
    below = hashes
  }
  for (const name of older) {
    const then = openCheckpoint(readFileSync(name, 'utf8'), signers)
    if (then.size > now.size) refuse(`${name}: of size ${then.size}, and the log has ${now.size}`)
    if (!treeHash(leaves.slice(0, then.size)).equals(then.root)) refuse(`${name}: the log was another one then`)
  }
  console.log(`node: verified: ${origin}, ${now.size} entries, ${older.length} older checkpoints`)
}

try {
  const [what, path, ...rest] = process.argv.slice(2)
  const keys = () => Object.fromEntries(rest.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]))
  if (what === 'proof') checkProof(path, keys())
  else if (what === 'fork') checkFork(path, keys())
  else if (what === 'log') checkLog(path, rest[0], rest[1], rest.slice(2))
  else refuse('see the first lines of verify.mjs')
} catch (error) {
  console.log(`node: refused: ${error.message}`)
  process.exit(1)
}
