//! A file's bytes as UTF-8, whatever encoding they are in.
//!
//! A mark at the start of the file tells UTF-8 and UTF-16, and so do the zeros of UTF-16
//! without a mark. Everything else is UTF-8, unless whoever imports says otherwise: an
//! encoding that is guessed wrong is a file of wrong names that nobody notices.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::bad::BadRow;

pub(super) type Input<'a> = Box<dyn BufRead + 'a>;

/// The encoding of that name.
///
/// # Errors
///
/// There is none.
pub(super) fn encoding(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
        format!("there is no encoding {name:?}; known are utf-8, utf-16le, windows-1252, windows-1256, gbk, …")
    })
}

/// The file's text, and the encoding if it is another one than UTF-8.
pub(super) fn text<'a>(
    input: Input<'a>,
    stated: Option<&'static Encoding>,
) -> Result<(Input<'a>, Option<&'static str>), BadRow> {
    let (start, mut input) = start_of(input, 4).map_err(|error| unreadable(1, &error))?;
    let refused = |reason: &str, remedy: &str| Err(BadRow::at(1, "", reason).remedy(remedy));
    let (told, mark) = match start.as_slice() {
        [] => return refused("the file is empty", "fill it in, or name another one"),
        [0xef, 0xbb, 0xbf, ..] => (Some(UTF_8), 3),
        [0xff, 0xfe, ..] => (Some(UTF_16LE), 2),
        [0xfe, 0xff, ..] => (Some(UTF_16BE), 2),
        [b'P', b'K', 3, 4] => {
            let remedy = "name it .xlsx or .ods, as the program that wrote it does";
            return refused("the file is a workbook", remedy);
        }
        [0xd0, 0xcf, 0x11, 0xe0] => {
            return refused("the file is an old workbook (.xls)", "save it as .xlsx");
        }
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] => {
            return refused("the file is compressed", "unpack it first");
        }
        [0, _, ..] => (Some(UTF_16BE), 0),
        [_, 0, ..] => (Some(UTF_16LE), 0),
        _ => (stated, 0),
    };
    let mut skipped = vec![0; mark];
    input
        .read_exact(&mut skipped)
        .map_err(|error| unreadable(1, &error))?;
    match told {
        Some(encoding) if encoding != UTF_8 => {
            let decoded = Decoded::new(input, encoding);
            Ok((Box::new(BufReader::new(decoded)), Some(encoding.name())))
        }
        _ => Ok((input, None)),
    }
}

/// The first bytes of a file, and the file from its beginning.
pub(super) fn start_of(mut input: Input<'_>, bytes: u64) -> io::Result<(Vec<u8>, Input<'_>)> {
    let mut start = Vec::new();
    (&mut input).take(bytes).read_to_end(&mut start)?;
    let whole = Cursor::new(start.clone()).chain(input);
    Ok((start, Box::new(whole)))
}

pub(super) fn unreadable(line: u64, error: &io::Error) -> BadRow {
    BadRow::at(line, "", format!("cannot be read: {error}"))
        .remedy("look whether it is whole, and in the encoding that was said")
}

/// A cell as text.
pub(super) fn utf8(line: u64, bytes: &[u8]) -> Result<&str, BadRow> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let before = &bytes[at.saturating_sub(20)..at];
        let inner = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
        let reason = format!(
            "not UTF-8 after {:?}: byte 0x{:02x}, perhaps Windows-1252",
            String::from_utf8_lossy(before).trim_start_matches('\u{fffd}'),
            bytes[at]
        );
        BadRow::at(line + inner, "", reason)
            .remedy("save the file as UTF-8, or say --encoding windows-1252")
    })
}

/// Reads another encoding as UTF-8.
struct Decoded<'a> {
    input: Input<'a>,
    decoder: Decoder,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<'a> Decoded<'a> {
    fn new(input: Input<'a>, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            text: Vec::new(),
            at: 0,
            ended: false,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let bytes = self.input.fill_buf()?;
        let (given, last) = (bytes.len(), bytes.is_empty());
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(given)
            .unwrap_or(given * 4 + 16);
        self.text.resize(room, 0);
        let (result, used, written) =
            self.decoder
                .decode_to_utf8_without_replacement(bytes, &mut self.text, last);
        if let DecoderResult::Malformed(..) = result {
            let name = self.decoder.encoding().name();
            let reason = format!("not {name}");
            return Err(io::Error::other(reason));
        }
        self.input.consume(used);
        self.text.truncate(written);
        self.at = 0;
        self.ended = last && !matches!(result, DecoderResult::OutputFull);
        Ok(())
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.ended {
            self.decode_more()?;
        }
        let ready = &self.text[self.at..];
        let taken = ready.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&ready[..taken]);
        self.at += taken;
        Ok(taken)
    }
}
