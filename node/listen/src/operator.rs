//! The token of who commands this node.

use http::Extensions;

/// Says that a request came from the operator: over the Unix socket that only this
/// node's user may open, or over the pipe of a command that opened the node itself.
///
/// Only this package makes one, and a request over TCP never carries one, whatever it
/// says of itself. What only the operator may have asked for takes an `&Operator`, and
/// a service takes it out of its request:
///
/// ```
/// use wpsx_listen::Operator;
///
/// fn stop_publishing(_: &Operator) {}
///
/// fn answer(request: &http::Request<()>) -> Result<(), &'static str> {
///     let operator = Operator::of(request.extensions()).ok_or("this is the operator's")?;
///     stop_publishing(&operator);
///     Ok(())
/// }
///
/// assert!(answer(&http::Request::new(())).is_err());
/// ```
///
/// It cannot be made elsewhere:
///
/// ```compile_fail
/// use wpsx_listen::Operator;
///
/// fn stop_publishing(_: &Operator) {}
///
/// fn answer(request: &http::Request<()>) -> Result<(), &'static str> {
///     let operator = Operator(());
///     stop_publishing(&operator);
///     Ok(())
/// }
/// ```
///
/// Nor is it a thing to keep: it has no copies, and is asked of each request anew.
#[derive(Debug)]
pub struct Operator(());

/// What marks a request. Extensions have to be clonable, a token has not; and nobody
/// else can put a type into them that they cannot name.
#[derive(Clone)]
struct Mark;

impl Operator {
    /// The operator, if the request with these extensions is theirs.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Mark>().map(|_| Self(()))
    }

    /// For a door that only the operator can come through.
    pub(crate) fn at_this_door() -> Self {
        Self(())
    }

    /// Marks a request as the operator's.
    pub(crate) fn mark(&self, extensions: &mut Extensions) {
        extensions.insert(Mark);
    }
}
