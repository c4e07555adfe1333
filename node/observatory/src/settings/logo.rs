//! The picture beside the name of a site: read once, checked, and served from memory.

use bytes::Bytes;

/// Bytes of a picture: it is on every page.
const MOST: usize = 200 << 10;
/// What a PNG begins with (its specification, 5.2).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: &'static str,
    /// The end of its address.
    pub(crate) suffix: &'static str,
}

/// Why a file cannot be the logo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// It is too large for every page.
    #[error("is larger than the 204,800 bytes that a logo may have; save it smaller")]
    Large,
    /// It is neither of the two.
    #[error("is neither a PNG nor an SVG; save it as one of them")]
    Unknown,
    /// It does more than to be looked at.
    #[error("holds {0}, which a picture does not need; save it as a plain SVG, or as a PNG")]
    Active(&'static str),
}

impl Logo {
    /// The most bytes that are worth reading: one more is too many.
    pub const MOST_READ: u64 = MOST as u64 + 1;

    /// Checks a picture.
    ///
    /// # Errors
    /// It is no picture, too large, or would do something.
    pub fn check(bytes: Bytes) -> Result<Self, LogoError> {
        if bytes.len() > MOST {
            return Err(LogoError::Large);
        }
        // Its first part says how large it is; without it, nothing is shown.
        if bytes.starts_with(PNG) && bytes.get(12..16) == Some(b"IHDR") {
            return Ok(Self {
                bytes,
                media_type: "image/png",
                suffix: "png",
            });
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| LogoError::Unknown)?;
        let lower = text
            .trim_start_matches('\u{feff}')
            .trim_start()
            .to_ascii_lowercase();
        let opens =
            lower.starts_with("<svg") || lower.starts_with("<?xml") || lower.starts_with("<!--");
        if !opens || !lower.contains("<svg") || !lower.contains("</svg>") {
            return Err(LogoError::Unknown);
        }
        // The policy of every answer forbids them, too; here the operator hears of it.
        for active in ["<script", "<foreignobject", "javascript:", "<!entity"] {
            if lower.contains(active) {
                return Err(LogoError::Active(active));
            }
        }
        Ok(Self {
            bytes,
            media_type: "image/svg+xml",
            suffix: "svg",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> Result<&'static str, LogoError> {
        Logo::check(Bytes::copy_from_slice(bytes)).map(|logo| logo.media_type)
    }

    #[test]
    fn a_logo_is_a_png_or_an_svg_that_only_shows_something() {
        let png = [PNG, b"\0\0\0\rIHDR", &[0; 17]].concat();
        assert_eq!(check(&png), Ok("image/png"));
        assert_eq!(
            check(b"<?xml version=\"1.0\"?>\n<svg><path/></svg>"),
            Ok("image/svg+xml")
        );
        assert_eq!(check(b"GIF89a"), Err(LogoError::Unknown));
        assert_eq!(check(b"\xff\xd8\xff"), Err(LogoError::Unknown));
        assert_eq!(check(b"<html><svg></svg>"), Err(LogoError::Unknown));
        for active in ["<SCRIPT>x</script>", "<a href=\"JavaScript:x\"/>"] {
            let svg = format!("<svg>{active}</svg>");
            assert!(
                matches!(check(svg.as_bytes()), Err(LogoError::Active(_))),
                "{svg}"
            );
        }
        assert_eq!(check(&vec![b'<'; MOST + 1]), Err(LogoError::Large));
    }
}
