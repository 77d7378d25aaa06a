#include "actors/coordinator/coordinator_actor.hpp"

#include "actors/coordinator/unmade.hpp"
#include "actors/log/batch_builder.hpp"
#include "config/load.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace chisme::coordinator {

namespace {

constexpr int32_t replay_bytes = 1 << 20;

std::optional<buffer> copied(const log::nullable_bytes& bytes) {
  if (bytes.is_null)
    return std::nullopt;
  return buffer::copy_of(bytes.bytes);
}

class actor_port final : public port {
public:
  explicit actor_port(coordinator_actor to) : to_(std::move(to)) {}
  void send(change c) override { caf::anon_send(to_, std::move(c)); }

private:
  coordinator_actor to_;
};

} // namespace

port_ptr make_port(coordinator_actor to) { return std::make_shared<actor_port>(std::move(to)); }

coordinator::coordinator(caf::actor_config& config, coordinator_config c)
  : coordinator_actor::base(config), config_(std::move(c)), settings_(config_.settings) {}

coordinator::behavior_type coordinator::make_behavior() {
  read_on();
  return {
    [this](const change& c) { collect(c); },
    [this](const log_read& r) { replay(r.result); },
    [this](const log_appended& r) { committed(r.result); },
    [this](state_applied) { answer_under_way(); },
    [this](drain) { decide_waiting(); },
  };
}

// -- replay ------------------------------------------------------------------------------------------------------

void coordinator::read_on() {
  partition::read_request read;
  read.offset = next_offset_;
  read.max_bytes = replay_bytes;
  read.done = reply_with<partition::read_result>(
    [me = coordinator_actor{this}](partition::read_result r) { caf::anon_send(me, log_read{std::move(r)}); });
  config_.log->send(std::move(read));
}

void coordinator::replay(const partition::read_result& r) {
  if (r.code != error_code::none) {
    config_.ready(fail(r.code, "cannot read the metadata log: " + r.message));
    return;
  }
  for (const auto& part : r.records.parts()) {
    if (auto ok = replay_batches(std::get<buffer>(part)); !ok) {
      config_.ready(fail(ok.error().code, "the metadata log at offset " + std::to_string(next_offset_) + ": " +
                                            ok.error().message));
      return;
    }
  }
  if (next_offset_ < r.high_watermark)
    return read_on();
  publish();
}

result<void> coordinator::replay_batches(bytes_view bytes) {
  log::batch_reader batches{bytes};
  while (auto batch = batches.next()) {
    log::record_reader records{batch->body()};
    while (auto record = records.next()) {
      if (record->key.is_null)
        return fail(error_code::corrupt_message, "a record without a key");
      auto decoded = decode(buffer::copy_of(record->key.bytes), copied(record->value));
      if (!decoded)
        return tl::make_unexpected(decoded.error());
      if (*decoded)
        state_.apply(**decoded);
    }
    if (records.failed())
      return fail(error_code::corrupt_message, "a record that does not parse");
    next_offset_ = batch->header.next_offset();
  }
  return {};
}

// -- changes -----------------------------------------------------------------------------------------------------

void coordinator::collect(const change& c) {
  if (answered_from_memory(c))
    return;
  if (waiting_.empty() && !busy_ && ready_)
    send(this, drain{});
  waiting_.push_back(c);
}

/// Most producers are served from the block of ids that the log has granted already.
bool coordinator::answered_from_memory(const change& c) {
  if (!std::holds_alternative<kafka::init_producer_id_request>(c.request) || next_producer_id_ >= producer_ids_end_)
    return false;
  kafka::init_producer_id_response response;
  response.producer_id = next_producer_id_++;
  c.done({error_code::none, {}, response});
  return true;
}

void coordinator::decide_waiting() {
  if (busy_ || !ready_ || waiting_.empty())
    return;
  const surroundings around{*settings_, {config_.settings->node_id}, config_.new_id};
  next_state_ = state_;
  std::vector<cluster_record> records;
  for (; !waiting_.empty(); waiting_.pop_front()) {
    auto d = decide(next_state_, around, waiting_.front().request);
    for (auto& r : d.records) {
      next_state_.apply(r);
      records.push_back(std::move(r));
    }
    under_way_.push_back({std::move(waiting_.front()), std::move(d.response)});
  }
  busy_ = true;
  if (records.empty())
    answer_under_way();
  else
    append(records);
}

void coordinator::append(const std::vector<cluster_record>& records) {
  log::batch_builder builder;
  const auto now = config_.wall_clock();
  for (const auto& r : records) {
    const auto encoded = encode(r);
    log::record_in in;
    in.key = as_chars(encoded.key);
    if (encoded.value)
      in.value = as_chars(*encoded.value);
    in.timestamp = now;
    builder.add(in);
  }
  auto batch = builder.finish();
  if (!batch)
    return fail_under_way(batch.error().code, batch.error().message);
  partition::append_request request;
  request.records = std::move(*batch);
  request.internal = true;
  request.done = reply_with<partition::append_result>([me = coordinator_actor{this}](partition::append_result r) {
    caf::anon_send(me, log_appended{std::move(r)});
  });
  config_.log->send(partition::append_batch{{std::move(request)}});
}

void coordinator::committed(const partition::append_result& r) {
  if (r.code != error_code::none)
    return fail_under_way(r.code, "the metadata log could not be written: " + r.message);
  state_ = std::move(next_state_);
  publish();
}

void coordinator::publish() {
  auto settings = with_dynamic(*config_.settings, state_.node_configs());
  if (settings)
    settings_ = std::make_shared<const node_settings>(std::move(*settings));
  else
    spdlog::error("run-time node configs are ignored reason=\"{}\"", settings.error().message);
  supervisor::cluster_changed changed;
  changed.cluster = std::make_shared<const cluster_state>(state_);
  changed.settings = settings_;
  changed.applied = reply_with<supervisor::completed>(
    [me = coordinator_actor{this}](supervisor::completed) { caf::anon_send(me, state_applied{}); });
  send(config_.supervisor, std::move(changed));
}

void coordinator::answer_under_way() {
  if (!ready_) {
    ready_ = true;
    config_.ready({});
  }
  auto finished = std::move(under_way_);
  under_way_.clear();
  for (auto& d : finished) {
    if (std::holds_alternative<kafka::init_producer_id_request>(d.what.request))
      take_producer_ids(d.response);
    d.what.done({error_code::none, {}, std::move(d.response)});
  }
  busy_ = false;
  decide_waiting();
}

/// The response has the first id of a new block: it is the answer, the rest is for the next ones.
void coordinator::take_producer_ids(change_response& response) {
  const auto first = std::get<kafka::init_producer_id_response>(response).producer_id;
  next_producer_id_ = first + 1;
  producer_ids_end_ = first + producer_id_block;
}

void coordinator::fail_under_way(error_code code, const std::string& message) {
  spdlog::error("change failed code={} reason=\"{}\"", to_string(code), message);
  auto failed = std::move(under_way_);
  under_way_.clear();
  for (auto& d : failed)
    d.what.done({error_code::none, {}, unmade(std::move(d.response), code, message)});
  busy_ = false;
  decide_waiting();
}

} // namespace chisme::coordinator
