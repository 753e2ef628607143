// alter.mjs makes of a good NAME.proof one that must be refused: what a party could try that wants to deny or invent.
//
//   node alter.mjs KIND PROOF OTHER PKI OUT
//
// OTHER is a good proof of another message between the same parties, PKI a folder PARTY/log.key and PARTY/witness.key:
// whoever lies has own keys, and signs with them.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const [kind, proofPath, otherPath, pki, out] = process.argv.slice(2)
const proof = readFileSync(proofPath, 'utf8')
const other = readFileSync(otherPath, 'utf8')
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

// blocks: 0 the file's first line; 1-3 sent: head, checkpoint, signatures; 4-6 received, the same
const parse = (text) => text.replace(/\n+$/, '').split('\n\n')
const file = (blocks) => blocks.join('\n\n').replace(/\n*$/, '\n')

function signLine(name, type, keyFile, text, time) {
  const key = createPrivateKey(readFileSync(keyFile))
  const raw = Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x, 'base64url')
  const id = sha256(name, '\n', Buffer.of(type), raw).subarray(0, 4)
  return `\u2014 ${name} ${Buffer.concat([id, time ?? Buffer.alloc(0), sign(null, Buffer.from(text), key)]).toString('base64')}`
}

function signLog(body, owner, origin) {
  return signLine(origin, 1, `${pki}/${owner}/log.key`, `${body}\n`)
}

function cosign(body, party, seconds) {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(seconds))
  return signLine(`${party}/valise/witness`, 4, `${pki}/${party}/witness.key`, `cosignature/v1\ntime ${seconds}\n${body}\n`, time)
}

const now = () => Math.floor(Date.now() / 1000)
const blocks = parse(proof)
const others = parse(other)

// Change one byte of the record on the extra line of a section, `back` bytes from its end.
function changeRecord(at, back) {
  blocks[at] = blocks[at].replace(/^extra (.*)$/m, (_, text) => {
    const record = Buffer.from(text, 'base64')
    record[record.length - back] ^= 1
    return `extra ${record.toString('base64')}`
  })
}

const KINDS = {
  // the record is another one than the log holds
  'altered-manifest': () => changeRecord(1, 10),
  'altered-receipt': () => changeRecord(4, 1),
  // a good state of the log, but not the one that the path is for
  'other-size': () => {
    blocks[2] = others[2]
    blocks[3] = others[3]
  },
  'short-path': () => {
    blocks[4] = blocks[4].split('\n').slice(0, -1).join('\n')
  },
  // a good cosignature, of another state
  'swapped-cosignature': () => {
    blocks[3] = blocks[3].split('\n')[0] + '\n' + others[3].split('\n')[1]
  },
  // both keys are the party's own: it says that it signed next year
  future: () => {
    const lines = blocks[6].split('\n')
    blocks[6] = `${lines[0]}\n${cosign(blocks[5], 'un', now() + 365 * 86400)}\n`
  },
  // more is signed than three lines
  'extra-lines': () => {
    blocks[2] += '\nand something else'
    blocks[3] = `${signLog(blocks[2], 'un', 'un/valise/iom/sent')}\n${cosign(blocks[2], 'iom', now())}`
  },
  'no-signature': () => {
    blocks[3] += '\nand something else'
  },
  'long-origin': () => {
    blocks[2] = 'a'.repeat(1 << 20) + blocks[2].slice(blocks[2].indexOf('\n'))
  },
  // a good receipt, of another message
  'other-receipt': () => {
    blocks.splice(4, 3, ...others.slice(4, 7))
  },
  'exchanged-logs': () => {
    const [sent, received] = [blocks.slice(1, 4), blocks.slice(4, 7)]
    blocks.splice(1, 6, received[0].replace('received', 'sent'), ...received.slice(1), sent[0].replace('sent', 'received'),
      ...sent.slice(1))
  },
  // the receiver writes its log anew, with another time of receipt, and signs it; the sender has not cosigned that
  rewritten: () => {
    let leaf
    blocks[4] = blocks[4].replace(/^extra (.*)$/m, (_, text) => {
      const record = Buffer.from(text, 'base64')
      record[record.length - 1] ^= 1
      leaf = sha256(Buffer.of(0, 2), sha256(record))
      return `extra ${record.toString('base64')}`
    }).replace(/^index (.|\n)*/m, 'index 0')
    blocks[5] = `iom/valise/un/received\n1\n${leaf.toString('base64')}`
    blocks[6] = `${signLog(blocks[5], 'iom', 'iom/valise/un/received')}\n${cosign(blocks[5], 'iom', now())}\n`
  },
}

if (!KINDS[kind]) throw new Error(`${kind}: not one of ${Object.keys(KINDS).join(' ')}`)
KINDS[kind]()
writeFileSync(out, file(blocks))
