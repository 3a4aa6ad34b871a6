//! What is not quite a message, and what becomes of it: the one place that decides, with the same rows in every language
//! (`test/vectors/misfits.json`).

use std::sync::Arc;

use serde_json::json;

use super::{Reader, Serve};
use crate::fault::Fault;
use crate::peer::batch::Batch;
use crate::wire::message::{Message, Peeked};

/// A value that is none, bytes that are no value, a frame above the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Invalid,
    Unreadable,
    Oversized,
}

pub(super) struct Misfit<'a> {
    pub kind: Kind,
    /// Whose it is, where that can be told.
    pub id: Option<&'a [u8]>,
    /// `None` where that cannot be told.
    pub is_answer: Option<bool>,
    /// What it is answered with, if it is.
    pub fault: Fault,
}

impl<'a> Misfit<'a> {
    pub fn invalid(id: Option<&'a [u8]>, is_answer: bool, fault: Fault) -> Self {
        Misfit { kind: Kind::Invalid, id, is_answer: Some(is_answer), fault }
    }

    /// Bytes of which nothing can be told.
    pub fn unreadable(fault: Fault) -> Self {
        Misfit { kind: Kind::Unreadable, id: None, is_answer: None, fault }
    }

    fn peeked(kind: Kind, Peeked { id, is_answer }: Peeked<'a>, fault: Fault) -> Self {
        Misfit { kind, id, is_answer, fault }
    }
}

/// An answer is never answered. What has no id is, with the id null: but for a notification that is too long, of which it
/// is known that nobody waits for an answer. A side that only calls answers what names a request, and can be read.
fn is_answered(kind: Kind, has_id: bool, is_answer: Option<bool>, serves: bool) -> bool {
    match (is_answer, serves) {
        (Some(true), _) => false,
        (None, false) => has_id && kind == Kind::Invalid,
        (Some(false), false) => has_id && kind != Kind::Unreadable,
        (Some(false), true) => has_id || kind != Kind::Oversized,
        (None, true) => true,
    }
}

/// The id that a message is answered with, if it is answered.
pub(super) fn answered<'m>(message: &'m Message<'_>, serves: bool) -> Option<Option<&'m [u8]>> {
    match message {
        Message::Request { id, .. } => Some(Some(id)),
        Message::Invalid { id, is_answer, .. } => {
            is_answered(Kind::Invalid, id.is_some(), Some(*is_answer), serves).then_some(*id)
        }
        Message::Notification { .. } | Message::Response { .. } => None,
    }
}

impl<S: Serve> Reader<S> {
    /// Tells it to the request whose answer it was, or answers it, or ends the link: any request could be the one.
    pub(super) fn misfit(&mut self, misfit: &Misfit<'_>, batch: Option<&Arc<Batch>>) {
        let Misfit { kind, id, is_answer, fault } = misfit;
        if let (Some(true), Some(id)) = (is_answer, id) {
            if self.service.failed(id, fault) {
                return;
            }
        }
        let is_told = *is_answer == Some(false) || (*is_answer == Some(true) && id.is_some());
        if *kind == Kind::Oversized && !is_told && !S::SERVES {
            return self.service.lost_one(fault);
        }
        self.service.complain(fault);
        if is_answered(*kind, id.is_some(), *is_answer, S::SERVES) {
            self.refuse(*id, batch, fault);
        }
    }

    /// The id of what cannot be read may still be known.
    pub(super) fn unreadable(&mut self, frame: &[u8], fault: Fault) {
        let takes_prints = self.service.takes_prints();
        if takes_prints && self.salvage(frame) {
            return;
        }
        let peeked = self.session.codec.peek(frame);
        let is_awaited = peeked.is_answer == Some(true) && peeked.id.is_some_and(|id| self.service.failed(id, &fault));
        if is_awaited {
            return;
        }
        if takes_prints {
            return self.print(frame);
        }
        self.misfit(&Misfit::peeked(Kind::Unreadable, peeked, fault), None);
    }

    pub(super) fn oversized(&mut self, head: &[u8]) {
        let limit = self.session.limits.message_bytes;
        let fault = Fault::invalid_request(format!("the message is longer than {limit} bytes"))
            .with_data(json!({ "limit": "messageBytes", "value": limit }));
        let peeked = self.session.codec.peek(head);
        self.misfit(&Misfit::peeked(Kind::Oversized, peeked, fault), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_one_of_the_shared_table_and_says_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/vectors/misfits.json");
        let table: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let rows = table["rows"].as_array().unwrap();
        let mut found = 0;
        for (name, kind) in
            [("invalid", Kind::Invalid), ("unreadable", Kind::Unreadable), ("oversized", Kind::Oversized)]
        {
            for is_answer in [None, Some(false), Some(true)] {
                for has_id in [false, true] {
                    let key = json!([name, is_answer, has_id]);
                    let mut rows = rows.iter().filter(|row| json!([row["kind"], row["isAnswer"], row["hasId"]]) == key);
                    let row = rows.next().unwrap_or_else(|| panic!("{key} has no row"));
                    assert!(rows.next().is_none(), "{key} has one row");
                    assert!(
                        row["vectors"].as_array().is_some_and(|all| !all.is_empty()) || row["never"].is_string(),
                        "{key}"
                    );
                    for (side, serves) in [("serves", true), ("calls", false)] {
                        assert_eq!(
                            row[side] == "answers",
                            is_answered(kind, has_id, is_answer, serves),
                            "{key}, {side}"
                        );
                    }
                    found += 1;
                }
            }
        }
        assert_eq!(found, rows.len());
    }
}
