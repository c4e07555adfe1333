//! The words of what the calendar tells of an event.

use super::Said;

texts! {
    DAY_HAS_PASSED: "the date has passed", "la date est passée", "la fecha ya pasó", "дата прошла", "انقضى التاريخ", "日期已过";
}
