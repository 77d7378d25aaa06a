#include "actors/coordinator/unmade.hpp"

#include <utility>

namespace chisme::coordinator {

namespace {

template <class Entries>
void mark(Entries& entries, error_code code, const std::string& message) {
  for (auto& e : entries) {
    if (e.error != error_code::none)
      continue;
    e.error = code;
    e.error_message = message;
  }
}

struct marker {
  error_code code;
  const std::string& message;

  void operator()(kafka::create_topics_response& r) const {
    for (auto& t : r.topics) {
      if (t.error != error_code::none)
        continue;
      auto name = std::move(t.name);
      t = {};
      t.name = std::move(name);
    }
    mark(r.topics, code, message);
  }
  void operator()(kafka::delete_topics_response& r) const { mark(r.responses, code, message); }
  void operator()(kafka::create_partitions_response& r) const { mark(r.results, code, message); }
  void operator()(kafka::alter_configs_response& r) const { mark(r.responses, code, message); }
  void operator()(kafka::incremental_alter_configs_response& r) const { mark(r.responses, code, message); }
  void operator()(kafka::init_producer_id_response& r) const {
    if (r.error != error_code::none)
      return;
    r = {};
    r.error = code;
  }
};

} // namespace

change_response unmade(change_response decided, error_code code, const std::string& message) {
  std::visit(marker{code, message}, decided);
  return decided;
}

} // namespace chisme::coordinator
