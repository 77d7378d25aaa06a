#include "actors/coordinator/cluster_records.hpp"

#include "messages/cluster/records.hpp"
#include "messages/wire/codec.hpp"

#include <algorithm>

namespace chisme::coordinator {

namespace {

constexpr int16_t newest_version = 0;
constexpr size_t version_size = 2;

/// Version, then the fields.
template <class T>
buffer versioned(const T& message) {
  const auto fields = chisme::encode(message, newest_version);
  const auto& body = std::get<buffer>(fields.parts().front());
  buffer_builder out{version_size + body.size()};
  out.data()[0] = static_cast<std::byte>(newest_version >> 8);
  out.data()[1] = static_cast<std::byte>(newest_version & 0xff);
  std::memcpy(out.data() + version_size, body.data(), body.size());
  return std::move(out).freeze();
}

template <class T>
result<T> read_versioned(const buffer& bytes) {
  if (bytes.size() < version_size)
    return fail(error_code::corrupt_message, "a metadata record without a version");
  const auto version =
    static_cast<int16_t>(std::to_integer<int>(bytes.data()[0]) << 8 | std::to_integer<int>(bytes.data()[1]));
  return chisme::decode<T>(bytes.slice(version_size), version);
}

std::vector<cluster::config_entry> to_entries(const std::map<std::string, std::string>& configs) {
  std::vector<cluster::config_entry> entries;
  for (const auto& [name, value] : configs)
    entries.push_back({name, value});
  return entries;
}

std::map<std::string, std::string> from_entries(std::vector<cluster::config_entry> entries) {
  std::map<std::string, std::string> configs;
  for (auto& e : entries)
    configs[std::move(e.name)] = std::move(e.value);
  return configs;
}

journal::entry encode_one(const topic_record& r) {
  journal::entry out{versioned(cluster::record_key{cluster::topic_kind, r.id, {}}), std::nullopt};
  if (!r.state)
    return out;
  cluster::topic_value value;
  value.name = r.state->name;
  for (size_t i = 0; i < r.state->replicas.size(); ++i)
    value.partitions.push_back(
      {r.state->replicas[i], i < r.state->folders.size() ? r.state->folders[i] : std::vector<uuid>{}});
  value.configs = to_entries(r.state->configs);
  out.value = versioned(value);
  return out;
}

journal::entry encode_one(const node_configs_record& r) {
  return {versioned(cluster::record_key{cluster::node_configs_kind, {}, {}}),
          versioned(cluster::node_configs_value{to_entries(r.configs)})};
}

journal::entry encode_one(const group_configs_record& r) {
  journal::entry out{versioned(cluster::record_key{cluster::group_configs_kind, {}, r.group}), std::nullopt};
  if (!r.configs.empty())
    out.value = versioned(cluster::group_configs_value{to_entries(r.configs)});
  return out;
}

journal::entry encode_one(const producer_ids_record& r) {
  return {versioned(cluster::record_key{cluster::producer_ids_kind, {}, {}}),
          versioned(cluster::producer_ids_value{r.next, r.owner})};
}

result<std::optional<cluster_record>> decode_topic(const uuid& id, const std::optional<buffer>& value) {
  if (!value)
    return cluster_record{topic_record{id, std::nullopt}};
  auto topic = read_versioned<cluster::topic_value>(*value);
  if (!topic)
    return tl::make_unexpected(topic.error());
  const bool incomplete =
    std::any_of(topic->partitions.begin(), topic->partitions.end(), [](const auto& p) { return p.replicas.empty(); });
  if (topic->partitions.empty() || incomplete)
    return fail(error_code::corrupt_message, "a topic without partitions, or a partition without replicas");
  topic_state state{std::move(topic->name), id, {}, from_entries(std::move(topic->configs))};
  const bool says_folders =
    std::any_of(topic->partitions.begin(), topic->partitions.end(), [](const auto& p) { return !p.folders.empty(); });
  for (auto& p : topic->partitions) {
    state.replicas.push_back(std::move(p.replicas));
    if (says_folders)
      state.folders.push_back(std::move(p.folders));
  }
  return cluster_record{topic_record{id, std::move(state)}};
}

result<std::optional<cluster_record>> decode_group_configs(std::string group, const std::optional<buffer>& value) {
  if (group.empty())
    return fail(error_code::corrupt_message, "configs of a group without a name");
  auto v = value ? read_versioned<cluster::group_configs_value>(*value) : cluster::group_configs_value{};
  if (!v)
    return tl::make_unexpected(v.error());
  return cluster_record{group_configs_record{std::move(group), from_entries(std::move(v->configs))}};
}

} // namespace

uuid topic_state::folder_of(size_t partition, node_id node) const {
  if (partition >= folders.size() || folders[partition].size() != replicas[partition].size())
    return {};
  const auto& nodes = replicas[partition];
  const auto i = std::find(nodes.begin(), nodes.end(), node);
  return i == nodes.end() ? uuid{} : folders[partition][static_cast<size_t>(i - nodes.begin())];
}

journal::entry encode(const cluster_record& record) {
  return std::visit([](const auto& r) { return encode_one(r); }, record);
}

result<std::optional<cluster_record>> decode(const buffer& key, const std::optional<buffer>& value) {
  auto k = read_versioned<cluster::record_key>(key);
  if (!k)
    return tl::make_unexpected(k.error());
  if (k->kind == cluster::topic_kind)
    return decode_topic(k->id, value);
  if (k->kind == cluster::node_configs_kind) {
    auto v = value ? read_versioned<cluster::node_configs_value>(*value) : cluster::node_configs_value{};
    if (!v)
      return tl::make_unexpected(v.error());
    return cluster_record{node_configs_record{from_entries(std::move(v->configs))}};
  }
  if (k->kind == cluster::group_configs_kind)
    return decode_group_configs(std::move(k->name), value);
  if (k->kind == cluster::producer_ids_kind && value) {
    auto v = read_versioned<cluster::producer_ids_value>(*value);
    if (!v)
      return tl::make_unexpected(v.error());
    return cluster_record{producer_ids_record{v->next, v->owner}};
  }
  return std::nullopt;
}

} // namespace chisme::coordinator
