// The part of the supervisor that sees to it that folders which belong to nobody go.
#include "actors/log/folder_names.hpp"
#include "actors/supervisor/leftover_folders.hpp"
#include "actors/supervisor/supervisor_actor.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace chisme::supervisor {

/// Another replica whose folder has this name: it runs, or its folder has yet to go.
const supervisor::replica* supervisor::holder_of(const topic_partition& name, const replica_key& but) const {
  const auto i = std::ranges::find_if(replicas_, [&](const auto& x) {
    return x.first != but && x.second.name == name && (x.second.actor || x.second.stopping);
  });
  return i == replicas_.end() ? nullptr : &i->second;
}

void supervisor::release_folder(const replica_key& key, replica& r) {
  if (shutting_down_ || std::exchange(r.releasing, true))
    return;
  remover::remove_request what{to_string(r.name), log::doomed_name(r.name, key.topic_id), key.topic_id, r.was_open};
  request(config_.remover, caf::infinite, std::move(what))
    .then([this, key](const remover::remove_result& answer) { released(key, answer.failure); },
          [this, key](const caf::error&) { released(key, "the remover is gone"); });
}

void supervisor::released(const replica_key& key, const std::string& failure) {
  auto i = replicas_.find(key);
  if (i == replicas_.end())
    return;
  auto& r = i->second;
  const auto name = r.name;
  r.releasing = false;
  if (failure.empty()) {
    if (r.stuck)
      spdlog::info("the folder of a deleted topic is out of the way at last partition={}", to_string(name));
    replicas_.erase(i);
  } else {
    const auto pause = try_again(key, r);
    if (!std::exchange(r.stuck, true))
      spdlog::error("the folder of a deleted topic cannot be removed and is tried again partition={} reason=\"{}\" "
                    "next_attempt_in_ms={}",
                    to_string(name), failure, pause.count());
  }
  start_held_up(name);
  settle();
}

/// Where the name is still not free they stay, but nobody waits for them any longer.
void supervisor::start_held_up(const topic_partition& name) {
  for (const auto& key : std::set{held_up_}) {
    auto i = replicas_.find(key);
    if (i == replicas_.end() || i->second.name != name)
      continue;
    held_up_.erase(key);
    start(key, i->second);
  }
}

/// After the replay, and again later where the folder could not be looked through.
void supervisor::sweep() {
  if (!unswept_)
    return;
  auto found = find_leftovers(*config_.disk, config_.data_dir, *cluster_, *unswept_);
  if (!found) {
    spdlog::error("the data folder cannot be looked through for what deletions left reason=\"{}\"",
                  found.error().message);
    return;
  }
  unswept_ = nullptr;
  std::vector<std::string> going = found->doomed;
  for (const auto& name : found->doomed)
    request(config_.remover, caf::infinite, remover::remove_request{name, name, {}, false})
      .then([](const remover::remove_result&) {}, [](const caf::error&) {});
  for (const auto& f : found->deleted) {
    going.push_back(f.name);
    const auto name = *log::parse_folder_name(f.name);
    // As if its replica had just let go of it; who has no id gets one of its own.
    const replica_key key{f.topic_id ? *f.topic_id : config_.new_id(), name.partition};
    auto& r = replicas_[key];
    r.name = name;
    r.stopping = true;
    release_folder(key, r);
  }
  if (!going.empty())
    spdlog::warn("folders that deletions of topics left behind are removed folders={} names=\"{}\"", going.size(),
                 first_few(going));
  if (!found->unknown.empty())
    spdlog::warn("folders belong to no topic of this cluster and are kept folders={} names=\"{}\" "
                 "cure=\"move them away; nothing here uses them\"",
                 found->unknown.size(), first_few(found->unknown));
}

} // namespace chisme::supervisor
