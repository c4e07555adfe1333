//! What every page has around its content: where it is, in which languages, and who answers
//! for it.

use maud::{DOCTYPE, Markup, html};
use wpsx_words::Language;

use super::contact::contact;
use crate::{
    alternates,
    at::At,
    file::Form,
    observatory::Observatory,
    texts::{self, Voice, frame as said},
    trail::Step,
};

/// A page around its content.
pub(crate) struct Frame<'a> {
    pub(crate) site: &'a Observatory,
    pub(crate) at: At<'a>,
    /// Of this page; the site's own name stands behind it.
    pub(crate) title: &'a str,
    /// The page's own address without the language, such as `event?theme=police`: what was
    /// asked, as far as the page answers it.
    pub(crate) path: &'a str,
}

impl Frame<'_> {
    /// The page, right below the first one.
    pub(crate) fn around(&self, content: &Markup) -> Markup {
        self.under(&[], content)
    }

    /// The page below others, from the top. Where the way does not end with the page itself,
    /// its title does.
    pub(crate) fn under(&self, trail: &[Step], content: &Markup) -> Markup {
        self.with_files(alternates::files(self.path), trail, content)
    }

    /// The same of a page that has these files, and no others at its address.
    pub(crate) fn with_files(&self, files: &[Form], trail: &[Step], content: &Markup) -> Markup {
        let names = self.names(files);
        self.drawn(trail, &self.whole(self.at.language), &names, content)
    }

    /// What stands where no page is: it has no name of its own, and no other language has it.
    /// `asked` is the whole address that was asked for, where that is known.
    pub(crate) fn instead(&self, asked: &str, content: &Markup) -> Markup {
        let outside = self.site.settings.outside(asked);
        let asked = outside
            .filter(|_| !asked.is_empty())
            .unwrap_or_else(|| asked.to_owned());
        self.drawn(&[], &asked, &html! {}, content)
    }

    fn drawn(&self, trail: &[Step], address: &str, names: &Markup, content: &Markup) -> Markup {
        let voice = self.site.voice(self.at.language);
        let here = self.at.language;
        let name = self.site.settings.title(here);
        html! {
            (DOCTYPE)
            html lang=(here.tag()) dir=(direction(here)) {
                (self.head(names))
                body {
                    a.skip href="#content" { (voice.say(&texts::SKIP)) }
                    @if let Some(notice) = self.site.settings.notice(here) {
                        section.notice aria-label=(voice.say(&said::NOTICE)) { p { (voice.shown(&notice)) } }
                    }
                    header {
                        a.site href=(format!("/{here}")) {
                            @if let Some(logo) = &self.site.settings.logo { img.logo src=(format!("/logo.{}", logo.suffix)) alt=""; }
                            (voice.shown(&name))
                        }
                        (self.languages(voice))
                    }
                    @if !self.title.is_empty() { (self.above(trail, voice)) }
                    main id="content" tabindex="-1" { (content) }
                    (self.foot(address, voice))
                }
            }
        }
    }

    fn head(&self, names: &Markup) -> Markup {
        let name = self.site.settings.title(self.at.language);
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if !self.title.is_empty() { (self.title) " · " } (name.text) }
                link rel="stylesheet" href=(self.site.style().path);
                link rel="icon" type="image/svg+xml" href="/icon.svg";
                (names)
            }
        }
    }

    /// What the page is called from outside: its address, in each language, and its files'.
    fn names(&self, files: &[Form]) -> Markup {
        html! {
            link rel="canonical" href=(self.whole(self.at.language));
            @for language in Language::ALL {
                link rel="alternate" hreflang=(language.tag()) href=(self.whole(language));
            }
            link rel="alternate" hreflang="x-default" href=(self.whole(Language::English));
            (alternates::links(self.at.language, self.path, files))
        }
    }

    /// The same address in each language, with all that was asked.
    fn languages(&self, voice: Voice<'_>) -> Markup {
        html! {
            nav aria-label=(voice.say(&texts::LANGUAGES)) {
                ul.languages {
                    @for language in Language::ALL {
                        li {
                            @if language == self.at.language {
                                span aria-current="true" lang=(language.tag()) { (language.own_name()) }
                            } @else {
                                a href=(self.at.in_language(language)) lang=(language.tag()) hreflang=(language.tag()) {
                                    (language.own_name())
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn foot(&self, address: &str, voice: Voice<'_>) -> Markup {
        html! {
            footer {
                p { (voice.shown(&self.site.settings.about(self.at.language))) }
                nav aria-label=(voice.say(&said::ABOUT_SITE)) {
                    ul.about {
                        @for (path, name) in said::PAGES {
                            li { a href=(format!("/{}/{path}", self.at.language)) aria-current=[(path == self.path).then_some("page")] { (voice.say(name)) } }
                        }
                    }
                }
                @if let Some(contact) = contact(self.site, self.at.language, address) { (contact) }
                @if !address.is_empty() { p.address { (voice.fill(&said::PRINTED, &[address])) } }
            }
        }
    }

    /// How to write to whoever runs the site about this page, where that is known.
    pub(crate) fn contact(&self) -> Option<Markup> {
        let language = self.at.language;
        contact(self.site, language, &self.whole(language))
    }

    /// The address of this page in a language, from outside where that is known.
    fn whole(&self, language: Language) -> String {
        let path = self.at.with(self.path).in_language(language);
        let outside = self.site.settings.outside(&path);
        outside.unwrap_or(path)
    }

    /// The way from the first page to this one.
    fn above(&self, trail: &[Step], voice: Voice<'_>) -> Markup {
        let itself = [Step::here(self.title)];
        let ends_here = trail.last().is_some_and(|last| last.href.is_empty());
        let itself = itself.iter().filter(|_| !ends_here);
        html! {
            nav.trail aria-label=(voice.say(&said::YOU_ARE_HERE)) {
                ol {
                    li { a href=(format!("/{}", voice.language)) { (voice.say(&texts::HOME)) } }
                    @for step in trail.iter().chain(itself) {
                        li {
                            @if step.href.is_empty() {
                                span aria-current="page" lang=[&step.language] { bdi { (step.title) } }
                            } @else {
                                a href=(step.href) lang=[&step.language] { bdi { (step.title) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn direction(language: Language) -> &'static str {
    match language.is_right_to_left() {
        true => "rtl",
        false => "ltr",
    }
}
