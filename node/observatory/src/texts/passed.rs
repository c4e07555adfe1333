//! The words of what the calendar tells of an event and of a plan.

use super::Said;

texts! {
    PERIOD_ENDED: "its period ended {0}", "sa période s’est achevée {0}", "su período terminó {0}", "срок истёк: {0}", "انتهت فترتها {0}", "期限已于{0}结束";
    DAY_HAS_PASSED: "the date has passed", "la date est passée", "la fecha ya pasó", "дата прошла", "انقضى التاريخ", "日期已过";
}
