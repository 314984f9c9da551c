// key

#include <memory>
#include <string>
#include <vector>

#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/table.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/base/clock.h"
#include "service/base/grant_text.h"

namespace colophon {
namespace {

struct KeyOptions {
  std::string action;
  std::string id;
  std::string caller;
  std::vector<std::string> roles;
  std::vector<std::string> repositories;
  std::string prompts;
  std::vector<std::string> labels;
  std::string expires;
  std::string overlap;
  std::string certificate;
  std::string description;
  int rate = 0;
  bool all = false;
};

std::vector<std::string> RoleNames() {
  std::vector<std::string> names;
  for (int role = v1::ACCESS_ROLE_READER; role <= v1::AccessRole_MAX; ++role) {
    names.push_back(RoleName(static_cast<v1::AccessRole>(role)));
  }
  return names;
}

std::string GrantsText(const v1::Key& key) {
  std::vector<std::string> grants;
  for (const v1::Grant& grant : key.grants()) grants.push_back(GrantText(grant));
  return fmt::format("{}", fmt::join(grants, ", "));
}

std::string EndText(const Output& out, const v1::Key& key) {
  if (key.has_revoke_time()) return "revoked " + out.ShortTime(key.revoke_time());
  return key.has_expire_time() ? out.ShortTime(key.expire_time()) : "never";
}

// Each role for each repository; a label belongs to those who move labels.
void AddGrants(const KeyOptions& options, v1::Key* key) {
  for (const std::string& repository : options.repositories) {
    for (const std::string& role : options.roles) {
      v1::Grant& grant = *key->add_grants();
      grant.set_role(RoleOfName(role));
      grant.set_repository(repository == "all" ? "*" : repository);
      grant.set_prompts(options.prompts);
      if (grant.role() != v1::ACCESS_ROLE_RELEASER) continue;
      for (const std::string& label : options.labels) grant.add_labels(label);
    }
  }
}

absl::Status SetExpiry(const KeyOptions& options, v1::Key* key) {
  if (options.expires.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Duration after, ParseDuration(options.expires));
  *key->mutable_expire_time() = ToProto(Clock::Real()->Now() + after);
  return absl::OkStatus();
}

absl::Status Create(const Session& session, const KeyOptions& options) {
  const Output& out = session.output();
  v1::CreateKeyRequest request;
  v1::Key& key = *request.mutable_key();
  key.set_description(options.description);
  key.set_requests_per_minute(options.rate);
  key.set_certificate(options.certificate);
  RETURN_IF_ERROR(SetExpiry(options, &key));
  if (options.action == "replace") {
    request.set_replaces(options.id);
    if (!options.overlap.empty()) {
      ASSIGN_OR_RETURN(const absl::Duration overlap, ParseDuration(options.overlap));
      *request.mutable_overlap() = ToProto(overlap);
    }
  } else {
    key.set_caller(options.caller);
    AddGrants(options, &key);
  }
  ASSIGN_OR_RETURN(const v1::CreateKeyResponse made, session.NewClient().CreateKey(request));
  if (out.json()) {
    out.Json(made);
  } else if (!out.terminal()) {
    // For a file or another program.
    out.Line(made.secret().empty() ? made.key().id() : made.secret());
  } else {
    if (!made.secret().empty()) out.Line(made.secret() + "\n");
    out.Field("key", made.key().id());
    out.Field("caller", made.key().caller());
    for (const v1::Grant& grant : made.key().grants()) out.Field("may", GrantText(grant));
    out.Field("until", out.Time(made.key().expire_time()));
  }
  if (out.terminal() && !made.secret().empty()) {
    out.Note("the key is told this once; it is sent as authorization: Bearer KEY");
  }
  if (!made.keys_required()) {
    out.Note(
        "this server lets callers in without a key, too: see require_keys in its "
        "configuration");
  }
  return absl::OkStatus();
}

absl::Status List(const Session& session, const KeyOptions& options) {
  const Output& out = session.output();
  v1::ListKeysRequest request;
  request.set_show_ended(options.all);
  if (options.repositories.size() > 1) {
    return InvalidArgument("BAD_USAGE", "keys are listed of one repository, or of all");
  }
  if (!options.repositories.empty()) request.set_repository(options.repositories.front());
  ASSIGN_OR_RETURN(const v1::ListKeysResponse response, session.NewClient().ListKeys(request));
  if (out.json()) {
    for (const v1::Key& key : response.keys()) out.Json(key);
    return absl::OkStatus();
  }
  Table table({"KEY", "CALLER", "MAY", "LAST USED", "ENDS", "MADE BY", "FOR"});
  table.SetWhole(0);
  table.SetOptional(5);
  table.SetOptional(6);
  table.SetStyle(1, Style::kBold);
  for (const v1::Key& key : response.keys()) {
    table.Add({key.id(), key.caller(), GrantsText(key),
               key.has_last_use_time() ? out.ShortTime(key.last_use_time()) : "never",
               EndText(out, key), key.creator(), key.description()});
  }
  table.Print(out);
  if (response.keys().empty()) out.Note("there are no keys");
  return absl::OkStatus();
}

absl::Status Revoke(const Session& session, const KeyOptions& options) {
  const Output& out = session.output();
  v1::RevokeKeyRequest request;
  request.set_id(options.id);
  ASSIGN_OR_RETURN(const v1::RevokeKeyResponse response, session.NewClient().RevokeKey(request));
  if (out.json()) {
    out.Json(response);
  } else {
    out.Line(fmt::format("revoked {} of {}: nobody is let in by it any more", response.key().id(),
                         response.key().caller()));
  }
  return absl::OkStatus();
}

absl::Status CheckUsage(const KeyOptions& options) {
  const bool takes_id = options.action == "revoke" || options.action == "replace";
  if (takes_id && options.id.empty()) {
    return InvalidArgument("BAD_USAGE", fmt::format("say which key: colophon key {} ID; `colophon "
                                                    "key list` has them",
                                                    options.action));
  }
  if (!takes_id && !options.id.empty()) {
    return InvalidArgument("BAD_USAGE", fmt::format("{} takes no key's id, and \"{}\" is one more "
                                                    "word than it takes",
                                                    options.action, options.id));
  }
  if (options.action != "create") return absl::OkStatus();
  if (options.caller.empty() || options.roles.empty() || options.repositories.empty()) {
    return InvalidArgument("BAD_USAGE",
                           "say who calls with it and what it may do: colophon key create --for "
                           "shop --role caller -r acme");
  }
  return absl::OkStatus();
}

absl::Status RunKey(const Session& session, const KeyOptions& options) {
  RETURN_IF_ERROR(CheckUsage(options));
  if (options.action == "list") return List(session, options);
  if (options.action == "revoke") return Revoke(session, options);
  return Create(session, options);
}

}  // namespace

void AddKeyCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<KeyOptions>();
  CLI::App* command =
      session->AddCommand(app, "key", "Make, list, replace and revoke the keys of a server",
                          [=] { return RunKey(*session, *options); });
  command->add_option("ACTION", options->action, "create, list, replace or revoke")
      ->required()
      ->check(CLI::IsMember({"create", "list", "replace", "revoke"}));
  command->add_option("ID", options->id, "The key to replace or revoke, or its whole text");
  command->add_option("--for", options->caller, "Who calls with it, for records and changes")
      ->type_name("NAME");
  command->add_option("--role", options->roles, "What it may do; several are added up")
      ->type_name("ROLE")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CLI::IsMember(RoleNames()));
  command
      ->add_option("-r,--repository", options->repositories,
                   "Where: a repository, or all for the whole server")
      ->type_name("REPO")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--prompts", options->prompts, "Only these: support/ or support/triage")
      ->type_name("PATH");
  command->add_option("--label", options->labels, "A releaser's: only these labels")
      ->type_name("LABEL")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--expires", options->expires, "It ends after so long, 90d")
      ->type_name("TIME");
  command->add_option("--overlap", options->overlap, "The replaced key ends after so long, 1d")
      ->type_name("TIME");
  command
      ->add_option("--certificate", options->certificate,
                   "Let in who shows a client certificate of this name; it has no secret")
      ->type_name("NAME");
  command->add_option("--rate", options->rate, "At most so many requests a minute")->type_name("N");
  command->add_option("-m,--description", options->description, "What it is for")
      ->type_name("TEXT");
  command->add_flag("--all", options->all, "List those too that have ended");
  command->footer(
      "Roles: a reader reads prompts and clones; a caller renders, completes and\n"
      "records; a publisher calls and publishes; a releaser moves labels; an auditor\n"
      "reads records; an admin may everything, and makes keys.");
}

}  // namespace colophon
