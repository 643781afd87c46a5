//! The reference servers, asked over real sockets.

#[cfg(test)]
mod careless_answers;
#[cfg(test)]
mod careless_checks;
#[cfg(test)]
mod careless_input;
#[cfg(test)]
mod client;
#[cfg(test)]
mod d1;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod forgery;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod load;
#[cfg(test)]
mod messages;
mod tls;
#[cfg(test)]
mod tokens;
