//! That the day by which something was to be done has passed, wherever that day stands. Whether
//! it was done is told by its state, and by nothing else.

use maud::{Markup, html};
use prost_reflect::{DynamicMessage, FieldDescriptor};
use wpsx_proto::record::schema::use_of;

use crate::{
    fields::string,
    passed::computed,
    texts::{self, Voice, passed as says},
    time::is_before,
};

/// What stands behind the value of such a field; nothing behind others.
pub(crate) fn mark(
    field: &FieldDescriptor,
    date: &DynamicMessage,
    today: Option<&str>,
    voice: Voice<'_>,
) -> Markup {
    let has_passed = |today| use_of(field).due && is_before(&string(date, "value"), today);
    html! {
        @if today.is_some_and(has_passed) {
            (voice.semicolon()) (voice.say(&says::DAY_HAS_PASSED)) " " (computed(&texts::COMPUTED, voice))
        }
    }
}
