// @platformatic/kafka. Without groups on the broker, records are read with consumer.fetch: one Fetch request a call.
import {
  Admin, ConfigResourceTypes, Consumer, IncrementalAlterConfigOperationTypes, Producer
} from '@platformatic/kafka'
import { operations as groupAdmin } from './platformatic-group-admin.mjs'
import { operations as groups } from './platformatic-groups.mjs'
import { byPartition, decodeRecord, encodeRecord, inChunks, serve, Unsupported, writeNumbered } from './protocol.mjs'

const bootstrapBrokers = process.env.BOOTSTRAP.split(',')
const options = { clientId: 'suite', bootstrapBrokers, retries: 1000, retryDelay: 100 }
const LATEST = -1n
const EARLIEST = -2n

async function using (client, use) {
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

const admin = use => using(new Admin(options), use)
const consumer = use => using(new Consumer({ ...options, groupId: 'none' }), use)
const producer = (idempotent, use) => using(new Producer({ ...options, idempotent, acks: -1 }), use)

function send (client, topic, messages, compression) {
  return byPartition(messages.map(message => ({ ...message, topic })), async mine => {
    const { offsets } = await client.send({ messages: mine, compression, acks: -1 })
    return Number(offsets[0].offset)
  })
}

function toMessage (record) {
  const { key, value, partition, timestamp, headers } = decodeRecord(record)
  if (headers.some(([, data]) => data === null)) throw new Unsupported('a header value cannot be null')
  // Keys of a Map are compared by identity, so that equal names stay apart.
  const entries = new Map(headers.map(([name, data]) => [Buffer.from(name), data]))
  const time = timestamp === null ? undefined : BigInt(timestamp)
  return { key: key ?? undefined, value: value ?? undefined, partition, timestamp: time, headers: entries }
}

async function produce ({ topic, codec, idempotent, records }) {
  const messages = records.map(toMessage)
  return producer(idempotent, client => inChunks(messages, 20, chunk => send(client, topic, chunk, codec)))
}

function fromBatches (batches) {
  return batches.flatMap(({ firstOffset, firstTimestamp, records }) => records.map(record => encodeRecord({
    offset: firstOffset + BigInt(record.offsetDelta),
    timestamp: firstTimestamp + record.timestampDelta,
    key: record.key,
    value: record.value,
    headers: record.headers.map(([name, value]) => [name.toString(), value])
  })))
}

async function consume ({ topic, partition, start, until }) {
  let offset = start.offset ?? (await listOffsets({ topic, partition, spec: start.time ?? 'earliest' }))
  return consumer(async client => {
    client.topics.trackAll(topic)
    const { id, partitions } = (await client.metadata({ topics: [topic] })).topics.get(topic)
    const out = []
    const position = { partition, partitionMaxBytes: 1_048_576, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
    const node = partitions[partition].leader
    while (offset < until) {
      const topics = [{ topicId: id, partitions: [{ ...position, fetchOffset: BigInt(offset) }] }]
      const { responses } = await client.fetch({ node, topics, maxWaitTime: 1000 })
      const batches = responses.flatMap(answer => answer.partitions).flatMap(answer => answer.records ?? [])
      // A fetch answers with the whole batch that the offset is in.
      const records = fromBatches(batches).filter(record => record.offset >= offset)
      out.push(...records)
      if (records.length) offset = out.at(-1).offset + 1
    }
    return out
  })
}

async function listOffsets ({ topic, partition, spec }) {
  const timestamp = { earliest: EARLIEST, latest: LATEST }[spec] ?? BigInt(spec)
  const asked = { topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }] }
  const [found] = await admin(client => client.listOffsets(asked))
  const { offset } = found.partitions[0]
  return offset < 0n ? null : Number(offset)
}

async function initTransactions ({ id }) {
  // Its patience is counted in attempts.
  const transactional = new Producer({ ...options, retries: 3, idempotent: true, transactionalId: id })
  await using(transactional, async client => (await client.beginTransaction()).abort())
}

const resource = (kind, name) => ({ resourceType: ConfigResourceTypes[kind.toUpperCase()], resourceName: name })
const toEntries = configs => Object.entries(configs).map(([name, value]) => ({ name, value }))

async function describeConfigs ({ kind, name }) {
  const [found] = await admin(client => client.describeConfigs({ resources: [resource(kind, name)] }))
  return Object.fromEntries(found.configs.map(({ name, value }) => [name, value]))
}

async function alterConfigs ({ kind, name: of, configs, incremental }) {
  if (!incremental) {
    return admin(client => client.alterConfigs({ resources: [{ ...resource(kind, of), configs: toEntries(configs) }] }))
  }
  const { SET, DELETE } = IncrementalAlterConfigOperationTypes
  const entries = toEntries(configs).map(({ name, value }) =>
    value === null ? { name, configOperation: DELETE } : { name, configOperation: SET, value })
  return admin(client => client.incrementalAlterConfigs({ resources: [{ ...resource(kind, of), configs: entries }] }))
}

async function deleteRecords ({ topic, partition, before }) {
  const topics = [{ name: topic, partitions: [{ partition, offset: BigInt(before) }] }]
  await admin(client => client.deleteRecords({ topics }))
}

async function describeTopic ({ topic }) {
  const { topics } = await admin(client => client.metadata({ topics: [topic] }))
  return { partitions: topics.get(topic).partitionsCount }
}

await serve({
  ...groups(options),
  ...groupAdmin(admin),
  create_topic: async ({ topic, partitions, configs }) =>
    void await admin(client =>
      client.createTopics({ topics: [topic], partitions, replicas: -1, configs: toEntries(configs) })),
  delete_topic: async ({ topic }) => admin(client => client.deleteTopics({ topics: [topic] })),
  list_topics: async () => admin(client => client.listTopics()),
  describe_topic: describeTopic,
  create_partitions: async ({ topic, total }) =>
    admin(client => client.createPartitions({ topics: [{ name: topic, count: total, assignments: null }] })),
  describe_configs: describeConfigs,
  alter_configs: alterConfigs,
  delete_records: deleteRecords,
  produce,
  consume,
  list_offsets: listOffsets,
  init_transactions: initTransactions,
  write: async ({ topic, idempotent, ...numbers }) =>
    producer(idempotent, client => writeNumbered(numbers, messages => send(client, topic, messages)))
})
