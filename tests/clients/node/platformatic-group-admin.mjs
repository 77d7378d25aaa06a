// Groups and their committed offsets with the admin client of @platformatic/kafka.
import { Unsupported } from './protocol.mjs'

async function groupOffsets (client, { group, topic }) {
  const [{ topics }] = await client.listConsumerGroupOffsets({ groups: [group] })
  const partitions = topics.filter(({ name }) => name === topic).flatMap(({ partitions }) => partitions)
  return partitions.map(of => [of.partitionIndex, Number(of.committedOffset)]).filter(([, offset]) => offset >= 0)
}

async function alterGroupOffsets (client, { group, topic, offsets }) {
  const partitionOffsets = offsets.map(([partition, offset]) => ({ partition, offset: BigInt(offset) }))
  await client.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] })
}

async function deleteGroupOffsets (client, { group, topic, partitions }) {
  const topics = [{ name: topic, partitionIndexes: partitions }]
  await client.deleteConsumerGroupOffsets({ groupId: group, topics })
}

async function describeGroup (client, { group }) {
  const isKip848 = (await client.listGroups({ types: ['consumer'] })).has(group)
  if (isKip848) throw new Unsupported('describeGroups knows classic groups only')
  const { state, members } = (await client.describeGroups({ groups: [group] })).get(group)
  return { state, members: members.size }
}

// Without types the library asks for classic groups only.
const listGroups = async client => [...(await client.listGroups({ types: ['classic', 'consumer'] })).keys()]

export const operations = admin => ({
  list_groups: () => admin(listGroups),
  describe_group: fields => admin(client => describeGroup(client, fields)),
  group_offsets: fields => admin(client => groupOffsets(client, fields)),
  alter_group_offsets: fields => admin(client => alterGroupOffsets(client, fields)),
  delete_group_offsets: fields => admin(client => deleteGroupOffsets(client, fields)),
  delete_group: ({ group }) => admin(client => client.deleteGroups({ groups: [group] }))
})
