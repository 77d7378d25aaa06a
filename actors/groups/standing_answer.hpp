// The answer to a member's heartbeat that stands: it would be given again.
//
// Nearly all heartbeats are the one before once more and change nothing but when the member was last heard. So a
// coordinator gives with such an answer the right to repeat it. Whoever holds the right answers the same request by
// itself, without asking; the coordinator takes the right back as soon as anything happens that could make the answer
// another one, and asks when the member was last heard before it believes that a session has ended.
#pragma once

#include "messages/ids.hpp"

#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace chisme::groups {

/// Shared by the coordinator and those who repeat its answer, on any thread. Once revoke() has returned no repeat()
/// succeeds, and last_heard() tells of all that did: each writes its part before it reads the other's.
class standing_answer {
public:
  /// The member is heard. False: the answer does not stand any more, ask the coordinator.
  bool repeat(timestamp_ms now) {
    heard_.store(now);
    return !is_revoked_.load();
  }

  void revoke() { is_revoked_.store(true); }

  /// Nothing where it was never repeated.
  std::optional<timestamp_ms> last_heard() const {
    const auto at = heard_.load();
    return at == never ? std::nullopt : std::optional{at};
  }

private:
  static constexpr auto never = std::numeric_limits<timestamp_ms>::min();

  std::atomic<timestamp_ms> heard_{never};
  std::atomic<bool> is_revoked_{false};
};

using standing_answer_ptr = std::shared_ptr<standing_answer>;

/// Those that one coordinator has given. None outlives it.
class standing_answers {
public:
  standing_answers() = default;
  standing_answers(const standing_answers&) = delete;
  standing_answers& operator=(const standing_answers&) = delete;
  ~standing_answers() {
    for (auto& [group, members] : groups_)
      revoke(members);
  }

  /// One for each member: for all its requests nothing changes at the same time.
  standing_answer_ptr give(const std::string& group, const std::string& member) {
    auto& own = groups_[group][member];
    if (!own)
      own = std::make_shared<standing_answer>();
    return own;
  }

  /// Calls heard(member, when) for the members of a group that were heard.
  template <class F>
  void listen(const std::string& group, F heard) const {
    if (const auto i = groups_.find(group); i != groups_.end())
      tell(i->second, heard);
  }

  /// The same, after taking back what was given to the group.
  template <class F>
  void take_back(const std::string& group, F heard) {
    auto own = groups_.extract(group);
    if (!own)
      return;
    revoke(own.mapped());
    tell(own.mapped(), heard);
  }

  std::optional<std::string> first_group() const {
    return groups_.empty() ? std::nullopt : std::optional{groups_.begin()->first};
  }

private:
  using by_member = std::map<std::string, standing_answer_ptr>;

  static void revoke(by_member& members) {
    for (auto& [member, answer] : members)
      answer->revoke();
  }
  template <class F>
  static void tell(const by_member& members, F heard) {
    for (const auto& [member, answer] : members)
      if (const auto at = answer->last_heard())
        heard(member, *at);
  }

  std::map<std::string, by_member> groups_;
};

} // namespace chisme::groups
