//! wpsx
fn main() {}
