use tokio::sync::{mpsc, oneshot};

use super::*;

fn after(key: &str) -> Turn {
    Turn::After(key.to_owned())
}

/// Hands over work that says its name when it starts and ends when told to.
async fn gated(
    dispatcher: &Dispatcher,
    turn: Turn,
    name: &'static str,
    started: &mpsc::UnboundedSender<String>,
) -> oneshot::Sender<()> {
    let (open, gate) = oneshot::channel::<()>();
    let started = started.clone();
    let work = move |cancelled: CancellationToken| async move {
        started.send(name.to_owned()).unwrap();
        tokio::select! {
            _ = gate => {}
            () = cancelled.cancelled() => started.send(format!("{name} cancelled")).unwrap(),
        }
    };
    dispatcher.dispatch(turn, 0, work).await;
    open
}

#[tokio::test]
async fn one_key_is_done_in_order_and_does_not_hold_up_another() {
    let dispatcher = Dispatcher::new(DispatchLimits::default());
    let (sender, mut started) = mpsc::unbounded_channel();
    let first = gated(&dispatcher, after("a"), "first", &sender).await;
    assert_eq!(started.recv().await.unwrap(), "first");
    let second = gated(&dispatcher, after("a"), "second", &sender).await;
    let other = gated(&dispatcher, after("b"), "other", &sender).await;
    assert_eq!(started.recv().await.unwrap(), "other");
    drop(other);
    drop(first);
    assert_eq!(started.recv().await.unwrap(), "second");
    drop(second);
}

#[tokio::test]
async fn instead_drops_what_waits_and_cancels_what_runs() {
    let dispatcher = Dispatcher::new(DispatchLimits::default());
    let (sender, mut started) = mpsc::unbounded_channel();
    let _running = gated(&dispatcher, after("a"), "running", &sender).await;
    assert_eq!(started.recv().await.unwrap(), "running");
    let _waiting = gated(&dispatcher, after("a"), "waiting", &sender).await;
    let _last = gated(&dispatcher, Turn::Instead("a".into()), "last", &sender).await;
    assert_eq!(started.recv().await.unwrap(), "running cancelled");
    assert_eq!(started.recv().await.unwrap(), "last");
}

#[tokio::test]
async fn work_that_waits_for_a_slot_can_still_be_superseded() {
    let dispatcher = Dispatcher::new(DispatchLimits { running: 1, waiting: 10 });
    let (sender, mut started) = mpsc::unbounded_channel();
    let busy = gated(&dispatcher, after("a"), "busy", &sender).await;
    assert_eq!(started.recv().await.unwrap(), "busy");
    let _waiting = gated(&dispatcher, after("b"), "waiting", &sender).await;
    let _last = gated(&dispatcher, Turn::Instead("b".into()), "last", &sender).await;
    drop(busy);
    assert_eq!(started.recv().await.unwrap(), "last");
}

#[tokio::test]
async fn without_room_the_giver_waits() {
    let dispatcher = Dispatcher::new(DispatchLimits { running: 1, waiting: 2 });
    let (sender, mut started) = mpsc::unbounded_channel();
    let first = gated(&dispatcher, after("a"), "first", &sender).await;
    assert_eq!(started.recv().await.unwrap(), "first");
    let _second = gated(&dispatcher, after("a"), "second", &sender).await;
    let third = gated(&dispatcher, after("b"), "third", &sender);
    tokio::pin!(third);
    assert!(futures::poll!(&mut third).is_pending());
    drop(first);
    third.await;
}

#[tokio::test]
async fn a_message_larger_than_all_room_still_passes() {
    let dispatcher = Dispatcher::new(DispatchLimits { running: 1, waiting: 2 });
    let (done, wait) = oneshot::channel();
    dispatcher.dispatch(Turn::Now, 100 << 20, |_| async move { done.send(()).unwrap() }).await;
    wait.await.unwrap();
}

#[tokio::test]
async fn a_panic_ends_only_its_own_work() {
    let dispatcher = Dispatcher::new(DispatchLimits::default());
    dispatcher.dispatch(after("a"), 0, |_| async { panic!("on purpose") }).await;
    let (done, wait) = oneshot::channel();
    dispatcher.dispatch(after("a"), 0, |_| async move { done.send(()).unwrap() }).await;
    wait.await.unwrap();
}

#[tokio::test]
async fn stopping_cancels_and_drops_and_takes_no_more() {
    let dispatcher = Dispatcher::new(DispatchLimits::default());
    let (sender, mut started) = mpsc::unbounded_channel();
    let _running = gated(&dispatcher, after("a"), "running", &sender).await;
    assert_eq!(started.recv().await.unwrap(), "running");
    let _waiting = gated(&dispatcher, after("a"), "waiting", &sender).await;
    assert!(dispatcher.stop(Duration::from_secs(30)).await);
    let _late = gated(&dispatcher, after("a"), "late", &sender).await;
    drop(sender);
    assert_eq!(started.recv().await.unwrap(), "running cancelled");
    assert_eq!(started.recv().await, None);
}

#[tokio::test]
async fn lanes_without_work_are_forgotten() {
    let dispatcher = Dispatcher::new(DispatchLimits::default());
    for key in 0..100 {
        dispatcher.dispatch(Turn::After(key.to_string()), 0, |_| async {}).await;
    }
    assert!(dispatcher.stop(Duration::from_secs(30)).await);
    assert!(dispatcher.shared.lanes().is_empty());
}
