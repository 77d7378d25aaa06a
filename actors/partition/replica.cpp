#include "actors/partition/replica.hpp"

namespace chisme::partition {

namespace {

constexpr leader_epoch_t no_opinion = -1;

error stops() { return {error_code::not_leader_or_follower, "the partition stopped before it answered"}; }
error leads_no_more() { return {error_code::not_leader_or_follower, "another replica leads the partition"}; }
error deleted() { return {error_code::unknown_topic_or_partition, "the topic was deleted"}; }

} // namespace

void replica::step(const replica_input& in, const log_view& log, replica_actions& out) {
  if (phase_ == phase::ended)
    return;
  const context c{log, out};
  std::visit([&](const auto& x) { on(x, c); }, in);
  heed_log(c);
  heed_start(c);
  heed_holders(c);
  go_on_with_appends(c);
}

error_code replica::refuses(leader_epoch_t believed) const {
  if (phase_ == phase::failed)
    return error_code::kafka_storage_error;
  if (!has_log_ || !leads_)
    return error_code::not_leader_or_follower;
  if (believed == no_opinion || believed == epoch_)
    return error_code::none;
  return believed < epoch_ ? error_code::fenced_leader_epoch : error_code::unknown_leader_epoch;
}

result<offset_t> replica::deletable(offset_t before) const {
  if (!is_usable() || !leads_)
    return fail(refuses(no_opinion), "the log cannot be changed");
  const auto until = before == -1 ? high_watermark() : before;
  if (until < 0 || until > high_watermark())
    return fail(error_code::offset_out_of_range, "not below the high watermark");
  return until;
}

// -- opening -----------------------------------------------------------------------------------------------------

/// What was found may be in memory only: it counts, and is served, once it has been synced.
void replica::on(const input::opened& x, context c) {
  has_log_ = true;
  if (stop_ && stop_->remove)
    return let_go(c);
  phase_ = phase::recovering;
  found_ = x;
  want_sync(c);
}

/// Where it was the disk, nothing was served, so nothing was promised that another attempt could break.
void replica::on(const input::open_failed& x, context c) {
  phase_ = phase::failed;
  failure_ = x.why;
  if (is_stopping())
    return end({}, c);
  c.out.push_back(action::give_up{x.why, x.why.code == error_code::kafka_storage_error});
}

void replica::on(const input::reopen_due&, context c) {
  if (phase_ != phase::failed || has_log_ || is_stopping())
    return;
  phase_ = phase::opening;
  failure_.reset();
  c.out.push_back(action::open_log{});
}

// -- appending ---------------------------------------------------------------------------------------------------

void replica::on(const input::append_arrived&, context c) {
  if (phase_ == phase::failed)
    return c.out.push_back(action::refuse_appends{{error_code::kafka_storage_error, failure_->message}});
  if (!is_usable() || is_stopping())
    return c.out.push_back(action::refuse_appends{stops()});
  if (!leads_)
    return is_moving_ ? void() : c.out.push_back(action::refuse_appends{leads_no_more()});
  if (may_append())
    schedule_append(c);
  else
    appends_wait_ = true;
}

void replica::schedule_append(context c) {
  if (!std::exchange(append_is_scheduled_, true))
    c.out.push_back(action::schedule_append{});
}

/// In a group of one the first append of an epoch brings the epoch's mark with it; both become durable together.
void replica::on(const input::append_due&, context c) {
  if (!std::exchange(append_is_scheduled_, false) || !is_usable() || !leads_)
    return;
  if (may_append())
    c.out.push_back(action::append{epoch_});
  else
    appends_wait_ = true;
}

void replica::go_on_with_appends(context c) {
  if (appends_wait_ && is_usable() && !is_stopping() && may_append()) {
    appends_wait_ = false;
    schedule_append(c);
  }
}

void replica::on(const input::appended& x, context c) {
  appends_fail_ = false;
  if (!is_usable())
    return;
  if (x.bytes > 0)
    uncommitted_.push_back({c.log.end, x.bytes});
  heed_rest(x.some_wait, c);
  want_checkpoint(c);
  want_compaction(c);
  if (flush_ == flush_mode::lazy)
    note_synced(c);
  else
    consult(raft::input::appended{}, c);
  if (flush_ == flush_mode::sync || is_stopping())
    want_sync(c);
}

void replica::on(const input::append_failed& x, context c) {
  if (!std::exchange(appends_fail_, true))
    c.out.push_back(action::tell_append_failed{x.why});
  if (is_usable())
    heed_rest(x.some_wait, c);
  if (is_stopping())
    want_sync(c);
}

/// One that stops takes what one turn takes.
void replica::heed_rest(bool some_wait, context c) {
  if (!some_wait)
    return;
  if (is_stopping())
    return c.out.push_back(action::refuse_appends{stops()});
  append_is_scheduled_ = true;
  c.out.push_back(action::schedule_rest{});
}

// -- durability --------------------------------------------------------------------------------------------------

void replica::want_sync(context c) {
  if (is_syncing_ || !is_usable() || c.log.sync_failure || c.log.must_reopen)
    return;
  if (!c.log.is_dirty)
    return all_synced(c);
  is_syncing_ = true;
  c.out.push_back(action::sync{});
}

void replica::on(const input::synced&, context c) {
  is_syncing_ = false;
  if (is_usable())
    all_synced(c);
}

void replica::all_synced(context c) {
  if (phase_ == phase::recovering) {
    phase_ = phase::serving;
    begin(c);
    want_compaction(c);
  } else {
    note_synced(c);
  }
  if (std::exchange(checkpoint_is_due_, false))
    return c.out.push_back(action::take_checkpoint{});
  go_on(c);
}

/// What a checkpoint wrote, the state of the producers, has to be synced before the recovery point may rely on it.
void replica::on(const input::checkpointed&, context c) {
  if (!is_usable())
    return;
  if (c.log.is_dirty)
    want_checkpoint(c);
  go_on(c);
}

void replica::go_on(context c) {
  if (is_stopping() && !c.log.is_dirty && !append_is_scheduled_)
    return close(c);
  if (c.log.is_dirty && (is_stopping() || flush_ == flush_mode::sync))
    want_sync(c);
}

void replica::on(const input::sync_failed& x, context c) {
  is_syncing_ = false;
  if (is_usable())
    fail_for_good(x.why, c);
}

/// After a failed sync nobody knows what is on disk (the kernel may have dropped the dirty pages), so nothing may be
/// promised any more. The rest of the node goes on.
void replica::fail_for_good(const error& why, context c) {
  phase_ = phase::failed;
  failure_ = why;
  append_is_scheduled_ = false;
  leads_ = is_moving_ = false;
  leave_group(c);
  c.out.push_back(action::fail_waiting{{error_code::kafka_storage_error, why.message}});
  if (is_stopping())
    return end({}, c);
  c.out.push_back(action::give_up{why, false});
}

/// What a failed operation made of the log. Only a failed sync ends the replica; one that stopped half-way is mended by
/// opening the log anew, which the supervisor sees to.
void replica::heed_log(context c) {
  if (!is_usable())
    return;
  if (c.log.sync_failure)
    return fail_for_good(*c.log.sync_failure, c);
  if (!c.log.must_reopen)
    return;
  c.out.push_back(action::fail_waiting{{error_code::kafka_storage_error, c.log.must_reopen->message}});
  end(*c.log.must_reopen, c);
}

void replica::want_checkpoint(context c) {
  if (!std::exchange(checkpoint_asked_for_, true))
    c.out.push_back(action::ask_for_checkpoint{});
}

void replica::on(const input::checkpoint_due&, context c) {
  checkpoint_asked_for_ = false;
  checkpoint_is_due_ = true;
  want_sync(c);
}

// -- upkeep ------------------------------------------------------------------------------------------------------

void replica::on(const input::settings_changed& x, context c) {
  flush_ = x.flush;
  min_in_sync_ = x.min_in_sync;
  want_compaction(c);
}

/// Followers learn where the log begins with what is sent to them: also where nothing is appended.
void replica::on(const input::log_changed&, context c) {
  if (leads_ && std::exchange(announced_start_, c.log.log_start) < c.log.log_start)
    consult(raft::input::announce{}, c);
}

void replica::on(const input::housekeeping_due&, context c) {
  if (is_usable() && !is_stopping())
    c.out.push_back(action::retain{});
}

void replica::on(const input::retained&, context c) {
  if (!is_usable())
    return;
  if (c.log.is_dirty)
    want_sync(c);
  if (compaction_ == compaction::failed)
    compaction_ = compaction::idle;
  want_compaction(c);
}

/// A log whose closed segments are all compacted costs nothing until it grows.
void replica::want_compaction(context c) {
  if (compaction_ != compaction::idle || !is_usable() || is_stopping() || !c.log.has_uncompacted)
    return;
  compaction_ = compaction::asked_for;
  c.out.push_back(action::ask_for_compaction{});
}

void replica::on(const input::compaction_due&, context c) {
  if (compaction_ == compaction::asked_for)
    compaction_ = compaction::idle;
  if (compaction_ == compaction::running || !is_usable() || is_stopping())
    return;
  compaction_ = compaction::running;
  c.out.push_back(action::plan_compaction{});
}

/// What is too little or too young today is looked at again.
void replica::on(const input::compaction_put_off&, context c) {
  compaction_ = compaction::idle;
  want_compaction(c);
}

void replica::on(const input::compaction_done&, context c) {
  if (is_usable() && !is_stopping())
    c.out.push_back(action::swap_in{});
  else
    compaction_ = compaction::idle;
}

void replica::on(const input::swapped_in&, context c) {
  compaction_ = compaction::idle;
  want_compaction(c);
}

/// Not tried again before the next housekeeping.
void replica::on(const input::compaction_failed&, context) { compaction_ = compaction::failed; }

// -- the end -----------------------------------------------------------------------------------------------------

/// What waits to be written is written first. While the log is being opened, it cannot be let go of.
void replica::on(const input::stop& x, context c) {
  if (is_stopping() || phase_ == phase::ended)
    return;
  stop_ = x;
  if (phase_ == phase::opening)
    return;
  if (x.remove)
    return let_go(c);
  if (phase_ == phase::failed)
    return end({}, c);
  if (std::exchange(append_is_scheduled_, false) && may_append())
    return c.out.push_back(action::append{epoch_});
  want_sync(c);
}

/// A log that is being closed is nobody's to read or to change.
void replica::close(context c) {
  phase_ = phase::closing;
  leads_ = false;
  leave_group(c);
  has_log_ = false;
  c.out.push_back(action::close_log{});
}

void replica::on(const input::closed&, context c) {
  if (phase_ == phase::closing)
    end({}, c);
}

/// The folder is the supervisor's to have removed.
void replica::let_go(context c) {
  c.out.push_back(action::fail_waiting{deleted()});
  c.out.push_back(action::release_log{});
  end({}, c);
}

void replica::end(std::optional<error> why, context c) {
  leave_group(c);
  phase_ = phase::ended;
  has_log_ = leads_ = false;
  c.out.push_back(action::end{std::move(why)});
}

} // namespace chisme::partition
