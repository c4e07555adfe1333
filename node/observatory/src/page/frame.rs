//! What every page has around its content.

use maud::{DOCTYPE, Markup, html};
use wpsx_words::Language;

use super::contact::contact;
use crate::{observatory::Observatory, texts};

/// A page around its content.
pub(crate) struct Frame<'a> {
    pub(crate) site: &'a Observatory,
    pub(crate) language: Language,
    /// Of this page; the site's own name stands behind it.
    pub(crate) title: &'a str,
    /// The address without the language, such as `event?theme=police`.
    pub(crate) path: &'a str,
}

impl Frame<'_> {
    pub(crate) fn around(&self, content: &Markup) -> Markup {
        let voice = self.site.voice(self.language);
        let here = self.language;
        let site = self.site.settings.title(here);
        html! {
            (DOCTYPE)
            html lang=(here.tag()) dir=(direction(here)) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { @if !self.title.is_empty() { (self.title) " · " } (site.text) }
                    link rel="stylesheet" href=(self.site.style().path);
                    @for language in Language::ALL {
                        link rel="alternate" hreflang=(language.tag()) href=(self.in_language(language));
                    }
                }
                body {
                    a.skip href="#content" { (voice.say(&texts::SKIP)) }
                    header {
                        a.site href=(format!("/{here}")) {
                            @if let Some(logo) = &self.site.settings.logo { img.logo src=(format!("/logo.{}", logo.suffix)) alt=""; }
                            (voice.shown(&site))
                        }
                        nav aria-label=(voice.say(&texts::LANGUAGES)) {
                            ul.languages {
                                @for language in Language::ALL {
                                    li {
                                        @if language == here {
                                            span aria-current="true" lang=(language.tag()) { (language.own_name()) }
                                        } @else {
                                            a href=(self.in_language(language)) lang=(language.tag()) hreflang=(language.tag()) {
                                                (language.own_name())
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    main id="content" { (content) }
                    footer {
                        @if let Some(contact) = contact(self.site, here, &self.in_language(here)) { (contact) }
                        p { (voice.shown(&self.site.settings.about(here))) }
                        p { a href=(format!("/{here}/network")) { (voice.say(&texts::NETWORK)) } }
                    }
                }
            }
        }
    }

    fn in_language(&self, language: Language) -> String {
        match self.path {
            // The first page, with what stands behind its question mark.
            path if path.is_empty() || path.starts_with('?') => format!("/{language}{path}"),
            path => format!("/{language}/{path}"),
        }
    }
}

fn direction(language: Language) -> &'static str {
    match language.is_right_to_left() {
        true => "rtl",
        false => "ltr",
    }
}
