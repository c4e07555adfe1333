//! How to ask for another format or to report a problem: a mail with the page's address.

use form_urlencoded::byte_serialize;
use maud::{Markup, html};
use wpsx_words::Language;

use crate::{observatory::Observatory, texts};

/// The link, where the site has somebody to write to. `page` is the address of the page.
pub(super) fn contact(site: &Observatory, language: Language, page: &str) -> Option<Markup> {
    let contact = site.settings.contact.as_ref()?;
    // A mail program reads a plus as a plus (RFC 6068, 5).
    let body: String = byte_serialize(page.as_bytes()).collect();
    let href = format!("mailto:{contact}?body={}", body.replace('+', "%20"));
    let voice = site.voice(language);
    Some(
        html! { p { a href=(href) { (voice.say(&texts::ASK)) } (voice.colon()) bdi { (contact) } } },
    )
}
