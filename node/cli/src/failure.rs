//! Why a command was not done: one sentence, a remedy, an exit code.

use std::{error::Error, fmt, io};

use serde_json::Value;
use tonic::{Code, Status};
use tonic_types::{BadRequest, ResourceInfo, StatusExt as _};
use wpsx_proto::chain;

/// A command that was not done.
#[derive(Debug)]
pub struct Failure {
    exit: u8,
    message: String,
    remedy: Option<String>,
    /// What is wrong one by one, for scripts.
    problems: Vec<Value>,
    /// Nobody reads the answer any more.
    unread: bool,
}

/// The command ran and did not do what was asked.
pub const FAILED: u8 = 1;
/// The command was typed wrongly.
pub const USAGE: u8 = 2;
/// The node could not be reached, or its directory is in use.
pub const UNREACHED: u8 = 3;

impl Failure {
    /// It ran and did not do what was asked.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            exit: FAILED,
            message: message.into(),
            remedy: None,
            problems: Vec::new(),
            unread: false,
        }
    }

    /// It was typed wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: USAGE,
            ..Self::failed(message)
        }
    }

    /// The node could not be reached, or its directory is in use.
    pub fn unreached(message: impl Into<String>) -> Self {
        Self {
            exit: UNREACHED,
            ..Self::failed(message)
        }
    }

    /// `what` failed because of `cause`, whose whole chain is told.
    pub fn because(what: impl fmt::Display, cause: &dyn Error) -> Self {
        Self::failed(format!("{what}: {}", chain(cause)))
    }

    /// Why a batch was refused, and how to say whose it is where nobody said that.
    pub(super) fn of_batch(publisher: &str, status: Status) -> Self {
        let is_of = |it: &BadRequest| it.field_violations.iter().any(|it| it.field == "publisher");
        let request = status.get_details_bad_request();
        let asks = publisher.is_empty() && request.as_ref().is_some_and(is_of);
        let failure = Self::from(status);
        match asks {
            true => {
                failure.remedy("wpsx publisher list shows all of them; --publisher NAME says which")
            }
            false => failure,
        }
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// What is wrong one by one; it comes with the JSON form alone.
    #[must_use]
    pub fn problems(mut self, problems: Vec<Value>) -> Self {
        self.problems = problems;
        self
    }

    /// The process's exit code.
    pub fn exit(&self) -> u8 {
        self.exit
    }

    /// Whether the reader of the answer has gone, as `head` does when it has enough: that
    /// is no failure, and there is nobody to tell.
    pub fn is_unread(&self) -> bool {
        self.unread
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The failure as one JSON object.
    pub fn to_json(&self) -> Value {
        let mut document = serde_json::json!({
            "error": self.message,
            "remedy": self.remedy,
            "exit": self.exit,
        });
        if !self.problems.is_empty() {
            document["problems"] = self.problems.clone().into();
        }
        document
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wpsx: {}", self.message)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n      {remedy}"),
            None => Ok(()),
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let message = match status.message() {
            "" => status.code().description().to_lowercase(),
            message => message.to_owned(),
        };
        match status.code() {
            Code::InvalidArgument => Self::usage(message),
            Code::NotFound => {
                let failure = Self::failed(message);
                match status
                    .get_details_resource_info()
                    .as_ref()
                    .and_then(shown_by)
                {
                    Some(remedy) => failure.remedy(remedy),
                    None => failure,
                }
            }
            // A status with a cause was made on this side: the line to the node broke.
            Code::Unavailable if status.source().is_some() => {
                Self::unreached(format!("the node went away: {message}"))
                    .remedy("see whether it still runs (wpsx status) and try again")
            }
            Code::ResourceExhausted => {
                Self::failed(message).remedy("the node is busy; try again in a minute")
            }
            Code::Unimplemented => Self::failed("the running node does not know this command")
                .remedy("it is older than this wpsx; restart it with the new version"),
            _ => Self::failed(message),
        }
    }
}

impl From<clap::Error> for Failure {
    /// What clap says, without its heading: the sentence, and as a remedy how it is typed.
    fn from(error: clap::Error) -> Self {
        let text = error.render().to_string();
        let text = text
            .split("\n\nFor more information")
            .next()
            .unwrap_or(&text);
        let (wrong, usage) = text.split_once("\n\nUsage: ").unwrap_or((text, ""));
        let wrong = wrong.trim().trim_start_matches("error: ");
        let words: Vec<&str> = wrong.split_whitespace().collect();
        let failure = Self::usage(words.join(" "));
        match usage.lines().next() {
            Some(usage) => failure.remedy(format!("{usage}; --help shows what each option takes")),
            None => failure.remedy("wpsx --help shows the commands and their options"),
        }
    }
}

/// The command that shows what there is of a thing that was not found.
fn shown_by(missing: &ResourceInfo) -> Option<&'static str> {
    Some(match missing.resource_type.as_str() {
        "record" => "wpsx list --withdrawn shows the records that are",
        "publisher" => "wpsx publisher list shows those of this node",
        "log" => "wpsx origin list shows the logs that are",
        "peer" => "wpsx peer list shows the peers",
        "batch" => "wpsx history shows the batches",
        _ => return None,
    })
}

impl From<io::Error> for Failure {
    /// Standard output is the only file that commands write without naming it.
    fn from(error: io::Error) -> Self {
        Self {
            unread: error.kind() == io::ErrorKind::BrokenPipe,
            ..Self::because("cannot write the output", &error)
        }
    }
}
