//! The words around lists.

use super::{Counted, Said};

texts! {
    STATE_OF_RECORD: "record dated {0}", "date de la fiche : {0}", "fecha de la ficha: {0}", "дата записи: {0}", "تاريخ السجل: {0}", "记录日期：{0}";
    STATE_UNDATED: "no date stated", "sans date indiquée", "sin fecha indicada", "дата не указана", "بلا تاريخ مذكور", "未注明日期";
    EVERYTHING: "All records", "Toutes les fiches", "Todas las fichas", "Все записи", "كل السجلات", "全部记录";
    ANY_COUNTRY: "Any country", "Tous les pays", "Cualquier país", "Любая страна", "أي بلد", "任何国家";
    REGION: "Region or organisation", "Région ou organisation", "Región u organización", "Регион или организация", "الإقليم أو المنظمة", "区域或组织";
    ANY_REGION: "Any region", "Toutes les régions", "Cualquier región", "Любой регион", "أي إقليم", "任何区域";
    MORE_CHOICES: "More choices", "Plus de choix", "Más opciones", "Ещё условия", "خيارات أخرى", "更多条件";
    FROM_YEAR: "From year", "À partir de l’année", "Desde el año", "С года", "من سنة", "起始年份";
    TO_YEAR: "To year", "Jusqu’à l’année", "Hasta el año", "По год", "إلى سنة", "截止年份";
    SINCE: "from {0} on", "à partir de {0}", "desde {0}", "с {0} г.", "منذ {0}", "{0}年起";
    UNTIL: "until {0}", "jusqu’en {0}", "hasta {0}", "до {0} г.", "حتى {0}", "至{0}年";
    SPAN: "{0} to {1}", "{0} à {1}", "{0} a {1}", "{0}–{1} гг.", "من {0} إلى {1}", "{0}年至{1}年";
    CHOSEN: "What you chose", "Vos choix", "Lo que eligió", "Что выбрано", "ما اخترته", "已选条件";
    TAKE_AWAY: "Remove: {0}", "Retirer : {0}", "Quitar: {0}", "Убрать: {0}", "إزالة: {0}", "移除：{0}";
    TAKE_ALL_AWAY: "Remove all", "Tout retirer", "Quitar todo", "Убрать всё", "إزالة الكل", "全部移除";
    NARROW: "Narrow down", "Affiner", "Acotar", "Уточнить", "تضييق النتائج", "缩小范围";
    OR_ALSO: "Or also, each with the records that it would add:", "Ou aussi, chacun avec les fiches qu’il ajouterait :", "O también, cada uno con las fichas que añadiría:", "Или также, с числом записей, которые добавятся:", "أو أيضًا، مع عدد السجلات التي يضيفها كل خيار:", "或同时包括（附各自会增加的记录数）：";
    SAME_IN_ALL: "The same in all rows of this page", "Identique dans toutes les lignes de cette page", "Lo mismo en todas las filas de esta página", "Одинаково во всех строках этой страницы", "مشترك بين كل صفوف هذه الصفحة", "本页各行相同";
    NOTHING_FITS: "No record fits all that you chose.",
        "Aucune fiche ne répond à tous vos choix.",
        "Ninguna ficha cumple todo lo que eligió.",
        "Ни одна запись не отвечает всему выбранному.",
        "لا يوجد سجل يطابق كل ما اخترته.",
        "没有记录符合所选的全部条件。";
    NOTHING_HELD_FITS: "No record that this site holds fits all that you chose.",
        "Aucune fiche que ce site détient ne répond à tous vos choix.",
        "Ninguna ficha que tiene este sitio cumple todo lo que eligió.",
        "Ни одна запись, которую хранит этот сайт, не отвечает всему выбранному.",
        "لا يطابق كلَّ ما اخترته أي سجل يحتفظ به هذا الموقع.",
        "本网站所保存的记录均不符合所选的全部条件。";
    NOTHING_YET: "There is no record of this kind here yet.",
        "Il n’y a encore aucune fiche de ce type ici.",
        "Aquí todavía no hay ninguna ficha de este tipo.",
        "Здесь пока нет записей этого вида.",
        "لا يوجد هنا بعد أي سجل من هذا النوع.",
        "此处尚无此类记录。";
    LOOSEN: "To find some, remove one:", "Pour en trouver, retirez un choix :", "Para encontrar alguna, quite una opción:", "Чтобы найти что-нибудь, уберите одно условие:", "للعثور على بعضها أزل خيارًا:", "要找到记录，请移除一个条件：";
    LOOSEN_MORE: "Removing one choice is not enough; remove several, or all.",
        "Retirer un seul choix ne suffit pas ; retirez-en plusieurs, ou tous.",
        "Ninguna opción lo impide por sí sola; quite varias, o todas.",
        "Дело не в одном условии; уберите несколько или все.",
        "إزالة خيار واحد لا تكفي؛ أزل عدة خيارات أو كلها.",
        "并非某一个条件所致；请移除多个或全部条件。";
    WORDS_HINT: "in the language of the title",
        "dans la langue du titre",
        "en el idioma del título",
        "на языке названия",
        "بلغة العنوان",
        "使用标题的语言";
    WORDS_LOOSEN: "Words are looked for in titles alone, as whole words, in the languages in which each record has its title. Try fewer words, another form of a word, or the same in another language; a country, a theme or a year finds records in all languages.",
        "Les mots sont cherchés dans les titres seulement, en entier, dans les langues où chaque fiche a son titre. Essayez moins de mots, une autre forme d’un mot ou une autre langue ; un pays, un thème ou une année trouvent les fiches de toutes langues.",
        "Las palabras se buscan solo en los títulos, enteras, en los idiomas en que cada ficha tiene su título. Pruebe con menos palabras, otra forma de una palabra u otro idioma; un país, un tema o un año encuentran fichas en todos los idiomas.",
        "Слова ищутся только в названиях, целиком, на языках, на которых есть название записи. Попробуйте меньше слов, другую форму слова или другой язык; по стране, теме или году находятся записи на всех языках.",
        "يُبحث عن الكلمات في العناوين وحدها، كاملةً، باللغات التي كُتب بها عنوان كل سجل. جرّب كلمات أقل أو صيغة أخرى للكلمة أو لغة أخرى؛ أما البلد أو الموضوع أو السنة فتجد السجلات بكل اللغات.",
        "只在标题中按整词查找，语言为每条记录标题所用的语言。请减少词语、换一种词形或换一种语言；按国家、主题或年份可找到所有语言的记录。";
    UNKNOWN_CHOICE: "{0} is not known here. It may be misspelt.",
        "{0} n’est pas connu ici. C’est peut-être une faute de frappe.",
        "{0} no se conoce aquí. Puede estar mal escrito.",
        "{0}: здесь это неизвестно. Возможно, опечатка.",
        "{0} غير معروف هنا. ربما فيه خطأ إملائي.",
        "此处没有{0}，可能拼写有误。";
    PAGE_MOVED: "The page of this address is not there any more; this is the first page of the same question.",
        "La page de cette adresse n’existe plus ; voici la première page de la même question.",
        "La página de esta dirección ya no existe; esta es la primera página de la misma pregunta.",
        "Страницы по этому адресу больше нет; это первая страница того же запроса.",
        "لم تعد صفحة هذا العنوان موجودة؛ هذه هي الصفحة الأولى للسؤال نفسه.",
        "该地址的页面已不存在；这是同一查询的第一页。";
    FAMILIES_ONCE: "Translations, annexes and amendments are one with their text here; files have each of them.", "Les traductions, les annexes et les amendements ne font ici qu’un avec leur texte ; les fichiers les contiennent tous.", "Las traducciones, los anexos y las enmiendas son aquí uno con su texto; los archivos contienen cada uno.", "Переводы, приложения и поправки считаются здесь одним целым со своим текстом; в файлах есть каждый из них.", "الترجمات والمرفقات والتعديلات تُعدّ هنا مع نصها شيئًا واحدًا؛ أما الملفات فتضم كلًا منها.", "译文、附件和修正案在此与其文本合为一项；文件中逐一列出。";
    SHOW_EACH_TEXT: "Show each of them", "Les montrer tous", "Mostrar cada uno", "Показать каждый", "إظهار كل منها على حدة", "逐一显示";
    EACH_TEXT: "Each translation, annex and amendment stands by itself here.", "Chaque traduction, annexe et amendement figure ici séparément.", "Cada traducción, anexo y enmienda figura aquí por separado.", "Каждый перевод, приложение и поправка показаны здесь отдельно.", "كل ترجمة ومرفق وتعديل يظهر هنا على حدة.", "每份译文、附件和修正案在此单独列出。";
    TEXTS_TOGETHER: "Show them as one with their text", "Les montrer avec leur texte", "Mostrarlos junto con su texto", "Показать вместе с их текстом", "إظهارها مع نصها", "与其文本合并显示";
    FIRST_PAGE: "First page", "Première page", "Primera página", "Первая страница", "الصفحة الأولى", "第一页";
    PREVIOUS: "Previous page", "Page précédente", "Página anterior", "Предыдущая страница", "الصفحة السابقة", "上一页";
    PAGES: "Pages", "Pages", "Páginas", "Страницы", "الصفحات", "页面";
    TITLE: "Title", "Titre", "Título", "Название", "العنوان", "标题";
    KIND: "Kind", "Type", "Tipo", "Вид", "النوع", "类型";
    PUBLISHER: "Publisher", "Éditeur", "Editor", "Издатель", "الناشر", "发布者";
    DATE: "Date", "Date", "Fecha", "Дата", "التاريخ", "日期";
    RANGE: "{0} to {1} of {2} on this page", "{0} à {1} sur {2} sur cette page", "{0} a {1} de {2} en esta página", "на этой странице {0}–{1} из {2}", "{0} إلى {1} من أصل {2} في هذه الصفحة", "本页为第 {0} 至 {1} 条，共 {2} 条";
    PAGE_NUMBER: "page {0}", "page {0}", "página {0}", "страница {0}", "الصفحة {0}", "第 {0} 页";
    FURTHER_PAGE: "further page", "page suivante", "otra página", "следующая страница", "صفحة تالية", "后续页";
    AS_STATED: "As each record says, at a date of its own: a period or a day may have passed since.",
        "Selon chaque fiche, à sa propre date : une période ou un jour peut être passé depuis.",
        "Según cada ficha, en su propia fecha: un período o un día puede haber pasado desde entonces.",
        "Как сказано в каждой записи на её дату: срок или день с тех пор мог пройти.",
        "بحسب كل سجل، في تاريخه: وقد تكون فترة أو يوم انقضى منذ ذلك الحين.",
        "以各记录在其自身日期的说法为准：此后期限或日期可能已过。";
    BOTH_COMPUTED: "both computed", "calculé dans les deux cas", "calculado en ambos casos", "то и другое вычислено", "كلاهما محسوب", "二者均为推算";
    COMPUTED: "computed", "calculé", "calculado", "вычислено", "محسوبة", "推算";
    AND_MORE: "and {0} more", "et {0} de plus", "y {0} más", "и ещё {0}", "و{0} أخرى", "以及另外{0}个";
}

/// How many records there are.
pub(crate) const RECORDS_OF: Counted = Counted {
    en: ["{} record", "{} records"],
    fr: ["{} fiche", "{} de fiches", "{} fiches"],
    es: ["{} ficha", "{} de fichas", "{} fichas"],
    ru: ["{} запись", "{} записи", "{} записей"],
    ar: ["لا سجلات", "سجل واحد", "سجلان", "{} سجلات", "{} سجلًا", "{} سجل"],
    zh: "{} 条记录",
};
