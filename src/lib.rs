#![doc = include_str!("README.md")]

pub mod path;
mod limits;
mod time;
pub mod diagnostic;
mod node;
pub mod config;
mod model;
pub mod load;
