#include "actors/partition/append_stage.hpp"

#include "actors/log/batch_validator.hpp"

namespace chisme::partition {

namespace {

append_result refused(log::rejection&& r) {
  auto answer = append_result::failed(r.why.code, std::move(r.why.message));
  for (auto& e : r.records)
    answer.record_errors.push_back({e.index, std::move(e.message)});
  return answer;
}

} // namespace

void append_stage::add(append_request& request) {
  // Whose client has gone is as if it had never come: it costs nothing, and a producer sends it again.
  if (request.required != acks::none && request.done && !request.done.wanted())
    return;
  if (request.decided_in >= 0 && request.decided_in != context_.epoch)
    return request.done(append_result::failed(error_code::not_leader_or_follower,
                                              "decided in epoch " + std::to_string(request.decided_in) +
                                                ", now it is " + std::to_string(context_.epoch)));
  if (request.required == acks::all && context_.settings.min_insync_replicas > context_.in_sync_replicas)
    return request.done(append_result::failed(
      error_code::not_enough_replicas, "min.insync.replicas=" + std::to_string(context_.settings.min_insync_replicas) +
                                         ", in sync are " + std::to_string(context_.in_sync_replicas)));
  log::validation_rules rules;
  rules.settings = &context_.settings;
  rules.produce_version = request.produce_version;
  auto valid = log::validate(request.records, rules, context_.now);
  cost_ += valid ? valid->cost : valid.error().cost;
  if (!valid)
    return request.done(refused(std::move(valid.error())));
  auto verdict = producers_.check(valid->header);
  if (!verdict)
    return request.done(append_result::failed(verdict.error().code, verdict.error().message));
  if (const auto* original = std::get_if<log::duplicate_of>(&*verdict))
    stage_duplicate(original->batch, request);
  else
    stage(std::move(*valid), request);
}

void append_stage::stage(log::batch_info&& valid, append_request& request) {
  auto header = valid.header;
  header.base_offset = next_offset_;
  header.leader_epoch = context_.epoch;
  batches_.push_back({header, valid.body});
  alive_.push_back(valid.rebuilt.empty() ? request.records : std::move(valid.rebuilt));
  bytes_ += header.size();
  producers_.stage(header);
  next_offset_ = header.next_offset();
  append_result answer;
  answer.base_offset = header.base_offset;
  answer.log_append_time = valid.log_append_time;
  answer.log_start_offset = context_.log_start;
  owed_.push_back({next_offset_, request.required, std::move(answer), std::move(request.done)});
}

void append_stage::stage_duplicate(const log::producer_batch& original, append_request& request) {
  append_result answer;
  answer.base_offset = original.first_offset();
  if (context_.settings.timestamps == timestamp_type::log_append_time)
    answer.log_append_time = original.timestamp;
  answer.log_start_offset = context_.log_start;
  owed_.push_back({original.last_offset + 1, request.required, std::move(answer), std::move(request.done)});
}

} // namespace chisme::partition
