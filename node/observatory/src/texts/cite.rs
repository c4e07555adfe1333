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
    VIA_CUSTODY: "Held in custody by {1} in {0}, published on {2}, revision {3}.",
        "Tenu en dépôt par {1} dans {0}, publié le {2}, révision {3}.",
        "En custodia de {1} en {0}, publicado el {2}, revisión {3}.",
        "Хранит {1}: {0}, опубликовано {2}, редакция {3}.",
        "يحفظه {1} في {0}، نُشر بتاريخ {2}، المراجعة {3}.",
        "由{1}在{0}代管，{2}发布，第 {3} 次修订。";
    WORDED: "Title in the words of {0}, in place of the author’s own.",
        "Titre donné par {0}, à défaut de celui de l’auteur.",
        "Título dado por {0}, a falta del que le dio su autor.",
        "Название дано издателем ({0}) за отсутствием авторского.",
        "العنوان من صياغة {0}، بدلًا من عنوان المؤلف.",
        "标题由{0}拟定，并非作者原题。";
    HASH: "SHA-256 of the entry: {0}.",
        "SHA-256 de l’entrée : {0}.",
        "SHA-256 de la entrada: {0}.",
        "SHA-256 записи журнала: {0}.",
        "SHA-256 للقيد: {0}.",
        "条目的 SHA-256：{0}。";
}
