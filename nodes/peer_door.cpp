#include "nodes/peer_door.hpp"

#include "messages/printable.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <bit>

namespace chisme::nodes {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// So many different refusals are remembered as told.
constexpr size_t refusals_at_most = 256;

} // namespace

peer_door::peer_door(io_loop& loop, const peer_limits& limits, std::weak_ptr<peer_door_owner> owner)
  : loop_(loop), limits_(limits), owner_(std::move(owner)), admission_(limits.most_nodes) {}

result<void> peer_door::listen(const std::vector<endpoint>& where) {
  for (const auto& each : where) {
    auto l = bind_listener(loop_.context(), each, "peer.listeners", "host:port");
    if (!l)
      return tl::make_unexpected(l.error());
    listeners_.push_back(std::move(*l));
  }
  return {};
}

std::vector<endpoint> peer_door::bound() const {
  std::vector<endpoint> all;
  for (const auto& l : listeners_)
    all.push_back(l->where);
  return all;
}

void peer_door::start() {
  open_ = true;
  for (const auto& l : listeners_) {
    if (!l->acceptor.local_endpoint().address().is_loopback())
      spdlog::warn("peer.listeners={} speaks plain text and lets in whoever can reach it: keep it within a network of "
                   "trusted machines",
                   to_string(l->where));
    accept(l);
  }
}

void peer_door::close() {
  open_ = false;
  for (const auto& l : std::exchange(listeners_, {}))
    l->close();
  for (const auto& [id, c] : std::exchange(connections_, {}))
    c->close();
  strangers_.clear();
}

void peer_door::accept(const std::shared_ptr<listener>& l) {
  l->acceptor.async_accept(loop_.context(), [self = shared_from_this(), l](boost::system::error_code e, tcp::socket s) {
    if (e == asio::error::operation_aborted || !self->open_)
      return;
    if (!e) {
      self->accepted(std::move(s));
      return self->accept(l);
    }
    // Out of descriptors or memory: give the others time to end instead of spinning.
    spdlog::warn("accept failed listener={} error=\"{}\"", to_string(l->where), e.message());
    l->retry.expires_after(std::chrono::milliseconds{100});
    l->retry.async_wait([self, l](boost::system::error_code aborted) {
      if (!aborted && self->open_)
        self->accept(l);
    });
  });
}

void peer_door::accepted(tcp::socket socket) {
  const auto id = ++last_;
  auto c = std::make_shared<accepted_peer>(std::move(socket), id, loop_, limits_, weak_from_this());
  connections_.emplace(id, c);
  strangers_.insert(id);
  if (strangers_.size() > limits_.strangers)
    evict_one();
  c->start();
}

/// Nodes say hello at once; whoever does not has waited for longest. A crowd of them is told of now and then.
void peer_door::evict_one() {
  const auto oldest = *strangers_.begin();
  if (std::has_single_bit(++evicted_))
    spdlog::warn("peer connection closed peer={} reason=\"more than {} connections have not said hello\" so_far={}",
                 connections_.at(oldest)->address(), limits_.strangers, evicted_);
  ++counts_.broken;
  shut(oldest);
}

void peer_door::hello_came(accepted_peer& from, const peer::hello& hello) {
  const auto owner = owner_.lock();
  if (!owner)
    return;
  auto verdict = admission_.admit(owner->self(), from.id(), hello, owner->up(hello.from.id));
  if (!verdict)
    return refuse(from, verdict.error());
  strangers_.erase(from.id());
  for (const auto id : verdict->replaced)
    shut(id);
  from.admit(hello, verdict->version, {owner->self(), peer::refusal_code::none, {}});
  spdlog::debug("peer connected node={} peer={} lane={} process={:016x}", hello.from.id, from.address(),
                static_cast<int>(hello.via), hello.from.process_id);
  if (hello.via == peer::lane::control)
    owner->heard(hello.from);
}

void peer_door::refuse(accepted_peer& from, const links::refusal& why) {
  ++counts_.refused;
  if (why.code == peer::refusal_code::itself)
    spdlog::debug("peer refused peer={} reason=\"{}\"", from.address(), why.words);
  else if (is_new_refusal(why.words))
    spdlog::warn("peer refused peer={} reason=\"{}\"", from.address(), why.words);
  if (const auto owner = owner_.lock())
    from.refuse({owner->self(), why.code, why.words});
}

/// The other one tries again and again.
bool peer_door::is_new_refusal(const std::string& words) {
  if (refusals_.size() >= refusals_at_most)
    refusals_.clear();
  return refusals_.insert(words).second;
}

void peer_door::arrived(accepted_peer& from, peer_message m) {
  ++counts_.arrived;
  if (const auto owner = owner_.lock())
    owner->arrived(from.process().id, std::move(m));
}

void peer_door::skipped(accepted_peer& from, uint8_t kind, const std::string& words) {
  ++counts_.skipped;
  auto told = skipped_kinds_[from.process().id][kind];
  if (told)
    return;
  told = true;
  spdlog::warn("peer messages skipped node={} peer={} reason=\"{}\"", from.process().id, from.address(), words);
}

void peer_door::ended(accepted_peer& from, const std::string& reason, accepted_peer_end how) {
  const auto who = from.is_admitted() ? std::to_string(from.process().id) : "?";
  if (how == accepted_peer_end::broken) {
    ++counts_.broken;
    spdlog::warn("peer connection closed node={} peer={} reason=\"{}\"", who, from.address(), printable(reason));
  } else {
    spdlog::debug("peer connection closed node={} peer={} reason=\"{}\"", who, from.address(), reason);
  }
  forget(from.id());
}

void peer_door::shut(links::connection_id id) {
  if (const auto at = connections_.find(id); at != connections_.end())
    at->second->close();
  forget(id);
}

void peer_door::forget(links::connection_id id) {
  strangers_.erase(id);
  connections_.erase(id);
  const auto gone = admission_.closed(id);
  if (!gone || !gone->was_last)
    return;
  if (const auto owner = owner_.lock())
    owner->unheard(gone->node);
}

void peer_door::shut_out(node_id id) {
  for (const auto c : admission_.of(id))
    shut(c);
}

void peer_door::check_again() {
  const auto owner = owner_.lock();
  if (!owner)
    return;
  std::vector<links::connection_id> others;
  for (const auto& [id, c] : connections_)
    if (c->is_admitted() && !links::check(owner->self(), c->process()))
      others.push_back(id);
  for (const auto id : others)
    shut(id);
}

} // namespace chisme::nodes
