//! From the file to the model: checks that the file is OpenAPI 3.0, then walks its operations.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use openapiv3::{OpenAPI, ReferenceOr, StatusCode};
use serde_json::Value;

use super::document::Document;
use super::error::ContractError;
use super::evidence::Evidence;
use super::model::{
    Auth, Contract, Media, MediaKind, Operation, Parameter, ParameterIn, PathTemplate, RequestBody, Response,
    ResponseHeader, StatusPattern, Style,
};
use super::pointer::join;
use super::schema::Schema;
use super::translate::Role;
use crate::base::OperationId;

impl Contract {
    /// Reads a document as the contract `name`.
    pub fn read(name: &str, document: Document) -> Result<Self, ContractError> {
        check_version(&document)?;
        check_structure(&document)?;
        let api: OpenAPI = serde_json::from_value(document.root().clone()).map_err(|error| {
            document.invalid(
                "",
                format!("not an OpenAPI 3.0 description: {error}"),
                "compare the file with OpenAPI 3.0.3",
            )
        })?;
        let mut reader = Reader { name, document: &document, api: &api, schemas: HashMap::new() };
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

fn check_version(document: &Document) -> Result<(), ContractError> {
    let root = document.root();
    if !root.is_object() {
        return Err(document.invalid("", "the file holds no mapping", "name an OpenAPI 3.0 description"));
    }
    if root.get("swagger").is_some() {
        return Err(document.invalid(
            "/swagger",
            "this is a Swagger 2.0 (OpenAPI 2.0) file",
            "convert it to OpenAPI 3.0; only 3.0.x is read",
        ));
    }
    match root.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.0.") => Ok(()),
        Some(version) => Err(document.invalid(
            "/openapi",
            format!("this is an OpenAPI {version} file"),
            "provide it as OpenAPI 3.0.x; other versions mean other things by the same keywords",
        )),
        None => Err(document.invalid(
            "",
            "the member `openapi` is missing or no text",
            "name an OpenAPI 3.0 description; it starts with `openapi: 3.0.x`",
        )),
    }
}

/// Judges the document by the schema of the OpenAPI Initiative; names the deepest place at fault.
fn check_structure(document: &Document) -> Result<(), ContractError> {
    static VALIDATOR: OnceLock<Option<jsonschema::Validator>> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| {
        let mut schema: Value = serde_json::from_str(include_str!("openapi-3.0.schema.json")).ok()?;
        relax(&mut schema);
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft4).should_validate_formats(false);
        options.build(&schema).ok()
    });
    let Some(validator) = validator else { return Ok(()) };
    if validator.is_valid(document.root()) {
        return Ok(());
    }
    let evaluation = validator.evaluate(document.root());
    let worst = evaluation
        .iter_errors()
        .map(|entry| (entry.instance_location.as_str().to_owned(), entry.error.to_string()))
        .filter(|(place, _)| !beside_reference(document, place))
        .max_by_key(|(place, _)| place.matches('/').count());
    match worst {
        Some((place, problem)) => Err(document.invalid(
            &place,
            format!("not valid OpenAPI 3.0: {}", shorten(&problem)),
            "correct the member there; OpenAPI 3.0.3 says what it may hold",
        )),
        None => Ok(()),
    }
}

/// Lets undeclared members pass: real files carry some, and what is unknown can be ignored. A reference then fits the
/// branch of the thing itself too, so that "exactly one" becomes "at least one".
fn relax(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.shift_remove("additionalProperties");
            }
            if let Some(branches) = members.shift_remove("oneOf") {
                members.insert("anyOf".to_owned(), branches);
            }
            members.values_mut().for_each(relax);
        }
        Value::Array(items) => items.iter_mut().for_each(relax),
        _ => {}
    }
}

/// The branch "it should have been a reference" of the schema always fails on `$ref` itself; that says nothing.
fn beside_reference(document: &Document, place: &str) -> bool {
    document.node(place).is_some_and(|node| node.get("$ref").is_some()) || place.ends_with("/$ref")
}

fn shorten(problem: &str) -> String {
    if problem.chars().count() > 200 {
        problem.chars().take(200).chain("…".chars()).collect()
    } else {
        problem.to_owned()
    }
}

struct Reader<'d> {
    name: &'d str,
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
        let name = source.operation_id.clone().unwrap_or_else(|| format!("{method} {path}"));
        let own = Evidence::default().below(node);
        let path_evidence = Evidence::default().below_part(node, &["path"]);
        let evidence = own.and(path_evidence);
        let (parameters, basic) = self.parameters(item_pointer, &pointer, evidence)?;
        let secured = source.security.as_ref().or(self.api.security.as_ref());
        let bearer = secured.is_some_and(|list| !list.is_empty() && list.iter().all(|one| !one.is_empty()));
        Ok(Operation {
            id: OperationId::of(self.name, &name),
            method: method.to_ascii_uppercase(),
            path: PathTemplate::new(path),
            evidence,
            path_evidence,
            parameters,
            body: self.body(&pointer, node, evidence)?,
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
        let schema_pointer =
            match node.get("content").and_then(Value::as_object).and_then(|content| content.keys().next()) {
                Some(media) => format!("{}/schema", join(&format!("{pointer}/content"), media)),
                None => format!("{pointer}/schema"),
            };
        let style = match text(node, "style") {
            "spaceDelimited" => Style::SpaceDelimited,
            "pipeDelimited" => Style::PipeDelimited,
            "deepObject" | "label" | "matrix" => Style::Other,
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
                Ok(Media { media_type: media_type.clone(), kind: MediaKind::of(media_type), schema, pointer: place })
            })
            .collect()
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
