#include "actors/supervisor/supervisor_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/groups/group_coordinator_actor.hpp"
#include "actors/log/folder_names.hpp"
#include "actors/partition/partition_actor.hpp"
#include "actors/supervisor/leftover_folders.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace chisme::supervisor {

supervisor::supervisor(caf::actor_config& config, supervisor_config c)
  : supervisor_actor::base(config), config_(std::move(c)),
    machine_(std::in_place, config_.self, config_.settings, config_.random.bits(), config_.place) {
  end_at_exceptions(*this);
  image_.cluster_id = config_.cluster_id;
  image_.self = config_.self;
  image_.brokers = config_.brokers;
}

supervisor::behavior_type supervisor::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { ended(down); });
  take(input::begin{});
  return {
    [this](const cluster_changed& x) { apply(x); },
    [this](const replica_opened& x) { take(x); },
    [this](const replica_role& x) { take(x); },
    [this](const leader_claim& x) { take(x); },
    [this](const brokers_changed& x) {
      image_.brokers = x.alive;
      take(x);
    },
    [this](const checkpoint_wanted& x) { take(x); },
    [this](const compaction_wanted& x) { take(x); },
    [this](const shut_down& x) {
      closing_.push_back(x.closed);
      take(input::shut_down{});
    },
    [this](drain) { take(input::publication_due{}); },
    [this](const timer_due& x) { take(input::timer_due{x.what}); },
  };
}

/// The replicas know their supervisor: neither would ever go. And whoever waits for one of them is told when that ends,
/// which must not depend on who else holds it.
void supervisor::on_exit() {
  machine_.reset();
  for (const auto& [key, a] : actors_) {
    if (a.groups)
      caf::anon_send_exit(a.groups, caf::exit_reason::user_shutdown);
    if (a.replica)
      caf::anon_send_exit(a.replica, caf::exit_reason::user_shutdown);
  }
  actors_.clear();
  image_ = {};
  waiting_.clear();
  closing_.clear();
  config_.metadata_log_role = nullptr;
  config_.claim = nullptr;
  config_.forget_claims = nullptr;
  config_.links = nullptr;
  config_.heartbeats = nullptr;
  config_.router = nullptr;
  // They have threads, which end when nobody has a handle of them any more.
  config_.flusher = nullptr;
  config_.cleaner = nullptr;
  config_.remover = nullptr;
  config_.disk_workers.clear();
}

// -- what happens ------------------------------------------------------------------------------------------------

void supervisor::take(const supervision_input& in) {
  supervision_actions actions;
  machine_->step(config_.steady_clock(), in, actions);
  for (const auto& a : actions)
    std::visit([this](const auto& x) { perform(x); }, a);
}

void supervisor::apply(const cluster_changed& x) {
  const auto number = ++changes_;
  waiting_.emplace(number, x.applied);
  if (x.deleted)
    unswept_ = x.deleted;
  // Before replicas of these names start.
  look_for_leftovers(x.cluster,
                     [this, change = input::cluster_change{x.cluster, x.settings, number}] { take(change); });
}

void supervisor::ended(const caf::down_msg& down) {
  if (const auto replica = replicas_.extract(down.source.id()))
    return replica_ended(replica.mapped(), to_string(down.reason));
  const auto coordinator = groups_.extract(down.source.id());
  if (!coordinator)
    return; // it was stopped
  auto& here = actors_[coordinator.mapped()];
  here.groups = nullptr;
  here.groups_port = nullptr;
  take(input::groups_ended{coordinator.mapped(), to_string(down.reason)});
}

void supervisor::replica_ended(const replica_key& key, const std::string& reason) {
  actors_[key].replica = nullptr;
  take(input::replica_ended{key, reason});
  if (const auto& left = actors_[key]; !left.replica && !left.groups)
    actors_.erase(key);
}

/// After the replay, and again later where the folder could not be looked through. Nothing else happens here until that
/// is done.
void supervisor::look_for_leftovers(std::shared_ptr<const coordinator::cluster_state> cluster,
                                    const std::function<void()>& then) {
  if (!unswept_)
    return then();
  auto search =
    std::make_shared<const leftover_search>(leftover_search{config_.data_dir, std::move(cluster), unswept_});
  request(config_.disk_workers.front(), caf::infinite, disk_worker::search_request{std::move(search)})
    .await(
      [this, then](const disk_worker::search_result& r) {
        looked(r);
        then();
      },
      [this, then](const caf::error&) {
        looked({nullptr, "the disk worker is gone"});
        then();
      });
}

void supervisor::looked(const disk_worker::search_result& r) {
  if (!r.found) {
    spdlog::error("the data folder cannot be looked through for what deletions left reason=\"{}\"", r.failure);
    return;
  }
  const auto& found = r.found;
  unswept_ = nullptr;
  auto going = found->doomed;
  for (const auto& name : found->doomed)
    request(config_.remover, caf::infinite, remover::remove_request{name, name, {}, false})
      .then([](const remover::remove_result&) {}, [](const caf::error&) {});
  input::leftovers_found left;
  for (const auto& f : found->deleted) {
    going.push_back(f.name);
    const auto name = *log::parse_folder_name(f.name);
    // Who has no id gets one of its own.
    left.folders.push_back({{f.topic_id ? *f.topic_id : config_.random.id(), name.partition}, name});
  }
  if (!going.empty())
    spdlog::warn("folders that deletions of topics left behind are removed folders={} names=\"{}\"", going.size(),
                 first_few(going));
  if (!found->unknown.empty())
    spdlog::warn("folders belong to no topic of this cluster and are kept folders={} names=\"{}\" "
                 "cure=\"move them away; nothing here uses them\"",
                 found->unknown.size(), first_few(found->unknown));
  take(left);
}

// -- replicas ----------------------------------------------------------------------------------------------------

template <class Message>
void supervisor::tell(const replica_key& key, Message message) {
  const auto i = actors_.find(key);
  if (i != actors_.end() && i->second.replica)
    send(i->second.replica, std::move(message));
}

void supervisor::perform(const action::start_replica& x) {
  const auto worker =
    (std::hash<uuid>{}(x.key.topic_id) + static_cast<size_t>(x.key.partition)) % config_.disk_workers.size();
  const auto& settings = *machine_->settings();
  partition::node_services around{config_.self,
                                  config_.wall_clock,
                                  config_.flusher,
                                  config_.cleaner,
                                  supervisor_actor{this},
                                  config_.disk_workers[worker],
                                  settings.producer_id_expiration_ms,
                                  static_cast<size_t>(settings.producer_ids_per_partition),
                                  config_.links,
                                  config_.heartbeats,
                                  config_.router};
  auto& replica = actors_[x.key].replica;
  replica = spawn<partition::partition, caf::monitored>(
    std::move(around),
    partition::replica_config{x.name, x.key, config_.data_dir + "/" + to_string(x.name), x.settings, x.existed,
                              x.voters, config_.random.bits(), x.told_epoch, x.is_of_another_folder});
  replicas_[replica.id()] = x.key;
}

void supervisor::perform(const action::remind_replica& x) {
  switch (x.of) {
    case action::duty::housekeeping:
      return tell(x.key, partition::housekeeping_due{machine_->settings()->producer_id_expiration_ms});
    case action::duty::checkpoint:
      return tell(x.key, partition::checkpoint_due{});
    case action::duty::compaction:
      return tell(x.key, partition::compaction_due{});
  }
}

void supervisor::perform(const action::hand_over& x) { tell(x.key, partition::hand_over{x.to}); }

void supervisor::perform(const action::release_folder& x) {
  remover::remove_request what{to_string(x.name), log::doomed_name(x.name, x.key.topic_id), x.key.topic_id, x.was_ours};
  request(config_.remover, caf::infinite, std::move(what))
    .then(
      [this, key = x.key](const remover::remove_result& r) {
        take(input::folder_released{key, r.failure});
      },
      [this, key = x.key](const caf::error&) {
        take(input::folder_released{key, "the remover is gone"});
      });
}

// -- groups ------------------------------------------------------------------------------------------------------

void supervisor::perform(const action::start_groups& x) {
  const auto& settings = *machine_->settings();
  groups::group_coordinator_config c;
  c.name = to_string(x.name);
  c.log = x.log;
  c.epoch = x.epoch;
  c.settings = groups::group_settings_of(settings);
  c.new_id = config_.random.split().ids();
  c.topics = catalog_;
  c.timings = timings_;
  c.clock = config_.steady_clock;
  c.wall_clock = config_.wall_clock;
  auto& here = actors_[x.key];
  here.groups = spawn<groups::group_coordinator, caf::monitored>(std::move(c));
  here.groups_port = groups::make_port(here.groups);
  groups_[here.groups.id()] = x.key;
}

void supervisor::perform(const action::stop_groups& x) {
  const auto i = actors_.find(x.key);
  if (i == actors_.end() || !i->second.groups)
    return;
  i->second.groups_port = nullptr;
  const auto stopped = std::exchange(i->second.groups, nullptr);
  groups_.erase(stopped.id());
  send_exit(stopped, caf::exit_reason::user_shutdown);
}

template <class Message>
void supervisor::tell_all_groups(const Message& message) {
  for (const auto& [id, key] : groups_)
    send(actors_[key].groups, message);
}

void supervisor::perform(const action::hand_topics_to_groups& x) {
  catalog_ = x.topics;
  tell_all_groups(groups::topics_changed{catalog_});
}

void supervisor::perform(const action::hand_timings_to_groups& x) {
  timings_ = x.timings;
  tell_all_groups(groups::timings_changed{timings_});
}

// -- who is told -------------------------------------------------------------------------------------------------

void supervisor::perform(const action::set_timer& x) { delayed_send(this, x.after, timer_due{x.what}); }

void supervisor::perform(const action::schedule_publication&) { send(this, drain{}); }

topic_image_ptr supervisor::image_of(const coordinator::topic_ptr& topic) const {
  auto image = std::make_shared<topic_image>();
  image->topic = topic;
  image->partitions = machine_->partitions_of(*topic);
  if (topic->name == internal_topics::consumer_offsets)
    for (size_t i = 0; i < image->partitions.size(); ++i)
      if (const auto a = actors_.find({topic->id, static_cast<partition_index>(i)}); a != actors_.end())
        image->partitions[i].groups = a->second.groups_port;
  return image;
}

void supervisor::perform(const action::publish& x) {
  const auto& cluster = machine_->cluster();
  for (const auto& id : x.topics)
    if (const auto topic = cluster->find(id))
      image_.put(image_of(topic));
    else
      image_.erase(id);
  image_.cluster = cluster;
  image_.settings = machine_->settings();
  image_.controller = machine_->controller();
  config_.publish(std::make_shared<const broker_image>(image_));
}

void supervisor::perform(const action::answer_change& x) {
  const auto answer = waiting_.extract(x.number);
  answer.mapped()({});
}

void supervisor::perform(const action::answer_shut_down&) {
  for (auto& answer : std::exchange(closing_, {}))
    answer({});
}

void supervisor::perform(const action::tell_metadata_log_failed& x) {
  if (config_.metadata_log_role)
    config_.metadata_log_role(fail(x.code, "the metadata log cannot be opened; the log lines above say why"));
}

void supervisor::perform(const action::tell_log_role& x) {
  if (config_.metadata_log_role)
    config_.metadata_log_role(x.role);
}

void supervisor::perform(const action::claim& x) {
  if (config_.claim)
    config_.claim({x.key, config_.self, x.epoch});
}

void supervisor::perform(const action::forget_claims& x) {
  if (config_.forget_claims)
    config_.forget_claims(x.topic);
}

void supervisor::perform(const notice& x) {
  spdlog::log(is_good_news(x) ? spdlog::level::info : spdlog::level::err, text_of(x));
}

} // namespace chisme::supervisor
