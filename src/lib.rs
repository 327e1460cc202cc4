#![doc = include_str!("README.md")]

// In the order in which they are best read.
mod activity;
pub mod artifact;
pub mod cli;
mod colour;
pub mod commands;
pub mod config;
#[cfg(feature = "network")]
mod deploy;
pub mod diagnostic;
mod disk;
#[cfg(feature = "network")]
mod doctor;
mod emit;
#[cfg(feature = "network")]
pub mod federation;
mod hash;
mod host;
pub mod key;
mod limits;
pub mod load;
mod manifest;
mod memory;
mod model;
#[cfg(feature = "network")]
mod net;
mod node;
#[cfg(feature = "network")]
pub mod office;
pub mod path;
mod pictures;
pub mod pipeline;
mod render;
pub mod serve;
#[cfg(feature = "network")]
pub mod signature;
mod starter;
mod time;
#[cfg(feature = "network")]
mod verify;
pub mod write;
