//! How far each node is, on standard error.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// A bar for each node.
pub(super) struct Bars {
    bars: Vec<ProgressBar>,
    all: MultiProgress,
}

impl Bars {
    pub(super) fn new(names: impl Iterator<Item = String>, wanted: u64, visible: bool) -> Self {
        let all = MultiProgress::new();
        if !visible {
            all.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        let style =
            ProgressStyle::with_template("{prefix:>16} {bar:32} {pos}/{len} entries proven")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bars = names
            .map(|name| {
                let bar = all.add(ProgressBar::new(wanted).with_style(style.clone()));
                bar.set_prefix(name);
                bar
            })
            .collect();
        Self { bars, all }
    }

    pub(super) fn show(&self, n: usize, held: u64) {
        if let Some(bar) = self.bars.get(n) {
            bar.set_position(held);
        }
    }

    pub(super) fn done(&self) {
        for bar in &self.bars {
            bar.finish();
        }
        let _ = self.all.clear();
    }
}
