// Groups and their committed offsets with the admin client of kafkajs; it cannot delete single offsets.
async function groupOffsets (client, { group, topic }) {
  const [{ partitions }] = await client.fetchOffsets({ groupId: group, topics: [topic] })
  return partitions.map(({ partition, offset }) => [partition, Number(offset)]).filter(([, offset]) => offset >= 0)
}

async function alterGroupOffsets (client, { group, topic, offsets }) {
  const partitions = offsets.map(([partition, offset]) => ({ partition, offset: String(offset) }))
  await client.setOffsets({ groupId: group, topic, partitions })
}

async function describeGroup (client, { group }) {
  const { groups: [{ state, members }] } = await client.describeGroups([group])
  return { state, members: members.length }
}

export const operations = admin => ({
  list_groups: () => admin(async client => (await client.listGroups()).groups.map(({ groupId }) => groupId)),
  describe_group: fields => admin(client => describeGroup(client, fields)),
  group_offsets: fields => admin(client => groupOffsets(client, fields)),
  alter_group_offsets: fields => admin(client => alterGroupOffsets(client, fields)),
  delete_group: ({ group }) => admin(async client => void await client.deleteGroups([group]))
})
