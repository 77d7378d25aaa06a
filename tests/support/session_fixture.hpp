// A client's session without a network and without actors: a loop that the test drains, a transport that
// keeps what was sent, partitions and a coordinator that keep what they were asked until the test answers.
#pragma once

#include "actors/session/session.hpp"
#include "messages/kafka/header.hpp"
#include "messages/wire/codec.hpp"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <mutex>
#include <optional>

namespace chisme::testing {

/// All bytes of a payload, file pieces read from their files.
std::string flat(const payload& p);

/// Runs what was posted when the test says so, one by one or all; its clock moves only by advance().
class manual_loop final : public session::loop {
public:
  void post(std::function<void()> f) override;
  std::shared_ptr<void> after(std::chrono::milliseconds delay, std::function<void()> f) override;

  /// Nothing is posted.
  bool is_idle() const;
  /// Runs the next posted function; false where there is none.
  bool step();
  /// Runs until nothing is posted any more.
  void drain();
  /// Drops what is posted, as a loop does that ends.
  void drop();
  /// Lets this much time pass: what falls due is run in order, with all that it posts.
  void advance(std::chrono::milliseconds by);

  size_t timers() const;
  /// How long until the first one; nothing: there is none.
  std::optional<std::chrono::milliseconds> next_timer() const;

private:
  struct timer {
    std::chrono::milliseconds due;
    std::function<void()> f;
  };
  struct state {
    std::mutex mutex;
    std::list<std::function<void()>> posted;
    std::map<uint64_t, timer> timers;
    uint64_t next_timer = 0;
  };

  std::shared_ptr<state> state_ = std::make_shared<state>();
  std::chrono::milliseconds now_{0};
};

struct fake_transport final : session::transport {
  void send(payload response) override { staged.push_back(flat(response)); }
  void flush() override;
  void close(std::string reason) override { closed.push_back(std::move(reason)); }

  std::vector<std::string> staged; ///< sent and not flushed
  std::list<std::string> frames;   ///< whole responses, size included
  std::vector<std::string> closed; ///< reasons
};

/// Thread-safe as a port is; the test looks at the vectors when nobody sends.
struct fake_partition final : partition::port {
  void send(partition::append_batch x) override { keep(appends, std::move(x)); }
  void send(partition::read_request x) override { keep(reads, std::move(x)); }
  void send(partition::list_offset_request x) override { keep(list_offsets, std::move(x)); }
  void send(partition::epoch_end_request x) override { keep(epoch_ends, std::move(x)); }
  void send(partition::delete_records_request x) override { keep(delete_records, std::move(x)); }
  void send(partition::describe_request x) override { keep(describes, std::move(x)); }

  /// As a partition does that ends. What asks knows whom it has asked, so nothing would free either.
  void drop() {
    appends.clear();
    std::exchange(reads, {});
    list_offsets.clear();
    epoch_ends.clear();
    delete_records.clear();
    describes.clear();
  }

  std::vector<partition::append_batch> appends;
  std::vector<partition::read_request> reads;
  std::vector<partition::list_offset_request> list_offsets;
  std::vector<partition::epoch_end_request> epoch_ends;
  std::vector<partition::delete_records_request> delete_records;
  std::vector<partition::describe_request> describes;

private:
  template <class T>
  void keep(std::vector<T>& where, T x) {
    std::lock_guard lock{mutex_};
    where.push_back(std::move(x));
  }
  std::mutex mutex_;
};

struct fake_coordinator final : coordinator::port {
  void send(coordinator::change c) override { changes.push_back(std::move(c)); }
  std::vector<coordinator::change> changes;
};

using partition_ptr = std::shared_ptr<fake_partition>;

class session_test : public ::testing::Test {
protected:
  session_test();
  /// Requests that nobody answered are dropped while the loop that hears of it is still there.
  ~session_test() override;

  /// Adds a topic that this node leads and publishes the image.
  std::vector<partition_ptr> add_topic(const std::string& name, size_t partitions,
                                       std::map<std::string, std::string> configs = {});
  /// Changes the image and publishes it.
  void change_image(const std::function<void(broker_image&)>& f);
  static uuid id_of(const std::string& topic);

  /// Begins another connection with these limits; the one before it is gone.
  void connect(session::session_limits limits = {});
  void disconnect();

  /// A whole frame without its size.
  template <class Request>
  buffer frame_of(const Request& r, int16_t version, std::optional<std::string> client = "test") {
    kafka::request_header header{static_cast<int16_t>(Request::api), version, ++correlation_, std::move(client)};
    return buffer::copy_of(flat(kafka::encode_request(header, encode(r, version)))).slice(4);
  }

  /// The request arrives; the burst goes on.
  template <class Request>
  int32_t ask(const Request& r, int16_t version, std::optional<std::string> client = "test") {
    session_->on_frame(frame_of(r, version, std::move(client)));
    return correlation_;
  }

  /// The burst ends and everything that was posted runs.
  void settle() {
    session_->end_of_burst();
    loop_.drain();
  }

  bool answered() const { return !transport_.frames.empty(); }
  bool closed() const { return !transport_.closed.empty(); }

  /// Takes the first response that has left, which must be a Response of this version.
  template <class Response>
  Response answer(int16_t version, std::optional<int32_t> correlation = {}) {
    if (transport_.frames.empty()) {
      ADD_FAILURE() << "nothing was answered";
      return {};
    }
    auto frame = buffer::copy_of(transport_.frames.front()).slice(4);
    transport_.frames.pop_front();
    auto header_version = kafka::response_header_version(static_cast<int16_t>(Response::api), version);
    auto read = kafka::decode_response_header(frame, header_version.value());
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->correlation_id, correlation.value_or(read->correlation_id));
    auto decoded = decode<Response>(read->body, version);
    EXPECT_TRUE(decoded) << decoded.error().message;
    return decoded ? std::move(*decoded) : Response{};
  }

  /// Asks, lets everything run and takes the answer.
  template <class Response, class Request>
  Response ask_and_answer(const Request& r, int16_t version) {
    auto id = ask(r, version);
    settle();
    return answer<Response>(version, id);
  }

  node_settings settings_;
  session::broker broker_;
  std::shared_ptr<fake_coordinator> coordinator_ = std::make_shared<fake_coordinator>();
  std::vector<partition_ptr> partitions_; // all that were ever added
  manual_loop loop_;
  fake_transport transport_;
  std::shared_ptr<session::session> session_;
  int32_t correlation_ = 0;
};

} // namespace chisme::testing
