//! How anybody checks a proof without this site: what is checked, in which order, by which
//! programs, and where the formats are written down.

use maud::{Markup, html};

use crate::texts::{self, Said, Voice, checking as said};

/// Where it stands on the page of the method.
pub(crate) const ANCHOR: &str = "check";

const STEPS: [&Said; 5] = [
    &said::STEP_TAKE,
    &said::STEP_SIGNATURE,
    &said::STEP_ENTRY,
    &said::STEP_WORDS,
    &said::STEP_WITNESSES,
];

/// Libraries that read the formats and share nothing with this project.
const LIBRARIES: [(&str, &str); 2] = [
    (
        "filippo.io/torchwood (Go)",
        "https://pkg.go.dev/filippo.io/torchwood",
    ),
    (
        "golang.org/x/mod/sumdb (Go)",
        "https://pkg.go.dev/golang.org/x/mod/sumdb/note",
    ),
];

/// The formats, where they are written down, and what has them.
const FORMATS: [(&str, &str, &Said); 6] = [
    (
        "C2SP tlog-proof",
        "https://c2sp.org/tlog-proof",
        &said::OF_THE_FILE,
    ),
    (
        "C2SP tlog-checkpoint",
        "https://c2sp.org/tlog-checkpoint",
        &said::OF_THE_STATEMENT,
    ),
    (
        "C2SP signed-note",
        "https://c2sp.org/signed-note",
        &said::OF_THE_SIGNATURE,
    ),
    (
        "C2SP tlog-cosignature",
        "https://c2sp.org/tlog-cosignature",
        &said::OF_OTHERS,
    ),
    (
        "RFC 6962, 2.1",
        "https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1",
        &said::OF_FINGERPRINTS,
    ),
    (
        "C2SP tlog-tiles",
        "https://c2sp.org/tlog-tiles",
        &said::OF_LOGS,
    ),
];

pub(super) fn section(voice: Voice<'_>) -> Markup {
    html! {
        section id=(ANCHOR) {
            h2 { (voice.say(&said::TITLE)) }
            p { (voice.say(&said::LEAD)) }
            p { (voice.say(&said::FINGERPRINT)) }
            ol.steps { @for step in STEPS { li { (voice.say(step)) } } }
            p { (voice.say(&texts::PROOF_LIMIT)) }
            h3 { (voice.say(&said::PROGRAMS)) }
            ul.points {
                li { (voice.say(&said::OWN_PROGRAM)) (voice.gap()) (command("wpsx check-proof FILE.tlog-proof --card PUBLISHER.card")) }
                li { (voice.say(&said::OTHER_PROGRAM)) (voice.gap()) (command("python3 verify_proof.py FILE.tlog-proof KEY")) }
                li { (voice.say(&said::WHOLE_LOG)) (voice.gap()) (command("python3 verify_tlog.py https://NODE")) }
                li {
                    (voice.say(&said::LIBRARIES)) (voice.gap())
                    @for (at, (name, there)) in LIBRARIES.iter().enumerate() {
                        @if at > 0 { (voice.semicolon()) }
                        a href=(there) rel="noopener" { bdi dir="ltr" { (name) } }
                    }
                }
            }
            h3 { (voice.say(&said::FORMATS)) }
            p { (voice.say(&said::FORMATS_SAY)) }
            ul.points {
                @for (name, there, of) in FORMATS {
                    li { a href=(there) rel="noopener" { bdi dir="ltr" { (name) } } (voice.colon()) (voice.say(of)) }
                }
            }
        }
    }
}

fn command(typed: &str) -> Markup {
    html! { bdi dir="ltr" { code { (typed) } } }
}
