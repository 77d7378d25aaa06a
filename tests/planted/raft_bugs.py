"""Bugs of the consensus of a partition's replicas, for its simulation alone."""
from bug import Bug, Edit, Finder

RAFT = Finder("raft_sim_test.what_is_committed_stays_and_all_replicas_agree", 3000)
COMMITS = Finder("commit_tracker*", 0, "unit_tests")
LOST_DISKS = Finder("lost_disk_test*", 0, "unit_tests")


def raft(file, old, new):
    return Edit("actors/raft/" + file, old, new)


RAFT_BUGS = [
    # -- what has to be on disk (Raft figure 2) ----------------------------------------------------------------------
    Bug("votes_are_given_before_the_sync", "a vote leaves before it is on disk",
        [raft("group.cpp", "  if (stores_ > 0)\n    parked_", "  if (!PLANTED && stores_ > 0)\n    parked_")], RAFT),
    Bug("votes_are_asked_for_before_the_sync", "a candidate speaks of its epoch before that is on disk",
        [raft("group_roles.cpp", "  votes_are_due_ = stores_ > 0;\n", "  votes_are_due_ = !PLANTED && stores_ > 0;\n")], RAFT),
    Bug("votes_are_forgotten", "a start knows the epoch, but not for whom it has voted",
        [raft("group.cpp", "  hard_ = x.stored;\n",
              "  hard_ = x.stored;\n  if (PLANTED)\n    hard_.voted_for = nobody;\n")], RAFT),
    Bug("followers_answer_before_the_sync", "a follower tells of what it has written and not synced",
        [raft("group.cpp", "following_.answer(c.log.synced))",
              "following_.answer(PLANTED ? c.log.end_position() : c.log.synced))")], RAFT),

    # -- votes (Raft section 5.2, 5.4.1) -----------------------------------------------------------------------------
    Bug("two_votes_in_an_epoch", "whoever asks gets a vote",
        [raft("election.cpp", "asked.epoch == v.hard.term && is_free",
              "asked.epoch == v.hard.term && (PLANTED || is_free)")], RAFT),
    Bug("logs_are_compared_by_length", "a vote goes to the longer log, whatever its last epoch",
        [raft("election.cpp", "asked.last >= v.last;\n}\n\nbool grants_pre",
              "(PLANTED ? asked.last.offset >= v.last.offset : asked.last >= v.last);\n}\n\nbool grants_pre")], RAFT),
    Bug("votes_of_removed_replicas_count", "a candidate asks those who were voters in the beginning, and counts them",
        [raft("group_roles.cpp", "  for (auto node : voters_.everybody())\n    if (node != self_)\n      c.out.push_back(output::send{node, request});\n",
              "  for (auto node : PLANTED ? initial_.everybody() : voters_.everybody())\n    if (node != self_)\n"
              "      c.out.push_back(output::send{node, request});\n"),
         raft("votes.cpp", "  return voters.has_quorum(",
              "  if (PLANTED)\n    return granted_.size() > voters.size() / 2;\n  return voters.has_quorum(")], RAFT),
    Bug("replicas_without_a_disk_vote", "who has lost its disk votes before it was taken in anew",
        [raft("group.hpp", "return !hard_.has_lost_disk;", "return PLANTED || !hard_.has_lost_disk;")], RAFT),
    Bug("replicas_without_a_disk_count", "what a replica holds that has lost its disk counts for a commit",
        [raft("leader.cpp", "    p->lost_disk(true);\n",
              "    p->lost_disk(true);\n    if (PLANTED)\n      count(from, answer.at, c);\n")], LOST_DISKS),
    Bug("replicas_without_a_disk_stay_out", "one that was taken out is not taken in again",
        [raft("leader_changes.cpp", "  if (wanted_.empty())\n    return with_one_taken_in(now);\n",
              "  if (wanted_.empty())\n    return PLANTED ? std::nullopt : with_one_taken_in(now);\n")], LOST_DISKS),
    Bug("former_admissions_count", "what the log says of a former loss of the disk ends this one",
        [raft("group.cpp", "  hard_.lost_until = heard;\n", "  hard_.lost_until = PLANTED ? 0 : heard;\n")], LOST_DISKS),

    # -- what is committed (section 5.3, 5.4.2) ------------------------------------------------------------------------
    Bug("commits_of_other_epochs_count", "a report of another epoch counts for the high watermark",
        [raft("commit_tracker.cpp", "end.epoch != epoch_start_.epoch", "(!PLANTED && end.epoch != epoch_start_.epoch)")],
        COMMITS, RAFT),
    Bug("marks_need_not_be_synced", "who has all before the leader's mark counts as if it had the mark",
        [raft("leader.cpp", "commits_->synced(node, synced)",
              "commits_->synced(node, PLANTED ? position{epoch_, synced.offset} : synced)")], RAFT),
    Bug("stale_acknowledgements_count", "an answer to a leader of a former epoch moves the high watermark",
        [raft("leader.cpp", "  if (!p || answer.epoch != epoch_)\n", "  if (!p || (!PLANTED && answer.epoch != epoch_))\n"),
         raft("leader.cpp", "    count(from, answer.at, c);\n",
              "    count(from, PLANTED ? position{epoch_, answer.at.offset} : answer.at, c);\n")], RAFT),
    Bug("followers_believe_any_commit", "a follower takes for committed what it has, whether it is the leader's or not",
        [raft("follower.cpp", "  return std::min(leader_commit_, std::min(matched_, synced).offset);\n",
              "  return std::min(leader_commit_, PLANTED ? synced.offset : std::min(matched_, synced).offset);\n")], RAFT),
    Bug("what_matched_survives_the_leader", "what matched the log of one leader is taken to match that of the next",
        [raft("group_roles.cpp", "  following_ = {};\n  if (was_led)",
              "  if (!PLANTED)\n    following_ = {};\n  if (was_led)")], RAFT),

    # -- what is copied and cut (section 5.3) --------------------------------------------------------------------------
    Bug("logs_are_not_cut", "a follower appends behind what the leader does not have",
        [raft("follower.cpp", "  if (log.end_position() > common) {\n", "  if (!PLANTED && log.end_position() > common) {\n")], RAFT),
    Bug("old_messages_cut", "a message that comes late cuts what came since",
        [raft("follower.cpp", "  if (held.at_end())\n    return plan;\n",
              "  if (PLANTED && held.at_end() && log.end_position() > held.at()) {\n    plan.cut = held.at();\n"
              "    plan.has_more = true;\n    plan.first_mark = held.mark();\n    plan.first_batch = held.batch();\n  }\n"
              "  if (held.at_end())\n    return plan;\n")], RAFT),
    Bug("resets_go_back", "a follower is emptied although it has what the reset brings",
        [raft("group_roles.cpp", "  if (matches(c.log, m.start))\n",
              "  if (!PLANTED && matches(c.log, m.start))\n")], RAFT),

    # -- who votes (section 6) -----------------------------------------------------------------------------------------
    Bug("one_majority_is_enough", "a joint configuration decides by the majority of the new voters",
        [raft("configuration.hpp", "(!is_joint() || has_majority(outgoing_, is_there))",
              "(PLANTED || !is_joint() || has_majority(outgoing_, is_there))"),
         raft("commit_tracker.cpp", "  return outgoing_ == 0 ? of_voters", "  return PLANTED || outgoing_ == 0 ? of_voters")],
        RAFT),
    Bug("voters_change_at_once", "new voters take the place of the old ones without a joint configuration",
        [raft("leader_changes.cpp", "  return now.joint_with(wanted_);\n",
              "  return PLANTED ? configuration{wanted_} : now.joint_with(wanted_);\n")], RAFT),
    Bug("voters_change_too_early", "the next configuration comes before the one before is committed",
        [raft("leader_changes.cpp", "  if (!is_established_ || is_handing_over())\n    return std::nullopt;\n  if (now.is_joint())",
              "  if ((!PLANTED && !is_established_) || is_handing_over())\n    return std::nullopt;\n  if (now.is_joint())")], RAFT),
]
