// The client side of the suite's line protocol (see ../README.md), shared by the programs for node.
import { createInterface } from 'node:readline'

export class Unsupported extends Error {}

export const toWire = data => (data == null ? null : Buffer.from(data).toString('base64'))
export const fromWire = text => (text === null ? null : Buffer.from(text, 'base64'))

export function decodeRecord (record) {
  const headers = record.headers.map(([name, value]) => [name, fromWire(value)])
  return { ...record, key: fromWire(record.key), value: fromWire(record.value), headers }
}

export function encodeRecord ({ offset, timestamp, key, value, headers }) {
  headers = headers.map(([name, data]) => [name, toWire(data)])
  return { offset: Number(offset), timestamp: Number(timestamp), key: toWire(key), value: toWire(value), headers }
}

// The value of record `number` in `write`.
export const numberedValue = (number, size) => Buffer.from(`${number}:`.padEnd(size, '.'))

// Sends to one partition at a time; sendTo(messages) returns the offset of the first of them. Returns the offset of each.
//
// Of what is sent to several partitions kafkajs loses those whose leader moves to a node that has answered already;
// platformatic sends those that had one leader to one leader for ever.
export async function byPartition (messages, sendTo) {
  const next = new Map()
  for (const partition of new Set(messages.map(message => message.partition))) {
    next.set(partition, await sendTo(messages.filter(message => message.partition === partition)))
  }
  return messages.map(({ partition }) => {
    const offset = next.get(partition)
    next.set(partition, offset + 1)
    return offset
  })
}

// Calls send(chunk) for chunks of `size` items, one after the other, and joins what it returns.
export async function inChunks (items, size, send) {
  const out = []
  for (let i = 0; i < items.length; i += size) out.push(...(await send(items.slice(i, i + size))))
  return out
}

export const say = answer => process.stdout.write(JSON.stringify(answer) + '\n')

// Records 0..count-1, record i for partition i modulo `partitions`; send(messages) returns their offsets.
export async function writeNumbered ({ partitions, count, size }, send) {
  const numbers = Array.from({ length: count }, (_, i) => i)
  await inChunks(numbers, 60 * partitions, async chunk => {
    const messages = chunk.map(i => ({ partition: i % partitions, value: numberedValue(i, size) }))
    const offsets = await send(messages)
    say({ acked: chunk.map((number, i) => [number, messages[i].partition, offsets[i]]) })
    return []
  })
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

// Resolves when the next line of stdin has come.
export const nextLine = () => lines.next()

// Answers requests until stdin ends. `operations` maps names to async functions of the request's fields.
export async function serve (operations) {
  for (let line = await nextLine(); !line.done; line = await nextLine()) {
    const { op, ...fields } = JSON.parse(line.value)
    try {
      if (!operations[op]) throw new Unsupported('the library has no such function')
      say({ ok: (await operations[op](fields)) ?? null })
    } catch (error) {
      say(error instanceof Unsupported ? { unsupported: error.message } : { error: describe(error) })
    }
  }
  process.exit(0)
}

function describe (error) {
  const causes = [...(error.errors ?? []), error.cause].filter(Boolean).map(describe)
  return [`${error.name}: ${error.message}`, ...causes].join('; ')
}
