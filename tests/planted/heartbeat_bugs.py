"""Bugs of what keeps the groups of two nodes alive."""
from bug import Bug, Edit, Finder

HEARTBEATS = Finder("heartbeats_sim_test.no_belief_outlives_what_it_stands_on_and_all_come_to_know_the_truth", 2000)

GROUPS = "actors/heartbeats/node_heartbeats.cpp"
PEERS = "actors/heartbeats/node_heartbeats_peers.cpp"
NEWS = "actors/heartbeats/unacknowledged.hpp"

HEARTBEAT_BUGS = [
    Bug("older_values_are_acknowledged", "a message that carried an older value acknowledges the newest one",
        [Edit(NEWS, "      *i->second = {news, not_carried};\n",
              "      *i->second = {news, PLANTED ? i->second->first : not_carried};\n")], HEARTBEATS),
    Bug("news_are_told_once", "what was sent once counts as acknowledged",
        [Edit(NEWS, "    return out;\n", "    if (PLANTED)\n      acknowledge(sequence, most);\n    return out;\n")],
        HEARTBEATS),
    Bug("restarts_go_unnoticed", "who follows a leader is not told that its process is another one",
        [Edit(PEERS, "    if (t.here == tie::role::follows_peer)\n      out.push_back(output::leader_silent{group});\n"
              "    if (t.here == tie::role::leads_here) {\n",
              "    if (!PLANTED && t.here == tie::role::follows_peer)\n      out.push_back(output::leader_silent{group});\n"
              "    if (t.here == tie::role::leads_here) {\n")], HEARTBEATS),
    Bug("claims_of_former_processes_last", "what a former process said it leads counts for the next one",
        [Edit(PEERS, "    auto& [group, t] = *i;\n    t.theirs.reset();\n",
              "    auto& [group, t] = *i;\n    if (!PLANTED)\n      t.theirs.reset();\n")], HEARTBEATS),
    Bug("former_processes_are_heard", "a late message of a former process counts",
        [Edit(PEERS, "  if (p.is_up ? m.process", "  if (PLANTED ? false : p.is_up ? m.process")], HEARTBEATS),
    Bug("overtaken_heartbeats_count", "a message that was overtaken by a newer one counts",
        [Edit(PEERS, "  if (m.sequence <= p.received)\n",
              "  if (PLANTED ? m.sequence == p.received : m.sequence <= p.received)\n")], HEARTBEATS),
    Bug("beliefs_need_no_confirmation", "who follows a node that is heard is never told that it does not lead",
        [Edit(PEERS, "(!p.is_heard || !t.is_confirmed())) {", "(!p.is_heard || (!PLANTED && !t.is_confirmed()))) {")],
        HEARTBEATS),
    Bug("nobody_says_that_it_does_not_lead", "a leader that steps down is silent about it",
        [Edit(GROUPS, "  if (was == tie::role::leads_here && is != was)\n",
              "  if (!PLANTED && was == tie::role::leads_here && is != was)\n")], HEARTBEATS),
    Bug("heard_again_tells_nothing_of_leaders", "after a silence nobody is told again who leads",
        [Edit(PEERS, "    if (t.theirs && groups_.contains(group))\n",
              "    if (!PLANTED && t.theirs && groups_.contains(group))\n")], HEARTBEATS),
    Bug("new_processes_are_not_told_all", "a peer that was started anew is told only what is news",
        [Edit(PEERS, "      p.news.put({group, g.epoch, g.commit, true});\n",
              "      if (!PLANTED)\n        p.news.put({group, g.epoch, g.commit, true});\n")], HEARTBEATS),
    Bug("silence_is_not_told_to_new_leaders", "a new leader is not told who has been silent all the time",
        [Edit(GROUPS, "      if (was != is && !p.is_heard && !t.told_silent)\n",
              "      if (!PLANTED && was != is && !p.is_heard && !t.told_silent)\n")], HEARTBEATS),
    Bug("acknowledgements_for_others_count", "what was meant for a former process of this node counts",
        [Edit(PEERS, "(m.to_process != 0 && m.to_process != process_)",
              "(!PLANTED && m.to_process != 0 && m.to_process != process_)"),
         Edit(PEERS, "  if (m.to_process == process_ && ", "  if ((PLANTED || m.to_process == process_) && ")],
        HEARTBEATS),
    Bug("replicas_are_not_reminded", "a replica that opens late or lost its belief is not told who leads",
        [Edit(GROUPS, "  if (g.leader == self_)\n    return;\n", "  if (PLANTED || g.leader == self_)\n    return;\n")],
        HEARTBEATS),
]
