#include "nodes/peer_links.hpp"

#include "messages/printable.hpp"

#include <spdlog/spdlog.h>

#include <future>

namespace chisme::nodes {

namespace {

timestamp_ms now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace

peer_links::peer_links(config c, io_loop& loop, random_source random, std::shared_ptr<links::receiver> told)
  : config_(std::move(c)), loop_(loop), random_(std::move(random)), told_(std::move(told)) {}

peer_links::~peer_links() { stop(); }

result<void> peer_links::listen() {
  door_ = std::make_shared<peer_door>(loop_, config_.limits, weak_from_this());
  if (auto ok = door_->listen(config_.listeners); !ok)
    return ok;
  auto& at = config_.self.at;
  const auto first = door_->bound().front();
  at = config_.advertised.value_or(peer::address{is_wildcard(first) ? host_name() : first.host, first.port});
  if (at.port == 0)
    at.port = first.port;
  roster_.emplace(config_.self, random_.split(), config_.limits.most_nodes);
  return {};
}

std::vector<endpoint> peer_links::bound() const { return door_->bound(); }

void peer_links::start() {
  started_ = true;
  wake_ = std::make_unique<boost::asio::steady_timer>(loop_.context());
  on_loop([this] { door_->start(); });
}

void peer_links::stop() {
  if (stopped_.exchange(true))
    return;
  if (!started_)
    return end_all();
  std::promise<void> done;
  loop_.post([&] {
    end_all();
    done.set_value();
  });
  done.get_future().wait();
}

void peer_links::end_all() {
  if (door_)
    door_->close();
  for (const auto& [id, d] : std::exchange(dialled_, {}))
    d->close();
  {
    std::lock_guard lock{mutex_};
    boxes_.clear();
  }
  wake_.reset();
  told_.reset();
}

bool peer_links::send(node_id to, peer_message m) {
  const auto to_box = box(to, peer::lane_of(m));
  const bool taken = to_box && to_box->send(m);
  ++(taken ? sent_ : unsent_);
  return taken;
}

void peer_links::set_peer(node_id id, peer::address at) {
  on_loop([this, id, at = std::move(at)] { decide([&](auto& out) { roster_->set_peer(id, at, out); }); });
}

void peer_links::forget_peer(node_id id) {
  on_loop([this, id] {
    decide([&](auto& out) { roster_->forget_peer(id, out); });
    door_->shut_out(id);
  });
}

void peer_links::dial_seed(peer::address at) {
  on_loop([this, at = std::move(at)] { decide([&](auto& out) { roster_->dial_seed(at, out); }); });
}

void peer_links::set_cluster_id(std::string id) {
  on_loop([this, id = std::move(id)] {
    decide([&](auto& out) { roster_->set_cluster_id(now(), id, out); });
    door_->check_again();
  });
}

peer_counts peer_links::counts() const {
  const auto& in = door_->counted();
  return {sent_, unsent_, in.arrived, in.skipped, in.refused, in.broken};
}

uint64_t peer_links::queued(node_id to, peer::lane via) const {
  const auto b = box(to, via);
  return b ? b->bytes() : 0;
}

std::shared_ptr<peer_outbox> peer_links::box(node_id to, peer::lane via) const {
  std::lock_guard lock{mutex_};
  const auto at = boxes_.find({to, via});
  return at == boxes_.end() ? nullptr : at->second;
}

void peer_links::heard(const peer::process& from) {
  decide([&](auto& out) { roster_->heard(from, out); });
}

void peer_links::unheard(node_id id) {
  decide([&](auto& out) { roster_->unheard(id, out); });
}

void peer_links::arrived(node_id from, peer_message m) { told_->arrived(from, std::move(m)); }

void peer_links::answered(links::dial_id id, const peer::hello_answer& answer) {
  decide([&](auto& out) { roster_->answered(now(), id, answer, out); });
}

void peer_links::failed(links::dial_id id, const std::string& words) {
  perform(links::hang_up{id}); // it has closed itself
  decide([&](auto& out) { roster_->failed(now(), id, words, out); });
}

template <class F>
void peer_links::on_loop(F f) {
  if (stopped_)
    return; // the loop may be gone
  loop_.post([weak = weak_from_this(), f = std::move(f)] {
    const auto self = weak.lock();
    if (self && !self->stopped_)
      f();
  });
}

template <class F>
void peer_links::decide(F ask) {
  links::actions out;
  ask(out);
  for (const auto& a : out)
    std::visit([this](const auto& each) { perform(each); }, a);
  wake_later();
}

void peer_links::perform(const links::dial& a) {
  auto d = std::make_shared<dialled_peer>(a, loop_, config_.limits, weak_from_this());
  dialled_.emplace(a.id, d);
  d->start({roster_->self(), a.via});
}

void peer_links::perform(const links::hang_up& a) {
  const auto at = dialled_.find(a.id);
  if (at == dialled_.end())
    return;
  const auto d = std::move(at->second);
  dialled_.erase(at);
  forget_box(*d);
  d->close();
}

void peer_links::perform(const links::use& a) {
  const auto& d = dialled_.at(a.id);
  const auto wake = [&loop = loop_, weak = std::weak_ptr{d}] {
    loop.post([weak] {
      if (const auto self = weak.lock())
        self->drain();
    });
  };
  auto b = std::make_shared<peer_outbox>(a.version, a.via, config_.limits.of(a.via), wake);
  d->use(b);
  std::lock_guard lock{mutex_};
  boxes_.insert_or_assign({a.node, a.via}, std::move(b));
}

void peer_links::perform(const links::came_up& a) {
  spdlog::info("peer up node={} process={:016x}", a.node, a.process_id);
  told_->peer_up(a.node, a.process_id);
}

void peer_links::perform(const links::went_down& a) {
  spdlog::info("peer down node={} reason=\"{}\"", a.node, printable(a.reason));
  told_->peer_down(a.node, a.reason);
}

void peer_links::perform(const links::complaint& a) {
  spdlog::warn("peer not reached at={} reason=\"{}\"", printable(to_string(a.at)), printable(a.words));
}

void peer_links::forget_box(const dialled_peer& of) {
  if (!of.outbox())
    return;
  std::lock_guard lock{mutex_};
  std::erase_if(boxes_, [&](const auto& each) { return each.second == of.outbox(); });
}

void peer_links::wake_later() {
  const auto at = roster_->next();
  if (!at || !wake_)
    return;
  wake_->expires_after(std::chrono::milliseconds{std::max<timestamp_ms>(0, *at - now())});
  wake_->async_wait([weak = weak_from_this()](boost::system::error_code e) {
    const auto self = weak.lock();
    if (!e && self && !self->stopped_)
      self->decide([&](auto& out) { self->roster_->tick(now(), out); });
  });
}

} // namespace chisme::nodes
