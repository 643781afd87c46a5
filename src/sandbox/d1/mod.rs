//! The reference D1: consumers, cards and their life, Click to Pay. Everything lives in memory, behind one lock.

mod card;
mod card_life;
mod click_to_pay;
mod consumer;
mod operation_log;
mod state;

pub use state::State;
