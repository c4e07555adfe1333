//! One language's Fluent file as a table of plain texts.

use std::collections::HashMap;

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

use crate::State;

/// Every text of one file.
#[derive(Debug)]
pub(super) struct Texts {
    default: State,
    messages: HashMap<String, Message>,
}

/// A message: its own text, and its attributes by name.
#[derive(Debug, Default)]
struct Message {
    text: Option<String>,
    attributes: HashMap<String, String>,
    state: Option<State>,
}

impl Texts {
    /// Reads a file. What is not well-formed is left out; a test reads the shipped files.
    pub(super) fn read(file: &str) -> Self {
        let resource = match parser::parse_runtime(file) {
            Ok(resource) => resource,
            Err((resource, _)) => resource,
        };
        let mut texts = Self {
            default: State::Machine,
            messages: HashMap::new(),
        };
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let mut own = Message {
                        text: message.value.as_ref().and_then(plain),
                        ..Message::default()
                    };
                    for attribute in &message.attributes {
                        let Some(text) = plain(&attribute.value) else {
                            continue;
                        };
                        match attribute.id.name {
                            "state" => own.state = state(&text),
                            name => {
                                own.attributes.insert(name.to_owned(), text);
                            }
                        }
                    }
                    texts.messages.insert(message.id.name.to_owned(), own);
                }
                Entry::Term(term) if term.id.name == "state" => {
                    let stated = plain(&term.value).and_then(|text| state(&text));
                    texts.default = stated.unwrap_or(State::Machine);
                }
                _ => {}
            }
        }
        texts
    }

    /// The text of a message, or of one of its attributes, and where it comes from.
    pub(super) fn text(&self, id: &str, attribute: Option<&str>) -> Option<(&str, State)> {
        let message = self.messages.get(id)?;
        let text = match attribute {
            None => message.text.as_deref(),
            Some(name) => message.attributes.get(name).map(String::as_str),
        };
        let text = text.filter(|text| !text.is_empty())?;
        Some((text, message.state.unwrap_or(self.default)))
    }

    /// The ids of all messages.
    #[cfg(test)]
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }
}

fn state(text: &str) -> Option<State> {
    match text {
        "reviewed" => Some(State::Reviewed),
        "machine" => Some(State::Machine),
        _ => None,
    }
}

/// The text of a pattern without arguments; labels have none.
fn plain(pattern: &Pattern<&str>) -> Option<String> {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::StringLiteral { value }),
            } => text.push_str(value),
            PatternElement::Placeable { .. } => return None,
        }
    }
    Some(text.trim().replace('\n', " "))
}
