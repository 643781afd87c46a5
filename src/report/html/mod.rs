//! The run as one page that opens from disk: page one for whoever decides, below it all that a developer needs. The
//! templates beside this file hold the markup, the sources the words. Every value is escaped by `escape.rs`, none is in
//! the script, and the content security policy lets no script and no style run but those of the page itself.

mod charts;
mod coverage;
mod escape;
mod exchange;
mod family;
mod finding;
mod latency;
mod marks;
mod overview;
mod page;
mod place;
mod pretty;
mod readiness;
mod scenarios;
mod sign;
#[cfg(test)]
mod tests;

pub use page::{html, write_html};
