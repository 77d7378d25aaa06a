#include "actors/supervisor/notice.hpp"

namespace chisme::supervisor {

namespace {

std::string because(const std::string& what, const char* kind, const notice& n) {
  return what + " " + kind + "=" + n.subject + " reason=\"" + n.reason + "\"";
}

std::string again(const std::string& what, const notice& n) {
  return because(what, "partition", n) + " next_attempt_in_ms=" + std::to_string(n.next_attempt_in.count());
}

} // namespace

bool is_good_news(const notice& n) {
  return n.what == notice::event::replica_opened_at_last || n.what == notice::event::folder_gone_at_last;
}

std::string text_of(const notice& n) {
  switch (n.what) {
    case notice::event::replica_died:
      return again("partition died and is started again", n);
    case notice::event::replica_cannot_open:
      return again("partition cannot be opened and is tried again", n);
    case notice::event::replica_opened_at_last:
      return "partition is open at last partition=" + n.subject;
    case notice::event::groups_died:
      return again("the coordinator of groups died and is started again", n);
    case notice::event::folder_stays:
      return again("the folder of a deleted topic cannot be removed and is tried again", n);
    case notice::event::folder_gone_at_last:
      return "the folder of a deleted topic is out of the way at last partition=" + n.subject;
    case notice::event::topic_configs_ignored:
      return because("topic configs are ignored", "topic", n);
    case notice::event::group_configs_ignored:
      return because("group configs are ignored", "groups", n);
  }
  return {};
}

} // namespace chisme::supervisor
