// One Fetch on its way: reads partitions, waits for more where there is too little, answers.
//
//   read rounds --> enough, or an error, or no time to wait --> answer
//        |
//        +--> waiting --(enough was committed)--> read what changed --> answer
//                 \-----(max_wait is over)------> answer with what was found
//
// A round asks as many partitions at a time as can fill the answer. Once it is full the rest are asked for their
// offsets only, or not at all where the answer need not name them (an incremental one). A batch that is larger than all
// limits is read only where the answer begins with it (KIP-74): each partition is read once, or twice where it withheld
// such a batch, and what is read and not sent is no more than fits into an answer and one batch for each round.
// So much of it may be memory, and what all of a node have together is bounded; the rest is pieces of files, which cost
// none however long the client takes to read them.
//
// A partition that has nothing to read keeps a waiter and reports each commit, so nobody polls, and only those that
// have reported one are read again. What waits is bounded for
// the whole node: who comes beyond that is answered with what there is. A client that has gone ends everything.
#pragma once

#include "actors/session/fetch_session.hpp"
#include "actors/session/request.hpp"

#include <atomic>
#include <utility>
#include <vector>

namespace chisme::session {

class fetch_operation final : public reply_sink<partition::read_result>,
                              public std::enable_shared_from_this<fetch_operation> {
public:
  fetch_operation(request r, kafka::fetch_request body, fetch_plan plan);
  ~fetch_operation() override { stop_counting(); }

  /// On the session's loop, once.
  void start();

  void deliver(size_t index, partition::read_result value) override;
  bool wanted() const override;

  /// From the partition of this target: `bytes` more were committed there. False: no need to tell again.
  bool more_committed(size_t index, uint64_t bytes);
  /// From the partition of this target: nothing more will be.
  void partition_failed(size_t index, error_code why);

private:
  enum class phase : uint8_t { reading, waiting, rereading, done };

  /// What the reading under way asked a partition for.
  enum class asked : uint8_t { nothing, offsets, what_fits, one_batch };

  struct target {
    fetch_target what;
    const topic_image* topic = nullptr;
    partition::port_ptr port;
    asked for_what = asked::nothing;
    partition::read_result found;

    bool withheld() const;
  };

  void resolve(std::vector<fetch_target> targets);
  void begin_reading();
  void forget_what_changed();
  void go_on_reading();
  bool read_round();
  bool read_withheld();
  bool one_answer_less();
  uint64_t read(size_t index, asked for_what);
  void reading_done();
  void take_out_failed();
  void wait_for_more();
  bool heard(uint64_t bytes);
  void time_is_over();
  void finish();
  bool leave(phase from, phase to);
  bool has_room_to_wait();
  void stop_counting();
  bool full() const;
  bool any_failed() const;
  kafka::fetch_response compose();
  void add_to(kafka::fetch_response& response, target& t, kafka::fetch_response::partition_data data) const;

  request request_;
  kafka::fetch_request body_;
  std::shared_ptr<const broker_image> image_;
  int32_t session_id_; // 0: none
  bool incremental_;
  error_code plan_error_;
  std::vector<target> targets_;
  uint64_t max_bytes_;
  uint64_t min_bytes_;

  std::shared_ptr<log::answer_memory> memory_; // for what is being read
  int64_t counted_ = 0;                        // in the broker's awaited_partitions
  size_t next_target_ = 0;
  size_t next_withheld_ = 0; // or behind the last that may be read as such
  std::atomic<uint64_t> bytes_found_{0};
  std::atomic<size_t> open_reads_{0};
  std::atomic<phase> phase_{phase::reading};
  std::atomic<uint64_t> committed_{0};
  std::atomic<uint64_t> needed_{UINT64_MAX};
  /// What the partitions that are waited for have reported; by target.
  struct report {
    std::atomic<bool> committed{false};
    std::atomic<error_code> failed{error_code::none}; ///< why it is gone
  };
  std::vector<report> reports_;
};

} // namespace chisme::session
