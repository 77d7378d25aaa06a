// Nodes, disks and the network. Clients and faults: raft_sim_faults.cpp.
#include "tests/sim/raft_sim.hpp"

#include "messages/wire/codec.hpp"
#include "tests/sim/seeds.hpp"
#include "tests/support/raft_words.hpp"

#include <iostream>

namespace chisme::test {

namespace {

constexpr int64_t tick_ms = 100;
constexpr int64_t silence_ms = 450;

/// As it arrives: record bytes in one piece.
buffer on_the_wire(const payload& p) {
  std::string bytes;
  for (const auto& part : p.parts())
    bytes += as_chars(std::get<buffer>(part).view());
  return buffer::copy_of(bytes);
}

} // namespace

// -- chance and time -----------------------------------------------------------------------------------------------

void raft_sim::after(int64_t ms, std::function<void()> what) { events_.push({now_ + ms, order_++, std::move(what)}); }

void raft_sim::after(int64_t ms, node& n, std::function<void()> what) {
  after(ms, [this, &n, process = n.process, what = std::move(what)]() mutable {
    if (!n.is_up() || n.process != process)
      return;
    if (n.paused_until > now_)
      return after(n.paused_until - now_, n, std::move(what));
    what();
  });
}

void raft_sim::run_until(int64_t end) {
  while (broken_.empty() && !events_.empty() && events_.top().at <= end) {
    auto next = events_.top();
    events_.pop();
    now_ = next.at;
    next.what();
  }
  now_ = end;
}

void raft_sim::say(const std::string& text) const {
  if (is_told_)
    std::cerr << now_ << " " << text << "\n";
}

void raft_sim::broken(const std::string& what) {
  if (broken_.empty() && !what.empty())
    broken_ = "after " + std::to_string(now_) + " ms: " + what;
}

// -- nodes ---------------------------------------------------------------------------------------------------------

void raft_sim::start(node& n) {
  n.process = next_process_++;
  n.machine = std::make_unique<raft::group>(peer::raft_group{{}, 3}, n.id, initial_, how_, seeds_);
  n.is_syncing = false;
  n.paused_until = 0;
  n.peers.clear();
  n.stores.clear();
  n.writes.clear();
  invariants_.restarted(n.id);
  step(n, raft::input::opened{n.stored});
  for (const auto& other : nodes_)
    if (other.id != n.id) {
      n.peers[other.id] = {};
      step(n, raft::input::peer_silent{other.id});
    }
  after(pick(0, tick_ms), n, [this, &n] { tick(n); });
}

void raft_sim::crash(node& n) {
  if (!n.is_up())
    return;
  say("crash of " + std::to_string(n.id));
  n.machine.reset();
  n.log.crash(std::uniform_real_distribution<>{0, 1}(random_));
}

void raft_sim::lose_disk(node& n) {
  say("loss of the disk of " + std::to_string(n.id));
  n.machine.reset();
  n.log.lose_disk();
  n.stored = {};
  n.stored.has_lost_disk = true;
  invariants_.lost_disk(n.id);
}

raft::invariants::replica raft_sim::shown(const node& n) const {
  raft::invariants::replica r;
  r.node = n.id;
  const auto& log = n.is_up() ? n.log.now() : n.log.disk();
  r.log_start = log.start;
  r.log = log.entries;
  r.synced = n.is_up() ? n.log.synced() : n.log.disk_view().synced;
  if (!n.is_up())
    return r;
  r.now = n.machine->now();
  r.epoch = n.machine->epoch();
  r.is_established = n.machine->is_established();
  r.commit = n.machine->high_watermark();
  r.voters = &n.machine->voters();
  return r;
}

void raft_sim::look(node& n) {
  std::vector<raft::invariants::replica> all;
  for (const auto& x : nodes_)
    all.push_back(shown(x));
  broken(invariants_.after_step(all[static_cast<size_t>(n.id - 1)], all));
}

void raft_sim::step(node& n, const raft::input_variant& first) {
  std::deque<raft::input_variant> inputs{first};
  while (!inputs.empty() && broken_.empty() && n.is_up()) {
    const auto in = std::move(inputs.front());
    inputs.pop_front();
    raft::outputs out;
    ++steps_;
    if (is_told_)
      say(std::to_string(n.id) + " <- " + words(in));
    try {
      n.machine->step(in, n.log.view(), out);
      mix(static_cast<uint64_t>(now_) << 8 | static_cast<uint64_t>(n.id));
      mix(in.index() << 16 | out.size());
      mix(static_cast<uint64_t>(n.machine->epoch()) << 32 | static_cast<uint64_t>(n.machine->high_watermark()));
      std::deque<raft::input_variant> answers;
      for (const auto& o : out) {
        mix(o.index());
        if (is_told_)
          say(std::to_string(n.id) + " -> " + words(o));
        perform(n, o, in, answers);
      }
      inputs.insert(inputs.begin(), answers.begin(), answers.end());
    } catch (const std::exception& e) {
      broken("replica " + std::to_string(n.id) + " throws: " + e.what());
    }
    look(n);
  }
}

void raft_sim::want_sync(node& n) {
  if (n.is_syncing || !n.log.is_dirty())
    return;
  n.is_syncing = true;
  n.log.begin_sync();
  after(chance(0.05) ? pick(0, 400) : pick(0, 10), n, [this, &n] {
    n.is_syncing = false;
    if (n.log.end_sync())
      step(n, raft::input::synced{});
    want_sync(n);
  });
}

/// One behind the other, as in a file.
void raft_sim::store(node& n, const raft::hard_state& state) {
  n.stores.push_back(state);
  if (n.stores.size() > 1)
    return;
  auto done = [this, &n](auto&& self) -> void {
    after(chance(0.05) ? pick(0, 300) : pick(0, 8), n, [this, &n, self] {
      n.stored = n.stores.front();
      if (!n.stored.has_lost_disk && lost_ == n.id) {
        lost_ = raft::nobody;
        invariants_.admitted(n.id);
        note("disks lost and replicas taken in anew");
      }
      n.stores.pop_front();
      if (!n.stores.empty())
        self(self);
      step(n, raft::input::stored{});
    });
  };
  done(done);
}

void raft_sim::perform(node& n, const raft::output_variant& o, const raft::input_variant& in,
                       std::deque<raft::input_variant>& next) {
  namespace output = raft::output;
  namespace input = raft::input;
  if (const auto* x = std::get_if<output::store>(&o))
    return store(n, x->state);
  if (const auto* x = std::get_if<output::send>(&o)) {
    auto on_disk = n.stored;
    on_disk.term = std::max(on_disk.term, n.log.disk_view().last_epoch());
    broken(invariants_.said(n.id, *x, on_disk));
    return std::visit([&](const auto& m) { send(n, x->to, {m}); }, x->message);
  }
  if (const auto* x = std::get_if<output::replicate>(&o))
    return replicate(n, *x, next);
  if (const auto* x = std::get_if<output::send_reset>(&o)) {
    auto m = n.log.reset_message();
    m.group = {{}, 3};
    m.epoch = x->epoch;
    m.commit = x->commit;
    next.push_back(input::replicated{x->to, m.start, m.start, 0});
    note("resets sent");
    return send(n, x->to, {std::move(m)});
  }
  if (const auto* x = std::get_if<output::write_mark>(&o)) {
    if (chance(faults_are_on_ ? 0.01 : 0))
      return next.push_back(input::append_failed{});
    n.log.mark(x->mark);
    note(x->mark.config ? "marks with a configuration" : "marks");
    next.push_back(input::appended{});
    return want_sync(n);
  }
  if (const auto* x = std::get_if<output::truncate>(&o)) {
    note("truncations");
    return n.log.truncate(x->to);
  }
  if (const auto* x = std::get_if<output::copy>(&o)) {
    if (chance(faults_are_on_ ? 0.01 : 0))
      return next.push_back(input::copy_failed{});
    n.log.copy(*std::get<input::append>(in).message, x->first_mark, x->first_batch);
    next.push_back(input::copied{});
    return want_sync(n);
  }
  if (std::get_if<output::reset>(&o)) {
    n.log.reset(*std::get<input::reset>(in).message);
    note("resets");
    next.push_back(input::copied{});
    return want_sync(n);
  }
  if (const auto* x = std::get_if<output::commit>(&o)) {
    std::erase_if(n.writes, [&](const waiting_write& w) {
      return w.end <= x->offset && (acknowledged_.emplace(w.end, w.content), true);
    });
    return;
  }
  if (const auto* x = std::get_if<output::wake>(&o))
    return after(x->after_ms, n, [this, &n, timer = ++n.timer] {
      if (timer == n.timer)
        step(n, input::timer{});
    });
  if (std::get_if<output::follow>(&o))
    n.writes.clear();
}

void raft_sim::replicate(node& n, const raft::output::replicate& o, std::deque<raft::input_variant>& next) {
  if (faults_are_on_ && chance(0.02))
    return next.push_back(raft::input::not_sent{o.to, raft::not_sent_reason::busy});
  raft::position end;
  auto m = n.log.message_behind(o.prev, std::min<uint32_t>(o.max_bytes, 350), end);
  if (!m)
    return next.push_back(raft::input::not_sent{o.to, raft::not_sent_reason::behind_start});
  m->group = {{}, 3};
  m->epoch = o.epoch;
  m->commit = o.commit;
  next.push_back(raft::input::replicated{o.to, o.prev, end, m->records.size()});
  send(n, o.to, {std::move(*m)});
}

// -- network -------------------------------------------------------------------------------------------------------

int64_t raft_sim::delay() { return chance(0.03) ? pick(0, 10 * max_delay_) : pick(0, max_delay_); }

void raft_sim::send(const node& from, node_id to, message m) {
  if (is_cut(from.id, to) || to < 1 || static_cast<size_t>(to) > nodes_.size())
    return;
  const int copies = chance(loss_) ? 0 : faults_are_on_ && chance(0.02) ? 2 : 1;
  std::visit(
    [&](const auto& body) {
      using body_type = std::decay_t<decltype(body)>;
      const auto bytes = on_the_wire(encode(body, body_type::max_version));
      for (int i = 0; i < copies; ++i)
        after(delay() + (i > 0 ? pick(0, 1500) : 0), [this, bytes, to, sender = from.id] {
          auto& n = at(to);
          if (!n.is_up() || is_cut(sender, to))
            return;
          auto arrived = decode<body_type>(bytes, body_type::max_version);
          if (!arrived)
            return broken("a message cannot be read: " + arrived.error().message);
          after(0, n, [this, &n, sender, x = message{std::move(*arrived)}] { deliver(n, sender, x); });
        });
    },
    m.body);
}

void raft_sim::deliver(node& n, node_id from, const message& m) {
  namespace input = raft::input;
  if (const auto* x = std::get_if<peer::raft_append>(&m.body)) {
    std::vector<raft::batch_outline> outline;
    for (const auto& e : raft_log::batches_of(x->records))
      outline.push_back({e.first, e.end, e.epoch});
    return step(n, input::append{from, x, outline});
  }
  if (const auto* x = std::get_if<peer::raft_reset>(&m.body))
    return step(n, input::reset{from, x});
  if (const auto* x = std::get_if<peer::raft_vote_request>(&m.body))
    return step(n, input::vote_request{from, *x});
  if (const auto* x = std::get_if<peer::raft_vote_answer>(&m.body))
    return step(n, input::vote_answer{from, *x});
  if (const auto* x = std::get_if<peer::raft_append_answer>(&m.body))
    return step(n, input::append_answer{from, *x});
  if (const auto* x = std::get_if<peer::raft_timeout_now>(&m.body))
    return step(n, input::timeout_now{from, *x});
  step(n, input::follow{from, std::get<peer::raft_follow>(m.body)});
}

/// Each node tells each other one what it leads, and looks whom it has not heard for long.
void raft_sim::tick(node& n) {
  for (auto& other : nodes_) {
    if (other.id == n.id)
      continue;
    const auto& g = *n.machine;
    const beat b{n.process, g.epoch(), g.high_watermark(), g.now() == raft::role::leader};
    if (!is_cut(n.id, other.id) && !chance(loss_))
      after(delay(), [this, &other, b, from = n.id] {
        if (other.is_up() && !is_cut(from, other.id))
          after(0, other, [this, &other, b, from] { hear(other, from, b); });
      });
    auto& p = n.peers[other.id];
    if (!p.silent && now_ - p.last_heard > silence_ms) {
      p.silent = true;
      step(n, raft::input::peer_silent{other.id});
    }
    if (!n.is_up())
      return;
  }
  after(tick_ms, n, [this, &n] { tick(n); });
}

void raft_sim::hear(node& n, node_id from, const beat& b) {
  auto& p = n.peers[from];
  if (b.process < p.process)
    return;
  p.last_heard = now_;
  if (std::exchange(p.process, b.process) != b.process)
    step(n, raft::input::peer_restarted{from});
  if (std::exchange(p.silent, false) && n.is_up())
    step(n, raft::input::peer_heard{from});
  if (n.is_up())
    step(n, raft::input::heartbeat{from, b.epoch, b.commit, b.leads});
}

} // namespace chisme::test
