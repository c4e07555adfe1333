//! The link by which a reader asks for another format or says what is wrong: a mail that
//! already names the page.

use maud::{Markup, html};

use crate::{
    observatory::Observatory,
    texts::{self, Voice},
};

/// A link, where the site has an address for it. `path` is the page's, without the language.
pub(super) fn link(site: &Observatory, path: &str, voice: Voice<'_>) -> Markup {
    let contact = site.settings.contact.as_deref();
    let Some(contact) = contact.filter(|contact| is_address(contact)) else {
        return html! {};
    };
    let subject = format!(
        "{}: {}",
        site.settings.title(voice.language).text,
        voice.say(&texts::REPORT)
    );
    let page = format!("/{}/{path}", voice.language);
    let address = format!(
        "mailto:{contact}?subject={}&body={}",
        encoded(&subject),
        encoded(&format!("{page}\r\n\r\n"))
    );
    html! { p { a href=(address) { (voice.say(&texts::REPORT)) } } }
}

/// What can stand in a mail link as it is.
fn is_address(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"@._+-".contains(&b);
    text.contains('@') && text.bytes().all(is_plain)
}

/// Percent-encoded (RFC 6068): a space is no plus sign.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_names_the_page_and_nothing_leaves_the_link() {
        assert_eq!(encoded("a b&c=d\r\n"), "a%20b%26c%3Dd%0D%0A");
        assert!(is_address("help@wps.example"));
        for no in ["help", "a@b?cc=x", "a@b\" x", "a@b&x"] {
            assert!(!is_address(no), "{no}");
        }
    }
}
