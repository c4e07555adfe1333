//! The words of what the calendar tells of an event and of a plan.

use super::Said;

texts! {
    PERIOD_ENDED: "its period ended {0}", "sa période s’est achevée {0}", "su período terminó {0}", "срок истёк: {0}", "انتهت فترتها {0}", "期限已于{0}结束";
    PERIOD_BEGINS: "its period begins {0}", "sa période commence {0}", "su período comienza {0}", "начало срока: {0}", "تبدأ فترتها {0}", "期限自{0}开始";
    PERIOD_GOES_ON: "its period goes on {0}", "sa période court {0}", "su período se extiende {0}", "конец срока: {0}", "تستمر فترتها {0}", "期限{0}";
    PERIOD_IS_OPEN: "its period has no fixed end", "sa période est sans fin fixée", "su período no tiene fin fijado", "срок окончания не установлен", "فترتها بلا نهاية محددة", "期限无固定终期";
    DAY_HAS_PASSED: "the date has passed", "la date est passée", "la fecha ya pasó", "дата прошла", "انقضى التاريخ", "日期已过";
}
