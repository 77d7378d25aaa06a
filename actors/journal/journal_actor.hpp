// What the shells share that keep their state in a journal: they ask its log and are told by messages to themselves.
//
// Nothing here keeps a handle of the actor that asks beyond the one question.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/journal/batch.hpp"
#include "actors/journal/replay.hpp"
#include "actors/partition/port.hpp"

#include <caf/send.hpp>

namespace chisme::journal {

/// `who` is told by input::log_read.
template <class Handle>
void read(partition::port& log, const action::read& what, Handle who) {
  auto request = replay::read_at(what.offset);
  request.done = reply_with<partition::read_result>([who = std::move(who), load = what.load](partition::read_result r) {
    caf::anon_send(who, input::log_read{load, std::move(r)});
  });
  log.send(std::move(request));
}

/// `who` is told by input::log_appended. `now`: the time of the records.
template <class Handle>
void append(partition::port& log, const action::append& what, timestamp_ms now, Handle who) {
  batch records{now};
  for (const auto& part : what.parts)
    for (const auto& e : part)
      records.add(e);
  auto request = records.finish();
  request.done =
    reply_with<partition::append_result>([who = std::move(who), number = what.number](partition::append_result r) {
      caf::anon_send(who, input::log_appended{number, std::move(r)});
    });
  partition::append_batch one;
  one.requests.push_back(std::move(request));
  log.send(std::move(one));
}

} // namespace chisme::journal
