#![doc = include_str!("README.md")]

// In the order in which they are best read.
pub mod pipeline;
pub mod path;
mod time;
mod limits;
pub mod diagnostic;
mod node;
pub mod config;
mod model;
pub mod load;
mod render;
pub mod artifact;
mod emit;
pub mod write;
pub mod cli;
pub mod commands;
