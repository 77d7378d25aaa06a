// Produce: versions 3 to 13 are served; 0 to 2 are advertised only (KAFKA-18659: old librdkafka compresses only for
// brokers that offer them).

#include "actors/log/record_batch.hpp"
#include "actors/session/current_leader.hpp"
#include "actors/session/gather.hpp"
#include "actors/session/handlers.hpp"
#include "messages/kafka/00_produce.hpp"

#include <algorithm>

namespace chisme::session {

namespace {

using partition_response = kafka::produce_response::partition_response;

void fill(partition_response& to, partition::append_result&& from) {
  to.error = from.code;
  to.base_offset = from.base_offset;
  to.log_append_time_ms = from.log_append_time;
  to.log_start_offset = from.log_start_offset;
  if (!from.message.empty())
    to.error_message = std::move(from.message);
  for (auto& e : from.record_errors)
    to.record_errors.push_back({e.batch_index, std::move(e.message)});
}

/// By what is known when the last partition has answered.
void name_leaders(const request& r, kafka::produce_response& response) {
  if (r.version() < 10)
    return;
  const auto image = r.image();
  for (auto& t : response.responses)
    for (auto& p : t.partition_responses)
      if (says_leader_is_elsewhere(p.error))
        name_leader(response, p, *image, r.version() >= 13 ? image->find(t.topic_id) : image->find(t.name), p.index);
}

/// acks=0: nobody is told, but an append that fails closes the connection, as Kafka does, so that the client
/// notices and asks for the metadata again. The request counts as in flight until all partitions have appended, or a
/// client that never waits could fill the node's memory.
class unacknowledged final : public reply_sink<partition::append_result> {
public:
  explicit unacknowledged(reply<outcome> done) : done_(std::move(done)) {}
  ~unacknowledged() override { done_(outcome::nothing()); }

  void deliver(size_t, partition::append_result value) override {
    if (value.code != error_code::none)
      done_(outcome::failed("produce with acks=0 failed: " + to_string(value.code) + " " + value.message));
  }

private:
  reply<outcome> done_;
};

/// The one piece of memory that a decoded record set is.
buffer records_of(payload& p) { return p.empty() ? buffer{} : std::get<buffer>(p.parts().front()); }

bool is_transactional(const payload& records) {
  if (records.empty())
    return false;
  const auto bytes = std::get<buffer>(records.parts().front()).view();
  if (bytes.size() < log::batch_header_size)
    return false;
  const auto header = log::batch_header::parse(bytes.data());
  return header.magic == log::current_magic && header.is_transactional();
}

bool is_transactional(const kafka::produce_request& p) {
  return std::ranges::any_of(p.topics, [](const auto& t) {
    return std::ranges::any_of(t.partitions, [](const auto& x) { return is_transactional(x.records); });
  });
}

/// Why a request cannot be served as a whole. As in Kafka, one batch that belongs to a transaction which the request
/// does not name is enough.
error_code refused(const kafka::produce_request& p) {
  if (p.acks < -1 || p.acks > 1)
    return error_code::invalid_required_acks;
  if (p.transactional_id)
    return error_code::invalid_txn_state;
  if (is_transactional(p))
    return error_code::transactional_id_authorization_failed;
  return error_code::none;
}

class produce {
public:
  produce(request r, kafka::produce_request p)
    : image_(r.image()), from_(r.from), version_(r.version()), body_(std::move(p)), refused_(refused(body_)),
      internal_allowed_(r.header.client_id == "__admin_client"), request_(std::move(r)) {}

  void run() {
    if (body_.acks == 0)
      return run_unacknowledged();
    using gather_type = gather<kafka::produce_response, partition_response, partition::append_result>;
    auto answers = std::make_shared<gather_type>(std::move(request_), fill, name_leaders);
    answers->response = skeleton();
    answers->reserve(count());
    for (size_t i = 0; i < body_.topics.size(); ++i) {
      auto& places = answers->response.responses[i].partition_responses;
      const auto* topic = find(body_.topics[i]);
      for (size_t j = 0; j < places.size(); ++j)
        append(topic, body_.topics[i], body_.topics[i].partitions[j], answers->place(places[j]));
    }
    answers->ready();
  }

private:
  void run_unacknowledged() {
    auto sink = std::make_shared<unacknowledged>(std::move(request_.done));
    for (auto& t : body_.topics) {
      const auto* topic = find(t);
      for (auto& p : t.partitions)
        append(topic, t, p, {sink, 0});
    }
  }

  const topic_image* find(const kafka::produce_request::topic_data& t) const {
    return version_ >= 13 ? image_->find(t.topic_id) : image_->find(t.name);
  }

  void append(const topic_image* topic, const kafka::produce_request::topic_data& t,
              kafka::produce_request::partition_data& p, reply<partition::append_result> done) {
    auto refuse = [&](error_code code) { done(partition::append_result::failed(code)); };
    if (refused_ != error_code::none)
      return refuse(refused_);
    if (!topic && version_ >= 13)
      return refuse(error_code::unknown_topic_id);
    if (topic && topic->topic->internal() && !internal_allowed_)
      return done(
        partition::append_result::failed(error_code::invalid_topic_exception, t.name + " belongs to the brokers"));
    auto found = find_partition(*image_, topic, p.index);
    if (found.code != error_code::none)
      return refuse(found.code);
    from_->append(found.port,
                  {records_of(p.records), version_, static_cast<partition::acks>(body_.acks), std::move(done)});
  }

  kafka::produce_response skeleton() const {
    kafka::produce_response r;
    r.responses.reserve(body_.topics.size());
    for (const auto& t : body_.topics) {
      auto& topic = r.responses.emplace_back();
      topic.name = t.name;
      topic.topic_id = t.topic_id;
      topic.partition_responses.resize(t.partitions.size());
      for (size_t i = 0; i < t.partitions.size(); ++i)
        topic.partition_responses[i].index = t.partitions[i].index;
    }
    return r;
  }

  size_t count() const {
    size_t n = 0;
    for (const auto& t : body_.topics)
      n += t.partitions.size();
    return n;
  }

  std::shared_ptr<const broker_image> image_;
  std::shared_ptr<session> from_;
  int16_t version_;
  kafka::produce_request body_;
  error_code refused_; // the request as a whole
  bool internal_allowed_;
  request request_;
};

} // namespace

void handle_produce(request r) {
  auto body = r.decode_or_close<kafka::produce_request>();
  if (body)
    produce{std::move(r), std::move(*body)}.run();
}

} // namespace chisme::session
