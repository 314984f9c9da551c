#include "service/record/filter_field.h"

#include <algorithm>

#include "service/base/clock.h"
#include "service/base/record_facts.h"
#include "service/record/recorder.h"

namespace colophon {
namespace {

using Type = FilterField::Type;

FilterField::Text Given(const std::string& text) {
  return text.empty() ? std::nullopt : FilterField::Text(text);
}

const v1::Usage& UsageOf(const v1::Record& record) { return record.outcome().completion().usage(); }

std::optional<double> InputTokens(const v1::Record& record) {
  const v1::Usage& usage = UsageOf(record);
  return usage.has_input_tokens() ? std::optional<double>(usage.input_tokens()) : std::nullopt;
}

std::optional<double> OutputTokens(const v1::Record& record) {
  const v1::Usage& usage = UsageOf(record);
  return usage.has_output_tokens() ? std::optional<double>(usage.output_tokens()) : std::nullopt;
}

FilterField Text(std::string_view name, std::string_view example,
                 const std::string& (*read)(const v1::Record&), Type type = Type::kText) {
  FilterField field{.name = name, .type = type, .example = example};
  field.text = [read](const v1::Record& record) { return Given(read(record)); };
  return field;
}

FilterField Number(std::string_view name, std::string_view example,
                   std::optional<double> (*read)(const v1::Record&), Type type = Type::kNumber) {
  FilterField field{.name = name, .type = type, .example = example};
  field.number = read;
  return field;
}

FilterField Duration(std::string_view name, std::string_view example,
                     std::optional<absl::Duration> (*read)(const v1::Record&)) {
  FilterField field{.name = name, .type = Type::kDuration, .example = example};
  field.duration = read;
  return field;
}

FilterField Truth(std::string_view name, std::string_view example,
                  std::optional<bool> (*read)(const v1::Record&)) {
  FilterField field{.name = name, .type = Type::kTruth, .example = example};
  field.truth = read;
  return field;
}

std::vector<FilterField> MakeFields() {
  using R = const v1::Record&;
  std::vector<FilterField> fields;
  const auto add = [&](FilterField field) { fields.push_back(std::move(field)); };

  add(Text(
      "prompt", "prompt = \"support/triage\"",
      +[](R r) -> const std::string& { return r.intent().prompt(); }, Type::kPrompt));
  add(Number(
      "version", "version = 12", +[](R r) -> std::optional<double> { return r.intent().version(); },
      Type::kVersion));
  add(Text(
      "commit", "commit = 3f2a9c1", +[](R r) -> const std::string& { return r.intent().commit(); },
      Type::kCommit));
  add(Truth(
      "draft", "draft = true",
      +[](R r) -> std::optional<bool> { return r.intent().version() == 0; }));
  add(Text(
      "label", "label = production",
      +[](R r) -> const std::string& { return r.intent().label(); }));
  add(Text(
      "caller", "caller = \"web-app\"",
      +[](R r) -> const std::string& { return r.intent().caller(); }));
  add(Text(
      "subject", "subject = \"user-5\"",
      +[](R r) -> const std::string& { return r.intent().subject(); }));
  add({.name = "tags", .type = Type::kTags, .example = "tags.env = prod"});
  add({.name = "status", .type = Type::kStatus, .example = "status = failed"});
  add(Text(
      "error_reason", "error_reason = PROVIDER_CUT",
      +[](R r) -> const std::string& { return r.outcome().error_reason(); }));
  add(Text("model", "model = \"openai/gpt-4o\"", ModelOf));
  FilterField provider{.name = "provider", .example = "provider = openai"};
  provider.text = [](R r) {
    const std::string& model = ModelOf(r);
    return Given(model.substr(0, model.find('/')));
  };
  add(std::move(provider));
  FilterField time{.name = "time", .type = Type::kTime, .example = "time > 3d"};
  add(std::move(time));
  add(Duration(
      "latency", "latency > 2s", +[](R r) -> std::optional<absl::Duration> {
        if (!r.outcome().has_latency()) return std::nullopt;
        return FromProto(r.outcome().latency());
      }));
  add(Duration(
      "first_piece", "first_piece > 800ms", +[](R r) -> std::optional<absl::Duration> {
        if (!r.outcome().has_first_piece_latency()) return std::nullopt;
        return FromProto(r.outcome().first_piece_latency());
      }));
  add(Number(
      "tokens", "tokens > 2000", +[](R r) -> std::optional<double> {
        const auto input = InputTokens(r), output = OutputTokens(r);
        if (!input && !output) return std::nullopt;
        return input.value_or(0) + output.value_or(0);
      }));
  add(Number("input_tokens", "input_tokens > 1500", InputTokens));
  add(Number("output_tokens", "output_tokens > 500", OutputTokens));
  add(Number(
      "pieces", "pieces > 100", +[](R r) -> std::optional<double> {
        if (!r.has_outcome()) return std::nullopt;
        return static_cast<double>(r.outcome().piece_count());
      }));
  add(Number(
      "attempts", "attempts > 1", +[](R r) -> std::optional<double> {
        if (!r.has_outcome()) return std::nullopt;
        return r.outcome().attempts_size();
      }));
  add(Truth(
      "output_valid", "output_valid = false", +[](R r) -> std::optional<bool> {
        if (!r.outcome().has_output_valid()) return std::nullopt;
        return r.outcome().output_valid();
      }));
  add(Truth(
      "external", "external = true",
      +[](R r) -> std::optional<bool> { return r.intent().external(); }));
  add(Truth(
      "stream", "stream = true", +[](R r) -> std::optional<bool> { return r.intent().stream(); }));
  add({.name = "variables", .type = Type::kVariables, .example = "variables.language = \"ko\""});
  add({.name = "score", .type = Type::kScore, .example = "score.quality < 0.2"});
  FilterField output{.name = "output", .type = Type::kWords, .example = "output : \"refund\""};
  output.text = [](R r) { return Given(OutputText(r.outcome().completion())); };
  add(std::move(output));
  return fields;
}

}  // namespace

const std::vector<FilterField>& FilterFields() {
  static const std::vector<FilterField> fields = MakeFields();
  return fields;
}

const FilterField* FindFilterField(std::string_view name) {
  const auto found = std::find_if(FilterFields().begin(), FilterFields().end(),
                                  [&](const FilterField& field) { return field.name == name; });
  return found == FilterFields().end() ? nullptr : &*found;
}

}  // namespace colophon
