//! The `d1c` command.

fn main() {}
