//! From the file to the model: checks that the file is OpenAPI 3.0, then walks its operations.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use openapiv3::{OpenAPI, ReferenceOr, StatusCode};
use serde_json::Value;

use super::document::Document;
use super::error::ContractError;
use super::evidence::Evidence;
use super::model::{
    Auth, Contract, Media, MediaKind, Operation, Parameter, ParameterIn, PathTemplate, RequestBody, Response,
    ResponseHeader, Sealed, StatusPattern, Style,
};
use super::pointer::join;
use super::schema::Schema;
use super::security::{assertion_mark, marked_members};
use super::structure::{check_structure, check_version};
use super::translate::Role;
use super::walk::examples;
use crate::base::OperationId;

impl Contract {
    /// Reads a document as the contract `name`.
    pub fn read(name: &str, document: Document) -> Result<Self, ContractError> {
        Self::read_named(name, document, &IndexMap::new())
    }

    /// As [`Contract::read`]; operations at these places (`METHOD /path` by name) get these names, whatever their
    /// operationId.
    pub fn read_named(name: &str, document: Document, names: &IndexMap<String, String>) -> Result<Self, ContractError> {
        check_version(&document)?;
        check_structure(&document)?;
        let api: OpenAPI = serde_json::from_value(document.root().clone()).map_err(|error| {
            document.invalid(
                "",
                format!("not an OpenAPI 3.0 description: {error}"),
                "compare the file with OpenAPI 3.0.3",
            )
        })?;
        let places = names.iter().map(|(name, place)| (shape_of(place), name.as_str())).collect();
        let mut reader = Reader { name, places, document: &document, api: &api, schemas: HashMap::new() };
        let operations = reader.operations()?;
        let base_path = api.servers.first().map_or(String::new(), |server| path_of_url(&server.url));
        Ok(Self { name: name.to_owned(), direction: None, base_path, document, operations })
    }
}

/// The path part of a server URL, without a trailing slash.
fn path_of_url(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or(String::new(), |slash| rest[slash..].trim_end_matches('/').to_owned())
}

/// A place with the names of its parameters taken out: `PUT /cards/{}`.
fn shape_of(place: &str) -> String {
    let (method, path) = place.split_once(' ').unwrap_or(("", place));
    format!("{} {}", method.to_ascii_uppercase(), PathTemplate::new(path).shape())
}

struct Reader<'d> {
    name: &'d str,
    /// Names by the shape of the place.
    places: HashMap<String, &'d str>,
    document: &'d Document,
    api: &'d OpenAPI,
    schemas: HashMap<(String, Role), Arc<Schema>>,
}

impl<'d> Reader<'d> {
    fn operations(&mut self) -> Result<Vec<Arc<Operation>>, ContractError> {
        let mut operations = Vec::new();
        let mut names: HashMap<String, String> = HashMap::new();
        for (path, item) in &self.api.paths.paths {
            let item_pointer = join("/paths", path);
            let ReferenceOr::Item(item) = item else {
                return Err(self.document.invalid(
                    &item_pointer,
                    "a path item behind a reference is not read",
                    "write the path item in place",
                ));
            };
            for (method, source) in item.iter() {
                let operation = self.operation(path, &item_pointer, method, source)?;
                if let Some(other) = names.insert(operation.id.to_string(), operation.pointer.clone()) {
                    return Err(self.document.invalid(
                        &operation.pointer,
                        format!("the operationId `{}` stands at #{other} too", operation.id.name()),
                        "give each operation a name of its own",
                    ));
                }
                operations.push(Arc::new(operation));
            }
        }
        Ok(operations)
    }

    fn operation(
        &mut self,
        path: &str,
        item_pointer: &str,
        method: &str,
        source: &openapiv3::Operation,
    ) -> Result<Operation, ContractError> {
        let pointer = format!("{item_pointer}/{method}");
        let node = self.node(&pointer);
        let named = self.places.get(&shape_of(&format!("{method} {path}"))).map(|name| (*name).to_owned());
        let name = named.or_else(|| source.operation_id.clone()).unwrap_or_else(|| format!("{method} {path}"));
        let own = Evidence::default().below(node);
        let path_evidence = Evidence::default().below_part(node, &["path"]);
        let evidence = own.and(path_evidence);
        let (parameters, basic) = self.parameters(item_pointer, &pointer, evidence)?;
        let secured = source.security.as_ref().or(self.api.security.as_ref());
        let bearer = secured.is_some_and(|list| !list.is_empty() && list.iter().all(|one| !one.is_empty()));
        let body = self.body(&pointer, node, evidence)?;
        let schemas = body.iter().flat_map(|body| &body.media).filter_map(|media| media.schema.as_deref());
        let assertion = schemas.into_iter().find_map(assertion_mark);
        Ok(Operation {
            id: OperationId::of(self.name, &name),
            method: method.to_ascii_uppercase(),
            path: PathTemplate::new(path),
            evidence,
            path_evidence,
            examples: examples(self.document, &parameters, body.as_ref()),
            parameters,
            body,
            assertion,
            responses: self.responses(&pointer, source, own)?,
            auth: if basic {
                Auth::Basic
            } else if bearer {
                Auth::Bearer
            } else {
                Auth::None
            },
            pointer,
        })
    }

    /// Parameters of the path item and the operation; the operation's win. The flag says whether HTTP Basic
    /// credentials are demanded by a required `Authorization` header.
    fn parameters(
        &mut self,
        item_pointer: &str,
        pointer: &str,
        evidence: Evidence,
    ) -> Result<(Vec<Parameter>, bool), ContractError> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut basic = false;
        for list in [format!("{item_pointer}/parameters"), format!("{pointer}/parameters")] {
            let count = self.document.node(&list).and_then(Value::as_array).map_or(0, Vec::len);
            for index in 0..count {
                let place = self.document.resolve(&format!("{list}/{index}"))?;
                let node = self.node(&place);
                let name = text(node, "name");
                if name.eq_ignore_ascii_case("authorization") && text(node, "in") == "header" {
                    let pattern = node.pointer("/schema/pattern").and_then(Value::as_str).unwrap_or_default();
                    basic |= node["required"] == Value::Bool(true) && pattern.contains("Basic");
                    continue;
                }
                if let Some(parameter) = self.parameter(&place, evidence)? {
                    parameters.retain(|known| known.place != parameter.place || known.name != parameter.name);
                    parameters.push(parameter);
                }
            }
        }
        Ok((parameters, basic))
    }

    fn parameter(&mut self, pointer: &str, evidence: Evidence) -> Result<Option<Parameter>, ContractError> {
        let node = self.node(pointer);
        let name = text(node, "name");
        let place = match text(node, "in") {
            "path" => ParameterIn::Path,
            "query" => ParameterIn::Query,
            "header" if !matches!(name.to_ascii_lowercase().as_str(), "accept" | "content-type") => ParameterIn::Header,
            // Cookies are no part of this kind of API.
            _ => return Ok(None),
        };
        let content = node.get("content").and_then(Value::as_object).and_then(|content| content.keys().next());
        let schema_pointer = match content {
            Some(media) => format!("{}/schema", join(&format!("{pointer}/content"), media)),
            None => format!("{pointer}/schema"),
        };
        let style = match text(node, "style") {
            _ if content.is_some_and(|media| MediaKind::of(media) == MediaKind::Json) => Style::Json,
            _ if content.is_some() => Style::Other,
            "spaceDelimited" => Style::SpaceDelimited,
            "pipeDelimited" => Style::PipeDelimited,
            "deepObject" => Style::DeepObject,
            "label" => Style::Label,
            "matrix" => Style::Matrix,
            "" if place == ParameterIn::Query => Style::Form,
            "form" => Style::Form,
            _ => Style::Simple,
        };
        Ok(Some(Parameter {
            name: name.to_owned(),
            place,
            required: node["required"] == Value::Bool(true),
            style,
            explode: node.get("explode").and_then(Value::as_bool).unwrap_or(style == Style::Form),
            schema: self.schema(&schema_pointer, Role::Request)?,
            pointer: pointer.to_owned(),
            evidence: evidence.below(node),
        }))
    }

    fn body(
        &mut self,
        pointer: &str,
        operation: &Value,
        evidence: Evidence,
    ) -> Result<Option<RequestBody>, ContractError> {
        let place = format!("{pointer}/requestBody");
        if self.document.node(&place).is_none() {
            return Ok(None);
        }
        let place = self.document.resolve(&place)?;
        let node = self.node(&place);
        let mark = evidence.below(node).and(Evidence::part(operation, &["requestBody"]).unwrap_or_default());
        let required_mark = Evidence::part(operation, &["requestBody-required"])
            .or_else(|| Evidence::part(node, &["required"]))
            .unwrap_or_default();
        Ok(Some(RequestBody {
            required: node["required"] == Value::Bool(true),
            required_evidence: mark.and(required_mark),
            media: self.media(&place, Role::Request)?,
            pointer: place,
            evidence: mark,
        }))
    }

    fn media(&mut self, pointer: &str, role: Role) -> Result<Vec<Media>, ContractError> {
        let content = format!("{pointer}/content");
        let Some(types) = self.document.node(&content).and_then(Value::as_object) else { return Ok(Vec::new()) };
        types
            .iter()
            .map(|(media_type, node)| {
                let place = join(&content, media_type);
                let schema = match node.get("schema") {
                    Some(_) => Some(self.schema(&format!("{place}/schema"), role)?),
                    None => None,
                };
                let kind = MediaKind::of(media_type);
                let sealed = match &schema {
                    Some(schema) if kind == MediaKind::Json => self.sealed(schema, role)?,
                    _ => Vec::new(),
                };
                Ok(Media { media_type: media_type.clone(), kind, schema, pointer: place, sealed })
            })
            .collect()
    }

    fn sealed(&mut self, schema: &Schema, role: Role) -> Result<Vec<Sealed>, ContractError> {
        let sealed = marked_members(schema).into_iter().map(|marked| {
            let place = super::pointer::local_reference(&marked.reference).unwrap_or_default();
            if place.is_empty() || self.document.node(&place).is_none() {
                return Err(self.document.invalid(
                    &marked.pointer,
                    format!("`{}` is no schema of this file", marked.reference),
                    "name the schema of the clear text, such as '#/components/schemas/Plaintext'",
                ));
            }
            Ok(Sealed {
                path: marked.path,
                plaintext: self.schema(&place, role)?,
                pointer: marked.pointer,
                evidence: marked.evidence,
                for_d1: marked.recipient == "d1",
            })
        });
        sealed.collect()
    }

    fn responses(
        &mut self,
        pointer: &str,
        source: &openapiv3::Operation,
        evidence: Evidence,
    ) -> Result<Vec<Response>, ContractError> {
        let codes = source.responses.responses.keys().map(|code| match code {
            StatusCode::Code(code) => (code.to_string(), StatusPattern::Code(*code)),
            StatusCode::Range(class) => (format!("{class}XX"), StatusPattern::Range(*class)),
        });
        let default = source.responses.default.iter().map(|_| ("default".to_owned(), StatusPattern::Default));
        let keys: Vec<(String, StatusPattern)> = codes.chain(default).collect();
        keys.into_iter().map(|(key, status)| self.response(pointer, &key, status, evidence)).collect()
    }

    fn response(
        &mut self,
        pointer: &str,
        key: &str,
        status: StatusPattern,
        evidence: Evidence,
    ) -> Result<Response, ContractError> {
        let place = self.document.resolve(&format!("{pointer}/responses/{key}"))?;
        let node = self.node(&place);
        let flag = |name: &str| node.get(name) == Some(&Value::Bool(true));
        // The answer's own mark, not that of its number, weakens the body: texts and fields may be published
        // where the number is not.
        let body_evidence = evidence.below(node).and(Evidence::part(node, &["body"]).unwrap_or_default());
        let mut headers = Vec::new();
        for name in node.get("headers").and_then(Value::as_object).into_iter().flat_map(|headers| headers.keys()) {
            let header = self.document.resolve(&join(&format!("{place}/headers"), name))?;
            headers.push(self.header(name, header, evidence)?);
        }
        Ok(Response {
            status,
            evidence: evidence.below_part(node, &["code"]),
            body_evidence: if flag("x-body-unknown") { Evidence::Inferred } else { body_evidence },
            body_unknown: flag("x-body-unknown"),
            media: self.media(&place, Role::Response)?,
            headers,
            pointer: place,
        })
    }

    fn header(&mut self, name: &str, pointer: String, evidence: Evidence) -> Result<ResponseHeader, ContractError> {
        let node = self.node(&pointer);
        let schema = match node.get("schema") {
            Some(_) => Some(self.schema(&format!("{pointer}/schema"), Role::Response)?),
            None => None,
        };
        Ok(ResponseHeader {
            name: name.to_owned(),
            required: node["required"] == Value::Bool(true),
            schema,
            evidence: evidence.below(node),
            pointer,
        })
    }

    /// Each schema is compiled once per role, however many operations share it.
    fn schema(&mut self, pointer: &str, role: Role) -> Result<Arc<Schema>, ContractError> {
        let pointer = self.document.resolve(pointer)?;
        if let Some(known) = self.schemas.get(&(pointer.clone(), role)) {
            return Ok(Arc::clone(known));
        }
        let schema = Arc::new(Schema::compile(self.document, &pointer, role)?);
        self.schemas.insert((pointer, role), Arc::clone(&schema));
        Ok(schema)
    }

    fn node(&self, pointer: &str) -> &'d Value {
        self.document.node(pointer).unwrap_or(&Value::Null)
    }
}

fn text<'n>(node: &'n Value, key: &str) -> &'n str {
    node.get(key).and_then(Value::as_str).unwrap_or_default()
}
