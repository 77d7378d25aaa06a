#include "actors/session/fetch_operation.hpp"

#include "actors/session/current_leader.hpp"
#include "actors/session/gather.hpp"

#include <algorithm>
#include <utility>

namespace chisme::session {

namespace {

/// No client waits longer than this in one request, whatever it asks for: a waiting request holds memory.
constexpr int32_t longest_wait_ms = 5 * 60 * 1000;

/// Of all fetches that wait: some 300 MB.
constexpr int64_t most_awaited_partitions = 1'000'000;

/// Counted like committed bytes: more than anybody waits for, and the sum over all partitions fits.
constexpr uint64_t reason_to_read_again = uint64_t{1} << 32;

/// Bytes of a partition in one answer; the first batch comes whatever its size.
constexpr int32_t most_of_internal_topics = 1 << 20;

/// Of an answer; for few and small pieces, memory costs less time than files.
constexpr uint64_t most_in_memory = 512 << 10;

/// Kept by partitions; does not keep the operation alive.
class commit_watch final : public partition::read_waiter {
public:
  commit_watch(std::weak_ptr<fetch_operation> operation, size_t target)
    : operation_(std::move(operation)), target_(target) {}

  bool committed(uint64_t bytes) override {
    auto operation = operation_.lock();
    return operation && operation->more_committed(target_, bytes);
  }
  void failed(error_code why) override {
    if (auto operation = operation_.lock())
      operation->partition_failed(target_, why);
  }
  bool expired() const override { return operation_.expired(); }

private:
  std::weak_ptr<fetch_operation> operation_;
  size_t target_;
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
    const auto& named = *x.what.key.topic;
    x.topic = by_id ? image_->find(named.id) : image_->find(named.name);
    auto found = find_partition(*image_, x.topic, x.what.key.partition);
    if (!x.topic && by_id)
      found.code = error_code::unknown_topic_id;
    else if (x.topic && needs_newer_client(*x.topic, request_.version()))
      found.code = error_code::unsupported_compression_type;
    if (found.code == error_code::none)
      x.port = std::move(found.port);
    else
      x.found = partition::read_result::failed(found.code);
  }
  reports_ = std::vector<report>(targets_.size());
}

void fetch_operation::start() {
  if (plan_error_ != error_code::none)
    return finish();
  memory_ = std::make_shared<log::answer_memory>(request_.shared().answers, most_in_memory);
  begin_reading();
}

/// The first time, and when some have reported: what has not keeps what was found.
void fetch_operation::begin_reading() {
  take_out_failed();
  forget_what_changed();
  next_target_ = next_withheld_ = 0;
  go_on_reading();
}

void fetch_operation::forget_what_changed() {
  for (size_t index = 0; index < targets_.size(); ++index) {
    auto& t = targets_[index];
    if (!reports_[index].committed.exchange(false) || !t.port)
      continue;
    bytes_found_.fetch_sub(t.found.records.size());
    t.for_what = asked::nothing;
    t.found = {};
  }
}

/// A deleted topic is unknown by the name that the request has for it, with all its partitions.
void fetch_operation::take_out_failed() {
  for (size_t index = 0; index < reports_.size(); ++index) {
    const auto why = reports_[index].failed.exchange(error_code::none);
    if (why == error_code::none)
      continue;
    const bool is_deleted = why == error_code::unknown_topic_or_partition;
    const auto code = is_deleted && request_.version() >= 13 ? error_code::unknown_topic_id : why;
    const auto take_out = [this, code](target& t) {
      t.port = nullptr;
      bytes_found_.fetch_sub(t.found.records.size());
      t.found = partition::read_result::failed(code);
    };
    auto& known = targets_[index];
    if (!known.port)
      continue;
    if (!is_deleted)
      take_out(known);
    else
      for (auto& t : targets_)
        if (t.port && t.topic == known.topic)
          take_out(t);
  }
}

/// As long as answers come at once; else the last one goes on, on its thread.
void fetch_operation::go_on_reading() {
  while (wanted()) {
    const bool is_more = next_target_ < targets_.size() && !(full() && incremental_);
    if (is_more ? !read_round() : !read_withheld())
      return;
  }
}

/// Whether it is answered already.
bool fetch_operation::read_round() {
  uint64_t expected = bytes_found_.load();
  const auto first = next_target_;
  const bool is_full = full();
  // Only what comes first goes into the answer whatever its size.
  auto for_what = is_full ? asked::offsets : expected == 0 ? asked::one_batch : asked::what_fits;
  // This thread holds one read open until all are sent, so that an early answer does not end the round.
  open_reads_.store(1);
  for (; next_target_ < targets_.size() && (is_full || expected < max_bytes_ || next_target_ == first);
       ++next_target_) {
    if (!targets_[next_target_].port || targets_[next_target_].for_what != asked::nothing)
      continue;
    expected += read(next_target_, for_what);
    if (for_what == asked::one_batch)
      for_what = asked::what_fits;
  }
  return one_answer_less();
}

/// All have been asked. Where a batch that is larger than all limits comes before everything that was found, it is what
/// the answer begins with. False: somebody else goes on.
bool fetch_operation::read_withheld() {
  for (; next_withheld_ < targets_.size() && targets_[next_withheld_].found.records.empty(); ++next_withheld_) {
    if (!targets_[next_withheld_].withheld())
      continue;
    open_reads_.store(1);
    read(next_withheld_++, asked::one_batch);
    return one_answer_less();
  }
  reading_done();
  return false;
}

bool fetch_operation::target::withheld() const {
  return for_what == asked::what_fits && found.code == error_code::none && found.diverging_end_offset < 0 &&
         found.records.empty() && found.high_watermark > what.wish.offset;
}

/// Returns how many bytes it may bring.
uint64_t fetch_operation::read(size_t index, asked for_what) {
  auto& t = targets_[index];
  const auto& wish = t.what.wish;
  partition::read_request r;
  r.offset = wish.offset;
  // max_bytes_ has its origin in an int32.
  r.max_bytes = for_what == asked::offsets ? 0 : std::clamp(wish.max_bytes, 0, static_cast<int32_t>(max_bytes_));
  if (t.topic->topic->internal()) // they give memory, not parts of files
    r.max_bytes = std::min(r.max_bytes, most_of_internal_topics);
  r.min_one_batch = for_what == asked::one_batch;
  r.current_leader_epoch = wish.current_leader_epoch;
  r.last_fetched_epoch = wish.last_fetched_epoch;
  r.memory = memory_;
  t.for_what = for_what;
  if (phase_.load() == phase::reading && body_.max_wait_ms > 0)
    r.waiter = std::make_shared<commit_watch>(weak_from_this(), index);
  r.done = reply<partition::read_result>{shared_from_this(), index};
  open_reads_.fetch_add(1);
  const auto bytes = static_cast<uint64_t>(r.max_bytes);
  t.port->send(std::move(r));
  return bytes;
}

void fetch_operation::deliver(size_t index, partition::read_result value) {
  bytes_found_.fetch_add(value.records.size());
  targets_[index].found = std::move(value);
  if (one_answer_less())
    go_on_reading();
}

bool fetch_operation::one_answer_less() { return open_reads_.fetch_sub(1) == 1; }

bool fetch_operation::wanted() const { return !request_.from->is_gone(); }

void fetch_operation::reading_done() {
  const bool enough = bytes_found_.load() >= min_bytes_;
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
  needed_.store(min_bytes_ - bytes_found_.load());
  phase_.store(phase::waiting);
  auto self = shared_from_this();
  // The session owns the timer, which ends with the connection; from here on the phase decides who goes on.
  request_.from->run_later([self] {
    if (self->phase_.load() != phase::waiting)
      return;
    const std::chrono::milliseconds wait{std::min(self->body_.max_wait_ms, longest_wait_ms)};
    self->request_.from->start_timer(self.get(), wait, [self] { self->time_is_over(); });
  });
  // What was committed since the partitions were read has been counted already.
  heard(0);
}

bool fetch_operation::more_committed(size_t index, uint64_t bytes) {
  reports_[index].committed.store(true);
  return heard(bytes);
}

/// False: no need to tell again.
bool fetch_operation::heard(uint64_t bytes) {
  const auto total = committed_.fetch_add(bytes) + bytes;
  const auto now = phase_.load();
  if (now == phase::reading)
    return true;
  if (now != phase::waiting)
    return false;
  if (total < needed_.load())
    return true;
  if (leave(phase::waiting, phase::rereading)) {
    request_.from->run_later([self = shared_from_this()] {
      self->request_.from->stop_timer(self.get());
      self->begin_reading();
    });
  }
  return false;
}

void fetch_operation::partition_failed(size_t index, error_code why) {
  reports_[index].failed.store(why);
  heard(reason_to_read_again);
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

/// The answer takes no more. The first data goes in whatever its size, so nothing is full before there is some.
bool fetch_operation::full() const {
  const auto found = bytes_found_.load();
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
  const auto now = request_.image();
  for (auto& t : targets_) {
    if (incremental_ && t.port && t.for_what == asked::nothing)
      continue;
    kafka::fetch_response::partition_data data;
    data.partition_index = t.what.key.partition;
    data.error = t.found.code;
    data.high_watermark = t.found.high_watermark;
    data.last_stable_offset = t.found.last_stable_offset;
    data.log_start_offset = t.found.log_start_offset;
    data.diverging_epoch = {t.found.diverging_epoch, t.found.diverging_end_offset};
    if (says_leader_is_elsewhere(data.error) && request_.version() >= 16)
      name_leader(response, data, *now, now->find(t.what.key.topic->id), t.what.key.partition);
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
  const auto& key = *t.what.key.topic;
  if (response.responses.empty() || response.responses.back().topic != key.name ||
      response.responses.back().topic_id != key.id) {
    auto& topic = response.responses.emplace_back();
    topic.topic = key.name;
    topic.topic_id = key.id;
  }
  response.responses.back().partitions.push_back(std::move(data));
}

} // namespace chisme::session
