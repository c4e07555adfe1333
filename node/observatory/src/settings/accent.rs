//! The accent colour: any that can be read on the ground of the pages, by day and by night.
//!
//! Contrast is measured as WCAG 2.2 says. By night the same hue is lightened until it can
//! be read on the dark ground, so that an operator has one colour to choose.

use std::str::FromStr;

use crate::colours::Colour;

/// The least contrast of text with its ground (WCAG 2.2, 1.4.3).
const LEAST: f64 = 4.5;
/// The grounds of the stylesheet: the darkest by day and the lightest by night on which
/// the accent stands.
const DAY: Colour = Colour([0xf4, 0xf6, 0xf7]);
const NIGHT: Colour = Colour([0x1c, 0x20, 0x24]);

/// A colour that can be read on the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    day: Colour,
    night: Colour,
}

/// Why a colour cannot be the accent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AccentError {
    /// It is no colour.
    #[error("a colour such as \"#0b5563\"")]
    Malformed,
    /// It cannot be read.
    #[error(
        "a darker colour: its contrast with the ground of the pages is {measured:.1}:1, and text needs at least 4.5:1"
    )]
    Faint {
        /// The contrast.
        measured: f64,
    },
}

impl Accent {
    /// The rules that a stylesheet ends with.
    pub(crate) fn rules(self) -> String {
        let Self { day, night } = self;
        format!(":root {{ --accent: light-dark({day}, {night}); }}\n")
    }
}

impl FromStr for Accent {
    type Err = AccentError;

    fn from_str(text: &str) -> Result<Self, AccentError> {
        let day: Colour = text.parse().map_err(|()| AccentError::Malformed)?;
        let measured = day.contrast(DAY);
        if measured < LEAST {
            // Rounded down, so that 4.46 is not told as 4.5.
            let measured = (measured * 10.0).floor() / 10.0;
            return Err(AccentError::Faint { measured });
        }
        // White is read on every dark ground, so one of the steps will do.
        let night = (0..=20)
            .map(|step| lighter(day, f64::from(step) / 20.0))
            .find(|colour| colour.contrast(NIGHT) >= LEAST);
        Ok(Self {
            day,
            night: night.unwrap_or(Colour([255; 3])),
        })
    }
}

/// A colour so far on the way to white.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between two bytes lies a byte"
)]
fn lighter(colour: Colour, share: f64) -> Colour {
    Colour(colour.0.map(|part| {
        let part = f64::from(part);
        (part + (255.0 - part) * share).round() as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colours::colours;

    #[test]
    fn a_colour_that_cannot_be_read_is_refused_with_what_was_measured() {
        let refused = |text: &str| text.parse::<Accent>().unwrap_err().to_string();
        assert!(
            refused("#009edb").contains("is 2.8:1"),
            "{}",
            refused("#009edb")
        );
        for no_colour in ["", "blue", "#12", "#12345g", "0b5563"] {
            assert!(refused(no_colour).contains("#0b5563"), "{no_colour}");
        }
    }

    #[test]
    fn a_colour_is_lightened_until_it_is_read_at_night() {
        for text in ["#000000", "#0b5563", "#7a0019", "#003399"] {
            let accent: Accent = text.parse().unwrap();
            assert_eq!(accent.day.to_string(), text);
            assert!(accent.night.contrast(NIGHT) >= LEAST, "{accent:?}");
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_stylesheet_and_its_accent_gives_way() {
        let accent: Accent = "#7a0019".parse().unwrap();
        let style = format!("{}{}", include_str!("../style.css"), accent.rules());
        let all = colours(&style);
        let of = |name: &str| all.iter().find(|it| it.name == name).unwrap();
        assert_eq!((of("wash").day, of("wash").night), (DAY, NIGHT));
        assert_eq!(
            (of("accent").day, of("accent").night),
            (accent.day, accent.night)
        );
    }
}
