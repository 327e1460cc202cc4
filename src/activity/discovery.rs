//! How others find out that there is something here.

use serde::{Deserialize, Serialize};

/// The answer of `WebFinger` (RFC 7033).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Jrd {
    /// `acct:news@party.example`.
    pub(crate) subject: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) links: Vec<JrdLink>,
}

/// A link in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct JrdLink {
    pub(crate) rel: String,
    pub(crate) r#type: String,
    pub(crate) href: String,
}

/// Where `NodeInfo` lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodeInfoLinks {
    pub(crate) links: Vec<NodeInfoLink>,
}

/// A link in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodeInfoLink {
    pub(crate) rel: String,
    pub(crate) href: String,
}

impl NodeInfoLinks {
    /// The link to version 2.1.
    pub(crate) fn to(href: String) -> Self {
        let rel = "http://nodeinfo.diaspora.software/ns/schema/2.1".to_owned();
        Self { links: vec![NodeInfoLink { rel, href }] }
    }
}

/// What runs here (`NodeInfo` 2.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeInfo {
    version: String,
    software: Software,
    protocols: Vec<String>,
    services: Services,
    open_registrations: bool,
    usage: Usage,
    metadata: Metadata,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Software {
    name: String,
    version: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Services {
    inbound: Vec<String>,
    outbound: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    users: Users,
    local_posts: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Users {
    total: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    node_name: String,
}

impl NodeInfo {
    /// Of a site with accounts and posts.
    pub(crate) fn new(title: &str, accounts: usize, posts: usize) -> Self {
        Self {
            version: "2.1".to_owned(),
            software: Software {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            protocols: vec!["activitypub".to_owned()],
            services: Services { inbound: Vec::new(), outbound: vec!["atom1.0".to_owned()] },
            open_registrations: false,
            usage: Usage { users: Users { total: accounts }, local_posts: posts },
            metadata: Metadata { node_name: title.to_owned() },
        }
    }
}
