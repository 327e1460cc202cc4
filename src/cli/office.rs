//! The arguments of the commands with which people look after the post office.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Followers.
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Followers {
    /// What to do with them.
    #[command(subcommand)]
    pub command: FollowersCommand,
}

/// What to do with followers.
#[derive(Debug, Subcommand)]
#[command(after_help = "WHO is a name such as @jo@social.example, or an id such as \
https://social.example/users/jo. All of this works while the post office runs, and needs no keys.")]
pub enum FollowersCommand {
    /// Show who follows and since when. This is for your eyes only
    List {
        /// The user name of an account of the site [default: all]
        user: Option<String>,
    },
    /// Show how many follow: a number that anybody may know
    Count,
    /// Write all followers to a new file, a table in CSV, to take them along to another machine
    Export {
        /// The file, which nobody else can read
        file: PathBuf,
        /// The user name of an account of the site [default: all]
        user: Option<String>,
    },
    /// Add followers from a file that `export` has written
    ///
    /// Their servers are not asked: they send nothing to an account that they do not know. So this
    /// is for the same account with the same key on another machine.
    Import {
        /// The file
        file: PathBuf,
        /// The user name of the account that they follow
        user: String,
    },
    /// Remove a follower, and let their server know
    Remove {
        /// Who
        who: String,
        /// The user name of the account that they follow [default: all]
        #[arg(long)]
        user: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Let nobody of that name or from that server follow, and remove those who do. They are not
    /// told
    Block(Block),
    /// Let somebody follow again
    Unblock {
        /// The id of who was blocked, or the name of a server
        #[arg(value_name = "WHO-OR-DOMAIN", required = true)]
        who: Vec<String>,
    },
    /// Show who is blocked
    Blocks,
    /// Show who waits for your answer, when inbox.toml says `approve = "manual"`
    Pending {
        /// The user name of an account of the site [default: all]
        user: Option<String>,
    },
    /// Let somebody follow who has asked
    Accept {
        /// Who
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        who: Vec<String>,
        /// Everybody who waits
        #[arg(long)]
        all: bool,
        /// The user name of the account that they want to follow [default: all]
        #[arg(long)]
        user: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Let somebody know that they may not follow. They can ask again
    Reject {
        /// Who
        #[arg(required = true)]
        who: Vec<String>,
        /// The user name of the account that they want to follow [default: all]
        #[arg(long)]
        user: Option<String>,
    },
}

/// Whom to block.
#[derive(Debug, Args)]
pub struct Block {
    /// Somebody, or the name of a server such as social.example, which stands for all below it
    #[arg(
        value_name = "WHO-OR-DOMAIN",
        required_unless_present = "import",
        conflicts_with = "import"
    )]
    pub who: Vec<String>,
    /// Every server of a list: the CSV file that Mastodon exports, or one name on each line
    #[arg(long, value_name = "FILE")]
    pub import: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// How the post office is doing.
#[derive(Debug, Args)]
pub struct Status {
    /// Take note that a backup was restored and that messages were given up; they are not
    /// mentioned again
    #[arg(long)]
    pub acknowledge: bool,
}

/// A copy of all that the post office needs.
#[derive(Debug, Args)]
pub struct Backup {
    /// A new file. It has the private keys in it: keep it where nobody else gets at it
    pub file: PathBuf,
}

/// A post office from a backup.
#[derive(Debug, Args)]
pub struct Restore {
    /// The file that `sitegen backup` has written
    pub file: PathBuf,
    /// Only look whether the backup is whole, and say what is in it
    #[arg(long, conflicts_with = "replace")]
    pub verify: bool,
    /// Also when there are followers, keys or settings here already. They are kept beside the
    /// restored ones, under another name
    #[arg(long)]
    pub replace: bool,
}

/// Whose life ends.
#[derive(Debug, Args)]
pub struct Retire {
    /// The user name of the account
    pub user: String,
    /// A new file for its followers, which nobody else can read
    #[arg(long, value_name = "FILE")]
    pub followers: PathBuf,
    /// The account that followers are to follow instead: @name@social.example, or its id
    #[arg(long, value_name = "ACCOUNT")]
    pub move_to: Option<String>,
    /// Do not ask. For scripts; the name of the account has to be said again
    #[arg(long, value_name = "USER")]
    pub yes: Option<String>,
}
