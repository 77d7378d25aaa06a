#include "nodes/cli/cluster_health.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace chisme::cli {

namespace {

/// Names in a sentence; the table below it has more.
constexpr size_t most_names = 5;

std::string counted(size_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (auto& part : parts)
    text += (text.empty() ? "" : between) + part;
  return text;
}

/// "node 2", "nodes 2, 3".
std::string nodes_named(const std::vector<int32_t>& ids) {
  std::vector<std::string> names;
  for (auto id : ids)
    names.push_back(std::to_string(id));
  return (ids.size() == 1 ? "node " : "nodes ") + joined(names, ", ");
}

std::string names_of(const std::vector<const partition_picture*>& partitions) {
  std::vector<std::string> names;
  for (auto* p : partitions)
    if (names.size() < most_names)
      names.push_back(to_string(p->name));
  const auto more = partitions.size() - names.size();
  return joined(names, ", ") + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

const char* is_or_are(size_t number) { return number == 1 ? " is " : " are "; }

class judgement {
public:
  explicit judgement(const cluster_picture& picture) : picture_(picture) {}

  cluster_health pass() {
    judge_leaders();
    judge_min_in_sync();
    judge_nodes();
    judge_copies();
    judge_agreement();
    judge_controller();
    if (health_.level == health_level::healthy)
      say_all_is_well();
    judge_evenness();
    health_.sentence = to_string(health_.level) + ": " + joined(facts_, "; ");
    return std::move(health_);
  }

private:
  void add(health_level level, std::string fact) {
    health_.level = std::max(health_.level, level);
    facts_.push_back(std::move(fact));
  }
  void advise(std::string what) { health_.advice.push_back(std::move(what)); }

  std::vector<const partition_picture*>
  partitions_that(const std::function<bool(const partition_picture&)>& are) const {
    std::vector<const partition_picture*> found;
    for (auto& p : picture_.partitions)
      if (are(p))
        found.push_back(&p);
    return found;
  }
  std::vector<int32_t> nodes_in(node_state state) const {
    std::vector<int32_t> ids;
    for (auto& n : picture_.nodes)
      if (n.state == state)
        ids.push_back(n.id);
    return ids;
  }
  bool is_gone(int32_t id) const {
    const auto* n = picture_.find(id);
    return !n || n->state == node_state::gone;
  }
  bool lacks_majority(const partition_picture& p) const {
    const auto gone = std::ranges::count_if(p.replicas, [this](int32_t id) { return is_gone(id); });
    return static_cast<size_t>(gone) * 2 >= p.replicas.size();
  }

  void judge_leaders() {
    const auto leaderless = partitions_that([](auto& p) { return !p.is_led(); });
    if (leaderless.empty())
      return;
    add(health_level::unavailable, counted(leaderless.size(), "partition") +
                                     (leaderless.size() == 1 ? " has" : " have") +
                                     " no leader: " + names_of(leaderless));
    const auto waits = [this](auto* p) { return lacks_majority(*p); };
    if (std::ranges::any_of(leaderless, waits))
      advise("more than half of a partition's replicas must be up before one of them can lead");
    if (!std::ranges::all_of(leaderless, waits))
      advise("where enough replicas are up, one of them leads within seconds; if none does, the logs of their nodes "
             "say why");
  }

  void judge_min_in_sync() {
    const auto below = partitions_that([](auto& p) { return p.is_below_min(); });
    if (below.empty())
      return;
    add(health_level::unavailable,
        counted(below.size(), "partition") + is_or_are(below.size()) + "below min.insync.replicas: " + names_of(below));
    advise("below min.insync.replicas acks=all is refused: bring replicas back, or lower it with chisme topic alter "
           "NAME --config min.insync.replicas=N");
    std::set<std::string> hopeless;
    for (auto* p : below)
      if (p->min_in_sync > p->replicas.size())
        hopeless.insert(p->name.topic);
    if (!hopeless.empty())
      advise("min.insync.replicas is more than there are replicas: " +
             joined({hopeless.begin(), hopeless.end()}, ", "));
  }

  void judge_nodes() {
    if (const auto gone = nodes_in(node_state::gone); !gone.empty()) {
      add(health_level::degraded, nodes_named(gone) + is_or_are(gone.size()) + "gone");
      advise("start " + nodes_named(gone) + " again, with the same data folder: the replicas catch up by themselves");
    }
    if (const auto silent = nodes_in(node_state::not_reached); !silent.empty()) {
      add(health_level::degraded, nodes_named(silent) + is_or_are(silent.size()) + "not reached");
      advise(nodes_named(silent) + is_or_are(silent.size()) +
             "listed and cannot be used from here: just stopped, stuck, "
             "or with wrong advertised.listeners; or the network in between is at fault");
    }
  }

  /// "20 partitions have 2 of 3 replicas in sync".
  void judge_copies() {
    std::map<std::pair<size_t, size_t>, size_t> behind;
    for (auto& p : picture_.partitions)
      if (p.is_led() && !p.is_in_sync())
        ++behind[{p.in_sync.size(), p.replicas.size()}];
    for (auto& [copies, number] : behind)
      add(health_level::degraded, counted(number, "partition") + (number == 1 ? " has " : " have ") +
                                    std::to_string(copies.first) + " of " + std::to_string(copies.second) +
                                    " replicas in sync");
    if (const auto late = up_and_behind(); !late.empty())
      advise("replicas of " + nodes_named(late) + " are catching up; if OUT OF SYNC does not go down, " +
             (late.size() == 1 ? "its log says why" : "their logs say why"));
  }
  std::vector<int32_t> up_and_behind() const {
    std::vector<int32_t> ids;
    for (auto& n : picture_.nodes)
      if (n.state == node_state::up && n.out_of_sync > 0)
        ids.push_back(n.id);
    return ids;
  }

  void judge_agreement() {
    bool all_agree = true;
    for (auto& n : picture_.nodes)
      if (!n.unseen.empty()) {
        add(health_level::degraded, "node " + std::to_string(n.id) + " does not list " + nodes_named(n.unseen));
        all_agree = false;
      }
    if (!all_agree)
      advise("nodes that have just started or stopped are known everywhere within seconds; if that does not happen, "
             "look at the network between the nodes");
  }

  void judge_controller() {
    if (picture_.controller >= 0)
      return;
    add(health_level::degraded, "there is no controller");
    advise("topics cannot be created or changed before more than half of the nodes are up and have elected a "
           "controller");
  }

  void say_all_is_well() {
    const auto nodes = counted(picture_.nodes.size(), "node");
    facts_.push_back(picture_.partitions.empty()
                       ? nodes + ", no partitions"
                       : nodes + ", " + counted(picture_.partitions.size(), "partition") + ", all in sync");
  }

  static double surplus_of(const node_picture& n) { return static_cast<double>(n.leads) - n.even_share; }
  /// Some unevenness is left by every topic that is not spread over all nodes.
  static bool is_far_off(const node_picture& n) {
    const auto off = std::abs(surplus_of(n));
    return off > 2 && off > n.even_share / 2;
  }
  void judge_evenness() {
    std::vector<const node_picture*> up;
    for (auto& n : picture_.nodes)
      if (n.state == node_state::up)
        up.push_back(&n);
    if (std::ranges::none_of(up, [](auto* n) { return is_far_off(*n); }))
      return;
    const auto& worst = **std::ranges::max_element(up, {}, [](auto* n) { return std::abs(surplus_of(*n)); });
    facts_.push_back("leadership is uneven: node " + std::to_string(worst.id) + " leads " +
                     counted(worst.leads, "partition") + ", an even share is " +
                     std::to_string(std::llround(worst.even_share)));
    if (health_.level == health_level::healthy)
      advise("each leader hands over to its partition's first replica once that has been in sync for a while: wait, or "
             "see with chisme topic describe which replicas come first");
  }

  const cluster_picture& picture_;
  cluster_health health_;
  std::vector<std::string> facts_;
};

} // namespace

std::string to_string(health_level level) {
  switch (level) {
    case health_level::healthy:
      return "healthy";
    case health_level::degraded:
      return "degraded";
    case health_level::unavailable:
      return "unavailable";
  }
  return "?";
}

cluster_health health_of(const cluster_picture& picture) { return judgement{picture}.pass(); }

std::string trouble_of(const partition_picture& p) {
  if (!p.is_led())
    return "no leader";
  return p.is_below_min() ? "below min.insync.replicas=" + std::to_string(p.min_in_sync) : "";
}

} // namespace chisme::cli
