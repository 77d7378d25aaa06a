#include "tests/support/raft_trio.hpp"

#include "tests/support/raft_words.hpp"

namespace chisme::test {

namespace input = raft::input;
namespace output = raft::output;

raft_trio::raft_trio(std::vector<node_id> voters, int replicas) : initial_(std::move(voters)) {
  replicas_.resize(static_cast<size_t>(replicas));
  for (int i = 0; i < replicas; ++i) {
    auto& r = replicas_[static_cast<size_t>(i)];
    r.id = i + 1;
    start(r);
  }
}

void raft_trio::start(one& r) {
  r.machine = std::make_unique<raft::group>(peer::raft_group{}, r.id, initial_, raft::options{}, random_);
  r.has_timer = false;
  give(r.id, input::opened{r.stored});
}

std::string raft_trio::told() { return std::exchange(told_, {}); }

void raft_trio::note(node_id id, const char* arrow, const std::string& text) {
  told_ += std::to_string(id) + arrow + text + "\n";
}

void raft_trio::give(node_id to, const raft::input_variant& first) {
  auto& r = replica(to);
  std::deque<raft::input_variant> inputs{first};
  while (!inputs.empty()) {
    const auto in = std::move(inputs.front());
    inputs.pop_front();
    raft::outputs out;
    note(to, " <- ", words(in));
    r.machine->step(in, r.log.view(), out);
    std::deque<raft::input_variant> answers;
    for (const auto& o : out) {
      // How long exactly it waits is chance.
      if (!std::holds_alternative<output::wake>(o))
        note(to, " -> ", words(o));
      perform(r, o, in, answers);
    }
    if (!r.holds_syncs && r.log.is_dirty()) {
      r.log.sync();
      answers.push_back(input::synced{});
    }
    inputs.insert(inputs.begin(), answers.begin(), answers.end());
  }
}

void raft_trio::perform(one& r, const raft::output_variant& o, const raft::input_variant& in,
                        std::deque<raft::input_variant>& next) {
  if (const auto* x = std::get_if<output::store>(&o)) {
    r.stored = x->state;
    next.push_back(input::stored{});
  } else if (const auto* x2 = std::get_if<output::send>(&o)) {
    std::visit([&](const auto& m) { mail_.push_back({r.id, x2->to, m}); }, x2->message);
  } else if (const auto* x3 = std::get_if<output::replicate>(&o)) {
    raft::position end;
    auto m = r.log.message_behind(x3->prev, x3->max_bytes, end);
    if (!m)
      return next.push_back(input::not_sent{x3->to, raft::not_sent_reason::behind_start});
    m->epoch = x3->epoch;
    m->commit = x3->commit;
    mail_.push_back({r.id, x3->to, std::move(*m)});
    next.push_back(input::replicated{x3->to, x3->prev, end, 0});
  } else if (const auto* x4 = std::get_if<output::send_reset>(&o)) {
    auto m = r.log.reset_message();
    m.epoch = x4->epoch;
    m.commit = x4->commit;
    next.push_back(input::replicated{x4->to, m.start, m.start, 0});
    mail_.push_back({r.id, x4->to, std::move(m)});
  } else if (const auto* x5 = std::get_if<output::write_mark>(&o)) {
    r.log.mark(x5->mark);
    next.push_back(input::appended{});
  } else if (const auto* x6 = std::get_if<output::truncate>(&o)) {
    r.log.truncate(x6->to);
  } else if (const auto* x7 = std::get_if<output::copy>(&o)) {
    r.log.copy(*std::get<input::append>(in).message, x7->first_mark, x7->first_batch);
    next.push_back(input::copied{});
  } else if (std::get_if<output::reset>(&o)) {
    r.log.reset(*std::get<input::reset>(in).message);
    next.push_back(input::copied{});
  } else if (std::get_if<output::wake>(&o)) {
    r.has_timer = true;
  }
}

void raft_trio::write(node_id leader, int batches) {
  auto& r = replica(leader);
  const auto epoch = r.machine->epoch();
  if (r.log.view().last_epoch() != epoch)
    r.log.mark({epoch, r.log.now().end, std::nullopt});
  for (; batches > 0; --batches)
    r.log.append({epoch, r.log.now().end, r.log.now().end + 1, content_++});
  give(leader, input::appended{});
}

bool raft_trio::settle_one() {
  if (mail_.empty())
    return false;
  const auto m = std::move(mail_.front());
  mail_.pop_front();
  if (!cut_.contains(m.from) && !cut_.contains(m.to))
    deliver(m);
  return true;
}

void raft_trio::deliver(const letter& m) {
  if (const auto* x = std::get_if<peer::raft_append>(&m.body)) {
    std::vector<raft::batch_outline> outline;
    for (const auto& e : raft_log::batches_of(x->records))
      outline.push_back({e.first, e.end, e.epoch});
    give(m.to, input::append{m.from, x, outline});
  } else if (const auto* x2 = std::get_if<peer::raft_reset>(&m.body)) {
    give(m.to, input::reset{m.from, x2});
  } else if (const auto* x3 = std::get_if<peer::raft_vote_request>(&m.body)) {
    give(m.to, input::vote_request{m.from, *x3});
  } else if (const auto* x4 = std::get_if<peer::raft_vote_answer>(&m.body)) {
    give(m.to, input::vote_answer{m.from, *x4});
  } else if (const auto* x5 = std::get_if<peer::raft_append_answer>(&m.body)) {
    give(m.to, input::append_answer{m.from, *x5});
  } else if (const auto* x6 = std::get_if<peer::raft_timeout_now>(&m.body)) {
    give(m.to, input::timeout_now{m.from, *x6});
  } else {
    give(m.to, input::follow{m.from, std::get<peer::raft_follow>(m.body)});
  }
}

void raft_trio::sync(node_id id) {
  replica(id).holds_syncs = false;
  replica(id).log.sync();
  give(id, input::synced{});
}

void raft_trio::crash(node_id id) {
  auto& r = replica(id);
  r.log.crash(0);
  r.holds_syncs = false;
  start(r);
}

void raft_trio::lose_disk(node_id id) {
  auto& r = replica(id);
  r.log.lose_disk();
  r.stored = {};
  r.stored.has_lost_disk = true;
  r.holds_syncs = false;
  start(r);
  for (const auto& other : replicas_)
    if (other.id != id)
      give(other.id, input::peer_restarted{id});
}

bool raft_trio::timer(node_id id) {
  if (!std::exchange(replica(id).has_timer, false))
    return false;
  give(id, input::timer{});
  return true;
}

void raft_trio::elect(node_id id) {
  for (auto& r : replicas_)
    if (r.id != id && !cut_.contains(r.id))
      give(r.id, input::leader_silent{});
  give(id, input::leader_silent{});
  timer(id);
  settle();
}

} // namespace chisme::test
