#include "tests/support/session_fixture.hpp"

#include <algorithm>
#include <unistd.h>

namespace chisme::testing {

std::string flat(const payload& p) {
  std::string out;
  for (const auto& part : p.parts()) {
    if (const auto* b = std::get_if<buffer>(&part)) {
      out += as_chars(*b);
      continue;
    }
    const auto& slice = std::get<file_slice>(part);
    std::string bytes(slice.length, '\0');
    const auto n = ::pread(slice.fd, bytes.data(), bytes.size(), static_cast<off_t>(slice.position));
    out += bytes.substr(0, static_cast<size_t>(std::max<ssize_t>(0, n)));
  }
  return out;
}

void manual_loop::post(std::function<void()> f) {
  std::lock_guard lock{state_->mutex};
  state_->posted.push_back(std::move(f));
}

std::shared_ptr<void> manual_loop::after(std::chrono::milliseconds delay, std::function<void()> f) {
  std::lock_guard lock{state_->mutex};
  const auto id = state_->next_timer++;
  state_->timers.emplace(id, timer{now_ + delay, std::move(f)});
  // Dropping the handle takes the timer out, as it does in production.
  return {nullptr, [id, weak = std::weak_ptr{state_}](void*) {
            auto s = weak.lock();
            if (!s)
              return;
            std::unique_lock inner{s->mutex};
            auto cancelled = s->timers.extract(id);
            inner.unlock();
          }};
}

bool manual_loop::is_idle() const {
  std::lock_guard lock{state_->mutex};
  return state_->posted.empty();
}

bool manual_loop::step() {
  std::unique_lock lock{state_->mutex};
  if (state_->posted.empty())
    return false;
  auto f = std::move(state_->posted.front());
  state_->posted.pop_front();
  lock.unlock();
  f();
  return true;
}

void manual_loop::drain() {
  while (step()) {
  }
}

void manual_loop::drop() {
  std::unique_lock lock{state_->mutex};
  auto dropped = std::exchange(state_->posted, {});
  lock.unlock();
}

void manual_loop::advance(std::chrono::milliseconds by) {
  const auto until = now_ + by;
  drain();
  for (;;) {
    std::unique_lock lock{state_->mutex};
    auto& timers = state_->timers;
    auto next = std::min_element(timers.begin(), timers.end(),
                                 [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
    if (next == timers.end() || next->second.due > until)
      break;
    now_ = next->second.due;
    auto f = std::move(next->second.f);
    timers.erase(next);
    lock.unlock();
    f();
    drain();
  }
  now_ = until;
}

size_t manual_loop::timers() const {
  std::lock_guard lock{state_->mutex};
  return state_->timers.size();
}

std::optional<std::chrono::milliseconds> manual_loop::next_timer() const {
  std::lock_guard lock{state_->mutex};
  std::optional<std::chrono::milliseconds> next;
  for (const auto& [id, t] : state_->timers)
    next = std::min(next.value_or(t.due), t.due);
  return next ? std::optional{*next - now_} : std::nullopt;
}

void fake_transport::flush() {
  for (auto& x : staged)
    frames.push_back(std::move(x));
  staged.clear();
}

session_test::session_test() {
  broker_.settings = &settings_;
  broker_.coordinator = coordinator_;
  broker_.data_dir = "/data";
  broker_.disk_space = [] { return session::disk_space{1000, 400}; };
  change_image([this](broker_image& image) {
    image.settings = std::make_shared<node_settings>(settings_);
    image.cluster_id = "cluster";
    image.self = image.controller = 1;
    image.brokers = {{1, "localhost", 9092, std::nullopt}};
  });
  connect();
}

session_test::~session_test() {
  session_.reset();
  coordinator_->changes.clear();
  for (auto& p : partitions_)
    p->drop();
  broker_.image.set(std::make_shared<broker_image>());
  loop_.drain();
}

void session_test::connect(session::session_limits limits) {
  if (session_)
    disconnect();
  transport_ = {};
  session_ = std::make_shared<session::session>(broker_, loop_, transport_, limits, "127.0.0.1");
}

void session_test::disconnect() {
  session_->disconnected();
  session_.reset();
}

void session_test::change_image(const std::function<void(broker_image&)>& f) {
  auto next = std::make_shared<broker_image>(*broker_.image.get());
  f(*next);
  broker_.image.set(next);
}

uuid session_test::id_of(const std::string& topic) {
  uuid id;
  std::copy_n(topic.begin(), std::min(topic.size(), id.bytes.size()), id.bytes.begin());
  return id;
}

std::vector<partition_ptr> session_test::add_topic(const std::string& name, size_t partitions,
                                                   std::map<std::string, std::string> configs) {
  std::vector<partition_ptr> ports;
  auto topic = std::make_shared<topic_image>();
  topic->topic = std::make_shared<coordinator::topic_state>(coordinator::topic_state{
    name, id_of(name), std::vector<std::vector<node_id>>(partitions, {1}), std::move(configs)});
  for (size_t i = 0; i < partitions; ++i) {
    ports.push_back(partitions_.emplace_back(std::make_shared<fake_partition>()));
    topic->partitions.push_back({1, 5, error_code::none, ports.back(), nullptr});
  }
  change_image([&](broker_image& image) { image.put(topic); });
  return ports;
}

} // namespace chisme::testing
