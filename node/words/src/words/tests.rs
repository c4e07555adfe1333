//! Whether everything has its words.
