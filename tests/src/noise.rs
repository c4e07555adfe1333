//! What means nothing: the same for each seed, and no compression makes it small.

/// Bytes of all values.
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let drawn = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    });
    drawn.take(length).collect()
}

/// Letters, and no way to reach a person.
pub fn letters(seed: u64, length: usize) -> String {
    let letter = |byte: u8| match byte % 52 {
        small @ 0..26 => char::from(b'a' + small),
        large => char::from(b'A' + large - 26),
    };
    bytes(seed, length).into_iter().map(letter).collect()
}
