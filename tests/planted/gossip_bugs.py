"""Bugs of the membership, for its simulation."""
from bug import Bug, Edit, Finder

GOSSIP = Finder("membership_sim_test.what_is_known_only_grows_and_all_come_to_know_the_truth", 1000)

IN = "actors/membership/"


def in_membership(file, old, new):
    return Edit(IN + file, old, new)


GOSSIP_BUGS = [
    Bug("gossip_believes_older_epochs", "whoever claims a partition last leads it, whatever the epoch",
        [in_membership("leader_claims.cpp",
                       "  return std::tie(a.epoch, a.leader) >", "  return PLANTED || std::tie(a.epoch, a.leader) >")],
        GOSSIP),
    Bug("gossip_believes_older_incarnations", "an older record of a member replaces a newer one",
        [in_membership("member_list.cpp", "order < 0 ? outcome::older", "order < 0 && !PLANTED ? outcome::older")],
        GOSSIP),
    Bug("gossip_never_refutes", "a member that hears that it is suspect or dead keeps silent",
        [in_membership("swim_news.cpp",
                       "  if (u.who.process == self_.process || is_gone(u.state)",
                       "  if (PLANTED && u.who.process == self_.process)\n    return;\n"
                       "  if (u.who.process == self_.process || is_gone(u.state)")], GOSSIP),
    Bug("gossip_refutes_too_weakly", "a refutation has the incarnation of what it refutes",
        [in_membership("swim_news.cpp",
                       "std::max(u.who.incarnation, self_.incarnation) + 1, c)",
                       "std::max(u.who.incarnation, self_.incarnation) + (PLANTED ? 0 : 1), c)")], GOSSIP),
    Bug("gossip_keeps_claims_to_itself", "what is heard of leaders is not passed on",
        [in_membership("swim_news.cpp", "      news_.put(claim);\n", "      if (!PLANTED)\n        news_.put(claim);\n")],
        GOSSIP),
    Bug("gossip_lets_the_dead_return", "who is dead is forgotten at once, and old gossip brings it back",
        [in_membership("swim.cpp",
                       "c.now - entry.since < options_.remember_gone_ms",
                       "(!PLANTED && c.now - entry.since < options_.remember_gone_ms)")], GOSSIP),
    Bug("gossip_suspects_for_ever", "a suspicion never ends in a death",
        [in_membership("swim_news.cpp",
                       "c.now >= entry.doubt->deadline()", "!PLANTED && c.now >= entry.doubt->deadline()")], GOSSIP),
    Bug("gossip_brings_deleted_topics_back", "claims of deleted topics are taken from those who have not heard of it",
        [in_membership("leader_claims.cpp",
                       "  if (forgotten_.contains(claim.topic))\n", "  if (!PLANTED && forgotten_.contains(claim.topic))\n")],
        GOSSIP),
    Bug("gossip_restarts_as_what_it_was", "a process does not overrule an earlier one at its address",
        [in_membership("swim_news.cpp",
                       "  if (u.who.peer != self_.peer)\n", "  if (PLANTED || u.who.peer != self_.peer)\n")], GOSSIP),
]
