"""Bugs of the coordinators of groups, for the simulations of groups alone."""
from bug import Bug, Edit, Finder

CLASSIC = Finder("group_sim_test.groups_keep_their_promises", 1500)
CONSUMER = Finder("consumer_group_sim_test.no_partition_has_two_owners_and_all_comes_to_rest", 300)
MIXED = Finder("mixed_group_sim_test.groups_of_both_protocols_keep_their_promises", 1000)
LOST_GENERATION = Finder("classic_life.the_generation_that_members_were_told_of_is_never_given_again", 0, "unit_tests")

IN = "actors/groups/"


def in_groups(file, old, new):
    return Edit(IN + file, old, new)


GROUP_BUGS = [
    # -- the classic protocol ----------------------------------------------------------------------------------------
    Bug("commits_of_any_generation", "OffsetCommit does not look at the generation",
        [in_groups("classic_sync.cpp",
                   "  if (!knows_generation(r.member_id, generation))\n",
                   "  if (!PLANTED && !knows_generation(r.member_id, generation))\n")], CLASSIC),
    Bug("syncs_of_any_generation", "SyncGroup does not look at the generation",
        [in_groups("classic_sync.cpp",
                   "  if (!knows_generation(r.member_id, r.generation_id))\n    return error::illegal_generation;\n  // Before",
                   "  if (!PLANTED && !knows_generation(r.member_id, r.generation_id))\n"
                   "    return error::illegal_generation;\n  // Before")], CLASSIC),
    Bug("replaced_members_stay", "the old id of a static member that came back remains a member",
        [in_groups("classic_group.cpp",
                   "    if (i->second != member_id)\n",
                   "    if (!PLANTED && i->second != member_id)\n"),
         in_groups("classic_join.cpp",
                   """  auto taken = members_.extract(old_id);
  taken.key() = id;
  members_.insert(std::move(taken));
""",
                   """  if (PLANTED) {
    members_[id] = members_[old_id];
    members_[id].counted = 0;
    count_protocols(members_[id], 1);
    assigned_bytes_ += members_[id].assignment.size();
  } else {
    auto taken = members_.extract(old_id);
    taken.key() = id;
    members_.insert(std::move(taken));
  }
""")], CLASSIC),
    Bug("generation_stands_still", "a rebalance gives no new generation",
        [in_groups("classic_rebalance.cpp",
                   "  next_generation();\n  protocol_ =",
                   "  if (!PLANTED || generation_ == 0)\n    next_generation();\n  protocol_ =")], CLASSIC),
    Bug("generation_is_not_written", "members are told of a generation that a restart forgets",
        [in_groups("classic_rebalance.cpp",
                   "  sync_deadline_ = now + longest_rebalance_timeout();\n  save(out);\n",
                   "  sync_deadline_ = now + longest_rebalance_timeout();\n  if (!PLANTED)\n    save(out);\n")],
        CLASSIC, LOST_GENERATION),
    Bug("assignment_is_not_written", "the leader's assignment is answered, but no record made",
        [in_groups("classic_sync.cpp",
                   "  state_since_ = now;\n  save(out);\n",
                   "  state_since_ = now;\n  if (!PLANTED)\n    save(out);\n")], CLASSIC),
    Bug("commit_is_not_written", "a commit is answered, but no record made",
        [in_groups("committed_offsets.cpp",
                   "  write({group, topic.name, p.partition_index,\n",
                   "  if (PLANTED)\n    return error_code::none;\n  write({group, topic.name, p.partition_index,\n")],
        CLASSIC),
    Bug("replacement_is_not_written", "a static member's new id is answered, but no record made",
        [in_groups("classic_join.cpp",
                   "      save(out);\n      answer_replacement(",
                   "      if (!PLANTED)\n        save(out);\n      answer_replacement(")], CLASSIC),
    Bug("parked_syncs_are_forgotten", "a rebalance leaves the waiting syncs without an answer",
        [in_groups("classic_rebalance.cpp",
                   "      answer_sync(m, error::rebalance_in_progress, out);\n",
                   "      if (PLANTED)\n        m.sync.reset();\n"
                   "      answer_sync(m, error::rebalance_in_progress, out);\n")], CLASSIC),
    Bug("joins_are_answered_twice", "a member that joins again while it waits gets both answers",
        [in_groups("classic_group.cpp",
                   "  m.join = parked_request{who.to, who.version};\n",
                   "  if (m.join && PLANTED)\n"
                   "    out.answers.push_back({who.to, join_refused(error::rebalance_in_progress, m.id)});\n"
                   "  m.join = parked_request{who.to, who.version};\n")], CLASSIC),
    Bug("sessions_never_end", "silent members stay",
        [in_groups("classic_group.cpp",
                   "  remove(member_id, error::unknown_member_id, out);\n  rebalance_or_complete(now, out);\n}\n\n} // namespace",
                   "  if (PLANTED)\n    return;\n"
                   "  remove(member_id, error::unknown_member_id, out);\n  rebalance_or_complete(now, out);\n}\n\n} // namespace")],
        CLASSIC),
    Bug("stragglers_stay", "members that did not rejoin in time stay in the new generation",
        [in_groups("classic_rebalance.cpp",
                   "    if (!m.join && !m.instance)\n      gone.push_back(id);\n",
                   "    if (!PLANTED && !m.join && !m.instance)\n      gone.push_back(id);\n")], CLASSIC),
    Bug("pending_ids_never_end", "a member id that nobody joined with is waited for always",
        [in_groups("classic_group.cpp",
                   "    pending_.erase(member_id);\n    maybe_complete_join(now, out);\n    return;\n",
                   "    if (PLANTED)\n      return;\n"
                   "    pending_.erase(member_id);\n    maybe_complete_join(now, out);\n    return;\n")],
        CLASSIC),
    Bug("old_assignment_is_kept", "a member without an assignment keeps that of the last generation",
        [in_groups("classic_sync.cpp",
                   "  for (auto& [id, m] : members_)\n    assign(m, {});\n",
                   "  for (auto& [id, m] : members_)\n    if (!PLANTED)\n      assign(m, {});\n")], CLASSIC),
    Bug("offsets_go_with_the_topic", "a commit replaces all offsets of its topic",
        [in_groups("committed_offsets.cpp",
                   "    groups_[record.group][record.topic][record.partition] = *record.value;\n",
                   "    if (PLANTED)\n      groups_[record.group][record.topic].clear();\n"
                   "    groups_[record.group][record.topic][record.partition] = *record.value;\n")], CLASSIC),
    Bug("members_are_not_loaded", "a loaded group has no members",
        [in_groups("classic_group.cpp",
                   "  for (const auto& m : saved_->members)\n    load_member(m, now);\n",
                   "  for (const auto& m : saved_->members)\n    if (!PLANTED)\n      load_member(m, now);\n")], CLASSIC),
    Bug("expiry_ignores_the_group", "offsets expire by their age although the group uses them",
        [in_groups("classic_sync.cpp",
                   "  if (!protocol_type_ && state_ == classic_state::empty)\n    return {expiry_since::commit};\n",
                   "  if (PLANTED || (!protocol_type_ && state_ == classic_state::empty))\n"
                   "    return {expiry_since::commit};\n"),
         in_groups("committed_offsets.cpp",
                   "    if (is_subscribed(topic))\n", "    if (!PLANTED && is_subscribed(topic))\n")], CLASSIC),
    Bug("topics_are_known_by_name", "what was committed for a topic is taken for that of another one of its name",
        [in_groups("committed_offsets.cpp",
                   "(!o.topic_id.is_zero() && o.topic_id != there->id)",
                   "(!PLANTED && !o.topic_id.is_zero() && o.topic_id != there->id)")], CLASSIC),

    # -- the newer protocol ------------------------------------------------------------------------------------------
    Bug("takes_held_partitions", "assigns partitions without looking whether somebody has them",
        [in_groups("reconciliation.cpp", "    if (is_free(p))\n", "    if (PLANTED || is_free(p))\n")], CONSUMER, MIXED),
    Bug("believes_in_revocation", "takes a member that says nothing of its partitions for one that gave them up",
        [in_groups("reconciliation.cpp", "    return true;\n", "    return !PLANTED;\n")], CONSUMER),
    Bug("believes_late_requests", "takes what a repeated request says for what the member has now",
        [in_groups("consumer_group.cpp",
                   "t.request.topic_partitions.has_value() && !t.repeats;",
                   "t.request.topic_partitions.has_value() && (PLANTED || !t.repeats);")], CONSUMER),
    Bug("frees_while_revoking", "lets partitions go when the member is told, not when it has done it",
        [in_groups("reconciliation.cpp",
                   "  if (!revoke.empty() && still_has(revoke)) {\n",
                   "  if (!revoke.empty() && still_has(revoke)) {\n    if (PLANTED)\n      revoke.clear();\n")],
        CONSUMER, MIXED),
    Bug("forgets_to_log", "changes a member's assignment without a record",
        [in_groups("consumer_group.cpp",
                   "  put(t.out, current_record(state_.id(), t.member, next));\n",
                   "  if (PLANTED && next.state == member_state::unrevoked_partitions)\n"
                   "    state_.apply(current_record(state_.id(), t.member, next));\n"
                   "  else\n"
                   "    put(t.out, current_record(state_.id(), t.member, next));\n")], CONSUMER, MIXED),
    Bug("keeps_the_leaver", "does not write the tombstone of a member that left",
        [in_groups("consumer_group.cpp",
                   "  put(out, member_metadata_record{state_.id(), member, std::nullopt});\n",
                   "  if (PLANTED)\n    return state_.apply(member_metadata_record{state_.id(), member, std::nullopt});\n"
                   "  put(out, member_metadata_record{state_.id(), member, std::nullopt});\n")], CONSUMER),
    Bug("no_new_epoch_on_leave", "leaves the target as it is when a member goes",
        [in_groups("consumer_group.cpp",
                   "  forget_unused_regexes(out);\n  next_epoch(catalog, out);\n",
                   "  forget_unused_regexes(out);\n  if (!PLANTED)\n    next_epoch(catalog, out);\n")], CONSUMER),
    Bug("shares_instance_ids", "lets a second process join as an instance that is still there",
        [in_groups("consumer_group_members.cpp",
                   "  if (!away && !held.is_classic())\n",
                   "  if (!PLANTED && !away && !held.is_classic())\n")], CONSUMER),
    Bug("deaf_to_heartbeats", "does not put off the end of the session",
        [in_groups("consumer_group.cpp",
                   "  deadlines_.set_session(t.member, t.now + session_timeout_of(member));\n",
                   "  if (!PLANTED || t.joins)\n"
                   "    deadlines_.set_session(t.member, t.now + session_timeout_of(member));\n")], CONSUMER),
    Bug("never_ends_rebalances", "waits for revocations without an end",
        [in_groups("consumer_group.cpp",
                   "  else\n    deadlines_.set_rebalance(t.member, t.now +",
                   "  else if (!PLANTED)\n    deadlines_.set_rebalance(t.member, t.now +")], CONSUMER),
    Bug("restless", "finds the topics changed at each heartbeat",
        [in_groups("consumer_group_targets.cpp",
                   "  if (seen_version_ == catalog.version())\n",
                   "  if (PLANTED)\n    return true;\n  if (seen_version_ == catalog.version())\n")], CONSUMER),
    Bug("commits_of_any_epoch", "does not look at the epoch of a commit",
        [in_groups("consumer_group_queries.cpp",
                   "    return error_code::unsupported_version;\n  return compare_epochs(*found, epoch);\n",
                   "    return error_code::unsupported_version;\n"
                   "  return PLANTED ? error_code::none : compare_epochs(*found, epoch);\n")], CONSUMER, MIXED),

    # -- from one to the other ---------------------------------------------------------------------------------------
    Bug("assignments_are_not_converted", "who comes from a classic group is thought to have nothing",
        [in_groups("classic_conversion.cpp",
                   "    to.assignment = m.assignment;\n    to.generation =",
                   "    if (!PLANTED)\n      to.assignment = m.assignment;\n    to.generation =")], MIXED),
    Bug("conversion_is_not_written", "a consumer group becomes a classic one without a record",
        [in_groups("classic_conversion.cpp",
                   "  state_since_ = now;\n  save(out);\n",
                   "  state_since_ = now;\n  if (!PLANTED)\n    save(out);\n")], MIXED),
    Bug("downgrade_counts_anew", "the generations of what was a consumer group begin at 0",
        [in_groups("classic_conversion.cpp",
                   "  generation_ = from.generation;\n", "  generation_ = PLANTED ? 0 : from.generation;\n")], MIXED),
    Bug("dissolved_groups_are_silent", "who waits in a classic group that is converted gets no answer",
        [in_groups("group_shard_conversion.cpp",
                   "  classic.dissolve(c.out);\n", "  if (!PLANTED)\n    classic.dissolve(c.out);\n")], MIXED),
    Bug("deaf_to_classic_members", "does not put off the end of a session for Heartbeat",
        [in_groups("consumer_group_classic.cpp",
                   "    deadlines_.set_session(request.member_id, now + session_timeout_of(member));\n    if (has_to_rejoin",
                   "    if (!PLANTED)\n"
                   "      deadlines_.set_session(request.member_id, now + session_timeout_of(member));\n    if (has_to_rejoin")],
        MIXED),
    Bug("believes_that_joiners_gave_up", "takes JoinGroup for a proof that the member has nothing",
        [in_groups("consumer_group_classic.cpp",
                   "  const auto owned = owned_partitions(*subscription, catalog);\n",
                   "  const auto owned = PLANTED ? partition_set{} : owned_partitions(*subscription, catalog);\n")],
        MIXED),
]
