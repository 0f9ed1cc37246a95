//! Single requests for single objects.

use std::time::Duration;

use http::{Method, Request};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::culprit::{pod_resource, selector};
use super::retry::{TIMEOUT, answered, while_broken};
use super::{ApiError, Cluster, Object, Resource};

/// Whose fields the applied ones are: Helm's command line, so that either can take over.
pub const FIELD_MANAGER: &str = "helm";

/// How often a conflict that passes by itself is met with another try.
const ATTEMPTS: u32 = 5;

/// Objects on a page of a listing of metadata.
const PAGE: &str = "500";

const METADATA: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/// What the server does about fields it does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// The request fails.
    #[default]
    Strict,
    /// They are dropped.
    Ignore,
}

/// How an object is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApplyOptions {
    /// Take fields over from other managers.
    pub force: bool,
    /// What becomes of unknown fields.
    pub validation: FieldValidation,
    /// Only say what would be.
    pub dry_run: bool,
}

/// What becomes of an object's dependents when it is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// They go later.
    #[default]
    Background,
    /// They go first.
    Foreground,
    /// They stay.
    Orphan,
}

impl FieldValidation {
    fn name(self) -> &'static str {
        match self {
            FieldValidation::Strict => "Strict",
            FieldValidation::Ignore => "Ignore",
        }
    }
}

impl Propagation {
    fn name(self) -> &'static str {
        match self {
            Propagation::Background => "Background",
            Propagation::Foreground => "Foreground",
            Propagation::Orphan => "Orphan",
        }
    }
}

type Query<'a> = &'a [(&'a str, &'a str)];

impl Cluster {
    /// Reads an object; `None` where there is none.
    ///
    /// # Errors
    /// Where the server refuses or gives no answer.
    pub async fn get(&self, object: &Object) -> Result<Option<Value>, ApiError> {
        let path = path(&object.resource, &object.namespace, &object.name);
        match self.send(Method::GET, &path, &[], None).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the objects of a kind in a namespace, or with the empty one in all: the list object.
    ///
    /// # Errors
    /// Where the server refuses or gives no answer.
    pub async fn list(
        &self,
        resource: &Resource,
        namespace: &str,
        query: Query<'_>,
    ) -> Result<Value, ApiError> {
        self.send(Method::GET, &path(resource, namespace, ""), query, None).await
    }

    /// A page of the metadata of a kind's objects in a namespace; `token` is that of the page before, or empty.
    ///
    /// # Errors
    /// Where the server refuses or gives no answer.
    pub async fn list_metadata(
        &self,
        resource: &Resource,
        namespace: &str,
        token: &str,
    ) -> Result<Value, ApiError> {
        let query = [("limit", PAGE), ("continue", token)];
        let query = if token.is_empty() { query.get(..1).unwrap_or_default() } else { &query };
        self.send_accepting(METADATA, &path(resource, namespace, ""), query).await
    }

    /// An object as the server prints it: a `Table`.
    ///
    /// # Errors
    /// Where there is none, or the server refuses.
    pub async fn table(&self, object: &Object) -> Result<Value, ApiError> {
        self.send_accepting(TABLE, &path(&object.resource, &object.namespace, &object.name), &[]).await
    }

    /// The pods that an object selects, as the server prints them.
    ///
    /// # Errors
    /// Where the server refuses.
    pub async fn pod_table(&self, object: &Object) -> Result<Value, ApiError> {
        let selector = selector(object).unwrap_or_default();
        let query = [("labelSelector", selector.as_str())];
        self.send_accepting(TABLE, &path(&pod_resource(), &object.namespace, ""), &query).await
    }

    /// The list of the pods that an object selects.
    ///
    /// # Errors
    /// Where the server refuses.
    pub async fn pod_list(&self, object: &Object) -> Result<Value, ApiError> {
        let selector = selector(object).unwrap_or_default();
        let mut list =
            self.list(&pod_resource(), &object.namespace, &[("labelSelector", selector.as_str())]).await?;
        // The server leaves out what all items share.
        for item in list.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
            item["apiVersion"] = json!("v1");
            item["kind"] = json!("Pod");
        }
        Ok(list)
    }

    /// Deletes the pods that a workload selects, so that it starts others; other objects have none.
    ///
    /// # Errors
    /// Where the server refuses.
    pub async fn delete_pods(&self, object: &Object) -> Result<(), ApiError> {
        if selector(object).is_none() {
            return Ok(());
        }
        let mut list = self.pod_list(object).await?;
        let items = list.get_mut("items").map(Value::take).unwrap_or_default();
        for body in items.as_array().into_iter().flatten() {
            let name = body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let namespace = object.namespace.clone();
            let pod = Object { resource: pod_resource(), namespace, name, body: Value::Null };
            self.delete(&pod, Propagation::Background).await?;
        }
        Ok(())
    }

    async fn send_accepting(&self, accept: &str, path: &str, query: Query<'_>) -> Result<Value, ApiError> {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        let (client, uri) = (self.client(), format!("{path}?{query}"));
        let build = || Request::get(&uri).header(http::header::ACCEPT, accept).body(Vec::new());
        let send = || async { client.request(build().map_err(kube::Error::HttpError)?).await };
        answered(|| format!("GET {path}"), send).await
    }

    /// Applies an object on the server's side.
    ///
    /// # Errors
    /// A conflict where another manager owns a field and `force` is off; whatever else the server says.
    pub async fn apply(&self, object: &Object, options: ApplyOptions) -> Result<Value, ApiError> {
        let path = path(&object.resource, &object.namespace, &object.name);
        let mut query = vec![
            ("fieldManager", FIELD_MANAGER),
            ("fieldValidation", options.validation.name()),
            ("force", if options.force { "true" } else { "false" }),
        ];
        if options.dry_run {
            query.push(("dryRun", "All"));
        }
        let body = Some(("application/apply-patch+yaml", &object.body));
        let mut attempt = 1;
        loop {
            match self.send(Method::PATCH, &path, &query, body).await {
                Err(error) if error.is_quota_conflict() && attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Creates an object.
    ///
    /// # Errors
    /// Where it exists, or the server refuses.
    pub async fn create(&self, object: &Object) -> Result<Value, ApiError> {
        let path = path(&object.resource, &object.namespace, "");
        self.send(
            Method::POST,
            &path,
            &[("fieldManager", FIELD_MANAGER)],
            Some(("application/json", &object.body)),
        )
        .await
    }

    /// Replaces an object whole, whatever its version.
    ///
    /// # Errors
    /// Where there is none, or the server refuses.
    pub async fn replace(&self, object: &Object, validation: FieldValidation) -> Result<Value, ApiError> {
        let path = path(&object.resource, &object.namespace, &object.name);
        let query = [("fieldManager", FIELD_MANAGER), ("fieldValidation", validation.name())];
        self.send(Method::PUT, &path, &query, Some(("application/json", &object.body))).await
    }

    /// Changes an object by a patch of that media type.
    ///
    /// # Errors
    /// Where the server refuses.
    pub async fn patch(&self, object: &Object, media_type: &str, patch: &Value) -> Result<Value, ApiError> {
        let path = path(&object.resource, &object.namespace, &object.name);
        self.send(Method::PATCH, &path, &[("fieldManager", FIELD_MANAGER)], Some((media_type, patch))).await
    }

    /// Deletes an object; false where there is none.
    ///
    /// # Errors
    /// Where the server refuses.
    pub async fn delete(&self, object: &Object, propagation: Propagation) -> Result<bool, ApiError> {
        let path = path(&object.resource, &object.namespace, &object.name);
        let options = json!({
            "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation.name(),
        });
        match self.send(Method::DELETE, &path, &[], Some(("application/json", &options))).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        query: Query<'_>,
        body: Option<(&str, &Value)>,
    ) -> Result<Value, ApiError> {
        let timeout =
            || ApiError::Timeout { request: format!("{method} {path}"), seconds: TIMEOUT.as_secs() };
        let dry_run = (self.dry_run && method != Method::GET).then_some(("dryRun", "All"));
        let query = Serializer::new(String::new()).extend_pairs(query).extend_pairs(dry_run).finish();
        let separator = if query.is_empty() { "" } else { "?" };
        let uri = format!("{path}{separator}{query}");
        let (media_type, body) = match body {
            None => (None, Vec::new()),
            Some((media_type, body)) => (Some(media_type), body.to_string().into_bytes()),
        };
        let build = || {
            let mut request = Request::builder().method(&method).uri(&uri);
            if let Some(media_type) = media_type {
                request = request.header(http::header::CONTENT_TYPE, media_type);
            }
            request.body(body.clone()).map_err(kube::Error::HttpError)
        };
        let client = self.client();
        let send = || async { client.request(build()?).await };
        let answer = async {
            // The second of two creations would find the first.
            if method == Method::POST { send().await } else { while_broken(send).await }
        };
        let answer = tokio::time::timeout(TIMEOUT, answer).await;
        answer.map_err(|_| timeout())?.map_err(ApiError::from)
    }
}

/// `/apis/apps/v1/namespaces/default/deployments/web`; without a name, the collection.
fn path(resource: &Resource, namespace: &str, name: &str) -> String {
    let mut path = if resource.group.is_empty() { "/api/".to_owned() } else { "/apis/".to_owned() };
    path.push_str(&resource.api_version());
    if resource.namespaced && !namespace.is_empty() {
        path.push_str("/namespaces/");
        path.push_str(&escape(namespace));
    }
    path.push('/');
    path.push_str(&resource.plural);
    if !name.is_empty() {
        path.push('/');
        path.push_str(&escape(name));
    }
    path
}

/// Names come from charts: none may leave its place in the path.
fn escape(segment: &str) -> String {
    let mut escaped = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b':' => escaped.push(byte.into()),
            b'.' if segment.bytes().any(|byte| byte != b'.') => escaped.push('.'),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(group: &str, namespaced: bool) -> Resource {
        let text = str::to_owned;
        Resource { group: text(group), version: text("v1"), kind: text("K"), plural: text("ks"), namespaced }
    }

    #[test]
    fn paths_follow_group_and_scope() {
        assert_eq!(path(&resource("", true), "n", "a"), "/api/v1/namespaces/n/ks/a");
        assert_eq!(path(&resource("g.io", false), "n", "system:a"), "/apis/g.io/v1/ks/system:a");
        assert_eq!(path(&resource("g.io", true), "", ""), "/apis/g.io/v1/ks");
    }

    #[test]
    fn a_name_stays_in_its_place() {
        assert_eq!(path(&resource("", true), "n", "../x?y"), "/api/v1/namespaces/n/ks/..%2Fx%3Fy");
        assert_eq!(path(&resource("", true), "..", "a"), "/api/v1/namespaces/%2E%2E/ks/a");
    }
}
