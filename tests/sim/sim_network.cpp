// Processes, time, faults, and what links::roster wants done. Frames: sim_network_frames.cpp.
#include "tests/sim/sim_network.hpp"

#include <algorithm>

namespace chisme::test {

using peer::lane;

/// As thread-safe as one thread needs; what changes the roster is not done while its caller is in the middle of
/// something, as on a loop.
class sim_network::port final : public links::port {
public:
  port(sim_network& net, node_id id, uint64_t process) : net_(net), id_(id), process_(process) {}

  bool send(node_id to, peer_message m) override { return net_.send(id_, process_, to, m); }
  void set_peer(node_id id, peer::address at) override {
    on_loop([=](links::roster& r, auto& out) { r.set_peer(id, at, out); });
  }
  void forget_peer(node_id id) override {
    on_loop([=](links::roster& r, auto& out) { r.forget_peer(id, out); },
            [id](auto& net, auto& s) { net.shut_out(s, id); });
  }
  void dial_seed(peer::address at) override {
    on_loop([=](links::roster& r, auto& out) { r.dial_seed(at, out); });
  }
  void set_cluster_id(std::string id) override {
    on_loop([&net = net_, id](links::roster& r, auto& out) { r.set_cluster_id(net.now_, id, out); },
            [](auto& net, auto& s) { net.check_again(s); });
  }

private:
  template <class F>
  void on_loop(F ask) {
    on_loop(std::move(ask), [](auto&, auto&) {});
  }
  template <class F, class G>
  void on_loop(F ask, G then) {
    net_.later(0, id_, process_, [&net = net_, id = id_, process = process_, ask, then] {
      auto& s = *net.find(id, process);
      net.decide(s, ask);
      then(net, s);
    });
  }

  sim_network& net_;
  node_id id_;
  uint64_t process_;
};

// -- chance and time -----------------------------------------------------------------------------------------------

int64_t sim_network::pick(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
}

bool sim_network::happens(int64_t of_ten_thousand) { return of_ten_thousand > 0 && pick(1, 10'000) <= of_ten_thousand; }

int64_t sim_network::delay() {
  if (happens(weather_.slow))
    return pick(weather_.longest_delay, std::max(weather_.longest_delay, weather_.longest_slow_delay));
  return pick(weather_.shortest_delay, weather_.longest_delay);
}

void sim_network::later(int64_t ms, node_id at, uint64_t process, std::function<void()> what) {
  events_.emplace(std::pair{now_ + ms, ++order_}, event{at, process, std::move(what)});
}

/// Of those that can happen.
std::map<std::pair<timestamp_ms, uint64_t>, sim_network::event>::const_iterator sim_network::first_event() const {
  return std::find_if(events_.begin(), events_.end(), [&](const auto& e) { return !paused_.contains(e.second.at); });
}

std::optional<timestamp_ms> sim_network::next() const {
  const auto e = first_event();
  return e == events_.end() ? std::nullopt : std::optional{e->first.first};
}

bool sim_network::has_due() const {
  const auto at = next();
  return at && *at <= now_;
}

bool sim_network::step() {
  const auto e = first_event();
  if (e == events_.end() || e->first.first > now_)
    return false;
  const auto [at, process, what] = std::move(events_.extract(e).mapped());
  if (process == 0 || find(at, process))
    what();
  return true;
}

// -- processes -----------------------------------------------------------------------------------------------------

std::shared_ptr<links::port> sim_network::join(peer::process self, std::shared_ptr<links::receiver> told) {
  const auto id = self.id;
  const auto process = self.process_id;
  hosts_[self.at] = id;
  without_power_.erase(id);
  stations_.insert_or_assign(id, station{self, std::move(told), links::roster{self, random_source{random_()}, 1000}});
  say(sim_trace::states, id, "process " + std::to_string(process) + " joins the network");
  // The system knows nothing of the connections of a former process, and says so to who sends by them.
  for (auto& [number, c] : connections_)
    if ((c.from() == id && c.from_process() != process) || (c.to == id && c.to_process != process))
      break_off(c, delay(), delay(), "connection reset by peer");
  return std::make_shared<port>(*this, id, process);
}

void sim_network::leave(node_id id, parting how) {
  const auto found = stations_.find(id);
  if (found == stations_.end())
    return;
  const auto process = found->second.self.process_id;
  say(sim_trace::states, id, "leaves the network");
  stations_.erase(found);
  if (how == parting::vanishes)
    without_power_.insert(id);
  for (auto& [number, c] : connections_)
    if ((c.from() == id && c.from_process() == process) || (c.to == id && c.to_process == process)) {
      const bool is_heard = how == parting::closes && !is_stopped(c.from(), c.to) && !is_stopped(c.to, c.from());
      const auto when = is_heard ? delay() : limits_.stalled + pick(0, 2000);
      break_off(c, when, when, "connection closed");
    }
  std::erase_if(connections_, [](const auto& c) { return !c.second.caller_is_open && !c.second.callee_is_open; });
}

// -- faults --------------------------------------------------------------------------------------------------------

void sim_network::stop(node_id from, node_id to) {
  const auto [at, is_new] = stopped_.try_emplace({from, to}, ++stops_);
  if (!is_new)
    return;
  for (const auto& [number, c] : connections_)
    if ((c.from() == from && c.to == to) || (c.from() == to && c.to == from))
      stall(c);
}

/// It ends when nothing has passed for so long; unless all goes on before.
void sim_network::stall(const connection& c) {
  const auto passes_again = [this, from = c.from(), to = c.to, since = stops_] {
    for (const auto& way : {std::pair{from, to}, std::pair{to, from}})
      if (const auto s = stopped_.find(way); s != stopped_.end() && s->second <= since)
        return false;
    return true;
  };
  later(limits_.stalled + pick(0, 500), c.from(), c.from_process(), [this, id = c.id, passes_again] {
    if (!passes_again())
      caller_loses(id, "connection timed out");
  });
  later(limits_.stalled + pick(0, 5000), c.to, c.to_process, [this, id = c.id, passes_again] {
    if (!passes_again())
      callee_loses(id);
  });
}

void sim_network::go_on(node_id from, node_id to) {
  if (stopped_.erase({from, to}) == 0)
    return;
  for (auto& [number, c] : connections_) {
    if (c.from() == from && c.to == to)
      for (; c.held > 0; --c.held)
        arrival_later(c);
    if (c.from() == to && c.to == from)
      for (; !c.unconfirmed.empty(); c.unconfirmed.pop_front())
        confirm(c, c.unconfirmed.front());
  }
}

void sim_network::all_go_on() {
  while (!stopped_.empty()) {
    const auto [from, to] = stopped_.begin()->first;
    go_on(from, to);
  }
}

void sim_network::cut(node_id from, node_id to, const std::string& why) {
  for (auto& [number, c] : connections_)
    if (c.from() == from && c.to == to)
      break_off(c, pick(0, 300), pick(0, 300), why);
}

bool sim_network::is_up(node_id from, node_id to) const {
  const auto* s = find(from);
  return s && s->roster.up(to) != nullptr;
}

uint64_t sim_network::queued(node_id from, node_id to, lane via) const {
  const auto* s = find(from);
  const auto used = s ? s->in_use.find({to, via}) : decltype(s->in_use.end()){};
  if (!s || used == s->in_use.end())
    return 0;
  const auto& box = connections_.at(used->second).box;
  return box ? box->bytes() : 0;
}

// -- what a roster wants -------------------------------------------------------------------------------------------

sim_network::station* sim_network::find(node_id id, uint64_t process) {
  const auto s = stations_.find(id);
  return s != stations_.end() && (process == 0 || s->second.self.process_id == process) ? &s->second : nullptr;
}

const sim_network::station* sim_network::find(node_id id) const {
  const auto s = stations_.find(id);
  return s == stations_.end() ? nullptr : &s->second;
}

sim_network::connection* sim_network::find(connection_id id) {
  const auto c = connections_.find(id);
  return c == connections_.end() ? nullptr : &c->second;
}

void sim_network::decide(station& s, const std::function<void(links::roster&, links::actions&)>& ask) {
  links::actions out;
  ask(s.roster, out);
  for (const auto& a : out)
    std::visit([&](const auto& each) { perform(s, each); }, a);
  wake_later(s);
}

void sim_network::wake_later(station& s) {
  const auto at = s.roster.next();
  if (!at || (s.wakes && *s.wakes <= *at))
    return;
  s.wakes = at;
  later(std::max<int64_t>(0, *at - now_), s.self.id, s.self.process_id,
        [this, id = s.self.id, process = s.self.process_id] {
          auto& woken = *find(id, process);
          woken.wakes.reset();
          decide(woken, [&](auto& roster, auto& out) { roster.tick(now_, out); });
        });
}

void sim_network::perform(station& s, const links::dial& a) {
  const auto id = ++last_connection_;
  connection c;
  c.id = id;
  c.what = a;
  c.hello = {s.roster.self(), a.via};
  s.dialled[a.id] = id;
  const auto host = hosts_.find(a.to);
  if (host != hosts_.end())
    c.to = host->second;
  connections_.emplace(id, std::move(c));
  if (host != hosts_.end() && !without_power_.contains(host->second) && !is_stopped(s.self.id, host->second))
    later(delay(), host->second, 0, [this, id] { knock(id); });
  later(limits_.dial, s.self.id, s.self.process_id, [this, id] {
    if (const auto* dialled = find(id); dialled && !dialled->is_answered)
      caller_loses(id, "no answer in time");
  });
}

void sim_network::perform(station& s, const links::hang_up& a) {
  const auto at = s.dialled.find(a.id);
  if (at == s.dialled.end())
    return;
  const auto id = at->second;
  s.dialled.erase(at);
  std::erase_if(s.in_use, [id](const auto& used) { return used.second == id; });
  auto& c = connections_.at(id);
  c.caller_is_open = false;
  lose_what_is_on_the_way(c);
  later(is_stopped(c.from(), c.to) ? limits_.stalled : delay(), c.to, c.to_process, [this, id] { callee_loses(id); });
  forget_if_closed(id);
}

void sim_network::perform(station& s, const links::use& a) {
  const auto id = s.dialled.at(a.id);
  auto& c = connections_.at(id);
  c.version = a.version;
  if (a.via == lane::bulk)
    c.box.emplace(limits_.bulk_queue, links::overflow::refuses_newest);
  else
    c.box.emplace(limits_.control_queue, links::overflow::drops_oldest);
  s.in_use[{a.node, a.via}] = id;
}

void sim_network::perform(station& s, const links::came_up& a) {
  say(sim_trace::states, s.self.id, "peer up: node " + std::to_string(a.node));
  s.told->peer_up(a.node, a.process_id);
}

void sim_network::perform(station& s, const links::went_down& a) {
  say(sim_trace::states, s.self.id, "peer down: node " + std::to_string(a.node) + ", " + a.reason);
  s.told->peer_down(a.node, a.reason);
}

void sim_network::perform(station& s, const links::complaint& a) {
  say(sim_trace::states, s.self.id, "cannot reach " + to_string(a.at) + ": " + a.words);
}

void sim_network::shut_out(station& s, node_id id) {
  for (const auto c : s.door.of(id))
    callee_shuts(s, c, "shut out");
}

void sim_network::check_again(station& s) {
  std::vector<connection_id> others;
  for (const auto& [id, c] : connections_)
    if (c.callee_is_open && c.to == s.self.id && c.to_process == s.self.process_id &&
        !links::check(s.roster.self(), c.hello.from))
      others.push_back(id);
  for (const auto id : others)
    callee_shuts(s, id, "of another cluster");
}

} // namespace chisme::test
