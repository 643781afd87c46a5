//! One request with its answer, and what to look at in them.

use super::escape::size;
use super::marks::{Piece, marked, size_of};
use super::place::{Place, Places, places};
use super::pretty::{Spot, pretty};
use crate::report::record::{
    ExchangeRecord, FindingRecord, HeaderRecord, RequestRecord, ResponseRecord, SealedRecord, SmallestRecord,
};
use crate::report::text::shortened;
use crate::report::words::latency;

/// Characters of one body.
const MOST_BODY: usize = 8_000;

/// Characters of one other line: a URL, a header field, a curl command.
const MOST_LINE: usize = 8_000;

/// The request and its answer.
pub(super) struct Exchange<'r> {
    pub(super) request: Message<'r>,
    /// Pointer and clear text of the members that went out encrypted.
    pub(super) sealed: Vec<(&'r str, String)>,
    pub(super) response: Option<Message<'r>>,
    /// How long the answer took; empty where the record does not say it.
    pub(super) latency: String,
    pub(super) curl: String,
}

/// First line, header fields and body.
pub(super) struct Message<'r> {
    pub(super) first: Vec<Piece>,
    pub(super) headers: Vec<Header<'r>>,
    /// Absent without a body.
    pub(super) body: Option<Vec<Piece>>,
    pub(super) complete: bool,
    /// JSON pointer of a member that should be there.
    pub(super) missing: Option<String>,
}

/// One header field.
pub(super) struct Header<'r> {
    pub(super) name: &'r str,
    pub(super) value: String,
    pub(super) marked: bool,
}

impl<'r> Exchange<'r> {
    /// The exchange that showed a finding first.
    pub(super) fn of_finding(finding: &'r FindingRecord) -> Self {
        let status = finding.response.as_ref().map(|response| response.status);
        let places = places(finding, finding.pointer.as_deref(), status);
        let (response, latency) = (finding.response.as_ref(), finding.elapsed_us);
        Self::new(&finding.request, response, latency, &finding.curl, &places)
    }

    /// The smallest one that shows it.
    pub(super) fn of_smallest(finding: &FindingRecord, smallest: &'r SmallestRecord) -> Self {
        let status = smallest.exchange.response.as_ref().map(|response| response.status);
        Self::of_record(&smallest.exchange, &places(finding, smallest.pointer.as_deref(), status))
    }

    /// A repeat that did not show it: there is nothing to look at but the answer as a whole.
    pub(super) fn of_repeat(record: &'r ExchangeRecord) -> Self {
        Self::of_record(record, &Places { request: Place::Nowhere, response: Place::Status })
    }

    fn of_record(record: &'r ExchangeRecord, places: &Places) -> Self {
        Self::new(&record.request, record.response.as_ref(), record.elapsed_us, &record.curl, places)
    }

    fn new(
        request: &'r RequestRecord,
        response: Option<&'r ResponseRecord>,
        elapsed_us: Option<u64>,
        curl: &'r str,
        places: &Places,
    ) -> Self {
        Self {
            request: sent(request, &places.request),
            sealed: request.sealed.iter().map(clear).collect(),
            response: response.map(|response| received(response, &places.response)),
            latency: elapsed_us.map(latency).unwrap_or_default(),
            curl: shortened(curl, MOST_BODY + MOST_LINE),
        }
    }

    /// Bytes that it takes on the page.
    pub(super) fn size(&self) -> usize {
        let sealed = self.sealed.iter().map(|(pointer, text)| size(pointer) + size(text) + 120);
        let response = self.response.as_ref().map_or(0, Message::size);
        self.request.size() + sealed.sum::<usize>() + response + size(&self.curl)
    }
}

impl Message<'_> {
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|header| size(header.name) + size(&header.value) + 16);
        size_of(&self.first) + headers.sum::<usize>() + self.body.as_deref().map_or(0, size_of)
    }
}

fn clear(member: &SealedRecord) -> (&str, String) {
    (&member.pointer, shortened(&pretty(&member.plaintext, None).text, MOST_BODY))
}

fn sent<'r>(request: &'r RequestRecord, place: &Place) -> Message<'r> {
    let line = format!("{} {}", request.method, request.url);
    let (first, _) = marked(&line, place.in_request_line(request), MOST_LINE);
    message(first, &request.headers, request.body.as_deref(), request.body_complete, place)
}

fn received<'r>(response: &'r ResponseRecord, place: &Place) -> Message<'r> {
    let line = format!("status {}", response.status);
    let (first, _) = marked(&line, (*place == Place::Status).then_some(0..line.len()), MOST_LINE);
    message(first, &response.headers, response.body.as_deref(), response.body_complete, place)
}

fn message<'r>(
    first: Vec<Piece>,
    headers: &'r [HeaderRecord],
    body: Option<&str>,
    complete: bool,
    place: &Place,
) -> Message<'r> {
    let headers = headers.iter().map(|header| Header {
        name: &header.name,
        value: shortened(&header.value, MOST_LINE),
        marked: place.is_header(&header.name),
    });
    let laid_out = body.map(|body| pretty(body, place.pointer()));
    let spot = laid_out.as_ref().and_then(|pretty| pretty.spot.clone());
    let missing = matches!(spot, Some(Spot::Missing(_))).then(|| place.pointer().unwrap_or_default().to_owned());
    let range = spot.map(|spot| match spot {
        Spot::Here(range) | Spot::Missing(range) => range,
    });
    let shown = laid_out.map(|pretty| marked(&pretty.text, range, MOST_BODY));
    let whole = shown.as_ref().is_none_or(|(_, whole)| *whole);
    Message {
        first,
        headers: headers.collect(),
        body: shown.map(|(pieces, _)| pieces),
        complete: complete && whole,
        missing,
    }
}
