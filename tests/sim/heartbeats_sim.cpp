#include "tests/sim/heartbeats_sim.hpp"

#include "messages/wire/codec.hpp"
#include "tests/support/heartbeats_words.hpp"
#include "tests/support/payload_bytes.hpp"

#include <algorithm>
#include <iostream>

namespace chisme::test {

namespace {

namespace input = heartbeats::input;
namespace output = heartbeats::output;

constexpr int64_t time_of_faults_ms = 9'000;
constexpr int64_t time_of_calm_ms = 5'000;

} // namespace

heartbeats_sim::heartbeats_sim(uint64_t seed, bool is_told) : random_(seed), is_told_(is_told) {
  loss_ = chance(0.3) ? 0 : 0.3 * std::uniform_real_distribution<>{}(random_);
  longest_delay_ = 1 + some(chance(0.3) ? 300 : 40);
  options_.most_entries = chance(0.5) ? 2 : heartbeats::options{}.most_entries;
  const auto nodes = static_cast<node_id>(2 + some(3));
  const auto groups = static_cast<group_number>(1 + some(8));
  for (group_number g = 0; g < groups; ++g) {
    for (node_id id = 1; id <= nodes; ++id)
      if (chance(0.8))
        members_[g].insert(id);
    members_[g].insert({1 + g % nodes, 1 + (g + 1) % nodes});
    epochs_[g] = -1;
  }
  for (node_id id = 1; id <= nodes; ++id)
    start_node(id);
}

std::string heartbeats_sim::run() {
  while (wrong_.empty() && now_ < time_of_faults_ms)
    slot(true);
  if (!wrong_.empty())
    return wrong_;
  begin();
  const auto end = now_ + time_of_calm_ms;
  while (wrong_.empty() && now_ < end) {
    if (now_ == end - 1'000)
      entries_sent_ = 0;
    slot(false);
  }
  if (wrong_.empty())
    check_calm();
  return wrong_;
}

/// The calm: every link is up, every replica open, and each group has a leader, or nobody who believes to be one.
void heartbeats_sim::begin() {
  say("-- calm");
  faults_ = false;
  blocked_.clear();
  for (auto& [id, n] : nodes_) {
    n.paused_until = 0;
    for (const auto& [other, o] : nodes_)
      if (other != id && links_[{id, other}] != o.process)
        pulse_link(id, other);
  }
  for (auto& [g, who] : members_) {
    for (const auto id : who)
      if (nodes_[id].replicas[g].start == 0)
        open(id, g);
    const bool is_led = std::ranges::any_of(who, [&, g = g](node_id id) {
      const auto& r = nodes_[id].replicas[g];
      return r.leader == id && r.epoch == epochs_[g];
    });
    if (is_led && chance(0.5))
      continue; // nothing more happens that would be news of it
    if (chance(0.8))
      elect(*std::next(who.begin(), some(static_cast<int64_t>(who.size()))), g);
    else
      for (const auto& n : nodes_) {
        static_cast<void>(n);
        step_down(g);
      }
  }
}

void heartbeats_sim::slot(bool faults) {
  now_ += slot_ms;
  if (faults)
    something_goes_wrong();
  deliver();
  for (auto& [id, n] : nodes_)
    if (!is_paused(n))
      run_node(id, n);
}

void heartbeats_sim::something_goes_wrong() {
  const auto a = some_node();
  const auto b = some_node();
  const auto g = static_cast<group_number>(some(static_cast<int64_t>(members_.size())));
  if (chance(0.02))
    elect(a, g);
  if (chance(0.005))
    step_down(g);
  if (chance(0.05))
    append(g);
  if (chance(0.005))
    change_members(g);
  if (chance(0.01))
    nodes_[a].replicas[g].start ? close(a, g) : open(a, g);
  if (chance(0.008))
    start_node(a);
  if (chance(0.003))
    nodes_[a].paused_until = now_ + some(1'500);
  if (a != b && chance(0.02))
    blocked_.insert({a, b});
  if (chance(0.005))
    blocked_.clear();
  if (a != b && chance(0.05))
    pulse_link(a, b);
  if (a != b && !is_paused(nodes_[a]) && chance(0.01))
    step(a, input::peer_suspected{b});
}

void heartbeats_sim::run_node(node_id id, node& n) {
  n.own_time += slot_ms;
  while (!n.reports.empty() && n.reports.front().at <= now_) {
    auto r = std::move(n.reports.front());
    n.reports.pop_front();
    const auto g = r.what.group.partition;
    if (r.is_gone) {
      n.known.erase(g);
      step(id, input::group_gone{group(g)});
      continue;
    }
    auto& k = n.known[g];
    if (r.what.leader != id)
      k.leads_since = -1;
    else if (k.leads_since < 0 || k.start != r.start || k.last.members != r.what.members)
      k.leads_since = n.own_time;
    k.start = r.start;
    k.last = r.what;
    step(id, r.what);
  }
  if (now_ >= n.next_tick) {
    n.next_tick = now_ + options_.tick_ms;
    step(id, input::tick{});
    check_silences(id, n);
  }
  check_beliefs(id, n);
}

void heartbeats_sim::deliver() {
  std::vector<std::pair<int64_t, flying>> later;
  while (!network_.empty() && network_.begin()->first <= now_) {
    const auto f = std::move(network_.extract(network_.begin()).mapped());
    if (is_paused(nodes_[f.to]))
      later.emplace_back(nodes_[f.to].paused_until, f);
    else
      arrive(f);
  }
  for (auto& [at, f] : later)
    network_.emplace(at, std::move(f));
}

void heartbeats_sim::arrive(const flying& f) {
  auto m = decode<peer::heartbeat>(buffer::copy_of(f.bytes), 0);
  if (!m)
    return wrong("a heartbeat cannot be read: " + m.error().message);
  step(f.to, input::message_arrived{f.from, std::move(*m)});
}

void heartbeats_sim::step(node_id id, const heartbeats::any_input& in) {
  auto& n = nodes_[id];
  heartbeats::outputs out;
  n.machine->step(now_, in, out);
  for (const auto& o : out)
    perform(id, o);
  if (const auto* x = std::get_if<input::peer_up>(&in))
    see_process(id, x->node, x->process, out);
  if (const auto* x = std::get_if<input::peer_down>(&in))
    check_told(id, x->node, out, false);
  const auto* x = std::get_if<input::message_arrived>(&in);
  if (!x || (x->message.to_process != 0 && x->message.to_process != n.process))
    return;
  auto& v = n.views[x->from];
  const auto linked_to = links_[{id, x->from}];
  if (x->message.process < v.process || (linked_to != 0 && x->message.process != linked_to))
    return;
  see_process(id, x->from, x->message.process, out);
  if (x->message.sequence <= v.sequence)
    return;
  v.sequence = x->message.sequence;
  v.heard_at = n.own_time;
  v.more = x->message.more;
  for (const auto& e : x->message.entries)
    if (e.leads)
      v.claims[e.group.partition] = e.epoch;
    else
      v.claims.erase(e.group.partition);
}

void heartbeats_sim::perform(node_id id, const heartbeats::any_output& o) {
  say(std::to_string(id) + " | " + text_of(o));
  if (const auto* s = std::get_if<output::send>(&o))
    return transmit(id, *s);
  auto& n = nodes_[id];
  const auto g = std::visit(
    [](const auto& x) {
      if constexpr (requires { x.group; })
        return x.group.partition;
      else
        return group_number{-1};
    },
    o);
  const auto k = n.known.find(g);
  if (k == n.known.end())
    return wrong("something for a replica that is not known");
  auto& r = n.replicas[g];
  if (r.start != k->second.start)
    return; // that one has ended
  if (const auto* x = std::get_if<output::heard_of>(&o))
    hear(id, r, *x);
  if (std::holds_alternative<output::leader_silent>(o) && r.leader != -1 && r.leader != id) {
    r.leader = -1;
    ++beliefs_lost_;
    report_of(id, g);
  }
  if (const auto* x = std::get_if<output::peer_silent>(&o); x && !r.silent.insert(x->node).second)
    wrong("told twice of a silence");
  if (const auto* x = std::get_if<output::peer_heard>(&o); x && r.silent.erase(x->node) == 0)
    wrong("told of the end of a silence that was not told");
  restarts_told_ += std::holds_alternative<output::peer_restarted>(o);
}

/// As in Raft: nothing of an older epoch counts.
void heartbeats_sim::hear(node_id id, replica& r, const output::heard_of& x) {
  const auto before = std::tuple{r.leader, r.epoch, r.commit};
  if (x.leads && x.epoch >= r.epoch) {
    if (r.leader == id && x.epoch == r.epoch)
      return wrong("two leaders in one epoch");
    r.leader = x.from;
    r.epoch = x.epoch;
    r.commit = std::max(r.commit, x.commit);
  } else if (!x.leads && r.leader == x.from && x.epoch >= r.epoch) {
    r.leader = -1;
  }
  if (before != std::tuple{r.leader, r.epoch, r.commit})
    report_of(id, x.group.partition);
}

void heartbeats_sim::transmit(node_id from, const output::send& s) {
  const auto link = links_.find({from, s.to});
  if (link == links_.end() || link->second == 0)
    return wrong("sent without a link");
  entries_sent_ += s.message.entries.size();
  if (s.message.entries.size() > options_.most_entries)
    wrong("too many entries");
  if (link->second != nodes_[s.to].process || blocked_.contains({from, s.to}))
    return;
  for (int copies = faults_ && chance(0.1) ? 2 : 1; copies > 0; --copies)
    if (!faults_ || !chance(loss_))
      network_.emplace(now_ + some(faults_ ? longest_delay_ : 40),
                       flying{from, s.to, nodes_[from].process, bytes_of(encode(s.message, 0))});
}

void heartbeats_sim::wrong(const std::string& what) {
  say("wrong: " + what);
  if (wrong_.empty())
    wrong_ = "at " + std::to_string(now_) + " ms: " + what;
}

void heartbeats_sim::say(const std::string& what) {
  for (const auto c : what)
    hash_ = (hash_ ^ static_cast<uint8_t>(c)) * 1099511628211ull;
  if (is_told_)
    std::cout << now_ << " " << what << "\n";
}

} // namespace chisme::test
