// Records on their way into a journal: one batch, committed as a whole or not at all.
#pragma once

#include "actors/journal/entry.hpp"
#include "actors/log/batch_builder.hpp"
#include "actors/partition/messages.hpp"

namespace chisme::journal {

class batch {
public:
  /// `now`: milliseconds; the time of all its records.
  explicit batch(timestamp_ms now) : now_(now) {}

  void add(const entry& e);
  /// What to send to the log, without its reply. The batch is empty then.
  partition::append_request finish();

private:
  timestamp_ms now_;
  log::batch_builder builder_;
};

} // namespace chisme::journal
