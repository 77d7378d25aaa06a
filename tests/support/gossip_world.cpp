#include "tests/support/gossip_world.hpp"

#include "messages/wire/codec.hpp"

namespace chisme::test {

using namespace membership;

namespace {

buffer in_one_piece(const payload& p) {
  std::string bytes;
  for (const auto& part : p.parts())
    bytes += as_chars(std::get<buffer>(part));
  return buffer::copy_of(bytes);
}

const char* in_word(peer::member_state s) {
  constexpr const char* words[] = {"alive", "suspect", "dead", "left"};
  return words[static_cast<size_t>(s)];
}

std::string in_words(const peer::gossip& news) {
  std::string text;
  for (const auto& u : news.members)
    text += " n" + std::to_string(u.who.id) + "=" + in_word(u.state) + "@" + std::to_string(u.who.incarnation);
  for (const auto& claim : news.claims)
    text +=
      " p" + std::to_string(claim.partition) + "=n" + std::to_string(claim.leader) + "@" + std::to_string(claim.epoch);
  return text;
}

struct message_words {
  std::string operator()(const peer::swim_ping& m) const { return "ping" + in_words(m.news); }
  std::string operator()(const peer::swim_ping_request& m) const {
    return "ping_request for n" + std::to_string(m.target) + in_words(m.news);
  }
  std::string operator()(const peer::swim_ack& m) const {
    return (m.heard ? "ack of n" + std::to_string(m.node) : std::string{"nack"}) + in_words(m.news);
  }
  std::string operator()(const peer::gossip_exchange& m) const {
    constexpr const char* stages[] = {"compare", "same", "differ", "give_and_ask", "give"};
    return stages[static_cast<size_t>(m.stage)] + in_words(m.entries);
  }
};

} // namespace

std::string in_words(const peer::membership_message& m) { return std::visit(message_words{}, m); }

std::string in_words(const output::member_changed& e) {
  constexpr const char* words[] = {"joined", "alive", "suspect", "dead", "left", "changed"};
  return "n" + std::to_string(e.who.id) + " " + words[static_cast<size_t>(e.what)] + " @" +
         std::to_string(e.who.incarnation);
}

gossip_world::gossip_world(uint64_t seed, swim_options options) : options_(std::move(options)), random_(seed) {}

peer::address gossip_world::address_of(node_id id) { return {"n" + std::to_string(id), 9093}; }

gossip_world::process& gossip_world::start(node_id id, const std::vector<node_id>& seeds, const peer::address& at) {
  auto options = options_;
  for (const auto seed : seeds)
    options.seeds.push_back(address_of(seed));
  peer::member self;
  self.id = id;
  self.process = random_.bits();
  self.peer = at;
  self.clients.push_back({at.host, 9092});
  self.rack = "r" + std::to_string(id % 3);
  auto& place = processes_[at];
  place = std::make_unique<process>(at, swim{std::move(self), std::move(options), random_.split()});
  place->generation = ++generations_;
  say(*place, "starts");
  at_time(now_ + static_cast<int64_t>(roll(tick_ms)), {at, place->generation, [this](process& p) { tick_again(p); }});
  return *place;
}

void gossip_world::tick_again(process& p) {
  at_time(now_ + tick_ms, {p.at, p.generation, [this](process& same) { tick_again(same); }});
  step(p, input::tick{});
}

void gossip_world::crash(const peer::address& at, bool is_noticed) {
  auto* gone = find(at);
  if (!gone)
    return;
  say(*gone, "crashes");
  const auto id = gone->machine.self().id;
  processes_.erase(at);
  if (is_noticed)
    for (const auto& [where, p] : processes_)
      at_time(now_ + 1, {where, p->generation, [this, id](process& other) { step(other, input::link_down{id}); }});
}

void gossip_world::pause(const peer::address& at, int64_t ms) {
  if (auto* p = find(at))
    p->runs_again_at = now_ + ms;
}

void gossip_world::close_links(const peer::address& a, const peer::address& b) {
  auto *one = find(a), *other = find(b);
  if (!one || !other)
    return;
  const auto one_id = one->machine.self().id, other_id = other->machine.self().id;
  feed(a, input::link_down{other_id});
  feed(b, input::link_down{one_id});
}

void gossip_world::feed(const peer::address& at, const swim_input& in) {
  if (const auto* p = find(at))
    at_time(now_, {at, p->generation, [this, in](process& same) { step(same, in); }});
}

gossip_world::process* gossip_world::find(const peer::address& at) {
  const auto i = processes_.find(at);
  return i == processes_.end() ? nullptr : i->second.get();
}

void gossip_world::at_time(timestamp_ms when, happening h) { agenda_.emplace(when, std::move(h)); }

void gossip_world::run_until(timestamp_ms end) {
  while (failure_.empty() && !agenda_.empty() && agenda_.begin()->first <= end) {
    auto node = agenda_.extract(agenda_.begin());
    now_ = std::max(now_, node.key());
    auto* p = find(node.mapped().where);
    if (!p || (node.mapped().generation != 0 && p->generation != node.mapped().generation))
      continue;
    if (p->runs_again_at > now_)
      at_time(p->runs_again_at, std::move(node.mapped()));
    else
      node.mapped().what(*p);
  }
  now_ = std::max(now_, end);
}

bool gossip_world::comes_true(int64_t within_ms, const std::function<bool()>& holds) {
  const auto end = now_ + within_ms;
  while (!holds()) {
    if (now_ >= end || !failure_.empty())
      return false;
    run_for(tick_ms);
  }
  return true;
}

void gossip_world::step(process& p, const swim_input& in) {
  if (trace && !std::holds_alternative<input::tick>(in) && !std::holds_alternative<input::message_arrived>(in))
    say(p, std::holds_alternative<input::link_down>(in)
             ? "loses the connection to n" + std::to_string(std::get<input::link_down>(in).node)
           : std::holds_alternative<input::leave>(in) ? "leaves"
                                                      : "is told something");
  swim_outputs out;
  p.machine.step(now_, in, out);
  for (const auto& o : out) {
    if (const auto* s = std::get_if<output::send>(&o)) {
      deliver(p, *s);
    } else if (const auto* e = std::get_if<output::member_changed>(&o)) {
      say(p, "says " + in_words(*e));
      p.events.push_back(*e);
    } else if (const auto* x = std::get_if<output::conflict>(&o)) {
      say(p, "says that n" + std::to_string(x->node) + " is at " + x->first.host + " and at " + x->second.host);
      p.conflicts.push_back(*x);
    }
  }
  if (check && failure_.empty())
    failure_ = check(p);
}

void gossip_world::deliver(const process& sender, const output::send& s) {
  auto& from = *find(sender.at);
  say(from, "-> " + s.to.host + " " + in_words(s.message));
  const auto body = std::visit([](const auto& m) { return in_one_piece(encode(m, 0)); }, s.message);
  from.bytes_sent += body.size();
  ++from.messages_sent;
  if (body.size() > peer::max_membership_message_bytes)
    failure_ = "a message of " + std::to_string(body.size()) + " bytes";
  if (blocked_.contains({from.at, s.to}))
    return;
  const auto chance = [&](int percent) { return percent > 0 && roll(100) < static_cast<uint64_t>(percent); };
  const auto id = from.machine.self().id;
  for (int copies = chance(faults.repeat_percent) ? 2 : 1; copies > 0; --copies) {
    if (chance(faults.loss_percent))
      continue;
    const auto range = static_cast<uint64_t>(faults.most_delay_ms - faults.least_delay_ms + 1);
    const auto delay = faults.least_delay_ms + static_cast<int64_t>(roll(range));
    at_time(now_ + delay, {s.to, 0, [this, id, body, kind = s.message.index()](process& to) {
                             const auto arrive = [&]<class M>(const M&) {
                               auto m = decode<M>(body, 0);
                               if (m)
                                 step(to, input::message_arrived{id, std::move(*m)});
                               else
                                 failure_ = m.error().message;
                             };
                             switch (kind) {
                               case 0:
                                 return arrive(peer::swim_ping{});
                               case 1:
                                 return arrive(peer::swim_ping_request{});
                               case 2:
                                 return arrive(peer::swim_ack{});
                               default:
                                 return arrive(peer::gossip_exchange{});
                             }
                           }});
  }
}

void gossip_world::say(const process& p, const std::string& what) {
  if (trace)
    trace->push_back(std::to_string(now_ - 1'000'000) + " n" + std::to_string(p.machine.self().id) + " " + what);
}

bool gossip_world::believes(const process& who, node_id in, peer::member_state state) {
  const auto& members = who.machine.members();
  const auto i = members.find(in);
  return i != members.end() && i->second.state == state;
}

} // namespace chisme::test
