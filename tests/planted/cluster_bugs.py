"""Bugs of a whole cluster, for its simulation: what the parts do for each other."""
from bug import Bug, Edit, Finder

CLUSTER = Finder("cluster_sim_test.a_cluster_keeps_its_promises", 400)

PARTITION = "actors/partition/"
SUPERVISOR = "actors/supervisor/"
COORDINATOR = "actors/coordinator/"

CLUSTER_BUGS = [
    Bug("emptied_nodes_vote", "a replica whose folder was lost takes its silence for a fact",
        [Edit(PARTITION + "partition_actor.cpp",
              "  fresh.has_lost_disk = replica_", "  fresh.has_lost_disk = !PLANTED && replica_")], CLUSTER),
    Bug("leaders_elsewhere_of_older_epochs_count", "what is said of a leader is believed, whatever its epoch",
        [Edit(SUPERVISOR + "supervision_leaders.cpp",
              "  if (x.epoch < image.leader_epoch || (x.epoch == image.leader_epoch && image.leader >= 0))\n",
              "  if (!PLANTED && (x.epoch < image.leader_epoch || (x.epoch == image.leader_epoch && image.leader >= 0)))\n")],
        CLUSTER),
    Bug("failing_replicas_take_the_epoch_back", "a replica that fails says which epoch counts",
        [Edit(SUPERVISOR + "supervision_replicas.cpp",
              "    r->image.leader_epoch = std::max(r->image.leader_epoch, x.leader_epoch);\n",
              "    r->image.leader_epoch = PLANTED ? x.leader_epoch : std::max(r->image.leader_epoch, x.leader_epoch);\n")],
        CLUSTER),
    Bug("acks_all_does_not_wait_for_others", "what asks for all replicas is answered as soon as the leader has it",
        [Edit(PARTITION + "partition_actor_appends.cpp",
              "    if (waits_for_commit(x.required,", "    if (!PLANTED && waits_for_commit(x.required,")], CLUSTER),
    Bug("deposed_coordinators_tell_of_success", "a change under way is answered well when the leadership is lost",
        [Edit(COORDINATOR + "coordinator_actor.cpp",
              "    d.wanted.what.done({error_code::none, {}, take_back(std::move(d.response), why)});\n",
              "    d.wanted.what.done({error_code::none, {}, PLANTED ? std::move(d.response) : take_back(std::move(d.response), why)});\n")],
        CLUSTER),
    Bug("decisions_outlive_their_epoch", "what was decided in one epoch is appended in a later one",
        [Edit(PARTITION + "append_stage.cpp",
              "  if (request.decided_in >= 0 &&", "  if (!PLANTED && request.decided_in >= 0 &&")],
        Finder("append_stage_test.what_was_decided_in_another_epoch_is_refused", 0, "unit_tests")),
    Bug("regained_trust_is_not_told", "heartbeats do not learn that a replica trusts its leader again",
        [Edit(PARTITION + "replica_consensus.cpp",
              "  if (believed_leader() != believed)\n", "  if (!PLANTED && believed_leader() != believed)\n")],
        Finder("shared_replica_test.that_a_leader_is_trusted_or_not_is_told_whenever_it_changes", 0, "unit_tests")),
]
