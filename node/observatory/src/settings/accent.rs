//! The accent colour: any that can be read on the ground of the pages, by day and by night.
//!
//! Contrast is measured as WCAG 2.2 says. By night the same hue is lightened until it can
//! be read on the dark ground, so that an operator has one colour to choose.

use std::{fmt, str::FromStr};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Colour([u8; 3]);

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
        format!(
            ":root {{ --accent: {day}; }}\n\
             @media (prefers-color-scheme: dark) {{ :root {{ --accent: {night}; }} }}\n\
             @media print {{ :root {{ --accent: {day}; }} }}\n"
        )
    }
}

impl FromStr for Accent {
    type Err = AccentError;

    fn from_str(text: &str) -> Result<Self, AccentError> {
        let digits = text.strip_prefix('#').ok_or(AccentError::Malformed)?;
        let bytes = hex::decode(digits).map_err(|_| AccentError::Malformed)?;
        let day = Colour(bytes.try_into().map_err(|_| AccentError::Malformed)?);
        let measured = day.contrast(DAY);
        if measured < LEAST {
            // Rounded down, so that 4.46 is not told as 4.5.
            let measured = (measured * 10.0).floor() / 10.0;
            return Err(AccentError::Faint { measured });
        }
        // White is read on every dark ground, so one of the steps will do.
        let night = (0..=20)
            .map(|step| day.lighter(f64::from(step) / 20.0))
            .find(|colour| colour.contrast(NIGHT) >= LEAST);
        Ok(Self {
            day,
            night: night.unwrap_or(Colour([255; 3])),
        })
    }
}

impl Colour {
    /// Relative luminance (WCAG 2.2).
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

    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// So far on the way to white.
    fn lighter(self, share: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two bytes lies a byte"
        )]
        Self(self.0.map(|part| {
            let part = f64::from(part);
            (part + (255.0 - part) * share).round() as u8
        }))
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

    #[test]
    fn a_colour_that_cannot_be_read_is_refused_with_what_was_measured() {
        let refused = |text: &str| text.parse::<Accent>().unwrap_err().to_string();
        assert!(
            refused("#009edb").contains("is 2.7:1"),
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
    fn the_contrast_of_black_and_white_is_that_of_the_standard() {
        let measured = Colour([0; 3]).contrast(Colour([255; 3]));
        assert!((measured - 21.0).abs() < 1e-9, "{measured}");
    }
}
