//! The colours of the stylesheet, read from it, and their contrast as WCAG 2.2 measures it.

use std::{fmt, str::FromStr};

/// A colour of red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) [u8; 3]);

/// A colour of the stylesheet: its name, by day and by night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) day: Colour,
    pub(crate) night: Colour,
}

/// Every colour of a stylesheet: `--ink: light-dark(#1a1c20, #e9ebed);`. The last of a name counts.
pub(crate) fn colours(style: &str) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for line in style.split([';', '{']) {
        let Some(named) = named(line) else { continue };
        match found.iter_mut().find(|it| it.name == named.name) {
            Some(earlier) => *earlier = named,
            None => found.push(named),
        }
    }
    found
}

fn named(line: &str) -> Option<Named> {
    let (name, value) = line
        .trim()
        .strip_prefix("--")?
        .split_once(": light-dark(")?;
    let (day, night) = value.strip_suffix(')')?.split_once(", ")?;
    Some(Named {
        name: name.to_owned(),
        day: day.parse().ok()?,
        night: night.parse().ok()?,
    })
}

impl Colour {
    /// Relative luminance.
    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// The contrast with another: from 1 for the same to 21 for black and white.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

impl FromStr for Colour {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = hex::decode(text.strip_prefix('#').ok_or(())?).map_err(|_| ())?;
        Ok(Self(bytes.try_into().map_err(|_| ())?))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = include_str!("style.css");
    /// What text is written in.
    const TEXT: [&str; 5] = ["ink", "soft", "accent", "seen", "mark"];

    #[test]
    fn every_text_can_be_read_on_every_ground_by_day_and_by_night() {
        let all = colours(STYLE);
        let of = |name: &str| all.iter().find(|it| it.name == name).unwrap().clone();
        for text in TEXT.map(of) {
            for ground in ["ground", "wash"].map(of) {
                for (a, b) in [(text.day, ground.day), (text.night, ground.night)] {
                    let measured = a.contrast(b);
                    assert!(
                        measured >= 4.5,
                        "{} on {}: {measured:.2}",
                        text.name,
                        ground.name
                    );
                }
            }
        }
        // Words on a button, its edge, and the edge of a field.
        for (front, behind) in [("ground", "accent"), ("ground", "ink"), ("soft", "wash")] {
            let (front, behind) = (of(front), of(behind));
            assert!(front.day.contrast(behind.day) >= 4.5);
            assert!(front.night.contrast(behind.night) >= 4.5);
        }
    }

    #[test]
    fn every_colour_is_a_named_one_and_every_name_is_used() {
        let rules = STYLE.split_once("--small").unwrap().1;
        assert!(!rules.contains('#'), "a colour without a name");
        for colour in colours(STYLE) {
            assert!(
                rules.contains(&format!("var(--{})", colour.name)),
                "{}",
                colour.name
            );
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        let black: Colour = "#000000".parse().unwrap();
        let measured = black.contrast(Colour([255; 3]));
        assert!((measured - 21.0).abs() < 1e-9, "{measured}");
        assert_eq!(colours("x { --a: light-dark(#000000, #ffffff); --b: red; --a: light-dark(#ffffff, #000000); }").len(), 1);
    }
}
