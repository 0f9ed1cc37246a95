//! What containers wrote.

use http::Request;
use serde_json::Value;

use super::readiness::text;
use super::retry::answered;
use super::{ApiError, Cluster, Object};

impl Cluster {
    /// The pods and containers of a Pod or of a Job.
    pub async fn containers_of(&self, object: &Object) -> Vec<(String, String)> {
        let pods = match object.resource.kind.as_str() {
            "Pod" => self.get(object).await.ok().flatten().into_iter().collect(),
            _ => self.pods_of(object).await,
        };
        let mut found = Vec::new();
        for pod in &pods {
            let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
            let names = containers.into_iter().flatten().map(|container| text(container, "/name").to_owned());
            found.extend(names.map(|container| (text(pod, "/metadata/name").to_owned(), container)));
        }
        found
    }

    /// The last lines of what a container wrote.
    ///
    /// # Errors
    /// Where the server refuses or gives no answer.
    pub(super) async fn last_log(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
    ) -> Result<String, ApiError> {
        let query = format!("container={container}&tailLines=5&limitBytes=4096");
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/log?{query}");
        let request =
            Request::get(path).body(Vec::new()).map_err(|error| ApiError::Transport(error.to_string()))?;
        Ok(self.client().request_text(request).await?)
    }

    /// What a container wrote so far.
    ///
    /// # Errors
    /// Where the server refuses or gives no answer.
    pub async fn logs(&self, namespace: &str, pod: &str, container: &str) -> Result<String, ApiError> {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/log?container={container}");
        let client = self.client();
        let build = || Request::get(&path).body(Vec::new()).map_err(kube::Error::HttpError);
        answered(|| format!("GET {path}"), || async { client.request_text(build()?).await }).await
    }
}
