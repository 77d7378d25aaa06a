// One group whose processes are restarted with the one protocol or the other, so that it is converted again and again:
// up to 50 members that stall, vanish, come back, say things twice and commit late, topics that come, grow and go, and
// a coordinator that is lost with what it had not yet committed.
//
// Promise P3, as members were told: a partition is claimed from the moment an answer that gives it leaves the
// coordinator until a request that was taken says otherwise, or the coordinator has no such member any more. Nobody
// else is told of it meanwhile. Every answer counts as heard, also one that nobody reads: the coordinator cannot know.
// Epochs and generations are one number that only grows, through every conversion.
//
// In every other run requests are also repeated when their sender has been told more, as they are where one was stuck
// on a connection that the client gave up. What they say is then no word on what their sender has.
#pragma once

#include "tests/sim/classic_client.hpp"
#include "tests/sim/committed_model.hpp"
#include "tests/sim/consumer_client.hpp"
#include "tests/sim/told_epochs.hpp"

#include <deque>
#include <memory>
#include <ostream>
#include <variant>

namespace chisme::test {

class mixed_group_sim {
public:
  explicit mixed_group_sim(uint64_t seed);

  /// Empty when all went well.
  std::string run();
  /// Writes down what is said.
  void tell_to(std::ostream& story) { story_ = &story; }
  /// How often the group changed its protocol.
  int conversions() const { return conversions_; }
  /// How many heartbeats were answered without the coordinator.

private:
  /// A place where a process runs, now one of this protocol, then one of that.
  struct place {
    std::variant<classic_client, consumer_client> client;
    classic_client::profile classic;
    consumer_client::profile consumer;
    timestamp_ms stalled_until = 0;
    groups::ticket awaited = 0;
    std::optional<classic_client::outgoing> last_request = {};
    bool was_told = false;                          ///< something since its last request
    bool was_repeated = false;                      ///< the process here does not know what was answered to that
    std::vector<groups::group_response> inbox = {}; ///< that came while it was stalled
    timestamp_ms heard_at = 0;                      ///< last heartbeat that was answered well
  };
  /// What a request says about its sender.
  struct report {
    std::string member;
    owned_partitions still_has;
    bool is_join = false; ///< of the classic protocol
    bool is_old = false;  ///< said before its sender was told what it was told last
  };
  struct decided {
    std::vector<groups::group_record> records;
    std::vector<groups::answer> answers;
    std::optional<report> said;
    std::set<std::string> members; ///< of the group afterwards
    int topics_version = 0;
  };
  /// The group as a tool sees it.
  struct sight {
    std::set<std::string> members;
    std::string state;
    bool is_classic = true;
  };
  struct question {
    groups::group_request request;
    std::string by;
    place* from = nullptr; ///< who reads the answer
  };
  /// Who reads the answer: nobody does on a connection that was thought dead, or when the process is gone.
  enum class reader : uint8_t { sender, nobody };

  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return pick(0, 99) < percent; }
  place& any_place() { return places_[static_cast<size_t>(pick(0, static_cast<int64_t>(places_.size()) - 1))]; }

  void make_places();
  std::unique_ptr<groups::group_shard> new_shard();

  // What happens.
  void step();
  void start(place& p);
  void leave(place& p);
  void say_again(place& p);
  void change_topics();
  void drop_topic(const std::string& name);
  void lose_coordinator();

  // How it happens.
  void pass_time(timestamp_ms how_long);
  void tick();
  std::optional<timestamp_ms> next_event() const;
  void act(place& p);
  void send(place& p, const classic_client::outgoing& what, reader who, bool is_repeated);
  bool cannot_be_told_from_new(const groups::group_request& request) const;
  void took(groups::effects out, std::optional<report> said);
  void commit_some(size_t how_many);
  void commit(decided d);
  void commit_record(const groups::group_record& r);
  void load(groups::group_shard& shard, const journal::entry& e);
  void deliver(const groups::answer& a, const question& q);
  std::optional<report> what_is_said(const groups::group_request& request) const;

  // What must be true.
  sight look(groups::group_shard& shard) const;
  void hear(const report& said);
  void say(const std::string& line) const;
  void say(const groups::effects& out) const;
  void claim(const groups::answer& a, const question& q, int topics_version);
  void check_claims();
  void check_decision(const groups::effects& out);
  void check_sessions(const sight& before);
  void check_state();
  void check_endings();
  void settle();
  std::string why_not_settled();
  static std::vector<std::string> topics_of(const place& p);
  void fail(const std::string& what) {
    if (wrong_.empty())
      wrong_ = what;
  }

  std::mt19937_64 random_;
  groups::group_settings settings_;
  made_up_topics topics_;
  int topics_version_ = 0;
  std::map<std::string, int> made_; ///< topics, and the first version that had them, where that was not 0
  std::unique_ptr<groups::group_shard> shard_;
  std::unique_ptr<groups::group_shard> replayed_; ///< made of the records of shard_ and nothing else
  std::vector<journal::entry> log_;
  std::deque<decided> pending_;
  std::deque<place> places_;
  std::map<groups::ticket, question> asked_;
  std::map<std::string, owned_partitions> claims_; ///< by member id
  committed_model offsets_;
  told_epochs told_;              ///< as decided
  told_epochs kept_told_;         ///< as committed
  std::set<std::string> came_;    ///< to the meeting of classic members that goes on
  std::set<std::string> members_; ///< as of what is committed
  int32_t epoch_ = 0;             ///< or generation; the newest that is committed
  bool exists_ = false;           ///< it has a record
  bool is_classic_ = true;
  bool repeats_answered_ = false; ///< requests, not only those that wait for their answer
  bool is_quiet_ = false;         ///< nothing goes wrong any more
  int classic_percent_ = 50;      ///< of the processes that are started
  timestamp_ms now_ = 1'000'000;
  groups::ticket last_ticket_ = 0;
  int last_id_ = 0;
  uint8_t last_uuid_ = 0;
  int conversions_ = 0;
  bool is_checked_ = true; ///< nothing was decided since
  std::ostream* story_ = nullptr;
  std::string wrong_;
};

} // namespace chisme::test
