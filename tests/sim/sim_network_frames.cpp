// Connections: how they begin and end, and what happens to frames between.
#include "tests/sim/sim_network.hpp"
#include "tests/support/session_fixture.hpp"

#include <algorithm>

namespace chisme::test {

using peer::lane;

namespace {

/// As it is given to decode_frame().
buffer without_size(const payload& frame) { return buffer::copy_of(testing::flat(frame)).slice(peer::size_prefix); }

} // namespace

// -- how they begin ------------------------------------------------------------------------------------------------

/// Somebody dials a node, whichever process of it there is.
void sim_network::knock(connection_id id) {
  auto* c = find(id);
  if (!c || !c->caller_is_open)
    return;
  auto* s = find(c->to, 0);
  if (!s) {
    if (!without_power_.contains(c->to) && !is_stopped(c->to, c->from()))
      later(delay(), c->from(), c->from_process(), [this, id] { caller_loses(id, "connection refused"); });
    return;
  }
  c->to_process = s->self.process_id;
  const auto verdict = s->door.admit(s->roster.self(), id, c->hello, s->roster.up(c->from()));
  if (!verdict) {
    say(sim_trace::states, s->self.id, "refuses node " + std::to_string(c->from()) + ": " + verdict.error().words);
    return answer(*c, {s->roster.self(), verdict.error().code, verdict.error().words});
  }
  c->callee_is_open = true;
  for (const auto old : verdict->replaced)
    callee_shuts(*s, old, "replaced");
  answer(*c, {s->roster.self(), peer::refusal_code::none, {}});
  if (c->what.via == lane::control)
    decide(*s, [from = c->hello.from](auto& roster, auto& out) { roster.heard(from, out); });
}

void sim_network::answer(const connection& c, const peer::hello_answer& a) {
  if (is_stopped(c.to, c.from()))
    return;
  later(delay(), c.from(), c.from_process(), [this, id = c.id, a] {
    auto* dialled = find(id);
    if (!dialled || !dialled->caller_is_open)
      return;
    dialled->is_answered = true;
    decide(*find(dialled->from(), dialled->from_process()),
           [&](auto& roster, auto& out) { roster.answered(now_, dialled->what.id, a, out); });
  });
}

// -- what is sent by them ------------------------------------------------------------------------------------------

bool sim_network::send(node_id from, uint64_t process, node_id to, const peer_message& m) {
  const auto via = peer::lane_of(m);
  auto* s = find(from, process);
  const auto used = s ? s->in_use.find({to, via}) : decltype(s->in_use.end()){};
  if (!s || used == s->in_use.end()) {
    ++counts_.unsent;
    return false;
  }
  auto& c = connections_.at(used->second);
  auto frame = without_size(peer::encode_frame(m, c.version));
  trace_.note(now_, from, peer::name_of(m), as_chars(frame));
  const auto most = via == lane::bulk ? limits_.bulk_frame : limits_.control_frame;
  const auto dropped = c.box->dropped();
  const bool is_taken = frame.size() <= most && c.box->push(payload{std::move(frame)});
  ++(is_taken ? counts_.sent : counts_.unsent);
  if (is_taken)
    counts_.lost += c.box->dropped() - dropped;
  pump(c);
  return is_taken;
}

/// So much is on the way; what is more waits.
void sim_network::pump(connection& c) {
  const auto most = c.what.via == lane::bulk ? limits_.bulk_on_the_way : limits_.control_on_the_way;
  while (c.box && !c.box->empty() && c.bytes_on_the_way < most) {
    auto frame = std::get<buffer>(c.box->pop().parts().front());
    c.bytes_on_the_way += frame.size();
    if (c.is_broken)
      ++counts_.lost;
    else
      put_on_the_way(c, std::move(frame));
  }
}

void sim_network::put_on_the_way(connection& c, buffer frame) {
  if (happens(weather_.breaks))
    break_off(c, pick(0, 300), pick(0, 300), "connection reset");
  if (c.is_broken || happens(weather_.vanish)) {
    ++counts_.lost;
    if (!c.is_broken)
      c.bytes_on_the_way -= frame.size();
    return;
  }
  if (happens(weather_.forged)) {
    auto other = forged(frame);
    c.bytes_on_the_way += other.size();
    c.on_the_way.push_back(std::move(other));
    arrival_later(c);
  }
  if (happens(weather_.come_twice)) {
    c.bytes_on_the_way += frame.size();
    c.on_the_way.push_back(frame);
    arrival_later(c);
  }
  c.on_the_way.push_back(std::move(frame));
  if (c.on_the_way.size() > 1 && happens(weather_.overtake))
    std::swap(c.on_the_way.back(), c.on_the_way[static_cast<size_t>(pick(0, std::ssize(c.on_the_way) - 2))]);
  arrival_later(c);
}

/// The frames of a connection arrive in order whichever of the events comes first.
void sim_network::arrival_later(const connection& c) {
  later(delay(), c.to, c.to_process, [this, id = c.id] { arrive(id); });
}

/// Of another program, of a version to come, or cut. Never a message: TCP and the CRCs of batches keep those sound.
buffer sim_network::forged(const buffer& frame) {
  auto bytes = std::string{as_chars(frame)};
  switch (pick(0, 3)) {
    case 0:
      bytes.at(0) = static_cast<char>(pick(200, 255)); // a kind to come
      break;
    case 1:
      bytes.at(1) = static_cast<char>(pick(100, 255)); // a version to come
      break;
    case 2:
      bytes.resize(static_cast<size_t>(pick(0, 2)));
      break;
    default:
      for (auto& b : bytes)
        b = static_cast<char>(pick(0, 255));
  }
  auto forged = buffer::copy_of(bytes);
  return peer::decode_frame(forged, peer::newest_version) ? buffer::copy_of(std::string_view{"\0", 1}) : forged;
}

void sim_network::arrive(connection_id id) {
  auto* c = find(id);
  if (!c || !c->callee_is_open || c->on_the_way.empty())
    return;
  if (is_stopped(c->from(), c->to)) {
    ++c->held;
    return;
  }
  const auto frame = std::move(c->on_the_way.front());
  c->on_the_way.pop_front();
  if (is_stopped(c->to, c->from()))
    c->unconfirmed.push_back(frame.size());
  else
    confirm(*c, frame.size());
  auto& s = *find(c->to, c->to_process);
  auto m = peer::decode_frame(frame, c->version);
  if (!m && m.error().code == error_code::unsupported_version) {
    ++counts_.skipped;
    return;
  }
  if (!m || std::holds_alternative<peer::hello>(*m) || std::holds_alternative<peer::hello_answer>(*m) ||
      peer::lane_of(*m) != c->what.via) {
    ++counts_.refused;
    return callee_shuts(s, id, "no message: " + (m ? std::string{"misplaced"} : m.error().message));
  }
  ++counts_.arrived;
  trace_.note(now_, c->to, "from node", std::to_string(c->from()));
  s.told->arrived(c->from(), std::move(*m));
}

void sim_network::confirm(connection& c, uint64_t bytes) {
  c.bytes_on_the_way -= std::min(bytes, c.bytes_on_the_way);
  pump(c);
}

// -- how they end --------------------------------------------------------------------------------------------------

void sim_network::lose_what_is_on_the_way(connection& c) {
  counts_.lost += c.on_the_way.size();
  c.on_the_way.clear();
  c.held = 0;
  c.is_broken = true;
}

/// The two sides hear of it so many milliseconds from now.
void sim_network::break_off(connection& c, int64_t at_caller, int64_t at_callee, const std::string& why) {
  if (!find(c.from(), c.from_process()))
    c.caller_is_open = false;
  if (!find(c.to, c.to_process))
    c.callee_is_open = false;
  counts_.broken += c.is_broken ? 0 : 1;
  lose_what_is_on_the_way(c);
  later(at_caller, c.from(), c.from_process(), [this, id = c.id, why] { caller_loses(id, why); });
  later(at_callee, c.to, c.to_process, [this, id = c.id] { callee_loses(id); });
}

void sim_network::caller_loses(connection_id id, const std::string& why) {
  const auto* c = find(id);
  if (!c || !c->caller_is_open)
    return;
  auto& s = *find(c->from(), c->from_process());
  const auto dial = c->what.id;
  perform(s, links::hang_up{dial}); // it has closed itself
  decide(s, [&](auto& roster, auto& out) { roster.failed(now_, dial, why, out); });
}

void sim_network::callee_loses(connection_id id) {
  auto* c = find(id);
  if (!c || !c->callee_is_open)
    return;
  if (auto* s = find(c->to, c->to_process))
    return callee_shuts(*s, id, "");
  c->callee_is_open = false;
  forget_if_closed(id);
}

/// By itself, or because it has heard that the other side has.
void sim_network::callee_shuts(station& s, connection_id id, const std::string& why) {
  auto* c = find(id);
  if (!c || !c->callee_is_open)
    return;
  if (!why.empty())
    say(sim_trace::states, s.self.id, "closes a connection of node " + std::to_string(c->from()) + ": " + why);
  c->callee_is_open = false;
  lose_what_is_on_the_way(*c);
  if (c->caller_is_open)
    later(is_stopped(c->to, c->from()) ? limits_.stalled : delay(), c->from(), c->from_process(),
          [this, id] { caller_loses(id, "closed by the other side"); });
  const auto gone = s.door.closed(id);
  forget_if_closed(id);
  if (gone && gone->was_last)
    decide(s, [&](auto& roster, auto& out) { roster.unheard(gone->node, out); });
}

void sim_network::forget_if_closed(connection_id id) {
  const auto* c = find(id);
  if (c && !c->caller_is_open && !c->callee_is_open)
    connections_.erase(id);
}

} // namespace chisme::test
