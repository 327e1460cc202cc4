//! A visit to a site: asks, remembers what came, and collects what is found.

use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::Value;

use super::ask::{Ask, AskError, Method, Reply, Request};
use super::finding::{Check, Finding, What};
use super::peers::identity::{refuses_id, takes_identity};
use super::peers::types::{ACCEPT, takes_document};
use super::peers::{Ability, Peer};
use super::{QUESTIONS_MAX, REDIRECTS_MAX, Subject, hints};
use crate::limits::FEDIVERSE_BYTES_MAX;

type Answer = Result<Rc<Reply>, AskError>;

/// The state of an examination.
pub(crate) struct Visit<'a> {
    ask: &'a dyn Ask,
    pub(crate) subject: &'a Subject,
    pub(crate) now: Timestamp,
    /// Whose things are looked at just now.
    pub(crate) actor: Option<String>,
    pub(crate) findings: Vec<Finding>,
    answers: HashMap<(String, &'static str), Answer>,
    questions: usize,
    /// Whether it was said already that not all was asked.
    tired: bool,
}

/// Where a question ended.
pub(crate) struct Followed {
    pub(crate) reply: Rc<Reply>,
    /// The address that answered.
    pub(crate) last: String,
    /// How many redirects led there.
    pub(crate) hops: usize,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(ask: &'a dyn Ask, subject: &'a Subject, now: Timestamp) -> Self {
        let (answers, findings) = (HashMap::new(), Vec::new());
        Self { ask, subject, now, actor: None, findings, answers, questions: 0, tired: false }
    }

    /// Asks once; the same question gets the same answer for the whole visit.
    pub(crate) fn get(&mut self, url: &str, accept: &'static str) -> Answer {
        self.request(&Request::get(url, accept))
    }

    /// As `get`, for what may be larger than a document.
    pub(crate) fn get_up_to(&mut self, url: &str, bytes_max: usize) -> Answer {
        self.request(&Request { bytes_max, ..Request::get(url, "image/*, */*;q=0.1") })
    }

    /// Gives something to an inbox; never remembered.
    pub(crate) fn post(&mut self, url: &str, kind: &'static str, body: String) -> Answer {
        self.post_with(url, kind, body, Vec::new())
    }

    /// As `post`, with more headers.
    pub(crate) fn post_with(
        &mut self,
        url: &str,
        kind: &'static str,
        body: String,
        headers: Vec<(&'static str, String)>,
    ) -> Answer {
        let (method, body) = (Method::Post, Some((kind, body)));
        self.send(&Request { method, body, headers, ..Request::get(url, ACCEPT) })
    }

    fn request(&mut self, request: &Request) -> Answer {
        let key = (request.url.clone(), request.accept);
        if let Some(answer) = self.answers.get(&key) {
            return answer.clone();
        }
        let answer = self.send(request);
        self.answers.insert(key, answer.clone());
        answer
    }

    fn send(&mut self, request: &Request) -> Answer {
        self.questions += 1;
        let answer = if self.questions > QUESTIONS_MAX {
            Err(AskError::Enough)
        } else {
            self.ask.ask(request)
        };
        if answer == Err(AskError::Enough) && !self.tired {
            self.tired = true;
            self.find(Finding::not_all_asked(&request.url, self.questions - 1));
        }
        let reply = answer?;
        if reply.body.len() > request.bytes_max {
            return Err(AskError::TooLarge(request.bytes_max));
        }
        Ok(Rc::new(reply))
    }

    /// Asks, and goes where redirects lead.
    pub(crate) fn follow(&mut self, url: &str, accept: &'static str) -> Result<Followed, AskError> {
        let (mut last, mut hops) = (url.to_owned(), 0);
        loop {
            let reply = self.get(&last, accept)?;
            match reply.leads_to(&last) {
                Some(next) if hops < REDIRECTS_MAX => (last, hops) = (next, hops + 1),
                _ => return Ok(Followed { reply, last, hops }),
            }
        }
    }

    /// Notes a finding, with what helps on this host.
    pub(crate) fn find(&mut self, mut finding: Finding) {
        finding.actor = finding.actor.or_else(|| self.actor.clone());
        if let Some(hint) = hints::hint(finding.check, &self.subject.host)
            && !finding.mend.is_empty()
        {
            finding.mend = format!("{}. {hint}", finding.mend);
        }
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Fetches a document of the fediverse as all servers would, finds what they refuse, and gives
    /// it when it is JSON at all. What is not part of the site in a run without a network is not
    /// there and no finding either.
    pub(crate) fn document(&mut self, what: What, url: &str) -> Option<Value> {
        let refused = refuses_id(url);
        if !refused.is_empty() {
            self.find(Finding::unusable_id(what, url, refused));
        }
        let Followed { reply, last, hops } = match self.follow(url, ACCEPT) {
            Ok(followed) => followed,
            Err(AskError::Elsewhere | AskError::Enough) => return None,
            Err(error) => {
                self.find(Finding::document_unreachable(what, url, &error));
                return None;
            }
        };
        if reply.status != 200 {
            self.find(Finding::document_status(what, url, reply.status));
            return None;
        }
        let content_type = reply.header("content-type").unwrap_or_default();
        let refused = Peer::those(|peer| !takes_document(peer, content_type));
        let well = refused.is_empty();
        if !well {
            self.find(Finding::document_type(what, url, content_type, refused));
        }
        let document: Value = match serde_json::from_slice(&reply.body) {
            Ok(document) => document,
            // A page has been reported as a wrong type, which says more.
            Err(_) if !well && reply.is_html() => return None,
            Err(error) => {
                self.find(Finding::document_cut_off(what, url, &error.to_string()));
                return None;
            }
        };
        if reply.body.len() > FEDIVERSE_BYTES_MAX {
            self.find(Finding::document_large(what, url, reply.body.len()));
        }
        let id = document["id"].as_str().unwrap_or_default();
        let refused = Peer::those(|peer| !takes_identity(peer, url, &last, hops, id));
        if !refused.is_empty() {
            self.find(Finding::document_identity(what, url, &last, id, refused));
        }
        Some(document)
    }

    /// Whether somebody was found to be unable to do something, for this actor.
    pub(crate) fn denied(&self, ability: Ability) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.denies == Some(ability) && finding.actor == self.actor)
    }

    /// Says that all is well, unless something of the kind was found since there were `before`.
    pub(crate) fn fine(&mut self, before: usize, check: Check, url: &str, came: &str) {
        if self.findings.len() == before {
            self.find(Finding::fine(check, url, came));
        }
    }
}
