#include "actors/session/fetch_operation.hpp"

#include "actors/session/gather.hpp"

#include <algorithm>
#include <utility>

namespace chisme::session {

namespace {

/// No client waits longer than this in one request, whatever it asks for: a waiting request holds memory.
constexpr int32_t longest_wait_ms = 5 * 60 * 1000;

/// Of all fetches that wait: some 300 MB.
constexpr int64_t most_awaited_partitions = 1'000'000;

/// Bytes of a partition in one answer; the first batch comes whatever its size.
constexpr int32_t most_of_internal_topics = 1 << 20;

/// Kept by partitions; does not keep the operation alive.
class commit_watch final : public partition::read_waiter {
public:
  explicit commit_watch(std::weak_ptr<fetch_operation> operation) : operation_(std::move(operation)) {}

  bool committed(uint64_t bytes) override {
    auto operation = operation_.lock();
    return operation && operation->more_committed(bytes);
  }
  bool expired() const override { return operation_.expired(); }

private:
  std::weak_ptr<fetch_operation> operation_;
};

/// Whether a client of this version can be given batches of this topic (Kafka's check: the topic's own codec).
bool needs_newer_client(const topic_image& topic, int16_t version) {
  if (version >= 10)
    return false;
  auto i = topic.topic->configs.find("compression.type");
  return i != topic.topic->configs.end() && i->second == "zstd";
}

} // namespace

fetch_operation::fetch_operation(request r, kafka::fetch_request body, fetch_plan plan)
  : request_(std::move(r)), body_(std::move(body)), image_(request_.image()),
    session_id_(plan.session ? plan.session->id() : 0), incremental_(plan.incremental), plan_error_(plan.code),
    max_bytes_(static_cast<uint64_t>(std::clamp(body_.max_bytes, 0, request_.shared().settings->fetch_max_bytes))),
    // More than fits into the answer would never come together.
    min_bytes_(std::min(static_cast<uint64_t>(std::max(0, body_.min_bytes)), max_bytes_)) {
  resolve(std::move(plan.targets));
}

void fetch_operation::resolve(std::vector<fetch_target> targets) {
  const bool by_id = request_.version() >= 13;
  targets_.reserve(targets.size());
  for (auto& t : targets) {
    auto& x = targets_.emplace_back();
    x.what = std::move(t);
    x.topic = by_id ? image_->find(x.what.key.topic_id) : image_->find(x.what.key.topic);
    auto found = find_partition(x.topic, x.what.key.partition);
    if (!x.topic && by_id)
      found.code = error_code::unknown_topic_id;
    else if (x.topic && needs_newer_client(*x.topic, request_.version()))
      found.code = error_code::unsupported_compression_type;
    if (found.code == error_code::none)
      x.port = std::move(found.port);
    else
      x.found = partition::read_result::failed(found.code);
  }
}

void fetch_operation::start() {
  if (plan_error_ != error_code::none)
    return finish();
  begin_reading();
}

void fetch_operation::begin_reading() {
  next_target_ = 0;
  for (auto& t : targets_) {
    if (!t.port)
      continue;
    t.asked = false;
    t.found = {};
  }
  read_round();
}

void fetch_operation::read_round() {
  uint64_t asked = bytes_found();
  const auto first = next_target_;
  const bool offsets_only = full();
  // This thread holds one read open until all are sent, so that an early answer does not end the round.
  open_reads_.store(1);
  const bool may_wait = phase_.load() == phase::reading && body_.max_wait_ms > 0;
  for (; next_target_ < targets_.size() && (offsets_only || asked < max_bytes_ || next_target_ == first); ++next_target_) {
    auto& t = targets_[next_target_];
    if (!t.port)
      continue;
    const auto& wish = t.what.wish;
    partition::read_request read;
    read.offset = wish.offset;
    // max_bytes_ has its origin in an int32.
    read.max_bytes = offsets_only ? 0 : std::clamp(wish.max_bytes, 0, static_cast<int32_t>(max_bytes_));
    if (t.topic->topic->internal()) // they give memory, not parts of files
      read.max_bytes = std::min(read.max_bytes, most_of_internal_topics);
    read.min_one_batch = !offsets_only;
    read.current_leader_epoch = wish.current_leader_epoch;
    read.last_fetched_epoch = wish.last_fetched_epoch;
    t.asked = true;
    if (may_wait)
      read.waiter = std::make_shared<commit_watch>(weak_from_this());
    read.done = reply<partition::read_result>{shared_from_this(), next_target_};
    open_reads_.fetch_add(1);
    asked += static_cast<uint64_t>(read.max_bytes);
    t.port->send(std::move(read));
  }
  if (open_reads_.fetch_sub(1) == 1)
    round_done();
}

void fetch_operation::deliver(size_t index, partition::read_result value) {
  targets_[index].found = std::move(value);
  if (open_reads_.fetch_sub(1) == 1)
    round_done();
}

void fetch_operation::round_done() {
  if (next_target_ < targets_.size() && !(full() && incremental_))
    return read_round();
  const bool enough = bytes_found() >= min_bytes_;
  if (phase_.load() == phase::rereading || enough || targets_.empty() || any_failed() || body_.max_wait_ms <= 0 ||
      !has_room_to_wait())
    return finish();
  wait_for_more();
}

bool fetch_operation::has_room_to_wait() {
  counted_ = static_cast<int64_t>(targets_.size());
  return request_.shared().awaited_partitions.fetch_add(counted_) + counted_ <= most_awaited_partitions;
}

void fetch_operation::stop_counting() { request_.shared().awaited_partitions -= std::exchange(counted_, 0); }

void fetch_operation::wait_for_more() {
  needed_.store(min_bytes_ - bytes_found());
  phase_.store(phase::waiting);
  auto self = shared_from_this();
  // The session owns the timer, which ends with the connection; from here on the phase decides who goes on.
  request_.from->own_loop().post([self] {
    if (self->phase_.load() != phase::waiting)
      return;
    const std::chrono::milliseconds wait{std::min(self->body_.max_wait_ms, longest_wait_ms)};
    self->request_.from->start_timer(self.get(), wait, [self] { self->time_is_over(); });
  });
  // What was committed since the partitions were read has been counted already.
  more_committed(0);
}

bool fetch_operation::more_committed(uint64_t bytes) {
  const auto total = committed_.fetch_add(bytes) + bytes;
  const auto now = phase_.load();
  if (now == phase::reading)
    return true;
  if (now != phase::waiting)
    return false;
  if (total < needed_.load())
    return true;
  if (leave(phase::waiting, phase::rereading)) {
    request_.from->own_loop().post([self = shared_from_this()] {
      self->request_.from->stop_timer(self.get());
      self->begin_reading();
    });
  }
  return false;
}

void fetch_operation::time_is_over() {
  // Something came, though less than was asked for: it goes into the answer.
  if (committed_.load() > 0) {
    if (leave(phase::waiting, phase::rereading))
      begin_reading();
  } else if (leave(phase::waiting, phase::done)) {
    finish();
  }
}

bool fetch_operation::leave(phase from, phase to) { return phase_.compare_exchange_strong(from, to); }

uint64_t fetch_operation::bytes_found() const {
  uint64_t n = 0;
  for (const auto& t : targets_)
    n += t.found.records.size();
  return n;
}

/// The answer takes no more. The first data goes in whatever its size, so nothing is full before there is some.
bool fetch_operation::full() const {
  const auto found = bytes_found();
  return found > 0 && found >= max_bytes_;
}

bool fetch_operation::any_failed() const {
  return std::any_of(targets_.begin(), targets_.end(), [](const target& t) {
    return t.found.code != error_code::none || t.found.diverging_end_offset >= 0;
  });
}

/// The session may be touched on the loop only, and the connection may be gone: the answer is composed there.
void fetch_operation::finish() {
  phase_.store(phase::done);
  auto self = shared_from_this();
  request_.from->run_later([self] {
    self->request_.from->stop_timer(self.get());
    self->request_.answer(self->compose());
  });
}

kafka::fetch_response fetch_operation::compose() {
  kafka::fetch_response response;
  response.error = plan_error_;
  // The session may have ended meanwhile, and another one may have been opened behind it.
  auto* session = request_.from->fetch_session().get();
  if (session && session->id() != session_id_)
    session = nullptr;
  response.session_id = session ? session->id() : 0;
  uint64_t used = 0;
  for (auto& t : targets_) {
    if (incremental_ && t.port && !t.asked)
      continue;
    kafka::fetch_response::partition_data data;
    data.partition_index = t.what.key.partition;
    data.error = t.found.code;
    data.high_watermark = t.found.high_watermark;
    data.last_stable_offset = t.found.last_stable_offset;
    data.log_start_offset = t.found.log_start_offset;
    data.diverging_epoch = {t.found.diverging_epoch, t.found.diverging_end_offset};
    if (body_.isolation_level == 1)
      data.aborted_transactions.emplace();
    // The first data goes in whatever its size; the rest has to fit (KIP-74).
    const auto size = t.found.records.size();
    const bool fits = size <= max_bytes_ - std::min(used, max_bytes_) &&
                      size <= static_cast<uint64_t>(std::max(0, t.what.wish.max_bytes));
    if (size > 0 && (used == 0 || fits)) {
      data.records = std::move(t.found.records);
      used += size;
    }
    const bool failed = data.error != error_code::none || data.diverging_epoch.end_offset >= 0;
    const bool news = !session || session->tell(t.what.key, {data.high_watermark, data.log_start_offset},
                                                !data.records.empty(), failed);
    if (news || !incremental_)
      add_to(response, t, std::move(data));
  }
  return response;
}

void fetch_operation::add_to(kafka::fetch_response& response, target& t,
                             kafka::fetch_response::partition_data data) const {
  const auto& key = t.what.key;
  if (response.responses.empty() || response.responses.back().topic != key.topic ||
      response.responses.back().topic_id != key.topic_id) {
    auto& topic = response.responses.emplace_back();
    topic.topic = key.topic;
    topic.topic_id = key.topic_id;
  }
  response.responses.back().partitions.push_back(std::move(data));
}

} // namespace chisme::session
