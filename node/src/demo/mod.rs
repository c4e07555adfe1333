//! The main job in one command: four nodes exchange the real plans.

pub mod data;
