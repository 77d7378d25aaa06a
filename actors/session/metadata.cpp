// Metadata, versions 0 to 13: brokers, topics, who leads what. Topics that do not exist are created on the way
// where auto.create.topics.enable and the client allow it.

#include "actors/coordinator/operations.hpp"
#include "actors/session/handlers.hpp"
#include "actors/session/offsets_topic.hpp"
#include "actors/session/topic_metadata.hpp"
#include "messages/kafka/03_metadata.hpp"

#include <set>

namespace chisme::session {

namespace {

using kafka::metadata_request;
using kafka::metadata_response;

class metadata_answer {
public:
  metadata_answer(const broker_image& image, const metadata_request& asked) : image_(image), asked_(asked) {
    for (const auto& b : image.brokers)
      response_.brokers.push_back({b.id, b.host, b.port, b.rack});
    response_.cluster_id = image.cluster_id;
    response_.controller_id = told_controller(image);
    if (asked.include_cluster_authorized_operations)
      response_.cluster_authorized_operations = all_cluster_operations;
  }

  void add(const topic_image& topic) {
    auto& t = response_.topics.emplace_back();
    t.name = topic.topic->name;
    t.topic_id = topic.topic->id;
    t.is_internal = topic.topic->internal();
    if (asked_.include_topic_authorized_operations)
      t.topic_authorized_operations = all_topic_operations;
    t.partitions.resize(topic.partitions.size());
    for (size_t i = 0; i < topic.partitions.size(); ++i)
      describe_partition(t.partitions[i], image_, topic, i);
  }

  void add_unknown(error_code code, const std::optional<std::string>& name, const uuid& id) {
    auto& t = response_.topics.emplace_back();
    t.error = code;
    t.name = name;
    t.topic_id = id;
    t.is_internal = name && internal_topics::contain(*name);
  }

  const metadata_response& response() const { return response_; }

private:
  const broker_image& image_;
  const metadata_request& asked_;
  metadata_response response_;
};

/// Version 0 has no null: there an empty list means all topics.
bool wants_all(const metadata_request& m, int16_t version) { return !m.topics || (version == 0 && m.topics->empty()); }

/// An id counts, whatever name comes with it: the Java client leaves that empty, not null.
bool asked_by_id(const metadata_request::topic& t) { return !t.name || !t.topic_id.is_zero(); }

/// `creation`: why topics could not be created, by name.
void answer(const request& r, const metadata_request& m, const std::map<std::string, error_code>& creation) {
  const auto image = r.image();
  metadata_answer a{*image, m};
  if (wants_all(m, r.version())) {
    for (const auto& [name, topic] : image->topics)
      a.add(*topic);
    return r.answer(a.response());
  }
  // Each topic once, however often it is named: the answer must not be much larger than what it tells.
  std::set<std::pair<std::optional<std::string>, uuid>> seen;
  for (const auto& t : *m.topics) {
    const bool by_id = asked_by_id(t);
    if (!seen.emplace(by_id ? std::nullopt : t.name, t.topic_id).second)
      continue;
    const auto* topic = by_id ? image->find(t.topic_id) : image->find(*t.name);
    if (topic)
      a.add(*topic);
    else if (by_id)
      a.add_unknown(error_code::unknown_topic_id, std::nullopt, t.topic_id);
    else if (coordinator::invalid_topic_name(*t.name))
      a.add_unknown(error_code::invalid_topic_exception, t.name, {});
    else if (auto i = creation.find(*t.name); i != creation.end() && i->second != error_code::none)
      a.add_unknown(i->second, t.name, {});
    else
      a.add_unknown(error_code::unknown_topic_or_partition, t.name, {});
  }
  r.answer(a.response());
}

/// Of the brokers' own topics only that of the groups has somebody here who knows how it must be made.
bool may_be_created(const std::string& name) {
  return name == internal_topics::consumer_offsets ||
         (!coordinator::invalid_topic_name(name) && !internal_topics::contain(name) &&
          !internal_topics::reserved(name));
}

/// The names that are asked for, do not exist and may be created.
std::set<std::string> to_be_created(const request& r, const metadata_request& m) {
  const auto image = r.image();
  if (wants_all(m, r.version()) || !m.allow_auto_topic_creation || !image->settings->auto_create_topics)
    return {};
  std::set<std::string> names;
  for (const auto& t : *m.topics) {
    if (!asked_by_id(t) && !image->find(*t.name) && may_be_created(*t.name))
      names.insert(*t.name);
  }
  return names;
}

kafka::create_topics_request creation_of(const std::set<std::string>& names, const broker_image& image) {
  kafka::create_topics_request create;
  for (const auto& name : names) {
    if (name == internal_topics::consumer_offsets) {
      create.topics.push_back(offsets_topic(image));
      continue;
    }
    auto& t = create.topics.emplace_back();
    t.name = name;
    t.num_partitions = -1;
    t.replication_factor = -1;
  }
  return create;
}

std::map<std::string, error_code> outcome_of(const coordinator::change_result& result) {
  std::map<std::string, error_code> codes;
  if (result.code != error_code::none)
    return codes;
  for (const auto& t : std::get<kafka::create_topics_response>(result.response).topics) {
    // Somebody else was faster: the topic is there, which is all that was wanted.
    if (t.error != error_code::topic_already_exists)
      codes[t.name] = t.error;
  }
  return codes;
}

} // namespace

void handle_metadata(request r) {
  auto body = r.decode_or_close<metadata_request>();
  if (!body)
    return;
  auto names = to_be_created(r, *body);
  if (names.empty())
    return answer(r, *body, {});
  auto to = r.shared().coordinator;
  to->send(
    {creation_of(names, *r.image()), reply_with<coordinator::change_result>(
                                       [r = std::move(r), body = std::move(*body)](coordinator::change_result result) {
                                         answer(r, body, outcome_of(result));
                                       })});
}

} // namespace chisme::session
