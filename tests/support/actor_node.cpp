#include "tests/support/actor_node.hpp"

#include "actors/log/batch_builder.hpp"
#include "actors/root/root_actor.hpp"

#include <algorithm>

namespace chisme::test {

namespace {

template <class Response>
using answer = std::shared_ptr<std::optional<Response>>;

/// The code of each name, in the order of the names.
template <class Results>
std::vector<std::optional<error_code>> codes_of(const std::vector<std::string>& names, const Results& results) {
  std::vector<std::optional<error_code>> codes;
  for (const auto& name : names) {
    auto i = std::ranges::find_if(results, [&](const auto& r) { return r.name == name; });
    codes.push_back(i == results.end() ? std::nullopt : std::optional{i->error});
  }
  return codes;
}

kafka::delete_topics_request removal_of(const std::vector<std::string>& topics) {
  kafka::delete_topics_request r;
  r.topic_names = topics;
  return r;
}

} // namespace

actor_node::actor_node(std::shared_ptr<sim_files> disk, uint64_t seed) : disk_(std::move(disk)), random_(seed) {
  begin();
  run();
}

actor_node::~actor_node() {
  coordinator_ = nullptr;
  caf::anon_send_exit(root_, caf::exit_reason::kill);
  root_ = nullptr;
  scheduler().clock().cancel_all();
  run();
}

void actor_node::begin() {
  auto settings = std::make_shared<node_settings>();
  settings->node_id = 1;
  const auto clock = [this] { return now_; };
  auto made = disk_->make_directories(data_dir);
  auto whole = disk_->open_filesystem(data_dir);
  if (!made || !whole) {
    failure_ = "no data folder";
    return;
  }
  root::root_config c;
  c.settings = settings;
  c.cluster_id = "c";
  c.data_dir = data_dir;
  c.disk = disk_;
  c.filesystem = std::move(*whole);
  c.wall_clock = c.steady_clock = clock;
  c.random = random_source{random_()};
  c.publish = [this](std::shared_ptr<const broker_image> image) { image_ = std::move(image); };
  c.ready = [this](result<coordinator::port_ptr> r) {
    if (r)
      coordinator_ = *r;
    else
      failure_ = r.error().message;
  };
  root_ = system_.spawn<root::root>(std::move(c));
}

void actor_node::pass(std::chrono::milliseconds time) {
  now_ += time.count();
  scheduler().advance_time(time);
  run();
}

template <class Response, class Request>
std::shared_ptr<std::optional<Response>> actor_node::ask(Request request) {
  auto got = std::make_shared<std::optional<Response>>();
  coordinator::change c;
  c.request = std::move(request);
  c.done = reply_with<coordinator::change_result>([got](coordinator::change_result r) {
    if (r.code == error_code::none)
      *got = std::get<Response>(std::move(r.response));
  });
  coordinator_->send(std::move(c));
  return got;
}

std::vector<std::optional<error_code>> actor_node::create(const std::vector<std::string>& topics, int32_t partitions) {
  kafka::create_topics_request r;
  for (const auto& name : topics) {
    auto& t = r.topics.emplace_back();
    t.name = name;
    t.num_partitions = partitions;
    t.replication_factor = 1;
  }
  auto got = ask<kafka::create_topics_response>(std::move(r));
  run();
  return codes_of(topics, *got ? (*got)->topics : decltype((*got)->topics){});
}

std::vector<std::optional<error_code>> actor_node::remove(const std::vector<std::string>& topics) {
  auto got = ask<kafka::delete_topics_response>(removal_of(topics));
  run();
  return codes_of(topics, *got ? (*got)->responses : decltype((*got)->responses){});
}

void actor_node::ask_to_remove(const std::vector<std::string>& topics) {
  ask<kafka::delete_topics_response>(removal_of(topics));
}

partition_image actor_node::partition(const std::string& topic, partition_index index) const {
  const auto* t = image_->find(topic);
  return t && static_cast<size_t>(index) < t->partitions.size() ? t->partitions[static_cast<size_t>(index)]
                                                                : partition_image{};
}

std::optional<partition::append_result> actor_node::append(const std::string& topic, const std::string& value) {
  const auto to = partition(topic).port;
  if (!to)
    return std::nullopt;
  auto got = std::make_shared<std::optional<partition::append_result>>();
  log::batch_builder batch;
  batch.add("k", value, now_);
  partition::append_request r;
  r.records = *batch.finish();
  r.done = reply_with<partition::append_result>([got](partition::append_result x) { *got = std::move(x); });
  partition::append_batch one;
  one.requests.push_back(std::move(r));
  to->send(std::move(one));
  run();
  return *got;
}

std::optional<offset_t> actor_node::end_offset(const std::string& topic) {
  const auto to = partition(topic).port;
  if (!to)
    return std::nullopt;
  auto got = std::make_shared<std::optional<offset_t>>();
  partition::list_offset_request r;
  r.timestamp = partition::list_offset_request::latest;
  r.done = reply_with<partition::offset_result>([got](const partition::offset_result& x) {
    if (x.code == error_code::none)
      *got = x.offset;
  });
  to->send(std::move(r));
  run();
  return *got;
}

std::vector<std::string> actor_node::folders() {
  std::vector<std::string> names;
  auto entries = disk_->list(data_dir);
  if (!entries)
    return names;
  for (const auto& e : *entries)
    if (e.is_directory)
      names.push_back(e.name);
  std::ranges::sort(names);
  return names;
}

} // namespace chisme::test
