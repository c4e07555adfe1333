//! The words of citations.

use super::Said;

texts! {
    NO_YEAR: "n.d.", "s. d.", "s. f.", "б. г.", "د.ت.", "无日期";
    VIA: "Published in {0} by {1} on {2}, revision {3}.",
        "Publié dans {0} par {1} le {2}, révision {3}.",
        "Publicado en {0} por {1} el {2}, revisión {3}.",
        "Опубликовано: {0}, издатель — {1}, {2}, редакция {3}.",
        "نُشر في {0}، الناشر: {1}، بتاريخ {2}، المراجعة {3}.",
        "发布于{0}，发布者：{1}，{2}，第 {3} 次修订。";
    HASH: "SHA-256 of the entry: {0}.",
        "SHA-256 de l’entrée : {0}.",
        "SHA-256 de la entrada: {0}.",
        "SHA-256 записи журнала: {0}.",
        "SHA-256 للقيد: {0}.",
        "条目的 SHA-256：{0}。";
}
