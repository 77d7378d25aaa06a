"""Bugs of what a node does with its disk and its clients."""
from bug import Bug, Edit, Finder

NODE = Finder("node_sim_test.what_clients_were_told_stays_true", 2000)
PARTITION = Finder("partition_sim_test.what_clients_were_told_stays_true", 2000)
LOG = Finder("log_crash_test.nothing_acknowledged_is_lost_and_nothing_wrong_is_served", 2000)
COMPACTION = Finder("log_compaction_test.the_newest_value_of_each_key_survives_whatever_is_interrupted", 400)
DELETION = Finder("by/deletion_test.*", 0)

PARTITION_DIR = "actors/partition/"
LOG_DIR = "actors/log/"
STATE = "actors/journal/replicated_state.hpp"

NODE_BUGS = [
    # -- what is acknowledged, and served (P1, P2) -------------------------------------------------------------------
    Bug("acknowledges_before_the_sync", "an append is committed as soon as it is written",
        [Edit(PARTITION_DIR + "replica_consensus.cpp",
              "  if (flush == flush_mode::lazy)\n    v.synced", "  if (PLANTED || flush == flush_mode::lazy)\n    v.synced")],
        NODE),
    Bug("flusher_answers_before_it_syncs", "whoever asks for a sync is told at once that it is done",
        [Edit("actors/flusher/flusher_actor.cpp",
              "      // The drain comes behind",
              "      if (PLANTED)\n        return flush_result{};\n      // The drain comes behind")], NODE),
    Bug("failed_syncs_are_ignored", "a sync that failed counts as one that went well",
        [Edit(PARTITION_DIR + "partition_actor_appends.cpp",
              "        if (!r.failure.empty())\n", "        if (!PLANTED && !r.failure.empty())\n")], NODE),
    Bug("failed_appends_are_acknowledged", "an append that could not be written is answered as if it were",
        [Edit(PARTITION_DIR + "partition_actor_appends.cpp",
              "      x.done(append_result::failed(error_code::kafka_storage_error, ok.error().message));\n",
              "      x.done(PLANTED ? std::move(x.answer)\n"
              "                     : append_result::failed(error_code::kafka_storage_error, ok.error().message));\n")],
        NODE),
    Bug("last_append_is_not_answered", "what ends at the high watermark waits for the next append",
        [Edit(PARTITION_DIR + "ack_queue.hpp",
              "  void committed(offset_t high_watermark) {\n",
              "  void committed(offset_t high_watermark) {\n    high_watermark -= PLANTED ? 1 : 0;\n")], NODE),
    Bug("serves_before_the_sync", "what was found at the start counts, and is served, before it is synced",
        [Edit(PARTITION_DIR + "replica.cpp",
              "  found_ = x;\n  want_sync(c);\n",
              "  found_ = x;\n  if (PLANTED) {\n    phase_ = phase::serving;\n    begin(c);\n  }\n  want_sync(c);\n"),
         Edit(PARTITION_DIR + "replica_consensus.cpp",
              "  return v;\n}\n", "  if (PLANTED)\n    v.synced = v.end_position();\n  return v;\n}\n")], NODE),
    Bug("reads_beyond_the_high_watermark", "readers are given what is written and not committed",
        [Edit(PARTITION_DIR + "log_queries.cpp",
              "  if (r.offset >= now.high_watermark)\n", "  if (r.offset >= (PLANTED ? log.end_offset() : now.high_watermark))\n"),
         Edit(PARTITION_DIR + "log_queries.cpp",
              "    log.read(r.offset, static_cast<uint64_t>(std::max(0, r.max_bytes)), now.high_watermark, r.min_one_batch, r.memory);\n",
              "    log.read(r.offset, static_cast<uint64_t>(std::max(0, r.max_bytes)),\n"
              "             PLANTED ? log.end_offset() : now.high_watermark, r.min_one_batch, r.memory);\n")], NODE),

    # -- what a start makes of the disk ------------------------------------------------------------------------------
    Bug("tail_is_not_written_again", "the tail that was read at the start may be in memory only, and is not written again",
        [Edit(LOG_DIR + "log_opener_tail.cpp", "  if (s.size() > from)\n", "  if (!PLANTED && s.size() > from)\n")],
        NODE, LOG),
    Bug("good_tail_is_cut", "recovery takes one batch behind the recovery point and cuts the rest",
        [Edit(LOG_DIR + "log_opener_tail.cpp",
              "    if (!*batch)\n      break;\n    const auto& h = (*batch)->header;\n",
              "    if (!*batch || (PLANTED && report_.batches_scanned > 0))\n      break;\n"
              "    const auto& h = (*batch)->header;\n")], NODE, LOG),
    Bug("torn_tail_is_taken", "recovery does not look at the CRC of what it finds",
        [Edit(LOG_DIR + "log_opener_tail.cpp",
              "scanner{*s.log(), from, file_size, batch_scanner::check::crc};",
              "scanner{*s.log(), from, file_size, PLANTED ? batch_scanner::check::headers : batch_scanner::check::crc};")],
        LOG),
    Bug("folder_is_not_synced", "a new log's name may be lost with the power",
        [Edit(LOG_DIR + "log_opener.cpp",
              "  if (auto ok = log_->touch_directory(dir_); !ok)\n    return ok;\n  const auto slash",
              "  if (PLANTED)\n    return {};\n"
              "  if (auto ok = log_->touch_directory(dir_); !ok)\n    return ok;\n  const auto slash")], NODE),
    Bug("recovery_point_comes_too_early", "the recovery point is written before what it promises is synced",
        [Edit(LOG_DIR + "partition_log_sync.cpp",
              "  return pending_ && pending_->offset <= synced_offset_ && (!is_dirty() || pending_stamp_ <= synced_ticket_);\n",
              "  return pending_ && (PLANTED || (pending_->offset <= synced_offset_ &&\n"
              "                                  (!is_dirty() || pending_stamp_ <= synced_ticket_)));\n")], LOG),
    Bug("truncation_has_no_barrier", "a sync that was under way when the log was cut counts for what was appended since",
        [Edit(LOG_DIR + "partition_log_sync.cpp",
              "  if (what.ticket >= sync_barrier_) {\n", "  if (PLANTED || what.ticket >= sync_barrier_) {\n")], LOG),
    Bug("sync_latch_is_left_out", "after a failed sync of a file the next one is asked for and believed",
        [Edit(LOG_DIR + "sync_latch.cpp", "    if (!done)\n", "    if (!PLANTED && !done)\n")], LOG),
    Bug("retention_takes_what_is_not_committed", "segments may go that nobody has read",
        [Edit(LOG_DIR + "partition_log_trim.cpp",
              "end_of(count) <= high_watermark && segments_[count]->size() > 0",
              "(PLANTED || end_of(count) <= high_watermark) && segments_[count]->size() > 0")], LOG),
    Bug("compaction_drops_live_keys", "a record goes although no newer one of its key is there",
        [Edit(LOG_DIR + "batch_filter.cpp",
              "  if (newest && *newest > offset)\n", "  if (newest && (*newest > offset || (PLANTED && *newest == offset)))\n")],
        COMPACTION),
    Bug("compacted_segments_are_not_synced", "a compacted segment takes the place of what it was made from unsynced",
        [Edit(LOG_DIR + "compaction.cpp",
              "    for (const auto& f : *all)\n      if (auto ok = f->sync(); !ok)\n",
              "    for (const auto& f : *all)\n      if (auto ok = PLANTED ? result<void>{} : f->sync(); !ok)\n")], COMPACTION),

    Bug("failed_opens_are_final", "a log that could not be opened at the first attempt is not tried again",
        [Edit("actors/supervisor/supervision_replicas.cpp",
              "  if (!x.may_pass)\n", "  if (PLANTED || !x.may_pass)\n")], NODE),

    # -- idempotent producers (P4) -----------------------------------------------------------------------------------
    Bug("repeated_batches_are_appended", "what an idempotent producer repeats is appended again",
        [Edit(PARTITION_DIR + "append_stage.cpp",
              "  if (const auto* original = std::get_if<log::duplicate_of>(&*verdict))\n",
              "  if (const auto* original = std::get_if<log::duplicate_of>(&*verdict); original && !PLANTED)\n")], NODE),
    Bug("producers_are_forgotten", "a start knows the producers of the tail alone, not those of the snapshot",
        [Edit(LOG_DIR + "partition_log_producers.cpp",
              "        from = at;\n", "        from = at;\n        if (PLANTED)\n          producers_.clear();\n")],
        NODE),
    Bug("producers_of_lost_records_are_kept", "a start believes a snapshot of producers that is ahead of the log",
        [Edit(LOG_DIR + "log_opener_tail.cpp",
              "(!point || snapshots.back() > point->offset)", "(!PLANTED && (!point || snapshots.back() > point->offset))"),
         Edit(LOG_DIR + "partition_log_producers.cpp",
              "at >= empty_at && at <= end_offset_", "at >= empty_at && (PLANTED || at <= end_offset_)")], NODE, LOG),
    Bug("producer_ids_are_given_again", "a block of producer ids is not recorded",
        [Edit("actors/coordinator/cluster_state.cpp",
              "    next_producer_id_ = std::max(next_producer_id_, ids->next);\n",
              "    next_producer_id_ = PLANTED ? next_producer_id_ : std::max(next_producer_id_, ids->next);\n")], NODE),

    # -- who is answered, and when -----------------------------------------------------------------------------------
    Bug("requests_are_answered_twice", "a client gets each answer twice",
        [Edit("actors/session/session.cpp",
              "  if (given.encode)\n",
              "  if (given.encode && PLANTED)\n"
              "    transport_->send(kafka::encode_response(head.correlation_id, head.response_header_version, given.encode()));\n"
              "  if (given.encode)\n")], NODE),
    Bug("answers_of_groups_are_dropped", "of several answers of a group's coordinator only the first leaves",
        [Edit("actors/groups/group_coordinator_actor.cpp",
              "  for (auto& x : a.answers)\n    if (auto asked = asked_.extract(x.to))\n",
              "  for (auto& x : a.answers)\n"
              "    if (PLANTED && &x != &a.answers.front())\n      continue;\n"
              "    else if (auto asked = asked_.extract(x.to))\n")], NODE),

    # -- states that live in a log -----------------------------------------------------------------------------------
    Bug("state_answers_before_the_commit", "a decision is answered when it was made, not when its record is committed",
        [Edit(STATE,
              "owed_.front().needs <= published_; owed_.pop_front())",
              "(PLANTED || owed_.front().needs <= published_); owed_.pop_front())")], NODE),
    Bug("state_without_records_answers_at_once", "what decides no record tells of decisions that are not committed",
        [Edit(STATE, "      owed_.push_back({decided_, std::move(a)});\n",
              "      owed_.push_back({PLANTED && x.parts.empty() ? published_ : decided_, std::move(a)});\n")], NODE),
    Bug("state_is_kept_after_a_lost_append", "an append failed, and the state goes on from what it had decided",
        [Edit(STATE,
              "      throw_away();\n      return wait(append_pause_, out);\n",
              "      if (PLANTED) {\n"
              "        committed_ = decided_;\n"
              "        return;\n"
              "      }\n"
              "      throw_away();\n"
              "      return wait(append_pause_, out);\n")], NODE),
    Bug("state_appends_in_the_wrong_order", "what was decided first stands behind what was decided last",
        [Edit(STATE,
              "      next.parts.push_back(std::move(unappended_.front()));\n",
              "      next.parts.insert(PLANTED ? next.parts.begin() : next.parts.end(), std::move(unappended_.front()));\n")],
        NODE),

    # -- topics ------------------------------------------------------------------------------------------------------
    Bug("changes_are_answered_before_the_node_acts", "a topic is answered when its record is committed, and is not there yet",
        [Edit("actors/coordinator/coordinator_actor.cpp",
              "  send(config_.supervisor, std::move(changed));\n",
              "  send(config_.supervisor, std::move(changed));\n"
              "  if (PLANTED)\n    send(this, journal::input::published{a.up_to});\n")], NODE),
    Bug("folders_of_others_are_taken", "a new topic takes the folder that a deleted one of its name has left",
        [Edit(PARTITION_DIR + "replica_folder.cpp",
              "  if (owner == topic_id)\n", "  if (PLANTED || owner == topic_id)\n")], DELETION),
]
