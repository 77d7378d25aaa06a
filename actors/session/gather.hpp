// A request that asks several partitions: the answer is prepared with a place for each, the places are filled from
// any thread, and the last one to be filled sends it.
#pragma once

#include "actors/session/request.hpp"

#include <atomic>
#include <unordered_set>
#include <vector>

namespace chisme::session {

/// Response: the Kafka response; Element: one place in it; Result: what a partition answers.
template <class Response, class Element, class Result>
class gather final : public reply_sink<Result>, public std::enable_shared_from_this<gather<Response, Element, Result>> {
public:
  using fill_function = void (*)(Element&, Result&&);
  using finish_function = void (*)(const request&, Response&);

  /// `finish`, where it is set, has the last word on the answer.
  gather(request r, fill_function fill, finish_function finish = nullptr)
    : request_(std::move(r)), fill_(fill), finish_(finish) {}

  /// To be completed in structure before the first place is taken: places are addresses in it.
  Response response;

  /// A reply that fills this element.
  ///
  /// A place is filled while others are still being taken, so places_ must not move: reserve() first.
  reply<Result> place(Element& element) {
    places_.push_back(&element);
    open_.fetch_add(1, std::memory_order_relaxed);
    return {this->shared_from_this(), places_.size() - 1};
  }

  /// How many places will be taken at most.
  void reserve(size_t places) { places_.reserve(places); }

  /// All places are taken. Call once.
  void ready() { one_less(); }

  bool wanted() const override { return !request_.from->is_gone(); }

  void deliver(size_t index, Result value) override {
    fill_(*places_[index], std::move(value));
    one_less();
  }

private:
  void one_less() {
    if (open_.fetch_sub(1, std::memory_order_acq_rel) != 1)
      return;
    if (finish_)
      finish_(request_, response);
    request_.answer(std::move(response));
  }

  request request_;
  fill_function fill_;
  finish_function finish_;
  std::vector<Element*> places_;
  std::atomic<size_t> open_{1}; // one for whoever hands out the places
};

/// The partition a request names, or why it cannot be asked here.
struct found_partition {
  error_code code = error_code::none;
  partition::port_ptr port;
  leader_epoch_t leader_epoch = -1;
};

found_partition find_partition(const broker_image& image, const topic_image* topic, int32_t index);

/// The messages name alike things differently.
auto& topic_name(auto& t) {
  if constexpr (requires { t.name; })
    return t.name;
  else
    return t.topic;
}

auto& index_of(auto& p) {
  if constexpr (requires { p.partition_index; })
    return p.partition_index;
  else
    return p.partition;
}

/// Gives the answer the request's topics and partitions, and has each asked: `ask(topic, port, partition of the
/// request, reply)`. Those that cannot be asked here fail with their code. A partition is asked once: named again it
/// fails with INVALID_REQUEST, as in Kafka's ListOffsets, since a few bytes may ask for a search through the log.
template <class Response, class Element, class Result>
void ask_partitions(gather<Response, Element, Result>& answers, const auto& topics, const broker_image& image,
                    const auto& ask) {
  size_t count = 0;
  for (const auto& t : topics) {
    auto& topic = answers.response.topics.emplace_back();
    topic_name(topic) = topic_name(t);
    for (const auto& p : t.partitions)
      index_of(topic.partitions.emplace_back()) = index_of(p);
    count += t.partitions.size();
  }
  answers.reserve(count);
  std::unordered_set<partition::port*> seen;
  for (size_t i = 0; i < topics.size(); ++i) {
    const auto* topic = image.find(topic_name(topics[i]));
    for (size_t j = 0; j < topics[i].partitions.size(); ++j) {
      const auto& p = topics[i].partitions[j];
      auto done = answers.place(answers.response.topics[i].partitions[j]);
      auto found = find_partition(image, topic, index_of(p));
      if (!found.port)
        done(Result::failed(found.code));
      else if (!seen.insert(found.port.get()).second)
        done(Result::failed(error_code::invalid_request));
      else
        ask(*topic, *found.port, p, std::move(done));
    }
  }
  answers.ready();
}

} // namespace chisme::session
