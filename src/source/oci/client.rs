//! Asking one registry, with a login where it wants one: what it wants to see at the door is kept between requests.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::header::HeaderValue;
use http::{Method, StatusCode};
use reqwest::Response;
use url::Url;

use super::logins::{self, Login};
use super::refusal;
use super::token::{self, Challenge};
use crate::source::error::shown;
use crate::source::http::{Attempts, Failed, Http, Request, unexpected, whole_body};
use crate::source::{Access, HelmHome, SourceError};

/// A client of one registry.
pub(super) struct Client<'a> {
    http: &'a Http,
    /// Host, with port if there is one.
    host: &'a str,
    pub(super) access: &'a Access,
    login: Option<Login>,
    /// What is wanted of a token, where that is more than a single request would ask for.
    scope: Option<String>,
    authorization: Mutex<Option<HeaderValue>>,
}

/// What is asked of a registry.
pub(super) struct Question<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) accept: Option<&'a str>,
    /// Media type and bytes.
    pub(super) body: Option<(&'a str, Bytes)>,
}

impl<'a> Question<'a> {
    /// A question without a body.
    pub(super) fn new(method: Method, url: &'a Url) -> Self {
        Self { method, url, accept: None, body: None }
    }
}

impl<'a> Client<'a> {
    /// With the login that was given, else the one of the files.
    pub(super) fn of(
        http: &'a Http,
        home: &HelmHome,
        host: &'a str,
        access: &'a Access,
    ) -> Result<Self, SourceError> {
        let login = match &access.credentials {
            Some(credentials) => Some(Login::Basic(credentials.clone())),
            None => logins::find(home, host)?,
        };
        Ok(Self { http, host, access, login, scope: None, authorization: Mutex::default() })
    }

    /// Asks for tokens of that scope, whatever the registry says that a request needs.
    pub(super) fn with_scope(mut self, scope: String) -> Self {
        self.scope = Some(scope);
        self
    }

    /// GET, until it is answered with 200.
    pub(super) async fn get(&self, url: &Url, accept: Option<&str>) -> Result<Response, SourceError> {
        let question = Question { accept, ..Question::new(Method::GET, url) };
        self.ask(&question, &[StatusCode::OK]).await
    }

    /// Asks as often as makes sense until one of these statuses comes, and logs in when the registry wants it.
    pub(super) async fn ask(
        &self,
        question: &Question<'_>,
        wanted: &[StatusCode],
    ) -> Result<Response, SourceError> {
        let mut attempts = Attempts::new(question.url);
        loop {
            match self.ask_once(question).await {
                Ok(response) if wanted.contains(&response.status()) => return Ok(response),
                Ok(response) => self.again(&mut attempts, question, response).await?,
                Err(failed) => attempts.after_failure(failed).await?,
            }
        }
    }

    /// Waits before the next attempt, or tells why the registry refused.
    pub(super) async fn again(
        &self,
        attempts: &mut Attempts<'_>,
        question: &Question<'_>,
        response: Response,
    ) -> Result<(), SourceError> {
        match attempts.after_status(&response).await {
            Err(_) => Err(refusal::read(&question.method, response).await),
            passing => passing,
        }
    }

    /// Asks once, and once more where a login is wanted first; gives whatever status comes then.
    pub(super) async fn ask_once(&self, question: &Question<'_>) -> Result<Response, Failed> {
        let response = self.send(question, self.authorization()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let header = self.answer(&response, question).await.map_err(Failed::Final)?;
        *self.authorization.lock().unwrap_or_else(PoisonError::into_inner) = Some(header.clone());
        self.send(question, Some(header)).await
    }

    async fn send(
        &self,
        question: &Question<'_>,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, Failed> {
        let request = Request {
            method: question.method.clone(),
            url: question.url,
            accept: question.accept,
            body: question.body.clone(),
            authorization,
            tls: &self.access.tls,
        };
        self.http.request(&request).await
    }

    fn authorization(&self) -> Option<HeaderValue> {
        self.authorization.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn answer(&self, response: &Response, question: &Question<'_>) -> Result<HeaderValue, SourceError> {
        // A redirect may have led elsewhere; only the registry itself may ask for its credentials.
        if response.url().origin() != question.url.origin() {
            return Err(unexpected(response.url(), response.status()));
        }
        let refused = |problem: String| SourceError::OciAuthentication {
            method: question.method.clone(),
            url: shown(question.url),
            problem,
        };
        match token::challenge(response) {
            Some(Challenge::Bearer { realm, service, scope }) => {
                let scope = self.scope.as_ref().unwrap_or(&scope);
                let asked = (realm.as_str(), service.as_str(), scope.as_str());
                let login = self.login.as_ref();
                token::bearer(self.http, question.url, &self.access.tls, login, asked).await.map_err(refused)
            }
            Some(Challenge::Basic) => self.basic().map_err(refused),
            None => Err(refused("it asks for a kind of login that is not known".to_owned())),
        }
    }

    /// User and password, or why there are none.
    fn basic(&self) -> Result<HeaderValue, String> {
        let login = match &self.login {
            Some(Login::Basic(credentials)) => credentials,
            _ => {
                let host = self.host;
                return Err(format!("basic credential not found; 'pintle registry login {host}' keeps one"));
            }
        };
        login.basic().ok_or_else(|| match login.basic_of_either() {
            Some(_) => "missing username or password for basic auth".to_owned(),
            None => "basic credential not found".to_owned(),
        })
    }

    /// A whole body, up to a limit.
    pub(super) async fn body(&self, response: Response, url: &Url, limit: u64) -> Result<Bytes, SourceError> {
        whole_body(response, url, limit).await.map_err(|failed| match failed {
            Failed::Final(error) => error,
            Failed::Passing(problem) => SourceError::Unreachable { url: shown(url), attempts: 1, problem },
        })
    }
}
