//! Describes what is served, as the protocol of gRPC reflection says: what is not known
//! is answered within the stream, which goes on.
//!
//! Administration is not described: nobody who reaches these services may call it.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use futures::StreamExt as _;
use prost::Message;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, FileDescriptor, MessageDescriptor, ServiceDescriptor,
};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_reflection::pb::{
    v1::{
        ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse,
        ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
        server_reflection_request::MessageRequest,
        server_reflection_response::MessageResponse,
        server_reflection_server::{ServerReflection, ServerReflectionServer},
    },
    v1alpha::{
        self,
        server_reflection_server::{
            ServerReflection as ServerReflectionAlpha,
            ServerReflectionServer as ServerReflectionAlphaServer,
        },
    },
};

use crate::calls::Answers;

/// The package whose schema strangers are not shown.
const HIDDEN: &str = "wpsx.admin.v1";

/// The schemas by the names that clients ask for. Clones are the same.
#[derive(Clone)]
pub(crate) struct Reflection {
    described: Arc<Described>,
}

#[derive(Default)]
struct Described {
    services: Vec<String>,
    files: HashMap<String, Bytes>,
    /// The file of each name in it.
    symbols: HashMap<String, String>,
}

impl Reflection {
    /// Describes `pools`.
    pub(crate) fn new(pools: &[DescriptorPool]) -> Self {
        let mut described = Described::default();
        for pool in pools {
            for file in pool.files().filter(is_shown) {
                let bytes = Bytes::from(file.encode_to_vec());
                described.files.insert(file.name().to_owned(), bytes);
            }
            for service in pool.services() {
                if is_shown(&service.parent_file()) {
                    described.services.push(service.full_name().to_owned());
                    described.add_service(&service);
                }
            }
            pool.all_messages().for_each(|m| described.add_message(&m));
            pool.all_enums().for_each(|e| described.add_enum(&e));
        }
        Self {
            described: Arc::new(described),
        }
    }

    pub(crate) fn v1(&self) -> ServerReflectionServer<Self> {
        ServerReflectionServer::new(self.clone())
    }

    pub(crate) fn v1alpha(&self) -> ServerReflectionAlphaServer<Self> {
        ServerReflectionAlphaServer::new(self.clone())
    }

    fn answer(&self, request: ServerReflectionRequest) -> ServerReflectionResponse {
        let asked = request.message_request.as_ref();
        let answer = asked.map_or_else(
            || Err(Status::invalid_argument("nothing is asked")),
            |asked| self.described.answer(asked),
        );
        ServerReflectionResponse {
            valid_host: request.host.clone(),
            message_response: Some(answer.unwrap_or_else(|status| {
                MessageResponse::ErrorResponse(ErrorResponse {
                    error_code: status.code() as i32,
                    error_message: status.message().to_owned(),
                })
            })),
            original_request: Some(request),
        }
    }
}

impl Described {
    fn answer(&self, asked: &MessageRequest) -> Result<MessageResponse, Status> {
        let unknown = |name: &str| Status::new(Code::NotFound, format!("{name} is not known here"));
        match asked {
            MessageRequest::ListServices(_) => {
                let service = self.services.iter().cloned();
                let service = service.map(|name| ServiceResponse { name }).collect();
                let services = ListServiceResponse { service };
                Ok(MessageResponse::ListServicesResponse(services))
            }
            MessageRequest::FileByFilename(name) => self.file(name).ok_or_else(|| unknown(name)),
            MessageRequest::FileContainingSymbol(name) => {
                let file = self.symbols.get(name).and_then(|file| self.file(file));
                file.ok_or_else(|| unknown(name))
            }
            MessageRequest::FileContainingExtension(extension) => {
                Err(unknown(&extension.containing_type))
            }
            // Some clients ask for every message and expect an answer.
            MessageRequest::AllExtensionNumbersOfType(name) => {
                let none = ExtensionNumberResponse {
                    base_type_name: name.clone(),
                    extension_number: Vec::new(),
                };
                Ok(MessageResponse::AllExtensionNumbersResponse(none))
            }
        }
    }

    fn file(&self, name: &str) -> Option<MessageResponse> {
        let file = self.files.get(name)?;
        let file_descriptor_proto = vec![file.to_vec()];
        Some(MessageResponse::FileDescriptorResponse(
            FileDescriptorResponse {
                file_descriptor_proto,
            },
        ))
    }

    fn add_service(&mut self, service: &ServiceDescriptor) {
        let file = service.parent_file();
        self.add(service.full_name(), &file);
        for method in service.methods() {
            self.add(method.full_name(), &file);
        }
    }

    fn add_message(&mut self, message: &MessageDescriptor) {
        let file = message.parent_file();
        self.add(message.full_name(), &file);
        for field in message.fields() {
            self.add(field.full_name(), &file);
        }
        for oneof in message.oneofs() {
            self.add(oneof.full_name(), &file);
        }
    }

    fn add_enum(&mut self, numbers: &EnumDescriptor) {
        let file = numbers.parent_file();
        self.add(numbers.full_name(), &file);
        for value in numbers.values() {
            self.add(value.full_name(), &file);
        }
    }

    fn add(&mut self, symbol: &str, file: &FileDescriptor) {
        self.symbols
            .insert(symbol.to_owned(), file.name().to_owned());
    }
}

fn is_shown(file: &FileDescriptor) -> bool {
    file.package_name() != HIDDEN
}

#[tonic::async_trait]
impl ServerReflection for Reflection {
    type ServerReflectionInfoStream = Answers<ServerReflectionResponse>;

    async fn server_reflection_info(
        &self,
        requests: Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        let this = self.clone();
        let answers = requests.into_inner();
        let answers = answers.map(move |request| Ok(this.answer(request?)));
        Ok(Response::new(Box::pin(answers)))
    }
}

/// The older version of the protocol has the same messages under another name.
#[tonic::async_trait]
impl ServerReflectionAlpha for Reflection {
    type ServerReflectionInfoStream = Answers<v1alpha::ServerReflectionResponse>;

    async fn server_reflection_info(
        &self,
        requests: Request<Streaming<v1alpha::ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        let this = self.clone();
        let answers = requests.into_inner();
        let answers = answers.map(move |request| again(&this.answer(again(&request?)?)));
        Ok(Response::new(Box::pin(answers)))
    }
}

fn again<B: Message + Default>(message: &impl Message) -> Result<B, Status> {
    B::decode(message.encode_to_vec().as_slice()).map_err(|e| Status::internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(asked: MessageRequest) -> MessageResponse {
        let reflection = Reflection::new(&crate::router::described().unwrap());
        let request = ServerReflectionRequest {
            host: "here".to_owned(),
            message_request: Some(asked),
        };
        let answer = reflection.answer(request.clone());
        assert_eq!(answer.original_request, Some(request));
        answer.message_response.unwrap()
    }

    #[test]
    fn strangers_are_not_shown_administration() {
        let MessageResponse::ListServicesResponse(listed) =
            answer(MessageRequest::ListServices(String::new()))
        else {
            panic!("services are listed");
        };
        let mut names: Vec<_> = listed.service.into_iter().map(|s| s.name).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "grpc.health.v1.Health",
                "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection",
                "wpsx.exchange.v1.ExchangeService",
                "wpsx.replication.v1.ReplicationService",
            ]
        );
        for hidden in [
            "wpsx.admin.v1.AdminService",
            "wpsx.admin.v1.AdminService.Publish",
            "wpsx.admin.v1.PublishRequest",
            "wpsx.admin.v1.PublishRequest.header",
        ] {
            let answer = answer(MessageRequest::FileContainingSymbol(hidden.to_owned()));
            let MessageResponse::ErrorResponse(error) = answer else {
                panic!("{hidden} is described");
            };
            assert_eq!(error.error_code, Code::NotFound as i32);
        }
        let pools = crate::router::described().unwrap();
        let files = pools.iter().flat_map(DescriptorPool::files);
        let hidden: Vec<_> = files.filter(|file| !is_shown(file)).collect();
        assert!(!hidden.is_empty());
        for file in hidden {
            let answer = answer(MessageRequest::FileByFilename(file.name().to_owned()));
            assert!(matches!(answer, MessageResponse::ErrorResponse(_)));
        }
    }

    #[test]
    fn what_is_not_known_is_answered_within_the_stream() {
        for asked in [
            MessageRequest::FileByFilename("nobody.proto".to_owned()),
            MessageRequest::FileContainingSymbol("nobody.Knows".to_owned()),
        ] {
            let MessageResponse::ErrorResponse(error) = answer(asked) else {
                panic!("something was described");
            };
            assert_eq!(error.error_code, Code::NotFound as i32);
            assert!(!error.error_message.is_empty());
        }
    }

    #[test]
    fn what_is_served_is_described_by_file_and_by_symbol_in_both_versions() {
        let symbol = "wpsx.exchange.v1.ExchangeService.ListRecords".to_owned();
        let asked = MessageRequest::FileContainingSymbol(symbol);
        let MessageResponse::FileDescriptorResponse(found) = answer(asked.clone()) else {
            panic!("a method is described by its file");
        };
        assert_eq!(found.file_descriptor_proto.len(), 1);
        let reflection = Reflection::new(&crate::router::described().unwrap());
        let response = reflection.answer(ServerReflectionRequest {
            host: String::new(),
            message_request: Some(asked),
        });
        let older: v1alpha::ServerReflectionResponse = again(&response).unwrap();
        assert_eq!(older.encode_to_vec(), response.encode_to_vec());
    }
}
