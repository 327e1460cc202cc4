//! `sitegen doctor`: asks a site what others ask it.

use std::io;

use jiff::Timestamp;

use super::output::write_to;
use super::{CommandError, Exit};
use crate::cli::{Doctor, Global, OutputFormat};
use crate::config::BaseUrl;
use crate::doctor::live::{Exceptions, Live};
use crate::doctor::{Examination, discover, examine};

pub(super) fn run(arguments: &Doctor, global: &Global) -> Result<Exit, CommandError> {
    let Doctor { url, resolve, allow_address, ca_file } = arguments;
    let Some(url) = url else {
        let message = "name the address of the site: `sitegen doctor https://www.party.example`";
        return Err(CommandError::Usage(message.to_owned()));
    };
    // Who types a name means the site that browsers would open.
    let whole = if url.contains("://") { url.clone() } else { format!("https://{url}") };
    let base_url = BaseUrl::parse(&whole).map_err(|_| {
        CommandError::Usage(format!("`{url}` is no address; write `https://www.party.example`"))
    })?;
    let authorities = match ca_file {
        None => None,
        Some(path) => Some(std::fs::read(path).map_err(|e| CommandError::Io(path.clone(), e))?),
    };
    let (pinned, allowed) = (resolve.clone(), allow_address.clone());
    let live = Live::new(Exceptions { pinned, allowed, authorities })
        .map_err(|reason| CommandError::Usage(format!("`--ca-file`: {reason}")))?;
    let subject = discover(&live, base_url.as_str());
    Ok(print(&examine(&live, &subject, Timestamp::now()), global))
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
