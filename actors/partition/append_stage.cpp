#include "actors/partition/append_stage.hpp"

#include "actors/log/batch_validator.hpp"

namespace chisme::partition {

namespace {

append_result refused(const error& why) { return append_result::failed(why.code, why.message); }

} // namespace

void append_stage::add(append_request& request) {
  if (auto ok = stage(request); !ok)
    request.done(refused(ok.error()));
}

result<void> append_stage::stage(append_request& request) {
  log::validation_rules rules{context_.settings};
  rules.produce_version = request.produce_version;
  auto valid = log::validate(request.records, rules, context_.now);
  if (!valid) {
    append_result bad = refused(valid.error());
    request.done(std::move(bad));
    return {};
  }
  const auto& header = valid->header;
  auto verdict = context_.producers.check(header, idempotent_);
  if (!verdict)
    return tl::make_unexpected(verdict.error());
  if (const auto* original = std::get_if<log::duplicate_of>(&*verdict)) {
    stage_duplicate(original->batch, request);
    return {};
  }
  log::batch_header stamped = header;
  stamped.base_offset = next_offset_;
  stamped.leader_epoch = context_.epoch;
  batches_.push_back({stamped, request.records.view().subspan(log::batch_header_size)});
  alive_.push_back(request.records);
  bytes_ += stamped.size();
  if (stamped.has_producer())
    idempotent_.push_back(stamped);
  next_offset_ = stamped.next_offset();
  append_result answer;
  answer.base_offset = stamped.base_offset;
  answer.log_start_offset = context_.log_start;
  owed_.push_back({next_offset_, request.required, std::move(answer), std::move(request.done)});
  return {};
}

void append_stage::stage_duplicate(const log::producer_batch& original, append_request& request) {
  append_result answer;
  answer.base_offset = original.first_offset();
  answer.log_start_offset = context_.log_start;
  owed_.push_back({original.last_offset + 1, request.required, std::move(answer), std::move(request.done)});
}

} // namespace chisme::partition
