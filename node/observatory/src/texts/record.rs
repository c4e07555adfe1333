//! The words around one record: what it says, what others say of it, what it stands beside.

use super::{Counted, Said};

texts! {
    NOT_CURRENT: "no longer current", "n’est plus à jour", "ya no vigente", "больше не действует", "لم يعد ساريًا", "不再有效";
    NOT_HERE: "no such record is known here", "cette fiche n’est pas connue ici", "aquí no se conoce esta ficha", "такая запись здесь неизвестна", "لا يُعرف هنا سجل كهذا", "此处未收录该记录";
    NOT_STATED: "not stated in this record", "non indiqué dans cette fiche", "no consta en esta ficha", "в этой записи не указано", "غير مذكور في هذا السجل", "此记录未说明";
    NO_STATE: "no state is named", "aucun état n’est indiqué", "no se indica ningún estado", "состояние не указано", "لم تُذكر حالة", "未说明状态";
    END_UNKNOWN: "not known", "inconnu", "no se conoce", "неизвестно", "غير معروف", "不详";
    NO_END: "no fixed end", "sans fin fixée", "sin fin fijado", "без установленного конца", "بلا نهاية محددة", "无固定期限";
    NOW: "now", "actuellement", "ahora", "сейчас", "الآن", "当前";
    LAST_STATED: "Last stated by a source:", "Dernier état indiqué par une source :", "Último estado según una fuente:", "Последнее состояние по источнику:", "آخر ما ذكره مصدر:", "来源最后说明的状态：";
    WHEN: "When", "Quand", "Cuándo", "Когда", "متى", "时间";
    NO_DATE_YET: "no date yet", "pas encore de date", "aún sin fecha", "даты пока нет", "لا موعد بعد", "日期未定";
    ABOUT_SO_MUCH: "about", "environ", "cerca de", "около", "نحو", "约";
    OTHER_LANGUAGES: "In other languages", "Dans d’autres langues", "En otros idiomas", "На других языках", "بلغات أخرى", "其他语言";
    ORIGINAL_TITLE: "Original title", "Titre original", "Título original", "Название в оригинале", "العنوان الأصلي", "原标题";
    PUBLISHERS_TITLE: "Its publisher’s title", "Titre donné par l’éditeur", "Título dado por quien publica", "Название, данное издателем", "العنوان الذي وضعه الناشر", "发布者所用标题";
    PUBLISHED_ON: "Published here on", "Publiée ici le", "Publicada aquí el", "Опубликовано здесь", "نُشر هنا في", "在此发布于";
    REVISED_ON: "This text published on", "Ce texte publié le", "Este texto se publicó el", "Этот текст опубликован", "نُشر هذا النص في", "此文本发布于";
    CUT: "This record is longer than a page. What stands here is its beginning.",
        "Cette fiche est plus longue qu’une page. On en voit ici le début.",
        "Esta ficha es más larga que una página. Aquí se ve el comienzo.",
        "Эта запись длиннее страницы. Здесь показано её начало.",
        "هذا السجل أطول من صفحة، وما يظهر هنا بدايته.",
        "此记录超出一页的长度，这里只显示开头部分。";
    WHOLE_FILE: "All of it as a file", "Tout le contenu en fichier", "Todo el contenido en un archivo", "Всё целиком в файле", "كل المحتوى في ملف", "以文件查看全部内容";
    DETAILS: "Details", "Détails", "Detalles", "Подробности", "تفاصيل", "详情";
    SOURCES: "Sources", "Sources", "Fuentes", "Источники", "المصادر", "来源";
    FOUND_IN_SECTION: "It is from the section {0} of the source.", "Elle provient de la section {0} de la source.", "Procede de la sección {0} de la fuente.", "Взято из раздела {0} источника.", "وهو من القسم {0} في المصدر.", "出自来源的{0}部分。";
    FOUND_AS: "The source calls it {0}.", "La source l’appelle {0}.", "La fuente lo llama {0}.", "Источник называет это {0}.", "ويسميه المصدر {0}.", "来源称之为{0}。";
    FOUND_UNDER: "Its publisher keeps it under the number {0}.", "Son éditeur la conserve sous le numéro {0}.", "Quien la publica la guarda con el número {0}.", "Издатель хранит её под номером {0}.", "ويحفظه ناشره بالرقم {0}.", "发布者以编号{0}保存。";
    SUPPORTS: "Supports", "À l’appui de", "Respalda", "Подтверждает", "يدعم", "支持的内容";
    CUSTODY: "This record is held in custody: its publisher keeps it for those whose record it should be, until they take it over.",
        "Cette fiche est tenue en dépôt : son éditeur la conserve pour ceux à qui elle devrait appartenir, jusqu’à ce qu’ils la reprennent.",
        "Esta ficha está en custodia: quien la publica la guarda para aquellos a quienes correspondería, hasta que la asuman.",
        "Эта запись на хранении: издатель держит её для тех, кому она должна принадлежать, пока они её не примут.",
        "هذا السجل محفوظ بالنيابة: يحفظه ناشره لمن ينبغي أن يكون السجل له إلى أن يتسلمه.",
        "此记录由他方代管：其发布者代为保存，直至应有的主体接管。";
    HELD_BY: "Held in custody by", "Tenue en dépôt par", "En custodia de", "Хранит", "يحفظه", "代管方";
    HELD_FOR: "For", "Pour", "Para", "Для", "لصالح", "为谁代管";
    HELD_SINCE: "Since", "Depuis", "Desde", "С какого времени", "منذ", "起始时间";
    HELD_UNTIL_TAKEN_BY: "To be taken over by", "À reprendre par", "La asumirá", "Примет", "سيتسلمه", "接管方";

    CLAIMS: "What is said differently", "Ce qui est dit autrement", "Lo que se dice de otro modo", "Что говорят по-разному", "ما يقال على نحو مختلف", "不同的说法";
    CLAIMS_OF: "Of the record", "Au sujet de la fiche", "Sobre la ficha", "О записи", "عن السجل", "所涉记录";
    CLAIMS_STAND: "All of these statements stand, each as its author made it. None is chosen here.",
        "Toutes ces affirmations sont données telles que leurs auteurs les ont faites. Aucune n’est choisie ici.",
        "Todas estas afirmaciones se muestran como las hizo cada autor. Aquí no se elige ninguna.",
        "Все эти утверждения приведены так, как их сделали авторы. Здесь ни одно не выбрано.",
        "تُعرض كل هذه الأقوال كما قالها أصحابها، ولا يُختار هنا أي منها.",
        "以上说法均按作者原意列出，此处不作取舍。";
    WHO_SAYS: "Who says it", "Qui le dit", "Quién lo dice", "Кто говорит", "من يقول ذلك", "谁说的";
    WHAT_IS_SAID: "What is said", "Ce qui est dit", "Qué se dice", "Что сказано", "ما يقال", "内容";
    SAID_WHEN: "As of", "En date du", "A fecha de", "По состоянию на", "بتاريخ", "截至";
    SAID_WHERE: "Source", "Source", "Fuente", "Источник", "المصدر", "来源";
    SAID_OF: "Of what", "De quoi", "De qué", "О чём", "عن ماذا", "范围";
    OTHER_RECORD: "the record itself", "la fiche elle-même", "la propia ficha", "сама запись", "ذلك السجل نفسه", "该记录本身";
    THIS_RECORD: "this record", "cette fiche", "esta ficha", "эта запись", "هذا السجل", "本记录";
    NOT_GIVEN: "not given", "non indiqué", "no se indica", "не указано", "غير مذكور", "未注明";
    A_SOURCE: "a source", "une source", "una fuente", "источник", "مصدر", "某来源";
    OTHER_COUNTS: "The same thing as others counted it", "La même chose, comptée par d’autres", "Lo mismo, contado por otros", "То же самое по другим подсчётам", "الشيء نفسه كما عدّه آخرون", "他方对同一事物的统计";
    JUDGED: "What is judged", "Ce qui est jugé", "Lo que se valora", "Что оценивается", "ما يُحكم عليه", "评判对象";
    SIDE_BY_SIDE: "Judgements of several bodies, side by side", "Jugements de plusieurs organes, côte à côte", "Valoraciones de varios organismos, una al lado de otra", "Оценки нескольких органов рядом", "أحكام عدة هيئات جنبًا إلى جنب", "各机构评判对照";
    OVERALL: "Overall", "Ensemble", "En conjunto", "В целом", "إجمالًا", "总体";
    SELF_ASSESSMENT: "judges its own work", "évalue son propre travail", "evalúa su propio trabajo", "оценивает собственную работу", "يقيّم عمله بنفسه", "自我评估";

    NEWEST_VALUES: "Newest value of each area", "Valeur la plus récente de chaque zone", "Valor más reciente de cada zona", "Последнее значение по каждой территории", "أحدث قيمة لكل منطقة", "各地区最新数值";
    ALL_SERIES: "All series of this indicator", "Toutes les séries de cet indicateur", "Todas las series de este indicador", "Все ряды этого показателя", "كل سلاسل هذا المؤشر", "该指标的全部序列";
    EDITIONS: "Plans before and after this one", "Plans avant et après celui-ci", "Planes anteriores y posteriores a este", "Планы до и после этого", "الخطط السابقة لهذه واللاحقة لها", "此前和此后的计划";
    EDITION_EARLIER: "Earlier", "Avant", "Anterior", "Раньше", "سابقة", "此前";
    EDITION_THIS: "This plan", "Ce plan", "Este plan", "Этот план", "هذه الخطة", "本计划";
    EDITION_OTHER: "Another, of which the order is not known", "Un autre, dont l’ordre n’est pas connu", "Otro, cuyo orden no se conoce", "Другой; порядок неизвестен", "أخرى لا يُعرف ترتيبها", "另一项，先后不详";
    EDITION_LATER: "Later", "Après", "Posterior", "Позже", "لاحقة", "此后";
    NO_PERIOD: "period not stated", "période non indiquée", "periodo no indicado", "период не указан", "الفترة غير مذكورة", "未说明期间";
    FAMILY: "One text in several records", "Un seul texte, plusieurs fiches", "Un solo texto en varias fichas", "Один текст в нескольких записях", "نص واحد في عدة سجلات", "同一文本的多条记录";
    FAMILY_IS: "A text, its translations, annexes and amendments are counted once in lists.",
        "Un texte, ses traductions, ses annexes et ses modifications comptent pour un dans les listes.",
        "Un texto con sus traducciones, anexos y enmiendas cuenta una vez en las listas.",
        "Текст с переводами, приложениями и поправками считается в списках один раз.",
        "يُحسب النص وترجماته ومرفقاته وتعديلاته مرة واحدة في القوائم.",
        "文本及其译文、附件和修正案在列表中只计一次。";
    FAMILY_HEAD: "Main text", "Texte principal", "Texto principal", "Основной текст", "النص الرئيسي", "主文本";
    REFERS_TO: "What this refers to", "Ce à quoi ceci se réfère", "A qué se refiere", "На что это ссылается", "ما يشير إليه هذا", "本记录所引用的内容";
    SHOW_ALL: "Show all", "Tout afficher", "Mostrar todo", "Показать все", "عرض الكل", "显示全部";
    REFERS_ONLY: "Only what refers to", "Seulement ce qui se réfère à", "Solo lo que se refiere a", "Только то, что ссылается на", "فقط ما يشير إلى", "仅限引用以下记录的内容";
    THAT_RECORD: "one record", "une fiche précise", "una ficha", "одну запись", "سجل واحد", "某一记录";
    RELATED: "Related to", "Lié à", "Relacionado con", "Связано с", "ذو صلة بـ", "相关";
    REPLACES: "Takes the place of", "Prend la place de", "Sustituye a", "Заменяет", "يحل محل", "取代";

    EARLIER: "This is an earlier text of this record, published", "Ceci est un texte antérieur de cette fiche, publié le", "Este es un texto anterior de esta ficha, publicado el", "Это прежний текст записи, опубликованный", "هذا نص سابق لهذا السجل، نُشر في", "这是此记录的早期文本，发布于";
    TODAYS_TEXT: "Go to the text of today", "Voir le texte d’aujourd’hui", "Ir al texto de hoy", "К сегодняшнему тексту", "الانتقال إلى نص اليوم", "查看当前文本";
    NEWEST_TEXT: "This address keeps this text, which is the newest one now.",
        "Cette adresse conserve ce texte, qui est le plus récent à présent.",
        "Esta dirección conserva este texto, que ahora es el más reciente.",
        "По этому адресу остаётся этот текст; сейчас он самый новый.",
        "يحفظ هذا العنوان هذا النص، وهو الأحدث الآن.",
        "此地址永久保存本文本；它目前是最新的。";
    ALWAYS_NEWEST: "The address that always has the newest text", "L’adresse qui donne toujours le texte le plus récent", "La dirección que siempre tiene el texto más reciente", "Адрес, по которому всегда самый новый текст", "العنوان الذي فيه دائمًا أحدث نص", "始终显示最新文本的地址";
    SUPERSEDED: "This record was replaced by another one and is no longer current.",
        "Cette fiche a été remplacée par une autre et n’est plus à jour.",
        "Esta ficha fue sustituida por otra y ya no está vigente.",
        "Эта запись заменена другой и больше не действует.",
        "حلّ سجل آخر محل هذا السجل ولم يعد ساريًا.",
        "此记录已被另一条记录取代，不再有效。";
    SUCCESSOR: "What replaces it", "Ce qui la remplace", "Lo que la sustituye", "Чем заменена", "ما حلّ محله", "取代它的记录";
    LAST_TEXT: "Its last text", "Son dernier texte", "Su último texto", "Её последний текст", "نصه الأخير", "其最后文本";
    FILTERED: "This site was set not to hold the content of such records. Its publisher holds it.",
        "Ce site est réglé pour ne pas détenir le contenu de telles fiches. Son éditeur le détient.",
        "Este sitio no guarda el contenido de fichas como esta. Lo tiene quien la publicó.",
        "Этот сайт настроен не хранить содержание таких записей. Оно есть у издателя.",
        "ضُبط هذا الموقع على ألا يحتفظ بمحتوى سجلات كهذه، وهو لدى ناشره.",
        "本网站设置为不保存此类记录的内容，其发布者持有。";
    MALFORMED: "What its publisher signed here cannot be read as a record. The file below has it as it was signed.",
        "Ce que l’éditeur a signé ici ne se lit pas comme une fiche. Le fichier ci-dessous le donne tel qu’il a été signé.",
        "Lo que se firmó aquí no puede leerse como una ficha. El archivo de abajo lo contiene tal como se firmó.",
        "То, что подписал издатель, не читается как запись. В файле ниже оно такое, как было подписано.",
        "ما وقّعه الناشر هنا لا يُقرأ كسجل. يتضمن الملف أدناه ما وُقّع كما هو.",
        "发布者在此签名的内容无法作为记录读取。下方文件包含其原样。";
    ERASED_TITLE: "An erased record", "Une fiche effacée", "Una ficha borrada", "Удалённая запись", "سجل ممحوّ", "已删除的记录";
    ERASED_WHEN: "Erased on", "Effacée le", "Borrada el", "Удалена", "مُحي في", "删除时间";
    ERASED_BY: "Erased by", "Effacée par", "Borrada por", "Кем удалена", "محاه", "删除者";
    REASON: "Reason", "Motif", "Motivo", "Причина", "السبب", "原因";
    REASON_CORRECTION: "the content was wrong", "le contenu était faux", "el contenido era erróneo", "содержание было неверным", "كان المحتوى خاطئًا", "内容有误";
    REASON_OUTDATED: "the content no longer applies", "le contenu n’est plus valable", "el contenido ya no es válido", "содержание больше не применимо", "لم يعد المحتوى منطبقًا", "内容不再适用";
    REASON_MISTAKE: "published by mistake", "publiée par erreur", "publicada por error", "опубликовано по ошибке", "نُشر خطأً", "误发布";
    REASON_PROTECTION: "to protect a person", "pour protéger une personne", "para proteger a una persona", "чтобы защитить человека", "لحماية شخص", "为保护个人";
    REASON_LEGAL: "a court or a law asks for it", "un tribunal ou une loi le demande", "lo pide un tribunal o una ley", "этого требует суд или закон", "بطلب محكمة أو قانون", "法院或法律要求";
    REASON_DUPLICATE: "the same stands in another record", "le même contenu figure dans une autre fiche", "lo mismo consta en otra ficha", "то же есть в другой записи", "المحتوى نفسه في سجل آخر", "与另一记录重复";

    ALL_REVISIONS: "All revisions", "Toutes les révisions", "Todas las revisiones", "Все редакции", "كل المراجعات", "全部修订";
    TRANSLATED_TITLE: "Title as translated by others", "Titre traduit par d’autres", "Título traducido por otros", "Название в чужом переводе", "العنوان كما ترجمه آخرون", "他人翻译的标题";
    DID_PUBLISH: "first published", "première publication", "primera publicación", "впервые опубликовано", "نُشر أول مرة", "首次发布";
    DID_CHANGE: "changed", "modifiée", "cambiada", "изменено", "عُدّل", "已更改";
    DID_WITHDRAW: "withdrawn", "retirée", "retirada", "отозвано", "سُحب", "已撤回";
    DID_ERASE: "erased", "effacée", "borrada", "удалено", "مُحي", "已删除";
    DID_SUPERSEDE: "replaced by another record", "remplacée par une autre fiche", "sustituida por otra ficha", "заменено другой записью", "حلّ محله سجل آخر", "被另一记录取代";
    DID_SOMETHING_NEW: "something that newer software reads", "ce qu’un logiciel plus récent sait lire", "algo que lee un programa más nuevo", "то, что читает более новая программа", "شيء يقرؤه برنامج أحدث", "需较新软件读取的操作";
    BEFORE: "before", "avant", "antes", "до", "قبل", "之前";
    SINCE_THEN: "now", "maintenant", "ahora", "теперь", "الآن", "现在";
}

/// What a list or table has beyond what is shown.
pub(crate) const MORE: Counted = Counted {
    en: ["{} more", "{} more"],
    fr: ["{} de plus", "{} de plus", "{} de plus"],
    es: ["{} más", "{} más", "{} más"],
    ru: ["ещё {}", "ещё {}", "ещё {}"],
    ar: [
        "لا مزيد",
        "واحد آخر",
        "اثنان آخران",
        "{} أخرى",
        "{} أخرى",
        "{} أخرى",
    ],
    zh: "另有 {} 项",
};

/// The rows of a table.
pub(crate) const ROWS: Counted = Counted {
    en: ["{} row", "{} rows"],
    fr: ["{} ligne", "{} de lignes", "{} lignes"],
    es: ["{} fila", "{} de filas", "{} filas"],
    ru: ["{} строка", "{} строки", "{} строк"],
    ar: ["لا صفوف", "صف واحد", "صفان", "{} صفوف", "{} صفًا", "{} صف"],
    zh: "{} 行",
};
