//! Page tokens of the lists that go through logs in the order of their origins: the name
//! of the last log of the page.
//!
//! A token that no call can have given is refused. Taken as it is, it would skip logs
//! and look like the end of the list.

use wpsx_domain::{NodeError, access::Sight};

/// The origin behind which the page starts; empty for the first one.
///
/// # Errors
/// The token names no log that this caller can see.
pub(crate) fn after(token: String, sight: &Sight) -> Result<String, NodeError> {
    if token.is_empty() || sight.named(&token).is_some() {
        return Ok(token);
    }
    Err(NodeError::invalid(
        "page_token",
        "no answer gave such a token; use that of the previous answer as it is",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_token_that_names_no_log_in_sight_is_refused() {
        let sight = Sight::nothing();
        assert_eq!(after(String::new(), &sight).unwrap(), "");
        for never_given in ["~garbage", "0.12", "nobody.example/wpsx/public"] {
            let refused = after(never_given.to_owned(), &sight);
            let field = match refused {
                Err(NodeError::Invalid { field, .. }) => field,
                other => panic!("{never_given}: {other:?}"),
            };
            assert_eq!(field, "page_token");
        }
    }
}
