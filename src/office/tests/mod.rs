//! A whole post office in one thread, with other servers around it that do good and bad. Cases have
//! the numbers of the threat model.

mod activities;
mod deliveries;
mod floods;
mod identities;
mod looks;
mod order;
mod person;
mod replays;
mod retired;
mod rotation;
mod signatures;
mod world;
