//! The arguments, nothing else.

#[cfg(feature = "network")]
mod deploy;
mod new;
#[cfg(feature = "network")]
mod office;

use core::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[cfg(feature = "network")]
pub use deploy::Deploy;
pub use new::{Law, New, NewDatedText, NewEvent, NewItem, NewText, SiteKind};
#[cfg(feature = "network")]
pub use office::{Backup, Block, Followers, FollowersCommand, Restore, Retire, Status};

#[cfg(feature = "network")]
use crate::net::address::AddressRange;
#[cfg(feature = "network")]
use crate::net::pinned::Pinned;

/// Build a website with feeds from a folder of Markdown.
#[derive(Debug, Parser)]
#[command(name = "sitegen", version, about, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 fine, 1 the site has errors, 2 wrong usage, 3 the disk or \
the system failed, 75 \
another build is running.")]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The options of every command.
    #[command(flatten)]
    pub global: Global,
}

/// Options that stand before or after any command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The folder of the site
    #[arg(short, long, global = true, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// The configuration, relative to the folder of the site
    #[arg(short, long, global = true, value_name = "FILE", default_value = "site.toml")]
    pub config: String,
    /// How messages and results are written
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Human)]
    pub format: OutputFormat,
    /// Say nothing unless something is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: which files have changed, what is not translated
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// How output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    Human,
    /// One JSON object a line, for programs
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a new site, or a new text in a site
    New(New),
    /// Build the site
    Build(Build),
    /// Show the site in the browser while you write; nothing is written to the disk
    Serve(Serve),
    /// Find every mistake without writing anything
    Check(Check),
    /// List the pages with their address, date and state
    List(List),
    /// Take a post back: its page goes, and other servers are told to delete it
    Withdraw(Withdraw),
    /// What the web server or web host of the site has to do
    #[command(subcommand)]
    Host(HostCommand),
    /// Bring the site to its web server or web host, in the right order, and look whether it arrived
    ///
    /// Where to is said in site.toml, as in `[deploy.web]`. The site is built first. Only what has
    /// changed goes there; nothing is overwritten or removed that no deploy has put there.
    #[cfg(feature = "network")]
    Deploy(Deploy),
    /// Make and keep the keys by which the fediverse knows the site
    #[cfg(feature = "network")]
    Key(Key),
    /// Ask a site what Mastodon, feed readers, Bluesky and browsers ask it, and say what they
    /// will refuse
    #[cfg(feature = "network")]
    Doctor(Doctor),
    /// Compare a live site with the list of files that its owner has signed, and say which are
    /// changed, missing or added
    ///
    /// Works on any machine that has the public key. Ends with 0 when all is as signed, 1 when
    /// something is not, 3 when the site could not be asked.
    #[cfg(feature = "network")]
    Verify(Verify),
    /// Run the post office, which lets people follow the site, until it is told to end
    #[cfg(feature = "network")]
    Inbox(Inbox),
    /// Do one round of the post office: look at the site, deliver what is new
    #[cfg(feature = "network")]
    Deliver(Deliver),
    /// Show who follows, and say who may
    #[cfg(feature = "network")]
    Followers(Followers),
    /// Say how the post office is doing. Ends with 1 when something needs you
    #[cfg(feature = "network")]
    Status(Status),
    /// Write the followers, the private keys and inbox.toml to a file, also while the post office
    /// runs
    #[cfg(feature = "network")]
    Backup(Backup),
    /// Take followers, keys and inbox.toml from a backup
    ///
    /// An old backup does no harm. Followers who have it already ignore what they get twice, and
    /// posts that the backup does not know are held back until somebody runs `sitegen deliver
    /// --confirm`. But whoever has left since follows again, and whoever has come since is missing.
    #[cfg(feature = "network")]
    Restore(Restore),
    /// End the life of an account: other servers delete it, or its followers go to another one
    ///
    /// Before anything else, the followers are written to a file. Without `--move-to`, servers
    /// delete the account and all its posts, and remember that for ever. With it, followers go over
    /// to the new account, which has to name this one first.
    #[cfg(feature = "network")]
    Retire(Retire),
    /// Show every limit of the post office, and what it is for
    #[cfg(feature = "network")]
    Limits,
    /// Write the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What goes into the output.
#[derive(Debug, Args)]
pub struct Selection {
    /// The address that the output is for, instead of the one in site.toml
    #[arg(short = 'u', long, value_name = "URL")]
    pub base_url: Option<String>,
    /// What is public.
    #[command(flatten)]
    pub public: Public,
}

/// What counts as public.
#[derive(Debug, Args)]
pub struct Public {
    /// Include drafts
    #[arg(long)]
    pub drafts: bool,
    /// Include pages with a date in the future
    #[arg(long)]
    pub future: bool,
    /// Take this for the present, to try embargoes: 2026-05-01, or with time and zone
    #[arg(long, value_name = "TIME")]
    pub clock: Option<String>,
}

/// Building.
#[derive(Debug, Args)]
pub struct Build {
    /// What goes into the output.
    #[command(flatten)]
    pub selection: Selection,
    /// Where the output goes, instead of `output_dir` in site.toml
    #[arg(short, long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Take warnings for errors
    #[arg(long)]
    pub strict: bool,
    /// Publish what can be published, and leave out what is broken
    #[arg(long)]
    pub keep_going: bool,
    /// Fail when published.toml would change; for hosts and CI
    #[arg(long)]
    pub locked: bool,
    /// Write published.toml even in a preview
    #[arg(long, conflicts_with = "locked")]
    pub record: bool,
    /// Take all files in the output folder for sitegen's own, except those that `keep` names:
    /// overwrite them, and remove those that are not part of the site
    #[arg(short, long)]
    pub force: bool,
    /// Make everything anew and compare every byte with what is there
    #[arg(long)]
    pub no_cache: bool,
}

/// Showing.
#[derive(Debug, Args)]
pub struct Serve {
    /// The port [default: the first free one from 1111]; 0 takes any
    #[arg(short, long, value_name = "PORT")]
    pub port: Option<u16>,
    /// The address to listen at, for others in the network [default: 127.0.0.1]
    #[arg(short, long, value_name = "ADDRESS")]
    pub interface: Option<IpAddr>,
    /// Open the browser
    #[arg(short = 'O', long)]
    pub open: bool,
    /// Go to the page that was changed
    #[arg(long)]
    pub navigate: bool,
    /// What is shown.
    #[command(flatten)]
    pub public: Public,
    /// Look at all files every second; for folders of other machines, which say nothing
    #[arg(long)]
    pub poll: bool,
}

/// Checking.
#[derive(Debug, Args)]
pub struct Check {
    /// What is checked.
    #[command(flatten)]
    pub selection: Selection,
    /// Take warnings for errors
    #[arg(long)]
    pub strict: bool,
    /// Fail when published.toml would change
    #[arg(long)]
    pub locked: bool,
}

/// Listing.
#[derive(Debug, Args)]
pub struct List {
    /// What counts as published.
    #[command(flatten)]
    pub selection: Selection,
}

/// What to take back.
#[derive(Debug, Args)]
pub struct Withdraw {
    /// The file of the page, such as content/news/first.md, its address, or the id of the post
    #[arg(value_name = "PAGE-OR-ID")]
    pub post: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What about the host.
#[derive(Debug, Subcommand)]
pub enum HostCommand {
    /// Show what to put into the configuration of the web server, and how far accounts get there
    Show(HostShow),
}

/// How to show it.
#[derive(Debug, Args)]
pub struct HostShow {
    /// Another host than the one in site.toml
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Where the output lies on the server [default: where it lies here]
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// What is published.
    #[command(flatten)]
    pub selection: Selection,
}

/// Keys.
#[cfg(feature = "network")]
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Key {
    /// What to do with them.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// What to do with keys.
#[cfg(feature = "network")]
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make the key of an actor, or the one that signs what is built
    New {
        /// The user name of the actor: news for @news@party.example
        #[arg(required_unless_present = "signing")]
        user: Option<String>,
        /// The key that signs the list of all files, so that tampering is noticed
        #[arg(long, conflicts_with_all = ["user", "force_new_key"])]
        signing: bool,
        /// Make another key although there is one, which is kept beside it. Followers may be lost
        #[arg(long)]
        force_new_key: bool,
    },
    /// Show which keys there are, and whether they are as they should be
    Show {
        /// The user name of the actor [default: all]
        user: Option<String>,
    },
    /// Print a key, to use it on another machine or in another program
    Export(Export),
    /// Take a key from another machine or another program, such as Mastodon, OpenSSL or minisign
    #[command(allow_missing_positional = true)]
    Import {
        /// The user name of the actor
        #[arg(required_unless_present = "signing")]
        user: Option<String>,
        /// A file with a private key, or with a public one only
        file: PathBuf,
        /// Take it although there is another one, which is kept beside it. Followers may be lost
        #[arg(long)]
        replace: bool,
        /// It is the key to which the account is to go over, which `key rotate` has made elsewhere
        #[arg(long, conflicts_with = "replace")]
        next: bool,
        /// It is the key that signs what is built
        #[arg(long, conflicts_with_all = ["user", "replace", "next"])]
        signing: bool,
    },
    /// Make a new key for an actor, without losing followers
    ///
    /// The new key waits beside the old one. When the site shows it, the post office tells the
    /// followers, signed with the old key, and goes over to the new one by itself.
    Rotate(Rotate),
}

/// Which key to print.
#[cfg(feature = "network")]
#[derive(Debug, Args)]
pub struct Export {
    /// The user name of the actor
    #[arg(required_unless_present = "signing")]
    pub user: Option<String>,
    /// The key that signs what is built
    #[arg(long, conflicts_with_all = ["user", "next"])]
    pub signing: bool,
    /// The private part, with which anybody can speak in the name of the actor, or of the site
    #[arg(long)]
    pub private: bool,
    /// That of the new key that waits to take the place of the old one
    #[arg(long, requires = "private")]
    pub next: bool,
    /// Write it to a new file instead
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Whose key is to change.
#[cfg(feature = "network")]
#[derive(Debug, Args)]
pub struct Rotate {
    /// The user name of the actor
    pub user: String,
    /// Go back to the old key, as long as the site does not show the new one
    #[arg(long)]
    pub cancel: bool,
    /// Put the new key in the place of the old one here, when the post office is on another machine
    /// and has gone over
    #[arg(long, conflicts_with = "cancel")]
    pub finish: bool,
}

/// Asking a site.
#[cfg(feature = "network")]
#[derive(Debug, Args)]
pub struct Doctor {
    /// The address of the live site [default: the output, as the host in site.toml would serve it]
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    /// Where the output lies [default: where `build` puts it]
    #[arg(short, long, value_name = "DIR", conflicts_with = "url")]
    pub output_dir: Option<PathBuf>,
    /// How the site is reached.
    #[command(flatten)]
    pub net: Net,
}

/// Asking a site that is not public yet.
#[cfg(feature = "network")]
#[derive(Clone, Debug, Default, Args)]
pub struct Net {
    /// Ask this address instead of the DNS, as curl does; for tests
    #[arg(long, value_name = "NAME:PORT:ADDR")]
    pub resolve: Vec<Pinned>,
    /// Ask this address although it is not public, such as 192.168.1.7 or 192.168.1.0/24
    #[arg(long, value_name = "ADDR")]
    pub allow_address: Vec<AddressRange>,
    /// Trust the certificates in this file instead of those that browsers know
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// Comparing a site with what was signed.
#[cfg(feature = "network")]
#[derive(Debug, Args)]
pub struct Verify {
    /// The address of the site, as its owner writes it
    #[arg(value_name = "URL")]
    pub url: String,
    /// The public key of the site: RW…, or a file with it [default: that of the site in this folder]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Ask only for so many files, others each time; the front page is always among them
    #[arg(long, value_name = "NUMBER")]
    pub sample: Option<usize>,
    /// What lies below this path is not part of the site, and may be there: such as stats
    #[arg(long, value_name = "PATH")]
    pub except: Vec<String>,
    /// It is an alarm when nothing was published for so many days
    #[arg(long, value_name = "DAYS")]
    pub max_age: Option<u16>,
    /// Where the newest list that was seen is remembered [default: `~/.local/state/sitegen`, or the
    /// folder for it that the system names]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// How the site is reached.
    #[command(flatten)]
    pub net: Net,
}

/// Running the post office.
#[cfg(feature = "network")]
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Inbox {
    /// Answer one request of a web server that has started this as a CGI program
    #[arg(long)]
    pub cgi: bool,
    /// Only store requests in this folder, to be worked off by `deliver --spool` on the machine
    /// that has the keys
    #[arg(long, value_name = "DIR")]
    pub spool: Option<PathBuf>,
    /// What else to do.
    #[command(subcommand)]
    pub command: Option<InboxCommand>,
}

/// What else there is to do with the post office.
#[cfg(feature = "network")]
#[derive(Debug, Subcommand)]
pub enum InboxCommand {
    /// Write inbox.toml from the site, with what the post office needs to know
    Init {
        /// Write it anew although it is there
        #[arg(long)]
        force: bool,
    },
    /// Print the file by which the system starts the post office of this folder, and starts it
    /// again after a failure
    Unit {
        /// The system
        system: Supervisor,
    },
}

/// What starts the post office with the machine.
#[cfg(feature = "network")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Supervisor {
    /// Debian, Raspberry Pi OS, Fedora, Arch and most others
    Systemd,
    /// `OpenWrt`, on routers
    Openwrt,
}

/// Delivering.
#[cfg(feature = "network")]
#[derive(Debug, Args)]
pub struct Deliver {
    /// Also send what is more than people write in a day
    #[arg(long)]
    pub confirm: bool,
    /// First work off the requests in this folder, which `inbox --spool` has stored
    #[arg(long, value_name = "DIR")]
    pub spool: Option<PathBuf>,
    /// Only deliver what is in the queue
    #[arg(long, hide = true)]
    pub no_look: bool,
    /// Wait for the round that goes on. A CGI program begins this when it has answered.
    #[arg(long, hide = true)]
    pub wait: bool,
}
