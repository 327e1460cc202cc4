//! An account ends.

use url::Url;

use super::person::Person;
use super::world::{NEWS, World, in_world};
use crate::federation::farewell::Farewell;
use crate::federation::{Approval, Local};
use crate::office::Seen;
use crate::office::store::{self, queue};

const SHARED: &str = "https://social.example/inbox";

/// Ends the life of `news`. Says to how many inboxes the last message goes.
async fn retire(world: &World, farewell: &Farewell) -> usize {
    let approval = Approval::Automatic;
    let local = Local { user: "news".to_owned(), id: NEWS.to_owned(), approval };
    let last = queue::Activity::of(farewell.message(&local), NEWS);
    let now = world.now();
    world.store(move |store| store::retired::retire(store, "news", &last, None, now)).await
}

async fn post(world: &World) {
    let post = "https://party.example/ap/news/posts/a.json".to_owned();
    let body = format!("{{\"id\":\"{post}#create\",\"type\":\"Create\"}}");
    let uri = format!("{post}#create");
    let post = queue::Activity { uri, kind: queue::Kind::Create, post, body };
    let now = world.now();
    world.store(move |store| queue::enqueue(store, "news", &post, now)).await;
}

#[test]
fn what_is_deleted_says_nothing_more_and_takes_nobody() {
    in_world(async |world| {
        let jo = Person::jo(&world);
        jo.is_friend(&world).await;
        post(&world).await;
        assert_eq!(retire(&world, &Farewell::Delete).await, 1);
        world.deliver().await;
        assert_eq!(world.web.kinds(SHARED), ["Delete"], "no post before it");
        let delete = &world.web.messages(SHARED)[0];
        assert_eq!((&delete["actor"], &delete["object"]), (&NEWS.into(), &NEWS.into()));
        // There is no site, and it is not looked at for its sake.
        let looks = world.office.look(false).await;
        assert_eq!(looks[0], ("news".to_owned(), Seen::default()));
        let kim = Person::new("kim", "far.example").published(&world);
        assert_eq!(world.send(&kim.writes(&world, &kim.follow(1))).await, 202);
        world.deliver().await;
        assert!(world.web.letters(&kim.inbox()).is_empty());
        assert_eq!(world.followers().await, [jo.id]);
    });
}

#[test]
fn whose_account_moves_hears_that_last() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        post(&world).await;
        let target = Url::parse("https://social.example/users/party").unwrap();
        retire(&world, &Farewell::Move(target.clone())).await;
        world.deliver().await;
        assert_eq!(world.web.kinds(SHARED), ["Create", "Move"]);
        assert_eq!(world.web.messages(SHARED)[1]["target"], target.as_str());
    });
}

#[test]
fn who_followed_is_forgotten_when_all_have_heard_it_or_never_will() {
    in_world(async |world| {
        Person::jo(&world).is_friend(&world).await;
        retire(&world, &Farewell::Delete).await;
        world.days(7);
        world.office.look(false).await;
        assert_eq!(world.followers().await.len(), 1);
        world.days(1);
        world.office.look(false).await;
        assert_eq!(world.followers().await, [""; 0]);
    });
}
