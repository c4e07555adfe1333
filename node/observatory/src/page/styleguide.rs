//! The style guide: colours with their measured contrast, type, space, and what pages are
//! made of, drawn by the same code that draws the pages.

mod components;
mod made_up;

use maud::{Markup, html};
use wpsx_domain::{NodeError, Wanted};

use super::frame::Frame;
use crate::{
    at::At,
    colours::{Colour, Named, colours},
    observatory::Observatory,
    texts::{self, Said, Voice, styleguide as said},
};

/// What each colour is for.
const USES: [(&str, &Said); 8] = [
    ("ground", &said::GROUND),
    ("wash", &said::WASH),
    ("ink", &said::INK),
    ("soft", &said::SOFT),
    ("accent", &said::ACCENT),
    ("seen", &said::SEEN),
    ("mark", &said::MARK),
    ("line", &said::LINE),
];
/// What carries no text, and so has no contrast to keep.
const SILENT: [&str; 3] = ["ground", "wash", "line"];

/// The style guide.
pub(crate) fn page(site: &Observatory, at: At<'_>, wanted: &Wanted) -> Result<Markup, NodeError> {
    let voice = site.voice(at.language);
    let frame = Frame {
        site,
        at,
        title: voice.say(&texts::frame::STYLEGUIDE),
        path: "styleguide",
    };
    Ok(frame.around(&html! {
        h1 { (voice.say(&texts::frame::STYLEGUIDE)) }
        p.lead { (voice.say(&said::GUIDE_SAYS)) }
        section {
            h2 { (voice.say(&said::COLOURS)) }
            div.palette {
                (palette(site, voice, &said::BY_DAY, "by-day", |colour| colour.day))
                (palette(site, voice, &said::BY_NIGHT, "by-night", |colour| colour.night))
            }
        }
        (type_and_space(voice))
        section {
            h2 { (voice.say(&said::COMPONENTS)) }
            p.mark id=(made_up::ANCHOR) { (voice.say(&said::MADE_UP)) }
            (components::all(site, voice, wanted)?)
        }
    }))
}

fn palette(
    site: &Observatory,
    voice: Voice<'_>,
    name: &Said,
    class: &str,
    of: fn(&Named) -> Colour,
) -> Markup {
    let style = String::from_utf8_lossy(&site.style().text);
    let all = colours(&style);
    let ground = all.iter().find(|it| it.name == "ground").map(of);
    html! {
        section class=(class) {
            h3 { (voice.say(name)) }
            table {
                thead { tr {
                    th scope="col" { (voice.say(&said::COLOUR)) }
                    th scope="col" { (voice.say(&said::USED_FOR)) }
                    th.number scope="col" { (voice.say(&said::CONTRAST)) }
                } }
                tbody {
                    @for (name, used) in USES {
                        @if let (Some(colour), Some(ground)) = (all.iter().find(|it| it.name == name).map(of), ground) {
                            tr {
                                td { span class={ "swatch " (name) } {} code { (colour) } }
                                td { (voice.say(used)) }
                                td.number {
                                    @if SILENT.contains(&name) { (voice.say(&said::NO_TEXT)) }
                                    @else { bdi { (format!("{:.1}", colour.contrast(ground))) ":1" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn type_and_space(voice: Voice<'_>) -> Markup {
    html! {
        section {
            h2 { (voice.say(&said::TYPE)) }
            p.as-1 { (voice.say(&said::TITLE_1)) }
            p.as-2 { (voice.say(&said::TITLE_2)) }
            p.as-3 { (voice.say(&said::TITLE_3)) }
            p.lead { (voice.say(&said::LEAD)) }
            p { (voice.say(&texts::SITE_IS)) }
            p.mark { (voice.say(&said::SMALL)) }
        }
        section {
            h2 { (voice.say(&said::SPACING)) }
            ul.scale {
                @for (step, size) in [("s1", "0.25"), ("s2", "0.5"), ("s3", "1"), ("s4", "1.5"), ("s5", "2.5"), ("s6", "4")] {
                    li { span class={ "bar " (step) } {} code { (size) "rem" } }
                }
            }
        }
    }
}
