// The visitor that shows a message as JSON, for the console, the CLI and debug logs.
//
// All fields of the struct appear, whatever the version. Ids are shown as Kafka spells them, bytes as
// hexadecimal digits, and of a record set only its size: records have a reader of their own.
#pragma once

#include "messages/wire/primitives.hpp"
#include "messages/wire/versions.hpp"

#include <nlohmann/json_fwd.hpp>

namespace chisme::wire {

/// Fills an object or an array; keeps nlohmann's header out of the files that instantiate the visitor.
class json_builder {
public:
  explicit json_builder(nlohmann::json& root) : at_(&root) {}

  void number(std::string_view name, int64_t value);
  void real(std::string_view name, double value);
  void flag(std::string_view name, bool value);
  void null(std::string_view name);
  /// Bytes that are no UTF-8 become the replacement character.
  void text(std::string_view name, std::string_view value);
  void bytes(std::string_view name, bytes_view value);
  void id(std::string_view name, const uuid& value);
  void record_set(std::string_view name, uint64_t size);
  json_builder object(std::string_view name);
  json_builder array(std::string_view name);

private:
  nlohmann::json& slot(std::string_view name);

  nlohmann::json* at_;
};

class json_visitor {
public:
  explicit json_visitor(json_builder out) : out_(out) {}

  template <class T>
  void operator()(std::string_view name, const T& field, field_versions = {}) {
    show(name, field);
  }
  template <class T>
  void tag(uint32_t, std::string_view name, const T& field, field_versions = {}, const T& = {}) {
    show(name, field);
  }

private:
  template <integer T>
  void show(std::string_view name, T x) {
    out_.number(name, static_cast<int64_t>(x));
  }
  void show(std::string_view name, bool x) { out_.flag(name, x); }
  void show(std::string_view name, double x) { out_.real(name, x); }
  void show(std::string_view name, const std::string& x) { out_.text(name, x); }
  void show(std::string_view name, const uuid& x) { out_.id(name, x); }
  void show(std::string_view name, const buffer& x) { out_.bytes(name, x); }
  void show(std::string_view name, const payload& x) { out_.record_set(name, x.size()); }
  template <described T>
  void show(std::string_view name, const T& x) {
    json_visitor inner{out_.object(name)};
    T::visit(inner, x);
  }
  template <class T>
  void show(std::string_view name, const std::vector<T>& x) {
    json_visitor inner{out_.array(name)};
    for (const auto& element : x)
      inner.show({}, element);
  }
  template <class T>
  void show(std::string_view name, const std::optional<T>& x) {
    if (x)
      show(name, *x);
    else
      out_.null(name);
  }

  json_builder out_;
};

} // namespace chisme::wire
