// What a simulated cluster has to come to when its faults have ended, and whether all is there that was promised.
#include "actors/log/batch_scanner.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/quorum_state.hpp"
#include "messages/internal_topics.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "tests/sim/cluster_sim.hpp"

#include <algorithm>

namespace chisme::test {

namespace {

constexpr int64_t enough_to_converge = 120'000;
constexpr int64_t enough_for_each_client = 60'000;
constexpr int64_t enough_to_catch_up = 20'000;

std::vector<topic_partition> all_partitions() {
  std::vector<topic_partition> out;
  for (const auto& topic : sim_topics)
    for (partition_index i = 0; i < 2; ++i)
      out.push_back({topic, i});
  return out;
}

/// What a replica's folder says that it has promised; nothing: it says nothing.
std::optional<raft::hard_state> promise_in(sim_files& disk, const std::string& folder) {
  const auto path = folder + "/" + std::string{log::quorum_file_name};
  const auto there = disk.exists(path);
  if (!there || !*there)
    return std::nullopt;
  const auto content = disk.content(path);
  std::optional<log::quorum_slot::decoded> newest;
  for (uint64_t at : {uint64_t{0}, log::quorum_slot::distance})
    if (const auto slot = log::quorum_slot::decode(as_bytes(content).subspan(std::min<uint64_t>(at, content.size()))))
      if (!newest || slot->sequence > newest->sequence)
        newest = slot;
  return newest && newest->sequence > 0 ? std::optional{newest->state} : std::nullopt;
}

} // namespace

// -- asking --------------------------------------------------------------------------------------------------------

template <class Response, class Request>
std::optional<Response> cluster_sim::ask(node_id of, const Request& r, int16_t version) {
  auto* node = world_.find(of);
  if (!node)
    return std::nullopt;
  question_ = {of, std::make_unique<client_link>(*node, trace_.hash(), told_)};
  std::optional<Response> got;
  bool is_over = false;
  question_.link->ask<Response>(r, version, [&](const Response* answer) {
    is_over = true;
    if (answer)
      got = *answer;
  });
  for (int i = 0; i < 3000 && !is_over && is_well(); ++i)
    run_until(now_ + 10);
  question_ = {};
  return got;
}

template <class Response, class Request>
std::optional<Response> cluster_sim::ask_until(const char* what, const std::function<node_id()>& of, const Request& r,
                                               int16_t version, const std::function<bool(const Response&)>& will_do) {
  for (const auto end = now_ + enough_to_converge; now_ < end && is_well();) {
    const auto got = ask<Response>(of(), r, version);
    if (got && will_do(*got))
      return got;
    run_until(now_ + 500);
  }
  broken("nobody gives a good answer to " + std::string{what});
  return std::nullopt;
}

node_id cluster_sim::some_node() {
  const auto there = running();
  return there.empty() ? -1 : there[scheduling_() % there.size()]->id;
}

const partition_image* cluster_sim::image_of(host& h, const topic_partition& p) {
  // The node holds the image until the next one comes.
  const auto* topic = h.process->broker().image.get()->find(p.topic);
  return topic && p.partition < std::ssize(topic->partitions) ? &topic->partitions[static_cast<size_t>(p.partition)]
                                                              : nullptr;
}

node_id cluster_sim::leader_of(const topic_partition& p) {
  for (auto* h : running())
    if (const auto* image = image_of(*h, p); image && image->leader == h->id && image->port)
      return h->id;
  return some_node();
}

void cluster_sim::make_topics() {
  if (clients_.empty() || !is_well())
    return;
  kafka::create_topics_request r;
  for (const auto& name : sim_topics) {
    auto& t = r.topics.emplace_back();
    t.name = name;
    t.num_partitions = 2;
    t.replication_factor = world_.replication_factor;
  }
  ask_until<kafka::create_topics_response>(
    "CreateTopics", [this] { return some_node(); }, r, 5,
    [](const auto& got) {
      return std::ranges::all_of(got.topics, [](const auto& t) {
        return t.error == error_code::none || t.error == error_code::topic_already_exists;
      });
    });
  for (const auto& name : sim_topics)
    told_.topic_answered(name, true);
}

// -- coming together -----------------------------------------------------------------------------------------------

void cluster_sim::converge() {
  start_unsound_anew();
  std::string waits_for = "nothing";
  for (const auto end = now_ + enough_to_converge; now_ < end && is_well() && !waits_for.empty();) {
    run_until(now_ + 1000);
    waits_for = missing();
  }
  if (!waits_for.empty())
    broken(std::to_string(enough_to_converge) + " ms after the last fault " + waits_for);
  check_clients();
  await_last_answers();
  judge();
}

/// As who runs them would. A write-back may have failed long before a sync tells of it.
void cluster_sim::start_unsound_anew() {
  plan(1000, [this] { start_unsound_anew(); });
  for (auto* h : running())
    if (disk_is_unsound(*h)) {
      say(h->id, "is started anew, as a sync of its disk has failed");
      end_process(*h, parting::closes);
      start(*h);
    }
}

/// What is not yet as it should be; empty: nothing.
std::string cluster_sim::missing() {
  for (auto& h : hosts_) {
    const auto node = "node " + std::to_string(h.id);
    if (!h.process)
      return node + " is not there";
    if (!h.process->is_ready())
      return node + " is not ready";
    if (!h.process->serves_everything())
      return node + " does not serve everything";
  }
  if (auto links = missing_links(); !links.empty())
    return links;
  if (emptied_ > 0)
    if (const auto p = not_taken_in(hosts_[static_cast<size_t>(emptied_ - 1)]))
      return "node " + std::to_string(emptied_) + ", which was emptied, is not taken in anew by " + to_string(*p);
  return missing_leaders();
}

/// As its disk says: each replica that others have has promised something by now, and counts. The first that does not.
std::optional<topic_partition> cluster_sim::not_taken_in(const host& h) const {
  auto all = all_partitions();
  all.push_back({std::string{internal_topics::metadata}, 0});
  for (partition_index i = 0; i < 2; ++i)
    all.push_back({std::string{internal_topics::consumer_offsets}, i});
  const auto found = std::ranges::find_if_not(all, [&](const topic_partition& p) {
    const auto folder = std::string{sim_node::data_dir} + "/" + to_string(p);
    const bool is_there = std::ranges::any_of(hosts_, [&](const host& x) {
      const auto there = x.disk->exists(folder);
      return !there || *there;
    });
    const auto promised = promise_in(*h.disk, folder);
    return !is_there || (promised && !promised->has_lost_disk);
  });
  return found != all.end() ? std::optional{*found} : std::nullopt;
}

std::string cluster_sim::missing_links() const {
  for (const auto& a : hosts_)
    for (const auto& b : hosts_)
      if (a.id != b.id && !network_.is_up(a.id, b.id))
        return "node " + std::to_string(a.id) + " has no link to node " + std::to_string(b.id);
  return "";
}

/// All nodes name the same leader, who takes itself for it.
std::string cluster_sim::missing_leaders() {
  if (clients_.empty())
    return "";
  for (const auto& p : all_partitions()) {
    std::set<std::pair<leader_epoch_t, node_id>> named;
    bool is_led = false;
    for (auto& h : hosts_) {
      const auto* image = image_of(h, p);
      if (!image)
        return "node " + std::to_string(h.id) + " does not know " + to_string(p);
      named.insert({image->leader_epoch, image->leader});
      is_led |= image->leader == h.id && image->port != nullptr;
    }
    if (named.size() != 1 || !is_led)
      return to_string(p) + " has no leader that all agree upon";
  }
  return "";
}

/// Each of them gets what it is there for.
void cluster_sim::check_clients() {
  for (auto& c : clients_)
    c.successes = c.client->successes();
  const auto is_served = [](const auto& c) { return c.client->successes() > c.successes; };
  for (const auto end = now_ + enough_for_each_client;
       now_ < end && is_well() && !std::ranges::all_of(clients_, is_served);)
    run_until(now_ + 500);
  for (size_t i = 0; i < clients_.size(); ++i)
    if (!is_served(clients_[i]))
      broken("client " + std::to_string(i) + " is not served although all faults have ended");
}

void cluster_sim::await_last_answers() {
  clients_rest_ = true;
  const auto waits = [](const auto& c) { return c.client->waits(); };
  for (const auto end = now_ + sim_client::patience; now_ < end && is_well() && std::ranges::any_of(clients_, waits);)
    run_until(now_ + 500);
  for (size_t i = 0; i < clients_.size(); ++i)
    if (waits(clients_[i]))
      broken("client " + std::to_string(i) + " waits for an answer that does not come");
}

// -- what was promised ---------------------------------------------------------------------------------------------

void cluster_sim::judge() {
  if (clients_.empty() || !is_well())
    return;
  for (const auto& p : all_partitions())
    if (is_well())
      judge_content(p);
  judge_topics();
  judge_offsets();
  // The last high watermark reaches the followers.
  run_until(now_ + 5000);
  compare_replicas();
}

void cluster_sim::judge_content(const topic_partition& in) {
  std::vector<std::string> values;
  for (;;) {
    kafka::fetch_request r;
    auto& topic = r.topics.emplace_back();
    topic.topic = in.topic;
    auto& part = topic.partitions.emplace_back();
    part.partition = in.partition;
    part.fetch_offset = std::ssize(values);
    part.partition_max_bytes = 1 << 20;
    const auto answer = ask_until<kafka::fetch_response>(
      "Fetch", [&] { return leader_of(in); }, r, 11,
      [](const auto& got) {
        return got.error == error_code::none && got.responses.at(0).partitions.at(0).error == error_code::none;
      });
    if (!answer)
      return;
    const auto& p = answer->responses.at(0).partitions.at(0);
    const auto found = records_of(p.records);
    if (found.empty())
      return told_.check_content(in, values, p.high_watermark);
    for (const auto& [at, value] : found) {
      if (at != std::ssize(values))
        return broken(to_string(in) + " has offset " + std::to_string(at) + " where " + std::to_string(values.size()) +
                      " should be");
      values.push_back(value);
    }
  }
}

/// What the node tells its clients of topics that contradicts what others were told; empty: nothing.
std::string cluster_sim::wrong_topic_at(const host& h) {
  const auto answer = ask_until<kafka::metadata_response>(
    "Metadata", [&] { return h.id; }, kafka::metadata_request{}, 8, [](const auto&) { return true; });
  std::set<std::string> there;
  if (answer)
    for (const auto& t : answer->topics)
      there.insert(t.name.value_or(""));
  return told_.wrong_topic(there);
}

/// A node that was cut off may be behind until its links have sent again what was lost on them.
void cluster_sim::judge_topics() {
  for (const auto& h : hosts_) {
    auto wrong = wrong_topic_at(h);
    for (const auto end = now_ + enough_to_catch_up; is_well() && !wrong.empty() && now_ < end;) {
      run_until(now_ + 500);
      wrong = wrong_topic_at(h);
    }
    if (is_well() && !wrong.empty())
      broken("node " + std::to_string(h.id) + ": " + wrong);
  }
}

/// As some node says it.
node_id cluster_sim::coordinator_of_committed() {
  kafka::find_coordinator_request find;
  find.key = committed_group;
  const auto found = ask_until<kafka::find_coordinator_response>(
    "FindCoordinator", [this] { return some_node(); }, find, 2,
    [](const auto& got) { return got.error == error_code::none; });
  return found ? found->node_id : some_node();
}

/// As a client does: the coordinator may move between the two questions, and is looked for again.
void cluster_sim::judge_offsets() {
  const auto answer = ask_until<kafka::offset_fetch_response>(
    "OffsetFetch", [this] { return coordinator_of_committed(); }, fetch_of_committed(), 5,
    [](const auto& got) {
      return got.error == error_code::none && !got.topics.empty() &&
             got.topics.at(0).partitions.at(0).error == error_code::none;
    });
  if (answer)
    told_.committed_offset(committed_group, committed_partition,
                           answer->topics.at(0).partitions.at(0).committed_offset);
}

/// Below the high watermark all replicas have the same batches, byte by byte: a follower copies them. Where their
/// segments begin is their own business.
void cluster_sim::compare_replicas() {
  for (const auto& in : all_partitions()) {
    std::optional<std::pair<node_id, std::string>> first;
    for (auto& h : hosts_) {
      const auto folder = std::string{sim_node::data_dir} + "/" + to_string(in);
      const auto files = h.disk->list(folder);
      if (!files)
        continue;
      std::set<std::string> segments;
      for (const auto& f : *files)
        if (f.name.ends_with(".log"))
          segments.insert(f.name);
      std::string committed;
      for (const auto& s : segments) {
        const auto bytes = buffer::copy_of(h.disk->content(folder + "/" + s));
        log::batch_reader batches{bytes};
        while (auto b = batches.next())
          if (b->header.base_offset < told_.known_end(in))
            committed += std::string_view{reinterpret_cast<const char*>(b->bytes.data()), b->bytes.size()};
      }
      if (!first)
        first = {h.id, committed};
      else if (first->second != committed)
        return broken("the replicas of " + to_string(in) + " on node " + std::to_string(first->first) + " and node " +
                      std::to_string(h.id) + " differ below the high watermark");
    }
  }
}

} // namespace chisme::test
