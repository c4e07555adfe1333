//! An error with its causes, as people read it.

use std::error::Error;

/// An error and its sources in one line, each told once: `cannot read the head: permission
/// denied`. Errors here never repeat their source; some of others do.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(text.trim_end());
        }
        source = cause.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the head")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_follow_what_they_caused() {
        let error = Outer(std::io::Error::other("the disk is gone"));
        assert_eq!(chain(&error), "cannot read the head: the disk is gone");
    }

    #[derive(Debug, thiserror::Error)]
    #[error("cannot dial: {0}")]
    struct Talkative(#[source] std::io::Error);

    #[test]
    fn what_was_told_is_not_told_again() {
        let error = Talkative(std::io::Error::other("no route"));
        assert_eq!(chain(&error), "cannot dial: no route");
    }
}
