// The visitor that says what a message looks like in one version, a line a field, for the comparison with the
// published schemas: "topics[].partitions[].index int32 =0", "node_endpoints []struct tag 0".
//
// A question mark behind the type means that the version allows null. Defaults are printed for scalars and
// strings.
#pragma once

#include "messages/wire/primitives.hpp"
#include "messages/wire/versions.hpp"

namespace chisme::wire {

class describer {
public:
  explicit describer(int16_t version) : version_(version) {}

  template <described T>
  void record(const T& x) {
    T::visit(*this, x);
  }

  template <class T>
  void operator()(std::string_view name, const T& field, field_versions versions = {}) {
    line(name, field, versions, {});
  }

  template <class T>
  void tag(uint32_t tag, std::string_view name, const T& field, field_versions versions = {}, const T& normal = {}) {
    line(name, normal, versions, " tag " + std::to_string(tag));
    if constexpr (std::equality_comparable<T> && !is_vector<T>::value)
      if (!(field == normal))
        lines_.push_back(prefix_ + std::string{name} + ": a new message does not hold the tag's default");
  }

  const std::vector<std::string>& lines() const { return lines_; }

private:
  template <class T>
  void line(std::string_view name, const T& field, field_versions versions, const std::string& suffix) {
    if (!versions.contain(version_))
      return;
    auto nullable = can_be_null<T>() && versions.nullable(version_);
    lines_.push_back(prefix_ + std::string{name} + " " + type_name<T>() + (nullable ? "?" : "") + default_of(field) +
                     suffix);
    inner(name, field);
  }

  /// A record set may be null in all messages that have one; the decoder reads that as empty.
  template <class T>
  static constexpr bool can_be_null() {
    return is_optional<T>::value || std::same_as<T, payload>;
  }

  template <class T>
  static std::string type_name() {
    if constexpr (is_optional<T>::value)
      return type_name<typename T::value_type>();
    else if constexpr (is_vector<T>::value)
      return "[]" + type_name<typename T::value_type>();
    else if constexpr (std::same_as<T, bool>)
      return "bool";
    else if constexpr (integer<T>)
      return (std::is_unsigned_v<T> ? "uint" : "int") + std::to_string(8 * sizeof(T));
    else if constexpr (std::same_as<T, double>)
      return "float64";
    else if constexpr (std::same_as<T, std::string>)
      return "string";
    else if constexpr (std::same_as<T, uuid>)
      return "uuid";
    else if constexpr (std::same_as<T, buffer>)
      return "bytes";
    else if constexpr (std::same_as<T, payload>)
      return "records";
    else
      return "struct";
  }

  template <class T>
  static std::string default_of(const T& field) {
    if constexpr (std::same_as<T, bool>)
      return field ? " =true" : " =false";
    else if constexpr (integer<T>)
      return " =" + std::to_string(static_cast<int64_t>(field));
    else if constexpr (std::same_as<T, std::string>)
      return " ='" + field + "'";
    else
      return {};
  }

  template <class T>
  void inner(std::string_view name, const T& field) {
    if constexpr (described<T>)
      nested(std::string{name} + ".", field);
    else if constexpr (is_vector<T>::value)
      inner(std::string{name} + "[]", typename T::value_type{});
    else if constexpr (is_optional<T>::value)
      inner(name, typename T::value_type{});
  }

  template <class T>
  void nested(const std::string& step, const T& field) {
    const auto outer = prefix_;
    prefix_ += step;
    T::visit(*this, field);
    prefix_ = outer;
  }

  int16_t version_;
  std::string prefix_;
  std::vector<std::string> lines_;
};

} // namespace chisme::wire
