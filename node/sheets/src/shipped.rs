//! The profiles that come with the program: those of the data in `node/data`, and of
//! files of the same shape that others keep.

use std::sync::LazyLock;

use super::{cells::Cells, folding, profile::Profile};

/// What a profile's file says, by the order in which they are tried.
const TEXTS: [&str; 20] = [
    include_str!("profiles/nap_editions.toml"),
    include_str!("profiles/regional_action_plans.toml"),
    include_str!("profiles/seed_records.toml"),
    include_str!("profiles/seed_good_practices.toml"),
    include_str!("profiles/series.toml"),
    include_str!("profiles/observations.toml"),
    include_str!("profiles/targets.toml"),
    include_str!("profiles/peacekeeping_indicators.toml"),
    include_str!("profiles/peacekeeping_missions.toml"),
    include_str!("profiles/peacekeeping_snippets.toml"),
    include_str!("profiles/peacekeeping_global_points.toml"),
    include_str!("profiles/wps_resolutions.toml"),
    include_str!("profiles/organisations.toml"),
    include_str!("profiles/initiatives.toml"),
    include_str!("profiles/compact_points.toml"),
    include_str!("profiles/nap_counts.toml"),
    include_str!("profiles/network_timeline.toml"),
    include_str!("profiles/laws_policies.toml"),
    include_str!("profiles/monitoring_indicators.toml"),
    include_str!("profiles/monitoring_observations.toml"),
];

#[expect(
    clippy::expect_used,
    reason = "they are part of the program, and a test reads each of them"
)]
static SHIPPED: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let read = |text: &&str| {
        Profile::parse(text).expect("a test reads every profile that is part of the program")
    };
    TEXTS.iter().map(read).collect()
});

/// The shipped profile of that name.
pub(super) fn named(name: &str) -> Option<&'static Profile> {
    SHIPPED.iter().find(|profile| profile.name == name)
}

/// The shipped profile that a file's columns tell, and its name where others have the
/// same columns.
pub(super) fn told_by(file: &str, cells: &Cells) -> Option<&'static Profile> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    SHIPPED.iter().find(|profile| {
        let fits = profile.file.as_deref().is_none_or(|known| known == name);
        fits && profile.tells.iter().all(|column| {
            let wanted = folding::folded(column);
            cells
                .iter()
                .any(|(name, _)| folding::folded(name) == wanted)
        })
    })
}

/// The names of the columns that tell a shipped profile.
pub(super) fn telling() -> impl Iterator<Item = &'static str> {
    SHIPPED
        .iter()
        .flat_map(|profile| profile.tells.iter().map(String::as_str))
}

/// The names of all of them.
pub(super) fn names() -> Vec<&'static str> {
    SHIPPED
        .iter()
        .map(|profile| profile.name.as_str())
        .collect()
}
