//! How often strangers can make us ask other servers.
//!
//! To verify a message we have to fetch a key, from a server that the sender names. Whoever sends
//! many could so make us knock at a victim's door, or use up what we allow ourselves for a large
//! server, whose followers would be shut out. So each server is asked [`FETCHES`] times in
//! [`PERIOD`] at most, spread over it, and what there is is shared out among those who want it, by
//! the address that they send from: whoever has had least comes first. When what came back proves
//! that the server itself has sent the message, it was no burden for a stranger and does not count:
//! a large server may send hundreds of follows, each of somebody whom we do not know.

use core::net::IpAddr;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often a server is asked in [`PERIOD`], at most.
pub const FETCHES: u32 = 30;

/// The time in which that holds, whenever it begins.
pub const PERIOD: Duration = Duration::from_secs(600);

/// How many of them may follow each other at once, after which there is one every
/// `INTERVAL`: 10 + 600 s / 30 s = 30.
pub const BURST: u32 = 10;
const INTERVAL: Duration = Duration::from_secs(30);

/// How long what was set aside for somebody waits for them to come back.
const RESERVED: Duration = Duration::from_secs(300);

/// The longest wait that is asked for: whoever comes back after it finds their place.
const WAIT_MAX: Duration = Duration::from_secs(240);

/// Senders of whom it is known what they have had.
const SPENDERS_MAX: usize = 1024;

/// Senders that wait for one server, at most.
pub const WAITING_MAX: usize = 64;

/// Servers that are counted, at most; all others have to wait.
pub const SERVERS_MAX: usize = 4096;

/// Fetches of all in a minute.
pub const ALL_A_MINUTE: u32 = 300;

/// Fetches of all at once.
pub const ALL_BURST: u32 = 100;

/// Whether a server may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It may, once.
    Granted,
    /// Not now; it is worth asking again after this long.
    Wait(Duration),
}

/// How fast what is shared out comes in, and how much of it can lie there.
#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: u32,
    interval: Duration,
}

const OF_SERVER: Rate = Rate { burst: BURST, interval: INTERVAL };
const OF_ALL: Rate =
    Rate { burst: ALL_BURST, interval: Duration::from_millis(60_000 / ALL_A_MINUTE as u64) };

/// What is left of how often other servers may be asked. Times are since any one moment.
#[derive(Debug, Default)]
pub struct FetchBudget {
    servers: HashMap<String, Share>,
    all: Share,
}

impl FetchBudget {
    /// Whether `server` may be asked because of a message from `client`, at `now`.
    pub fn ask(&mut self, server: &str, client: IpAddr, now: Duration) -> Leave {
        if !self.servers.contains_key(server) && !self.make_room(now) {
            return Leave::Wait(INTERVAL);
        }
        ask(self.servers.entry(server.to_owned()).or_default(), &mut self.all, client, now)
    }

    /// What came back has proven that `server` itself sent the message from `client`: that it was
    /// asked does not count against it. It does among the questions to all, which take our time.
    pub fn give_back(&mut self, server: &str, client: IpAddr) {
        if let Some(share) = self.servers.get_mut(server) {
            share.give_back(client);
        }
    }

    /// Forgets servers of which there is all left, for they are as good as new.
    fn make_room(&mut self, now: Duration) -> bool {
        if self.servers.len() >= SERVERS_MAX {
            self.servers.retain(|_, share| !share.is_full(now));
        }
        self.servers.len() < SERVERS_MAX
    }
}

/// Whether a server may be asked because of a message from `client`, at `now`: as far as its own
/// share goes, and that of all servers.
pub fn ask(server: &mut Share, all: &mut Share, client: IpAddr, now: Duration) -> Leave {
    let client = network(client);
    for (share, rate) in [(&mut *server, OF_SERVER), (&mut *all, OF_ALL)] {
        if let Leave::Wait(wait) = share.ask(client, now, rate) {
            return Leave::Wait(wait);
        }
    }
    server.spend(client);
    all.spend(client);
    Leave::Granted
}

/// What is left of something that fills up with time, and who has had how much of it. A new one is
/// full.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// How much; nothing as long as nobody has asked.
    left: Option<u32>,
    /// When the last came in.
    filled: Duration,
    /// Who has had how many since it was full.
    spent: HashMap<IpAddr, u32>,
    /// Who waits, and since when.
    waiting: VecDeque<(IpAddr, Duration)>,
}

impl Share {
    /// Whether there is all left for a server, which is as good as new then.
    pub fn is_full(&mut self, now: Duration) -> bool {
        self.fill(now, OF_SERVER) == BURST
    }

    fn fill(&mut self, now: Duration, rate: Rate) -> u32 {
        // A clock that was put back must not keep everybody waiting.
        self.filled = self.filled.min(now);
        let passed = now.saturating_sub(self.filled).as_millis() / rate.interval.as_millis();
        let count = u32::try_from(passed).unwrap_or(u32::MAX);
        let left = self.left.unwrap_or(rate.burst).saturating_add(count).min(rate.burst);
        let is_full = left == rate.burst;
        self.filled = if is_full { now } else { self.filled + rate.interval * count };
        self.left = Some(left);
        left
    }

    fn ask(&mut self, client: IpAddr, now: Duration, rate: Rate) -> Leave {
        let left = self.fill(now, rate);
        if left == rate.burst {
            self.spent.clear();
        }
        self.waiting.retain(|(_, since)| now.saturating_sub(*since) < RESERVED);
        let ahead = self.ahead_of(client);
        if u32::try_from(ahead).is_ok_and(|ahead| ahead < left) {
            return Leave::Granted;
        }
        let is_full = self.waiting.len() >= WAITING_MAX;
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == client) {
            Some((_, since)) => *since = now,
            None if is_full => self.displace(client, now),
            None => self.waiting.push_back((client, now)),
        }
        let next = self.filled + rate.interval;
        let queued = u32::try_from(ahead).unwrap_or(u32::MAX).saturating_sub(left);
        let wait = next.saturating_sub(now) + rate.interval * queued.min(FETCHES);
        Leave::Wait(wait.clamp(Duration::from_secs(1), WAIT_MAX))
    }

    /// How many of those who wait come first: who has had less, or as much and has waited longer.
    fn ahead_of(&self, client: IpAddr) -> usize {
        let spent = |client: &IpAddr| self.spent.get(client).copied().unwrap_or(0);
        let own = spent(&client);
        let place = self.waiting.iter().position(|(waiting, _)| *waiting == client);
        let place = place.unwrap_or(self.waiting.len());
        let is_ahead = |(index, (other, _)): &(usize, &(IpAddr, Duration))| {
            *other != client && (spent(other) < own || spent(other) == own && *index < place)
        };
        self.waiting.iter().enumerate().filter(is_ahead).count()
    }

    /// Takes the place of somebody who has had more.
    fn displace(&mut self, client: IpAddr, now: Duration) {
        let spent = |client: &IpAddr| self.spent.get(client).copied().unwrap_or(0);
        let own = spent(&client);
        let worst = self.waiting.iter().enumerate().max_by_key(|(_, (other, _))| spent(other));
        if let Some((index, (other, _))) = worst
            && spent(other) > own
        {
            self.waiting.remove(index);
            self.waiting.push_back((client, now));
        }
    }

    fn spend(&mut self, client: IpAddr) {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.waiting.retain(|(waiting, _)| *waiting != client);
        if self.spent.len() >= SPENDERS_MAX {
            // Who has had little is forgotten first.
            self.spent.values_mut().for_each(|count| *count /= 2);
            self.spent.retain(|_, count| *count > 0);
        }
        *self.spent.entry(client).or_default() += 1;
    }

    /// Takes back that a server was asked because of a message from `client`.
    pub fn give_back(&mut self, client: IpAddr) {
        let client = network(client);
        self.left = self.left.map(|left| (left + 1).min(OF_SERVER.burst));
        if let Some(spent) = self.spent.get_mut(&client) {
            *spent -= 1;
            if *spent == 0 {
                self.spent.remove(&client);
            }
        }
    }
}

/// Who a sender is. Who asks for IPv6 addresses gets 2^80 of them (RFC 6177).
pub fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.into(),
            None => core::net::Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 80)).into(),
        },
    }
}

/// Follows from one server in a minute, above which it is asked to come again later.
pub const FOLLOWS_A_MINUTE: u32 = 600;

/// Counts follows by the server that they come from.
#[derive(Debug, Default)]
pub struct FollowBudget {
    servers: HashMap<String, (Duration, u32)>,
}

impl FollowBudget {
    /// Whether one more may come from `server` at `now`; if not, when to ask again.
    pub fn ask(&mut self, server: &str, now: Duration) -> Leave {
        const MINUTE: Duration = Duration::from_secs(60);
        if self.servers.len() >= SERVERS_MAX && !self.servers.contains_key(server) {
            self.servers.retain(|_, (since, _)| now.saturating_sub(*since) < MINUTE);
            if self.servers.len() >= SERVERS_MAX {
                return Leave::Wait(MINUTE);
            }
        }
        let (since, count) = self.servers.entry(server.to_owned()).or_insert((now, 0));
        if now.saturating_sub(*since) >= MINUTE {
            (*since, *count) = (now, 0);
        }
        if *count >= FOLLOWS_A_MINUTE {
            return Leave::Wait(MINUTE.saturating_sub(now.saturating_sub(*since)));
        }
        *count += 1;
        Leave::Granted
    }

    /// The last one that came from `server` was none.
    pub fn give_back(&mut self, server: &str) {
        if let Some((_, count)) = self.servers.get_mut(server) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VICTIM: &str = "https://social.example";

    fn client(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    fn second(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn d_07_a_flood_asks_a_server_thirty_times_and_a_genuine_follow_gets_through() {
        let mut budget = FetchBudget::default();
        let (mut asked, mut genuine, mut retry) = (0, None, second(100));
        for now in 0..600 {
            for sender in 0..17_u8 {
                if budget.ask(VICTIM, client(sender % 10), second(now)) == Leave::Granted {
                    asked += 1;
                }
            }
            if now >= 100 && genuine.is_none() && second(now) >= retry {
                match budget.ask(VICTIM, client(99), second(now)) {
                    Leave::Granted => (asked, genuine) = (asked + 1, Some(now)),
                    Leave::Wait(wait) => retry = second(now) + wait,
                }
            }
        }
        assert!(asked <= FETCHES, "{asked}");
        assert!(genuine.is_some_and(|when| when <= 160), "{genuine:?}");
    }

    #[test]
    fn a_small_server_is_asked_at_once() {
        let mut budget = FetchBudget::default();
        for _ in 0..BURST {
            assert_eq!(budget.ask(VICTIM, client(1), second(0)), Leave::Granted);
        }
        assert!(matches!(budget.ask(VICTIM, client(1), second(0)), Leave::Wait(_)));
        assert_eq!(budget.ask("https://a.example", client(1), second(0)), Leave::Granted);
        assert_eq!(budget.ask(VICTIM, client(1), second(31)), Leave::Granted);
    }

    #[test]
    fn addresses_of_one_network_are_one_sender() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8:0:ffff::2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn d_06_many_servers_are_asked_a_bounded_number_of_times_and_forgotten() {
        let mut budget = FetchBudget::default();
        let mut granted = 0;
        for number in 0..10_000 {
            let server = format!("https://{number}.example");
            if budget.ask(&server, client(1), second(0)) == Leave::Granted {
                granted += 1;
            }
        }
        assert_eq!(granted, ALL_BURST);
        assert!(budget.servers.len() <= SERVERS_MAX);
        assert_eq!(budget.ask("https://new.example", client(1), second(700)), Leave::Granted);
    }

    #[test]
    fn d_09_a_server_may_send_six_hundred_follows_a_minute() {
        let mut budget = FollowBudget::default();
        for _ in 0..FOLLOWS_A_MINUTE {
            assert_eq!(budget.ask(VICTIM, second(1)), Leave::Granted);
        }
        assert_eq!(budget.ask(VICTIM, second(11)), Leave::Wait(second(50)));
        budget.give_back(VICTIM);
        assert_eq!(budget.ask(VICTIM, second(11)), Leave::Granted);
        assert_eq!(budget.ask(VICTIM, second(11)), Leave::Wait(second(50)));
        assert_eq!(budget.ask("https://a.example", second(11)), Leave::Granted);
        assert_eq!(budget.ask(VICTIM, second(61)), Leave::Granted);
    }

    #[test]
    fn whoever_names_many_servers_keeps_nobody_else_from_being_asked_about() {
        let mut budget = FetchBudget::default();
        for number in 0..1_000 {
            budget.ask(&format!("https://{number}.example"), client(1), second(0));
        }
        // The next one that comes in is for whoever has had least.
        let first = budget.ask("https://a.example", client(2), second(0));
        let Leave::Wait(wait) = first else { panic!("{first:?}") };
        budget.ask("https://b.example", client(1), wait);
        assert_eq!(budget.ask("https://a.example", client(2), wait), Leave::Granted);
    }

    #[test]
    fn a_clock_that_is_put_back_keeps_nobody_waiting() {
        let mut budget = FetchBudget::default();
        for _ in 0..=BURST {
            budget.ask(VICTIM, client(1), second(1_000_000));
        }
        assert!(matches!(budget.ask(VICTIM, client(1), second(0)), Leave::Wait(_)));
        assert_eq!(budget.ask(VICTIM, client(1), second(31)), Leave::Granted);
    }

    proptest! {
        #[test]
        fn whoever_asks_and_whenever_no_ten_minutes_have_more_than_thirty(
            steps in proptest::collection::vec((0_u8..20, 0_u64..40, any::<bool>()), 1..400)
        ) {
            let mut budget = FetchBudget::default();
            let mut now = 0;
            let mut granted = Vec::new();
            for (sender, pause, is_genuine) in steps {
                now += pause;
                if budget.ask(VICTIM, client(sender), second(now)) == Leave::Granted {
                    if is_genuine {
                        budget.give_back(VICTIM, client(sender));
                    } else {
                        granted.push(now);
                    }
                }
            }
            for (index, start) in granted.iter().enumerate() {
                let within = granted[index..].iter().take_while(|then| **then < start + 600);
                prop_assert!(within.count() <= FETCHES as usize);
            }
        }
    }
}
