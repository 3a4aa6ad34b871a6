//! What `rpc.discover` tells about a method.

use serde_json::{Value, json};

/// A description of one method: what it does, what it takes, what it answers. Given to
/// [`Method::describe`](crate::Method::describe), and told to callers by `rpc.discover`, in the shapes of OpenRPC.
///
/// ```
/// use procwire::{About, Method};
/// use serde_json::json;
///
/// Method::new("twice", |(n,): (i32,)| Ok(i64::from(n) * 2))
///     .describe(About::new("Doubles a number.").param("n", json!({ "type": "integer" })).result(json!({ "type": "integer" })));
/// ```
#[derive(Debug, Clone, Default)]
pub struct About {
    summary: String,
    /// Nothing is known where there is no description.
    params: Option<Vec<Value>>,
    result: Option<Value>,
    items: Option<Value>,
    input: Option<Value>,
}

impl About {
    /// One line on what the method does. It takes no parameters but those that follow.
    #[must_use]
    pub fn new(summary: &str) -> Self {
        About { summary: summary.to_owned(), params: Some(Vec::new()), ..About::default() }
    }

    /// A parameter that must be given, and its JSON Schema. In the order of the positions.
    #[must_use]
    pub fn param(self, name: &str, schema: Value) -> Self {
        self.with_param(name, true, schema)
    }

    /// As [`About::param`], for one that may be left out.
    #[must_use]
    pub fn optional(self, name: &str, schema: Value) -> Self {
        self.with_param(name, false, schema)
    }

    /// The JSON Schema of the result.
    #[must_use]
    pub fn result(mut self, schema: Value) -> Self {
        self.result = Some(schema);
        self
    }

    /// The JSON Schema of the items of a streamed answer.
    #[must_use]
    pub fn items(mut self, schema: Value) -> Self {
        self.items = Some(schema);
        self
    }

    /// The JSON Schema of the inputs that may come along with the request.
    #[must_use]
    pub fn input(mut self, schema: Value) -> Self {
        self.input = Some(schema);
        self
    }

    fn with_param(mut self, name: &str, required: bool, schema: Value) -> Self {
        let param = json!({ "name": name, "required": required, "schema": schema });
        self.params.get_or_insert_default().push(param);
        self
    }

    /// The method as `rpc.discover` lists it.
    pub(crate) fn listed(&self, name: &str, stream: bool) -> Value {
        let mut method = json!({ "name": name, "stream": stream });
        if let Some(params) = &self.params {
            method["params"] = json!(params);
        }
        if !self.summary.is_empty() {
            method["summary"] = json!(self.summary);
        }
        if let Some(schema) = &self.result {
            method["result"] = json!({ "name": "result", "schema": schema });
        }
        for (member, schema) in [("items", &self.items), ("input", &self.input)] {
            if let Some(schema) = schema {
                method[member] = schema.clone();
            }
        }
        method
    }
}
