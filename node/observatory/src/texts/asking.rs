//! The words of what a form asks beside words, country and order.

use super::Said;

texts! {
    ANY_PUBLISHER: "Any publisher", "Tous les éditeurs", "Cualquier editor", "Любой издатель", "أي ناشر", "任何发布者";
    CHANGED_SINCE_DAY: "New or changed since", "Nouvelles ou modifiées depuis le", "Nuevas o modificadas desde el", "Новые или изменённые с", "الجديد أو المعدّل منذ", "新增或更改起始日期";
}
