// What clients of a node were told, and therefore what must stay true (DESIGN.md, P1 to P4). Nothing here knows how a
// node works: an answer without an error is a promise.
#pragma once

#include "messages/ids.hpp"

#include <map>
#include <set>
#include <string>

namespace chisme::test {

class ledger {
public:
  /// Empty, or the first promise that was broken.
  const std::string& broken() const { return broken_; }
  void note_broken(std::string what);
  uint64_t promises() const { return promises_; }

  // -- records -----------------------------------------------------------------------------------------------------
  /// Somebody (`to`) was told that this record stands there: a producer by an acknowledgement, a reader by a fetch.
  void record(const topic_partition& in, offset_t at, const std::string& value, const char* to);
  /// A high watermark that somebody was told.
  void committed(const topic_partition& in, offset_t high_watermark);
  /// The same where leaders change: it was told in this epoch, by an answer to a question that was asked when `floor`
  /// was committed_before() it. An older leader may not know yet what a newer one has told. Epoch -1: nobody knows
  /// which.
  void committed(const topic_partition& in, leader_epoch_t epoch, offset_t floor, offset_t high_watermark);
  offset_t committed_before(const topic_partition& in, leader_epoch_t epoch) const;
  offset_t known_end(const topic_partition& in) const;
  /// Somebody was told that the node leads in this epoch.
  void leader_told(const topic_partition& in, leader_epoch_t epoch, node_id leader);
  /// All that is there now, dense from 0 to the high watermark.
  void check_content(const topic_partition& in, const std::vector<std::string>& values, offset_t high_watermark);

  // -- topics ------------------------------------------------------------------------------------------------------
  void topic_asked_for(const std::string& name) { uncertain_.insert(name); }
  void topic_answered(const std::string& name, bool exists);
  /// What these, all topics that a node knows, contradict; empty: nothing.
  std::string wrong_topic(const std::set<std::string>& there) const;
  /// The same, where nothing excuses it.
  void check_topics(const std::set<std::string>& there);

  // -- offsets of a group, which one client commits ------------------------------------------------------------------
  void commit_sent(const std::string& group, const topic_partition& of, offset_t offset);
  void commit_answered(const std::string& group, const topic_partition& of, offset_t offset);
  /// Whether some offset must be there.
  bool is_committed(const std::string& group, const topic_partition& of) const;
  /// What an OffsetFetch was answered while no commit was under way; -1: none.
  void committed_offset(const std::string& group, const topic_partition& of, offset_t offset);

  // -- producers and generations -------------------------------------------------------------------------------------
  void producer_id(int64_t id);
  /// A member of the group was told that this generation is the stable one.
  void generation(const std::string& group, int32_t id);
  int32_t newest_generation(const std::string& group) const;
  /// A request of a member of generation `of` was accepted; when it was sent, `known` was the newest.
  void generation_accepted(const std::string& group, int32_t of, int32_t known);

private:
  void promised() { ++promises_; }

  std::string broken_;
  uint64_t promises_ = 0;
  std::map<topic_partition, std::map<offset_t, std::string>> records_;
  std::map<topic_partition, offset_t> committed_;
  std::map<topic_partition, std::map<leader_epoch_t, offset_t>> committed_in_;
  std::map<std::pair<topic_partition, leader_epoch_t>, node_id> leaders_;
  std::map<std::string, bool> topics_; ///< as told; of those in uncertain_ nobody knows
  std::set<std::string> uncertain_;
  std::map<std::pair<std::string, topic_partition>, std::set<offset_t>> offsets_; ///< one of these
  std::set<int64_t> producer_ids_;
  std::map<std::string, int32_t> generations_;
};

} // namespace chisme::test
