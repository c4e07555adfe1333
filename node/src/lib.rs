//! The wpsx node.
