// Members of groups with @platformatic/kafka, in both protocols.
import { Consumer } from '@platformatic/kafka'
import { Journal } from './journal.mjs'
import { nextLine, Unsupported } from './protocol.mjs'

const COMMIT_EVERY = 20
// How late a change of ownership is seen.
const BLUR_SECONDS = { classic: 0, consumer: 0.5 }

// The library brings only round-robin; this is the range assignor of the others.
function rangeAssigner (_, members, topics, metadata) {
  const ids = [...members.keys()].sort()
  return ids.map((memberId, i) => {
    const shares = [...topics].map(topic => [topic, range(metadata.topics.get(topic).partitionsCount, ids.length, i)])
    return { memberId, assignments: new Map(shares.map(([topic, partitions]) => [topic, { topic, partitions }])) }
  })
}

function range (partitions, members, i) {
  const [start, end] = [i, i + 1].map(at => Math.ceil(at * partitions / members))
  return Array.from({ length: end - start }, (_, j) => start + j)
}

function groupOptions ({ pattern, protocol, assignor, instance, session_ms: sessionTimeout }) {
  if (pattern !== null) throw new Unsupported('the library subscribes to names of topics only')
  if (protocol === 'consumer') {
    if (instance !== null) throw new Unsupported('static members of KIP-848 do not say that they will be back')
    return { groupProtocol: 'consumer' }
  }
  const options = { groupProtocol: 'classic', sessionTimeout, heartbeatInterval: 500 }
  if (instance !== null) options.groupInstanceId = instance
  if (!assignor) return options
  const more = assignor === 'range' ? { partitionAssigner: rangeAssigner } : {}
  return { ...options, ...more, protocols: [{ name: assignor, version: 1 }] }
}

// What the member owns, as it changes. In KIP-848 the library has no event for that: its heartbeats follow each change.
function watchOwned (consumer, topic, protocol, journal) {
  const owned = () => (consumer.assignments ?? []).filter(of => of.topic === topic).flatMap(of => of.partitions)
  if (protocol === 'classic') {
    consumer.on('consumer:group:join', () => journal.owns(owned()))
    consumer.on('consumer:group:rebalance', () => journal.owns([]))
    return
  }
  let last = '[]'
  consumer.on('consumer:heartbeat:end', () => {
    const now = JSON.stringify(owned())
    if (now !== last) journal.owns(owned())
    last = now
  })
}

const memberOf = options => async fields => {
  const { topic, group, protocol, commit_below: commitBelow } = fields
  const more = groupOptions(fields)
  let leaving = false
  const left = nextLine().then(() => { leaving = true })
  const journal = new Journal(commitBelow, BLUR_SECONDS[protocol])
  const consumer = new Consumer({ ...options, groupId: group, ...more })
  // One that leaves while it joins again says so by an event, and an error event that nobody takes ends the process.
  consumer.on('error', error => journal.trouble(error))
  watchOwned(consumer, topic, protocol, journal)
  const reading = readUntil({ consumer, journal, topic }, () => leaving)
  await left
  journal.leaving()
  await consumer.close(true)
  await reading
}

// A commit that fails in a rebalance ends the stream; the next one goes on at the committed offsets.
async function readUntil (member, isOver) {
  while (!isOver()) {
    try {
      await readStream(member)
    } catch (error) {
      if (!isOver()) member.journal.trouble(error)
    }
  }
}

async function readStream (member) {
  const options = { mode: 'committed', fallbackMode: 'earliest', autocommit: false, maxWaitTime: 100 }
  const stream = await member.consumer.consume({ ...options, topics: [member.topic] })
  let batch = []
  for await (const message of stream) {
    batch.push(message)
    if (stream.readableLength > 0 && batch.length < COMMIT_EVERY) continue
    await commit(member, batch)
    batch = []
  }
}

async function commit ({ consumer, journal, topic }, batch) {
  const nexts = new Map()
  for (const { partition, offset } of batch) nexts.set(partition, journal.read(partition, [offset]))
  const toOffset = ([partition, next]) => ({ topic, partition, offset: BigInt(next), leaderEpoch: -1 })
  await consumer.commit({ offsets: [...nexts].map(toOffset) })
  for (const [partition, next] of nexts) journal.committed(partition, next)
}

export const operations = options => ({ member: memberOf(options) })
