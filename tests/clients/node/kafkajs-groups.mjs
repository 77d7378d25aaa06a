// Members of groups with kafkajs.
import kafkajs from 'kafkajs'
import { Journal } from './journal.mjs'
import { nextLine, Unsupported } from './protocol.mjs'

const { AssignerProtocol: { MemberAssignment, MemberMetadata } } = kafkajs

// The library brings only a round-robin assigner under a name of its own; this one is the range assignor of the others.
const rangeAssigner = ({ cluster }) => ({
  name: 'range',
  version: 0,
  protocol: ({ topics }) => ({ name: 'range', metadata: MemberMetadata.encode({ version: 0, topics }) }),
  async assign ({ members, topics }) {
    const ids = members.map(({ memberId }) => memberId).sort()
    const shares = topics.map(topic => [topic, ranges(cluster.findTopicPartitionMetadata(topic).length, ids.length)])
    return ids.map((memberId, i) => {
      const assignment = Object.fromEntries(shares.map(([topic, share]) => [topic, share[i]]))
      return { memberId, memberAssignment: MemberAssignment.encode({ version: 0, assignment }) }
    })
  }
})

function ranges (partitions, members) {
  const starts = Array.from({ length: members + 1 }, (_, i) => Math.ceil(i * partitions / members))
  return starts.slice(1).map((end, i) => Array.from({ length: end - starts[i] }, (_, j) => starts[i] + j))
}

function refuse ({ protocol, assignor, instance }) {
  if (protocol !== 'classic') throw new Unsupported('the library has no KIP-848')
  if (assignor === 'cooperative-sticky') throw new Unsupported('the library has no cooperative assignor')
  if (instance !== null) throw new Unsupported('the library has no static members')
}

const memberOf = kafka => async fields => {
  refuse(fields)
  const { topic, group, assignor, commit_below: commitBelow, session_ms: sessionTimeout } = fields
  const leave = nextLine()
  const journal = new Journal(commitBelow)
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 100,
    ...(assignor && { partitionAssigners: [rangeAssigner] })
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => journal.owns(payload.memberAssignment[topic] ?? []))
  consumer.on(consumer.events.REBALANCING, () => journal.owns([]))
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: batch => takeBatch(consumer, journal, batch) })
  await leave
  await consumer.stop()
  journal.leaving()
  await consumer.disconnect()
}

async function takeBatch (consumer, journal, { batch: { topic, partition, messages }, isStale }) {
  if (isStale()) return
  const next = journal.read(partition, messages.map(({ offset }) => offset))
  await consumer.commitOffsets([{ topic, partition, offset: String(next) }])
  journal.committed(partition, next)
}

export const operations = kafka => ({ member: memberOf(kafka) })
