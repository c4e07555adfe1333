//! What people call things: labels and help for every field, and the vocabularies whose
//! codes records use, in the six languages of the United Nations.
//!
//! Everything here is data beside the code: Fluent files for labels, tables for
//! vocabularies. Nothing knows a node, a log or a file of a user.
