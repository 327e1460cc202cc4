//! A site that is all green, and each thing that can be wrong with it.

mod broken;
mod inbox;
mod office;
mod site;
mod table;
mod weak;
