// What the shells share that keep their state in a journal: they ask its log and are told by messages to themselves.
//
// Nothing here keeps a handle of the actor that asks beyond the one question.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/journal/batch.hpp"
#include "actors/journal/replay.hpp"
#include "actors/partition/port.hpp"

#include <caf/send.hpp>

#include <atomic>
#include <memory>

namespace chisme::journal {

/// The number of the newest read of a state that follows: who waits behind an older one waits for nothing.
using newest_read = std::atomic<uint64_t>;

/// Tells once that more was committed than was read. A replica that stops is read again, too: where that fails it is
/// tried later.
template <class Handle>
class following final : public partition::read_waiter {
public:
  following(uint64_t number, std::shared_ptr<newest_read> newest, Handle who)
    : number_(number), newest_(std::move(newest)), who_(std::move(who)) {}

  bool committed(uint64_t) override {
    tell();
    return false;
  }
  void failed(error_code) override { tell(); }
  bool expired() const override { return newest_->load() != number_; }

private:
  void tell() {
    if (!expired())
      caf::anon_send(who_, input::more_committed{});
  }

  uint64_t number_;
  std::shared_ptr<newest_read> newest_;
  Handle who_;
};

/// The read, and its answer to `who` as input::log_read.
template <class Handle>
partition::read_request read_for(const action::read& what, Handle who) {
  auto request = replay::read_at(what.offset);
  request.done = reply_with<partition::read_result>([who = std::move(who), load = what.load](partition::read_result r) {
    caf::anon_send(who, input::log_read{load, std::move(r)});
  });
  return request;
}

/// `who` is told by input::log_read.
template <class Handle>
void read(partition::port& log, const action::read& what, Handle who) {
  log.send(read_for(what, std::move(who)));
}

/// `who` may follow the log: it is told by input::more_committed, too, where the read is of_replica.
template <class Handle>
void read(partition::port& log, const action::read& what, const std::shared_ptr<newest_read>& newest, Handle who) {
  auto request = read_for(what, who);
  newest->store(what.load);
  request.of_replica = what.of_replica;
  if (what.of_replica)
    request.waiter = std::make_shared<following<Handle>>(what.load, newest, std::move(who));
  log.send(std::move(request));
}

/// `who` is told by input::log_appended. `epoch`: in which the log is led that the decisions rest on. Those of an
/// earlier one may still be on their way when the log is led, and read, in a later one; there they would be missed.
/// `now`: the time of the records.
template <class Handle>
void append(partition::port& log, const action::append& what, leader_epoch_t epoch, timestamp_ms now, Handle who) {
  batch records{now};
  for (const auto& part : what.parts)
    for (const auto& e : part)
      records.add(e);
  auto request = records.finish();
  request.decided_in = epoch;
  request.done =
    reply_with<partition::append_result>([who = std::move(who), number = what.number](partition::append_result r) {
      caf::anon_send(who, input::log_appended{number, std::move(r)});
    });
  partition::append_batch one;
  one.requests.push_back(std::move(request));
  log.send(std::move(one));
}

} // namespace chisme::journal
