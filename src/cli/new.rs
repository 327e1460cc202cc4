//! The arguments of `sitegen new`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What is new.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct New {
    /// The folder for a new site; it must not have anything in it
    #[arg(value_name = "DIR", required = true)]
    pub dir: Option<PathBuf>,
    /// What stands after it by mistake.
    #[arg(hide = true)]
    pub more: Vec<String>,
    /// The title of the new site [default: the name of the folder]
    #[arg(long)]
    pub title: Option<String>,
    /// Where the new site will live
    #[arg(short = 'u', long, value_name = "URL", default_value = "https://www.example.org")]
    pub base_url: String,
    /// What the new site is for: it gets the sections and texts that go with that [default: a
    /// small site for anything]
    #[arg(long, value_enum)]
    pub kind: Option<SiteKind>,
    /// The language of its texts, such as cy
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub language: String,
    /// The law by which the new site says who publishes it; `de,eu-ttpa` are two [default: uk-2022
    /// for English, Welsh and Gaelic, de for German, none for others]
    #[arg(long, value_enum, value_delimiter = ',', requires = "kind")]
    pub law: Vec<Law>,
    /// A text instead of a site
    #[command(subcommand)]
    pub item: Option<NewItem>,
}

/// What a site is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SiteKind {
    /// A party: news, events, policies, people
    Party,
    /// A candidate: about me, priorities, news, events
    Candidate,
    /// A branch of a union, a party or another body: news, events, people
    Branch,
    /// A campaign: the demand, what people can do, news
    Campaign,
}

/// A law that asks who publishes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Law {
    /// The Elections Act 2022 of the United Kingdom
    #[value(name = "uk-2022")]
    Uk2022,
    /// Those on websites and media in Germany
    De,
    /// The Regulation of the European Union on political advertising
    EuTtpa,
    /// None
    None,
}

/// What is new in a site.
#[derive(Debug, Subcommand)]
pub enum NewItem {
    /// A text with today's date, in the section of news
    Post(NewDatedText),
    /// A text without a date
    Page(NewText),
    /// Something that takes place, in the section of events
    Event(NewEvent),
    /// Somebody, in the section of people, with a folder for a portrait
    Person(NewText),
    /// A press release, in the section of press
    Press(NewDatedText),
    /// A notice of political advertising, in the section of notices
    Notice(NewText),
    /// Files of the built-in theme, to change them; without names, a list of them
    Theme {
        /// Such as templates/page.html or static/campaign.css
        #[arg(value_name = "FILE")]
        files: Vec<String>,
    },
}

/// A new text with a date.
#[derive(Debug, Args)]
pub struct NewDatedText {
    /// The text.
    #[command(flatten)]
    pub text: NewText,
    /// When it is published: 2026-05-01, or with a time [default: now]
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
}

/// A new event.
#[derive(Debug, Args)]
pub struct NewEvent {
    /// The text.
    #[command(flatten)]
    pub text: NewText,
    /// When it begins, such as 2026-05-01T19:30 [default: in two weeks, at seven in the evening]
    #[arg(long, value_name = "TIME")]
    pub date: Option<String>,
}

/// A new text.
#[derive(Debug, Args)]
pub struct NewText {
    /// Its title, or the name of a person, in quotes
    #[arg(required = true)]
    pub title: Vec<String>,
    /// The folder inside `content/` [default: where the others of its kind are]
    #[arg(short, long, value_name = "FOLDER")]
    pub section: Option<String>,
    /// The language of the text, such as cy
    #[arg(short, long, value_name = "CODE")]
    pub language: Option<String>,
    /// Publish it with the next build, instead of beginning it as a draft
    #[arg(long)]
    pub public: bool,
}
