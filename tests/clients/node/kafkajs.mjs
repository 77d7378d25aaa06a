// kafkajs. Its consumer works only in a group; without groups on the broker, records are read by the classes that the
// consumer itself is built from: Cluster (metadata, leaders) and Broker (Fetch v11 and its decoder).
import zlib from 'node:zlib'
import kafkajs from 'kafkajs'
import snappy from 'kafkajs-snappy'
import { lz4Compress, lz4Decompress } from '@platformatic/wasm-utils'
import { operations as groupAdmin } from './kafkajs-group-admin.mjs'
import { operations as groups } from './kafkajs-groups.mjs'
import { byPartition, decodeRecord, encodeRecord, inChunks, serve, Unsupported, writeNumbered } from './protocol.mjs'

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel, Partitioners } = kafkajs

CompressionCodecs[CompressionTypes.Snappy] = snappy
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => lz4Compress(encoder.buffer),
  decompress: async data => lz4Decompress(data)
})
if (zlib.zstdCompressSync) {
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async encoder => zlib.zstdCompressSync(encoder.buffer),
    decompress: async data => zlib.zstdDecompressSync(data)
  })
}
const codecs = { none: 'None', gzip: 'GZIP', snappy: 'Snappy', lz4: 'LZ4', zstd: 'ZSTD' }

const kafka = new Kafka({
  brokers: process.env.BOOTSTRAP.split(','),
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 1000 }
})

async function withClient (client, use) {
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.disconnect()
  }
}

const admin = use => withClient(kafka.admin(), use)

function send (producer, topic, messages, compression) {
  return byPartition(messages, async mine => {
    const [{ baseOffset }] = await producer.send({ topic, acks: -1, compression, messages: mine })
    return Number(baseOffset)
  })
}

function producer (idempotent) {
  // More than one request in flight would break the order over retries.
  return kafka.producer({ idempotent, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner })
}

// kafkajs keeps headers as an object, with an array for a name that occurs more than once.
function headersToObject (headers) {
  const out = {}
  for (const [name, value] of headers) {
    if (value === null) throw new Unsupported('a header value cannot be null')
    out[name] = name in out ? [out[name], value].flat() : value
  }
  return out
}

const headersFromObject = headers =>
  Object.entries(headers ?? {}).flatMap(([name, values]) => [values].flat().map(value => [name, value]))

function toMessage (record) {
  const { key, value, partition, timestamp, headers } = decodeRecord(record)
  const time = timestamp === null ? undefined : String(timestamp)
  return { key, value, partition, timestamp: time, headers: headersToObject(headers) }
}

async function produce ({ topic, codec, idempotent, records }) {
  if (codec === 'zstd' && !zlib.zstdCompressSync) throw new Unsupported('this version of node has no zstd')
  const messages = records.map(toMessage)
  return withClient(producer(idempotent), client =>
    inChunks(messages, 20, chunk => send(client, topic, chunk, CompressionTypes[codecs[codec]])))
}

function createCluster () {
  const symbols = Object.getOwnPropertySymbols(kafka)
  const symbol = symbols.find(({ description }) => description === 'private:Kafka:createCluster')
  return kafka[symbol]({ metadataMaxAge: 300_000 })
}

async function consume ({ topic, partition, start, until }) {
  let offset = start.offset ?? (await listOffsets({ topic, partition, spec: start.time ?? 'earliest' }))
  return withClient(createCluster(), async cluster => {
    await cluster.addTargetTopic(topic)
    const { leader } = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)
    const broker = await cluster.findBroker({ nodeId: leader })
    const out = []
    while (offset < until) {
      const partitions = [{ partition, fetchOffset: String(offset), maxBytes: 1_048_576 }]
      const answer = await broker.fetch({ maxWaitTime: 1000, minBytes: 1, topics: [{ topic, partitions }] })
      // A fetch answers with the whole batch that the offset is in.
      const messages = answer.responses[0].partitions[0].messages.filter(message => Number(message.offset) >= offset)
      out.push(...messages.map(message => encodeRecord({ ...message, headers: headersFromObject(message.headers) })))
      if (messages.length) offset = out.at(-1).offset + 1
    }
    return out
  })
}

async function listOffsets ({ topic, partition, spec }) {
  const of = found => found.find(entry => entry.partition === partition)
  if (spec === 'earliest') return Number(of(await admin(client => client.fetchTopicOffsets(topic))).low)
  if (spec === 'latest') return Number(of(await admin(client => client.fetchTopicOffsets(topic))).high)
  return Number(of(await admin(client => client.fetchTopicOffsetsByTimestamp(topic, spec))).offset)
}

async function initTransactions ({ id }) {
  const transactional = kafka.producer({ transactionalId: id, idempotent: true, maxInFlightRequests: 1 })
  await withClient(transactional, client => client.transaction())
}

const toEntries = configs => Object.entries(configs).map(([name, value]) => ({ name, value }))

async function createTopic ({ topic, partitions, configs }) {
  const wanted = { topic, numPartitions: partitions, replicationFactor: -1, configEntries: toEntries(configs) }
  await admin(client => client.createTopics({ topics: [wanted] }))
}

function configResource (kind, name) {
  if (kind === 'group') throw new Unsupported('the library knows no configs of groups')
  return { type: ConfigResourceTypes.TOPIC, name }
}

async function describeConfigs ({ kind, name }) {
  const asked = { includeSynonyms: false, resources: [configResource(kind, name)] }
  const { resources } = await admin(client => client.describeConfigs(asked))
  return Object.fromEntries(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]))
}

async function alterConfigs ({ kind, name, configs, incremental }) {
  if (incremental) throw new Unsupported('the library has only the whole-set AlterConfigs')
  const resource = { ...configResource(kind, name), configEntries: toEntries(configs) }
  await admin(client => client.alterConfigs({ validateOnly: false, resources: [resource] }))
}

async function deleteRecords ({ topic, partition, before }) {
  await admin(async client => {
    // deleteTopicRecords finds leaders only of topics that this admin client has asked about.
    await client.fetchTopicOffsets(topic)
    await client.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] })
  })
}

async function describeTopic ({ topic }) {
  const { topics } = await admin(client => client.fetchTopicMetadata({ topics: [topic] }))
  return { partitions: topics[0].partitions.length }
}

await serve({
  ...groups(kafka),
  ...groupAdmin(admin),
  create_topic: createTopic,
  delete_topic: async ({ topic }) => admin(client => client.deleteTopics({ topics: [topic] })),
  list_topics: async () => admin(client => client.listTopics()),
  describe_topic: describeTopic,
  create_partitions: async ({ topic, total }) =>
    void await admin(client => client.createPartitions({ topicPartitions: [{ topic, count: total }] })),
  describe_configs: describeConfigs,
  alter_configs: alterConfigs,
  delete_records: deleteRecords,
  produce,
  consume,
  list_offsets: listOffsets,
  init_transactions: initTransactions,
  write: async ({ topic, idempotent, ...numbers }) =>
    withClient(producer(idempotent), client => writeNumbered(numbers, messages => send(client, topic, messages)))
})
