//! What takes long at the opening holds nobody up but those who ask.

use std::sync::mpsc;

use super::*;
use crate::{clocks::Clocks, table::stored::Stored, work::poster::Poster};

/// Views whose table is opened when the sender sends or goes.
fn held() -> (Views, mpsc::SyncSender<()>) {
    let (let_go, held) = mpsc::sync_channel::<()>(1);
    let opening = move || {
        let _ = held.recv();
        Ok(Stored::open(Box::new(MemoryTable::default()))?)
    };
    let poster = Poster::start(None, Clocks::default(), Box::new(opening)).expect("start");
    let poster = Arc::new(poster);
    (Views { poster }, let_go)
}

#[test]
fn views_that_are_being_opened_say_so_at_once_and_answer_when_they_are_open() {
    let (views, let_go) = held();
    assert!(!views.is_open());
    assert_eq!((views.behind(), views.failure()), (0, None));
    let asked = std::thread::spawn({
        let views = views.clone();
        move || {
            views.post(0, 0, vec![entry(0, 1)]).expect("post");
            views.position(0)
        }
    });
    // Who waits holds up nobody who asks for less.
    assert_eq!((views.behind(), views.failure()), (0, None));
    assert!(!asked.is_finished());
    let_go.send(()).expect("held");
    assert_eq!(asked.join().expect("the thread"), 1);
    assert!(views.is_open());
}

#[test]
fn views_that_cannot_be_opened_are_empty_and_say_why() {
    let opening = || Err(ViewsError::Table(TableError::InUse));
    let poster =
        Arc::new(Poster::start(None, Clocks::default(), Box::new(opening)).expect("start"));
    let views = Views { poster };
    assert_eq!(views.position(0), 0);
    let why = views.failure().expect("a failure");
    assert!(why.contains("in use"), "{why}");
    assert!(views.flush().is_err(), "nobody waits for ever");
    assert!(views.post(0, 0, vec![entry(0, 1)]).is_err());
    assert_eq!(views.position(0), 0, "nor is a part shown as the whole");
}

#[test]
fn a_thread_that_panics_while_it_opens_leaves_nobody_waiting() {
    let opening = || -> Result<Stored, ViewsError> { panic!("planned") };
    let poster =
        Arc::new(Poster::start(None, Clocks::default(), Box::new(opening)).expect("start"));
    let views = Views { poster };
    assert_eq!(views.position(0), 0);
    assert!(views.failure().is_some_and(|why| why.contains("planned")));
}
