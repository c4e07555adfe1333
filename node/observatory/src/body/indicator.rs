//! What readers ask of an indicator first: what unit it has, which way is better, who
//! publishes its values. What the letters beside values mean stands with the values.

use maud::{Markup, html};
use prost_reflect::DynamicMessage;

use super::{template::Template, writes::Writes as _};
use crate::{fields::filled, pen::Pen};

const FIRST: [&str; 4] = ["unit", "direction", "publishers", "sdg_indicator"];

pub(super) const TEMPLATE: Template = Template {
    lead,
    says: &["unit", "direction", "publishers", "sdg_indicator", "flags"],
    says_of: &[],
};

fn lead(indicator: &DynamicMessage, pen: Pen<'_>) -> Markup {
    let first = FIRST.iter().filter_map(|name| filled(indicator, name));
    let first: Vec<_> = first.collect();
    html! {
        @if !first.is_empty() {
            dl.now { @for (field, value) in &first { (pen.line(field, value)) } }
        }
    }
}
