#include "service/rpc/reflection.h"

#include <set>
#include <utility>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "service/rpc/status.h"

namespace colophon {
namespace {

namespace wire = grpc::reflection::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

class Answerer {
 public:
  explicit Answerer(std::vector<std::string> services) : services_(std::move(services)) {}

  void Answer(const wire::ServerReflectionRequest& request,
              wire::ServerReflectionResponse* response) const {
    response->set_valid_host(request.host());
    *response->mutable_original_request() = request;
    const DescriptorPool& pool = *DescriptorPool::generated_pool();
    switch (request.message_request_case()) {
      case wire::ServerReflectionRequest::kFileByFilename:
        return AddFile(pool.FindFileByName(request.file_by_filename()), response);
      case wire::ServerReflectionRequest::kFileContainingSymbol:
        return AddFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), response);
      case wire::ServerReflectionRequest::kFileContainingExtension:
      case wire::ServerReflectionRequest::kAllExtensionNumbersOfType:
        return SetError(absl::NotFoundError("no message here has extensions"), response);
      case wire::ServerReflectionRequest::kListServices:
        for (const std::string& service : services_) {
          response->mutable_list_services_response()->add_service()->set_name(service);
        }
        return;
      case wire::ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
        return SetError(absl::InvalidArgumentError("the request asks nothing"), response);
    }
  }

 private:
  static void SetError(const absl::Status& error, wire::ServerReflectionResponse* response) {
    const grpc::Status status = ToGrpc(error);
    response->mutable_error_response()->set_error_code(status.error_code());
    response->mutable_error_response()->set_error_message(status.error_message());
  }

  static void AddFile(const FileDescriptor* file, wire::ServerReflectionResponse* response) {
    if (file == nullptr) return SetError(absl::NotFoundError("nothing of that name"), response);
    std::set<const FileDescriptor*> added;
    AddWithImports(file, &added, response->mutable_file_descriptor_response());
  }

  static void AddWithImports(const FileDescriptor* file, std::set<const FileDescriptor*>* added,
                             wire::FileDescriptorResponse* response) {
    if (!added->insert(file).second) return;
    google::protobuf::FileDescriptorProto proto;
    file->CopyTo(&proto);
    response->add_file_descriptor_proto(proto.SerializeAsString());
    for (int i = 0; i < file->dependency_count(); ++i) {
      AddWithImports(file->dependency(i), added, response);
    }
  }

  const std::vector<std::string> services_;
};

// One stream: a question, its answer, the next question. Deletes itself at the end.
class Conversation final : public grpc::ServerBidiReactor<wire::ServerReflectionRequest,
                                                          wire::ServerReflectionResponse> {
 public:
  explicit Conversation(const Answerer* answerer) : answerer_(answerer) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    response_.Clear();
    answerer_->Answer(request_, &response_);
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  const Answerer* const answerer_;
  wire::ServerReflectionRequest request_;
  wire::ServerReflectionResponse response_;
};

class ReflectionService final : public wire::ServerReflection::CallbackService {
 public:
  explicit ReflectionService(std::vector<std::string> services) : answerer_(std::move(services)) {}

  grpc::ServerBidiReactor<wire::ServerReflectionRequest, wire::ServerReflectionResponse>*
  ServerReflectionInfo(grpc::CallbackServerContext*) override {
    return new Conversation(&answerer_);
  }

 private:
  const Answerer answerer_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewReflectionService(std::vector<std::string> services) {
  return std::make_unique<ReflectionService>(std::move(services));
}

}  // namespace colophon
