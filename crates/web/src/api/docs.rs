//! The browsable page of the API: made from the OpenAPI document, without scripts.

use std::sync::LazyLock;

use askama::Template;
use axum::response::Response;
use serde_json::Value;

use super::openapi::document;
use crate::{error::WebError, layout::Shell, layout::page};

/// The codes of errors that any request may meet, with their status and the key of their message.
const PROBLEMS: &[(u16, &str, &str)] = &[
    (400, "bad-request", "error-bad-request"),
    (400, "json-syntax", "api-problem-json-syntax"),
    (400, "bad-query", "api-problem-bad-query"),
    (400, "bad-idempotency-key", "api-error-idempotency-key"),
    (401, "unauthorized", "api-problem-unauthorized"),
    (403, "forbidden", "error-forbidden"),
    (403, "csrf", "error-csrf"),
    (404, "not-found", "error-not-found"),
    (405, "method-not-allowed", "error-method"),
    (408, "timeout", "error-timeout"),
    (409, "conflict", "error-conflict"),
    (409, "wrong_state", "refused-wrong_state"),
    (409, "not_enough_left", "refused-not_enough_left"),
    (409, "below_committed", "refused-below_committed"),
    (409, "live_matches", "refused-live_matches"),
    (409, "same_member", "refused-same_member"),
    (409, "other_category", "refused-other_category"),
    (409, "too_early", "refused-too_early"),
    (409, "not_your_step", "refused-not_your_step"),
    (409, "taken", "conflict-taken"),
    (409, "in_use", "conflict-in_use"),
    (409, "own_account", "conflict-own_account"),
    (409, "nothing_to_match", "conflict-nothing_to_match"),
    (409, "already_decided", "conflict-already_decided"),
    (409, "suspected_duplicate", "error-suspected-duplicate"),
    (409, "idempotency_key_reused", "conflict-idempotency_key_reused"),
    (409, "answer_not_kept", "conflict-answer_not_kept"),
    (409, "too_many_rosters", "conflict-too_many_rosters"),
    (409, "roster_over", "conflict-roster_over"),
    (409, "roster_not_checked", "conflict-roster_not_checked"),
    (409, "roster_not_ready", "conflict-roster_not_ready"),
    (409, "roster_running", "conflict-roster_running"),
    (409, "roster_not_done", "conflict-roster_not_done"),
    (409, "roster_rows_gone", "conflict-roster_rows_gone"),
    (401, "bad_credentials", "denied-bad_credentials"),
    (401, "disabled", "denied-disabled"),
    (413, "too-large", "error-too-large"),
    (415, "media-type", "api-error-media-type"),
    (422, "json-data", "api-problem-json-data"),
    (422, "invalid", "error-invalid"),
    (429, "too_many_tries", "denied-too_many_tries"),
    (429, "too-many-requests", "error-too-many"),
    (500, "internal", "error-internal"),
    (503, "unavailable", "error-unavailable"),
];

/// One field of a schema, or one parameter.
struct Field {
    name: String,
    kind: Kind,
    required: bool,
    about: String,
}

/// The type of a value: its words, and the schemas that it names.
#[derive(Default)]
struct Kind {
    text: String,
    schema: Option<String>,
}

/// A body: its media type and schema.
struct Body {
    status: String,
    about: String,
    kind: Option<Kind>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: String,
    public: bool,
    parameters: Vec<Field>,
    request: Option<Kind>,
    responses: Vec<Body>,
    curl: String,
}

struct Group {
    name: String,
    about: String,
    operations: Vec<Operation>,
}

struct SchemaTable {
    name: String,
    about: String,
    values: Vec<String>,
    fields: Vec<Field>,
}

struct Reference {
    groups: Vec<Group>,
    schemas: Vec<SchemaTable>,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let document = serde_json::to_value(document()).unwrap_or_default();
    Reference { groups: groups(&document), schemas: schemas(&document) }
});

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The type of a schema in words.
fn kind(schema: &Value) -> Kind {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return Kind { text: name.to_owned(), schema: Some(name.to_owned()) };
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        // A value that may be missing is written as one of null and itself.
        if let Some(one) = list(&schema[key]).find(|one| one["type"] != "null") {
            return kind(one);
        }
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        many => list(many).filter_map(Value::as_str).filter(|name| *name != "null").collect(),
    };
    if names.contains(&"array") {
        let of = kind(&schema["items"]);
        return Kind { text: format!("{}[]", of.text), schema: of.schema };
    }
    let name = names.first().copied().unwrap_or("any");
    let text = schema["format"].as_str().map_or(name.to_owned(), |format| format!("{name} ({format})"));
    Kind { text, schema: None }
}

fn groups(document: &Value) -> Vec<Group> {
    let group = |tag: &Value| {
        let name = text(&tag["name"]);
        let operations = entries(&document["paths"]).flat_map(|(path, item)| {
            let of_tag = entries(item).filter(|(_, op)| list(&op["tags"]).any(|t| *t == tag["name"]));
            of_tag.map(|(method, op)| operation(document, path, method, op)).collect::<Vec<_>>()
        });
        Group { operations: operations.collect(), about: text(&tag["description"]), name }
    };
    list(&document["tags"]).map(group).collect()
}

fn operation(document: &Value, path: &str, method: &str, op: &Value) -> Operation {
    let parameter = |p: &Value| Field {
        name: text(&p["name"]),
        kind: kind(&p["schema"]),
        required: p["required"] == true,
        about: text(&p["description"]),
    };
    let response = |(status, r): (&String, &Value)| Body {
        status: status.clone(),
        about: text(&r["description"]),
        kind: entries(&r["content"]).next().map(|(_, c)| kind(&c["schema"])),
    };
    let request = &op["requestBody"]["content"]["application/json"]["schema"];
    let public = list(&op["security"]).any(|s| s.as_object().is_some_and(serde_json::Map::is_empty));
    Operation {
        id: text(&op["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&op["summary"]),
        about: text(&op["description"]),
        public,
        parameters: list(&op["parameters"]).map(parameter).collect(),
        request: (!request.is_null()).then(|| kind(request)),
        responses: entries(&op["responses"]).map(response).collect(),
        curl: curl(document, path, method, request, public),
    }
}

/// A request as one would type it.
fn curl(document: &Value, path: &str, method: &str, request: &Value, public: bool) -> String {
    let path = path.replace("{id}", "$ID");
    let mut line = match method {
        "get" => format!("curl \"$TONGXIN{path}\""),
        other => format!("curl -X {} \"$TONGXIN{path}\"", other.to_uppercase()),
    };
    if !public {
        line.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    }
    if method == "post" {
        line.push_str(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"");
    }
    if !request.is_null() {
        let example = example(document, request);
        let body = serde_json::to_string(&example).unwrap_or_default();
        line.push_str(&format!(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'"));
    }
    line
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    }
}

/// A value that fits a schema: what is required, with the examples that it gives.
fn example(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if let Some(first) = list(&schema["enum"]).next() {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let required: Vec<&str> = list(&schema["required"]).filter_map(Value::as_str).collect();
            let fields = entries(&schema["properties"]).filter(|(name, _)| required.contains(&name.as_str()));
            Value::Object(fields.map(|(name, field)| (name.clone(), example(document, field))).collect())
        }
        Some("integer" | "number") => schema["minimum"].as_i64().unwrap_or(1).into(),
        Some("boolean") => true.into(),
        Some("array") => Value::Array(Vec::new()),
        _ if schema["format"] == "uuid" => "01930000-0000-7000-8000-000000000000".into(),
        _ => "…".into(),
    }
}

fn schemas(document: &Value) -> Vec<SchemaTable> {
    let table = |(name, schema): (&String, &Value)| SchemaTable {
        name: name.clone(),
        about: text(&schema["description"]),
        values: list(&schema["enum"]).map(text).collect(),
        fields: fields(document, schema),
    };
    entries(&document["components"]["schemas"]).map(table).collect()
}

/// The fields of an object, with those of the schemas that it is made of.
fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut all: Vec<Field> =
        list(&schema["allOf"]).flat_map(|part| fields(document, resolve(document, part))).collect();
    let required: Vec<&str> = list(&schema["required"]).filter_map(Value::as_str).collect();
    all.extend(entries(&schema["properties"]).map(|(name, field)| Field {
        name: name.clone(),
        kind: kind(field),
        required: required.contains(&name.as_str()),
        about: text(&field["description"]),
    }));
    all
}

#[derive(Template)]
#[template(path = "api/docs.html")]
struct DocsPage {
    shell: Shell,
    reference: &'static Reference,
    problems: &'static [(u16, &'static str, &'static str)],
}

/// `GET /api/docs`.
pub(super) async fn show(shell: Shell) -> Result<Response, WebError> {
    page(&DocsPage { shell: shell.page_key("api-title", ""), reference: &REFERENCE, problems: PROBLEMS })
}
