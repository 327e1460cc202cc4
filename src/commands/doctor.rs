//! `sitegen doctor`: asks a site what others ask it.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::office::health;
use super::output::{print_diagnostics, write_to};
use super::{CommandError, Exit, find_root};
use crate::cli::{Doctor, Global, Net, OutputFormat};
use crate::config::{self, BaseUrl, Mode};
use crate::diagnostic::Source;
use crate::disk::{Root, keys as key_files, next_key};
use crate::doctor::ask::{Method, Reply, Request};
use crate::doctor::keys::{Fit, Keys, PublicKeys};
use crate::doctor::live::{Exceptions, Live, Manner};
use crate::doctor::local::Local;
use crate::doctor::{ActorFacts, Examination, Subject, discover, examine};
use crate::host::{Asked, HostPlan};
use crate::key::{PrivateKey, PublicKey};
use crate::load::Inputs;
use crate::path::SourcePath;
use crate::pipeline::{Hosted, HostedActor};
use crate::signature::{self, Form, Signature, Signer};

pub(super) fn run(arguments: &Doctor, global: &Global) -> Result<Exit, CommandError> {
    match &arguments.url {
        Some(url) => ask_live(url, arguments, global),
        None => ask_output(arguments, global),
    }
}

/// Asks the site on the internet.
fn ask_live(url: &str, arguments: &Doctor, global: &Global) -> Result<Exit, CommandError> {
    let base_url = address(url)?;
    let live = live(&arguments.net, Manner::DOCTOR)?;
    Ok(print(&examine_live(&live, base_url.as_str(), global), global))
}

/// Asks a live site. In the folder of the very site more is known of it: its accounts, its keys.
pub(super) fn examine_live(live: &Live, base_url: &str, global: &Global) -> Examination {
    let own = find_root(global).ok().and_then(|root| {
        let inputs = Inputs::read(&root, &global.config).ok()?;
        let (hosted, report) = Hosted::load(&inputs, &Mode::at(Timestamp::now()), None);
        let hosted = hosted.filter(|_| !report.has_errors())?;
        let is_it = hosted.plan().base_url == base_url;
        let mut subject = is_it.then(|| subject(&hosted, &root))?;
        let output = output_of(&inputs, &root);
        for actor in &mut subject.actors {
            actor.serial = built_serial(&output, &actor.user);
        }
        Some(subject)
    });
    let mut subject = own.unwrap_or_else(|| discover(live, base_url));
    subject.office = health(&global.root, &subject.base_url, Timestamp::now());
    examine(live, &subject, Timestamp::now())
}

/// The address of a site that somebody has typed.
pub(super) fn address(url: &str) -> Result<BaseUrl, CommandError> {
    // Who types a name means the site that browsers would open.
    let whole = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
    BaseUrl::parse(&whole).map_err(|_| {
        CommandError::Usage(format!("`{url}` is no address; write `https://www.party.example`"))
    })
}

/// The internet, with the exceptions that somebody has asked for.
pub(super) fn live(net: &Net, manner: Manner) -> Result<Live, CommandError> {
    let authorities = match &net.ca_file {
        None => None,
        Some(path) => Some(std::fs::read(path).map_err(|e| CommandError::Io(path.clone(), e))?),
    };
    let (pinned, allowed) = (net.resolve.clone(), net.allow_address.clone());
    Live::new(Exceptions { pinned, allowed, authorities }, manner)
        .map_err(|reason| CommandError::Usage(format!("`--ca-file`: {reason}")))
}

/// Asks the output, with this process in the place of the host.
fn ask_output(arguments: &Doctor, global: &Global) -> Result<Exit, CommandError> {
    let root = find_root(global)?;
    let inputs = Inputs::read(&root, &global.config)?;
    let (hosted, report) = Hosted::load(&inputs, &Mode::at(Timestamp::now()), None);
    let Some(hosted) = hosted.filter(|_| !report.has_errors()) else {
        print_diagnostics(&report, global);
        return Ok(Exit::SiteErrors);
    };
    let output = arguments.output_dir.clone().unwrap_or_else(|| output_of(&inputs, &root));
    if !output.join("index.html").is_file() {
        return Err(CommandError::Usage(format!(
            "there is no site in {}; run `sitegen build` first, name its folder with \
             `--output-dir`, or ask the live site: `sitegen doctor {}`",
            output.display(),
            hosted.plan().base_url
        )));
    }
    let mut subject = subject(&hosted, &root);
    subject.office = health(&root, &subject.base_url, Timestamp::now());
    let plan = hosted.plan();
    let now = Timestamp::now();
    let local = Local::new(&plan.base_url, |request, url| answer(plan, &output, request, url));
    Ok(print(&examine(&local, &subject, now), global))
}

/// Where `build` puts the output.
fn output_of(inputs: &Inputs, root: &Path) -> PathBuf {
    let empty = Source::new(SourcePath::new(config::FILE), "");
    let (config, _) = config::read(inputs.config.as_ref().unwrap_or(&empty), None);
    root.join(config.output_dir)
}

/// The state of the site that was built last, if it is here.
fn built_serial(output: &Path, user: &str) -> Option<u64> {
    let index = std::fs::read(output.join(format!("ap/{user}/index.json"))).ok()?;
    serde_json::from_slice::<Value>(&index).ok()?["serial"].as_u64()
}

/// What the host would answer from the output.
fn answer(plan: &HostPlan, output: &Path, request: &Request, url: &Url) -> Reply {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let asked = Asked { method, path: url.path(), query: url.query() };
    let has = |path: &str| !path.is_empty() && output.join(path).is_file();
    let answer = plan.answer(&asked, &has);
    let body = match answer.file {
        // What is there and cannot be read is as if it were not there, and says so.
        Some(file) => std::fs::read(output.join(file)).unwrap_or_default(),
        None => answer.text.into_bytes(),
    };
    Reply { status: answer.status, headers: answer.headers, body }
}

fn subject(hosted: &Hosted, root: &Path) -> Subject {
    let plan = hosted.plan();
    let facts = |actor: &HostedActor| ActorFacts {
        user: actor.user.clone(),
        id: actor.id.clone(),
        public_key_pem: Some(actor.public_key.clone()),
        serial: None,
    };
    Subject {
        base_url: plan.base_url.clone(),
        host: plan.host.name().to_owned(),
        actors: hosted.actors().iter().map(facts).collect(),
        did: hosted.did().map(str::to_owned),
        promised: plan.reach().map(|reach| reach.level),
        keys: Box::new(OwnKeys { root: root.to_path_buf(), actors: hosted.actors().to_vec() }),
        office: None,
    }
}

/// Public keys, and the private ones in the folder of the site.
struct OwnKeys {
    root: PathBuf,
    actors: Vec<HostedActor>,
}

impl Keys for OwnKeys {
    fn bits(&self, public_key_pem: &str) -> Result<usize, String> {
        PublicKeys.bits(public_key_pem)
    }

    fn fits(&self, user: &str, public_key_pem: &str) -> Option<Fit> {
        let root = Root::open(&self.root).ok()?;
        let key = key_files::read_private(&root, user).ok()?;
        let next = next_key::read(&root, user).ok().flatten();
        let believes = |key: &PrivateKey| self.believes(user, public_key_pem, key);
        match (key, next) {
            (_, Some(next)) if believes(&next)? => Some(Fit::New),
            (None, _) => None,
            (Some(key), next) => Some(match (believes(&key)?, next) {
                (true, None) => Fit::Yes,
                (true, Some(_)) => Fit::Old,
                (false, _) => Fit::No,
            }),
        }
    }
}

impl OwnKeys {
    /// Signs a question to the account itself, and verifies it with the key that the site serves,
    /// as another server would.
    fn believes(&self, user: &str, public_key_pem: &str, key: &PrivateKey) -> Option<bool> {
        let actor = self.actors.iter().find(|actor| actor.user == user)?;
        let url = Url::parse(&actor.id).ok()?;
        let key_id = format!("{}#main-key", actor.id);
        let now = Timestamp::now();
        let headers = Signer { key, key_id: &key_id }.get(&url, now, Form::Cavage);
        let served = PublicKey::parse(public_key_pem).ok()?;
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request =
            signature::Request { method: "GET", target: url.path(), headers: &headers, body: b"" };
        let signed = Signature::of(request).ok()?;
        Some(signed.verify(&signature::authority(&url), &served, now).is_ok())
    }
}

/// Shows what was found, and says how the run ends.
fn print(examination: &Examination, global: &Global) -> Exit {
    let broken = examination.is_broken();
    let text = match global.format {
        OutputFormat::Human if global.quiet && !broken => String::new(),
        OutputFormat::Human => examination.human(global.verbose),
        OutputFormat::Json => examination.json(),
    };
    write_to(io::stdout(), &text);
    if broken { Exit::SiteErrors } else { Exit::Fine }
}
