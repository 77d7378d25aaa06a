// CreateTopics, DeleteTopics, CreatePartitions.

#include "actors/coordinator/operations.hpp"
#include "actors/coordinator/placement.hpp"
#include "actors/coordinator/repeated.hpp"
#include "config/describe.hpp"

#include <algorithm>
#include <set>

namespace chisme::coordinator {

namespace {

using creatable_topic = kafka::create_topics_request::creatable_topic;
using replica_lists = std::vector<std::vector<node_id>>;

result<void> check_replicas(const decision_context& around, const std::vector<node_id>& replicas) {
  if (replicas.empty())
    return fail(error_code::invalid_replica_assignment, "a partition needs at least one replica");
  if (std::set<node_id>(replicas.begin(), replicas.end()).size() != replicas.size())
    return fail(error_code::invalid_replica_assignment, "a node is named twice for one partition");
  for (auto id : replicas) {
    if (!std::binary_search(around.nodes.begin(), around.nodes.end(), id))
      return fail(error_code::invalid_replica_assignment, "there is no node " + std::to_string(id));
  }
  return {};
}

/// What a topic has that asks for no number: what was set, or three where there are so many nodes.
int32_t default_factor(const decision_context& around) {
  constexpr int32_t usual = 3;
  const auto set = around.settings.default_replication_factor;
  const bool was_set =
    set != node_settings{}.default_replication_factor || around.settings.given.contains("default.replication.factor");
  return was_set ? set : std::min(usual, static_cast<int32_t>(around.nodes.size()));
}

std::vector<candidate> candidates(const cluster_state& state, const decision_context& around) {
  std::vector<candidate> all;
  for (auto id : around.nodes) {
    auto& c = all.emplace_back();
    c.id = id;
    if (const auto rack = around.racks.find(id); rack != around.racks.end())
      c.rack = rack->second;
    if (const auto load = state.loads().find(id); load != state.loads().end()) {
      c.replicas = load->second.replicas;
      c.leaders = load->second.leaders;
    }
  }
  return all;
}

result<void> check_replication_factor(const decision_context& around, int32_t factor) {
  if (factor < 1)
    return fail(error_code::invalid_replication_factor, "the replication factor must be at least 1");
  if (static_cast<size_t>(factor) > around.nodes.size())
    return fail(error_code::invalid_replication_factor, "replication factor " + std::to_string(factor) +
                                                          " needs as many nodes, there are " +
                                                          std::to_string(around.nodes.size()));
  return {};
}

result<replica_lists> assigned_replicas(const decision_context& around, const creatable_topic& topic) {
  if (topic.num_partitions != -1 || topic.replication_factor != -1)
    return fail(error_code::invalid_request,
                "give either assignments or the numbers of partitions and replicas, not both");
  if (topic.assignments.size() > static_cast<size_t>(max_partitions_per_topic))
    return fail(error_code::invalid_partitions, "at most " + std::to_string(max_partitions_per_topic));
  replica_lists lists(topic.assignments.size());
  std::set<int32_t> seen;
  for (const auto& a : topic.assignments) {
    if (a.partition_index < 0 || static_cast<size_t>(a.partition_index) >= lists.size() ||
        !seen.insert(a.partition_index).second)
      return fail(error_code::invalid_replica_assignment, "partitions must be numbered 0, 1, 2, ... without gaps");
    if (auto ok = check_replicas(around, a.broker_ids); !ok)
      return tl::make_unexpected(ok.error());
    if (a.broker_ids.size() != topic.assignments.front().broker_ids.size())
      return fail(error_code::invalid_replica_assignment, "all partitions need the same number of replicas");
    lists[static_cast<size_t>(a.partition_index)] = a.broker_ids;
  }
  return lists;
}

result<replica_lists> chosen_replicas(const cluster_state& state, const decision_context& around,
                                      const creatable_topic& topic) {
  if (!topic.assignments.empty())
    return assigned_replicas(around, topic);
  auto partitions = topic.num_partitions == -1 ? around.settings.num_partitions : topic.num_partitions;
  if (partitions < 1)
    return fail(error_code::invalid_partitions, "a topic needs at least one partition");
  if (partitions > max_partitions_per_topic)
    return fail(error_code::invalid_partitions,
                "a topic may have at most " + std::to_string(max_partitions_per_topic) + " partitions");
  const int32_t factor = topic.replication_factor == -1 ? default_factor(around) : topic.replication_factor;
  if (auto ok = check_replication_factor(around, factor); !ok)
    return tl::make_unexpected(ok.error());
  return place(candidates(state, around), 0, partitions, factor, state.topics().size());
}

/// Notes to which folders the partitions from this one on are given.
void note_folders(const decision_context& around, topic_state& topic, size_t from) {
  if (around.folders.empty())
    return;
  topic.folders.resize(topic.replicas.size());
  for (size_t i = from; i < topic.replicas.size(); ++i)
    for (auto node : topic.replicas[i]) {
      const auto known = around.folders.find(node);
      topic.folders[i].push_back(known == around.folders.end() ? uuid{} : known->second);
    }
}

result<topic_overrides> checked_configs(const decision_context& around, const creatable_topic& topic) {
  topic_overrides configs;
  for (const auto& c : topic.configs) {
    if (!c.value)
      return fail(error_code::invalid_config, c.name + ": a config needs a value");
    if (auto problem = validate_topic_config(c.name, *c.value))
      return fail(error_code::invalid_config, *problem);
    configs[c.name] = *c.value;
  }
  if (auto whole = effective_topic_settings(around.settings.topic_defaults, configs); !whole)
    return tl::make_unexpected(whole.error());
  return configs;
}

/// How many partitions a request may still add.
class partition_budget {
public:
  result<void> take(size_t partitions) {
    if (partitions > left_)
      return fail(error_code::policy_violation,
                  "one request may add at most " + std::to_string(max_partitions_per_request) + " partitions");
    left_ -= partitions;
    return {};
  }

private:
  size_t left_ = max_partitions_per_request;
};

/// The topics of one request, each seen with the ones before it.
class topic_creation {
public:
  topic_creation(const cluster_state& state, const decision_context& around) : state_(state), around_(around) {}

  result<topic_state> create(const creatable_topic& topic) {
    if (auto problem = invalid_topic_name(topic.name))
      return fail(error_code::invalid_topic_exception, *problem);
    if (internal_topics::reserved(topic.name))
      return fail(error_code::invalid_request, "the name is that of a cluster's metadata log");
    if (state_.find(topic.name))
      return fail(error_code::topic_already_exists, "Topic '" + topic.name + "' already exists.");
    // Kafka's metric names treat '.' and '_' alike, so two topics may not differ in these only.
    if (auto similar = state_.find_similar(topic.name))
      return fail(error_code::invalid_topic_exception,
                  "differs from the topic '" + similar->name + "' only in '.' and '_'");
    auto replicas = chosen_replicas(state_, around_, topic);
    if (!replicas)
      return tl::make_unexpected(replicas.error());
    auto configs = checked_configs(around_, topic);
    if (!configs)
      return tl::make_unexpected(configs.error());
    if (auto ok = budget_.take(replicas->size()); !ok)
      return tl::make_unexpected(ok.error());
    topic_state created{topic.name, around_.new_id(), std::move(*replicas), std::move(*configs)};
    note_folders(around_, created, 0);
    state_.apply(topic_record{created.id, created});
    return created;
  }

private:
  cluster_state state_; // with what was created before
  const decision_context& around_;
  partition_budget budget_;
};

kafka::create_topics_response::creatable_topic_result created(const decision_context& around, const topic_state& topic,
                                                              bool validate_only) {
  kafka::create_topics_response::creatable_topic_result r;
  r.name = topic.name;
  r.topic_id = validate_only ? uuid{} : topic.id;
  r.num_partitions = static_cast<int32_t>(topic.replicas.size());
  r.replication_factor = static_cast<int16_t>(topic.replicas.front().size());
  auto& configs = r.configs.emplace();
  for (auto& c : describe_topic(topic.configs, around.settings))
    configs.push_back({std::string{c.name}, c.value, c.read_only, static_cast<int8_t>(c.source), c.sensitive});
  return r;
}

/// The topic that a request names by name or id, or why it cannot be had.
result<topic_ptr> deletable(const cluster_state& state, const decision_context& around,
                            const std::optional<std::string>& name, const uuid& id) {
  if (!around.settings.delete_topics)
    return fail(error_code::topic_deletion_disabled, "delete.topic.enable is false");
  if (name && !id.is_zero())
    return fail(error_code::invalid_request, "give the name or the id, not both");
  auto topic = name ? state.find(*name) : state.find(id);
  if (name && *name == metadata_topic)
    return fail(error_code::invalid_topic_exception, "this is the cluster's metadata log");
  if (!topic)
    return fail(name ? error_code::unknown_topic_or_partition : error_code::unknown_topic_id,
                "This server does not host this topic.");
  return topic;
}

result<topic_state> grown(const cluster_state& state, const decision_context& around, partition_budget& budget,
                          const kafka::create_partitions_request::topic& wish) {
  auto old = state.find(wish.name);
  if (!old)
    return fail(error_code::unknown_topic_or_partition, "This server does not host this topic.");
  const auto have = static_cast<int32_t>(old->replicas.size());
  if (wish.count <= have)
    return fail(error_code::invalid_partitions, "The topic has " + std::to_string(have) +
                                                  " partitions; the number can only grow, and " +
                                                  std::to_string(wish.count) + " is not more.");
  if (wish.count > max_partitions_per_topic)
    return fail(error_code::invalid_partitions,
                "a topic may have at most " + std::to_string(max_partitions_per_topic) + " partitions");
  const auto more = wish.count - have;
  if (auto ok = budget.take(static_cast<size_t>(more)); !ok)
    return tl::make_unexpected(ok.error());
  auto topic = *old;
  const auto factor = topic.replicas.front().size();
  if (!wish.assignments) {
    if (auto ok = check_replication_factor(around, static_cast<int32_t>(factor)); !ok)
      return tl::make_unexpected(ok.error());
    for (auto& replicas :
         place(candidates(state, around), have, more, static_cast<int32_t>(factor), state.topics().size()))
      topic.replicas.push_back(std::move(replicas));
    note_folders(around, topic, static_cast<size_t>(have));
    return topic;
  }
  if (wish.assignments->size() != static_cast<size_t>(more))
    return fail(error_code::invalid_replica_assignment, std::to_string(wish.assignments->size()) + " assignments for " +
                                                          std::to_string(more) + " new partitions");
  for (const auto& a : *wish.assignments) {
    if (auto ok = check_replicas(around, a.broker_ids); !ok)
      return tl::make_unexpected(ok.error());
    if (a.broker_ids.size() != factor)
      return fail(error_code::invalid_replica_assignment, "all partitions need the same number of replicas");
    topic.replicas.push_back(a.broker_ids);
  }
  note_folders(around, topic, static_cast<size_t>(have));
  return topic;
}

} // namespace

std::optional<std::string> invalid_topic_name(std::string_view name) {
  if (name.empty())
    return "the name is empty";
  if (name == "." || name == "..")
    return "the name cannot be \".\" or \"..\"";
  if (name.size() > 249)
    return "the name is longer than 249 characters";
  auto legal = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (!std::all_of(name.begin(), name.end(), legal))
    return "only the characters a-z A-Z 0-9 . _ - are allowed";
  return std::nullopt;
}

decision decide(const cluster_state& state, const decision_context& around, const kafka::create_topics_request& r) {
  decision d;
  kafka::create_topics_response response;
  topic_creation creation{state, around};
  const auto twice = repeated(r.topics, [](const auto& t) { return t.name; });
  for (const auto& name : twice) {
    auto& x = response.topics.emplace_back();
    x.name = name;
    x.error = error_code::invalid_request;
    x.error_message = "the topic is named more than once in this request";
  }
  for (const auto& wish : r.topics) {
    if (twice.contains(wish.name))
      continue;
    auto topic = creation.create(wish);
    if (!topic) {
      auto& x = response.topics.emplace_back();
      x.name = wish.name;
      x.error = topic.error().code;
      x.error_message = topic.error().message;
      continue;
    }
    response.topics.push_back(created(around, *topic, r.validate_only));
    if (!r.validate_only)
      d.records.push_back(topic_record{topic->id, *topic});
  }
  d.response = std::move(response);
  return d;
}

decision decide(const cluster_state& state, const decision_context& around, const kafka::delete_topics_request& r) {
  decision d;
  kafka::delete_topics_response response;
  std::set<uuid> gone;
  auto remove = [&](const std::optional<std::string>& name, const uuid& id) {
    auto& x = response.responses.emplace_back();
    x.name = name;
    x.topic_id = id;
    auto topic = deletable(state, around, name, id);
    if (!topic) {
      x.error = topic.error().code;
      x.error_message = topic.error().message;
      return;
    }
    x.name = (*topic)->name;
    x.topic_id = (*topic)->id;
    if (gone.insert((*topic)->id).second)
      d.records.push_back(topic_record{(*topic)->id, std::nullopt});
  };
  for (const auto& name : r.topic_names)
    remove(name, {});
  for (const auto& t : r.topics)
    remove(t.name, t.topic_id);
  d.response = std::move(response);
  return d;
}

decision decide(const cluster_state& state, const decision_context& around, const kafka::create_partitions_request& r) {
  decision d;
  kafka::create_partitions_response response;
  partition_budget budget;
  const auto twice = repeated(r.topics, [](const auto& t) { return t.name; });
  for (const auto& wish : r.topics) {
    auto& x = response.results.emplace_back();
    x.name = wish.name;
    auto topic = twice.contains(wish.name)
                   ? fail(error_code::invalid_request, "the topic is named more than once in this request")
                   : grown(state, around, budget, wish);
    if (!topic) {
      x.error = topic.error().code;
      x.error_message = topic.error().message;
    } else if (!r.validate_only) {
      d.records.push_back(topic_record{topic->id, *topic});
    }
  }
  d.response = std::move(response);
  return d;
}

decision decide(const cluster_state& state, const decision_context& around, const kafka::init_producer_id_request&) {
  kafka::init_producer_id_response response;
  response.producer_id = state.next_producer_id();
  return {{producer_ids_record{response.producer_id + producer_id_block, around.asking}}, response};
}

decision decide(const cluster_state& state, const decision_context& around, const change_request& request) {
  return std::visit([&](const auto& r) { return decide(state, around, r); }, request);
}

} // namespace chisme::coordinator
