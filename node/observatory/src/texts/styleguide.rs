//! The words of the style guide.

use super::Said;

texts! {
    GUIDE_SAYS: "What the pages are made of. Everything here is drawn by the stylesheet and the code of the pages themselves, and each contrast is measured.",
        "Ce dont les pages sont faites. Tout ici est dessiné par la feuille de style et le code des pages elles-mêmes, et chaque contraste est mesuré.",
        "De qué están hechas las páginas. Todo aquí lo dibujan la hoja de estilo y el código de las propias páginas, y cada contraste está medido.",
        "Из чего состоят страницы. Всё здесь рисуют таблица стилей и код самих страниц, и каждый контраст измерен.",
        "ما تتكوّن منه الصفحات. كل ما هنا ترسمه ورقة الأنماط وشيفرة الصفحات نفسها، وكل تباين مَقيس.",
        "页面由什么组成。这里的一切都由样式表和页面本身的代码绘制，每个对比度都经过测量。";
    COLOURS: "Colours", "Couleurs", "Colores", "Цвета", "الألوان", "颜色";
    BY_DAY: "By day", "De jour", "De día", "Днём", "نهارًا", "日间";
    BY_NIGHT: "By night", "De nuit", "De noche", "Ночью", "ليلًا", "夜间";
    COLOUR: "Colour", "Couleur", "Color", "Цвет", "اللون", "颜色";
    USED_FOR: "Used for", "Usage", "Uso", "Для чего", "الاستخدام", "用途";
    CONTRAST: "Contrast", "Contraste", "Contraste", "Контраст", "التباين", "对比度";
    TYPE: "Type", "Typographie", "Tipografía", "Шрифт", "الخط", "文字";
    SPACING: "Spacing", "Espacement", "Espaciado", "Отступы", "المسافات", "间距";
    COMPONENTS: "Components", "Composants", "Componentes", "Составные части", "المكوّنات", "组件";
    TITLE_1: "A title of a page", "Un titre de page", "Un título de página", "Заголовок страницы", "عنوان صفحة", "页面标题";
    TITLE_2: "A title of a part", "Un titre de partie", "Un título de sección", "Заголовок раздела", "عنوان قسم", "章节标题";
    TITLE_3: "A title of a smaller part", "Un titre de sous-partie", "Un título de apartado", "Заголовок подраздела", "عنوان قسم فرعي", "小节标题";
    LEAD: "The first sentence of a page.", "La première phrase d’une page.", "La primera frase de una página.", "Первое предложение страницы.", "الجملة الأولى في الصفحة.", "页面的第一句话。";
    SMALL: "What is said beside it.", "Ce qui est dit à côté.", "Lo que se dice al lado.", "То, что сказано рядом.", "ما يقال إلى جانبه.", "旁注。";
    GROUND: "the ground of every page", "le fond de chaque page", "el fondo de cada página", "фон каждой страницы", "خلفية كل صفحة", "每个页面的底色";
    WASH: "the ground of an aside", "le fond d’un encadré", "el fondo de un aparte", "фон врезки", "خلفية الحاشية", "旁栏底色";
    INK: "text", "texte", "texto", "текст", "النص", "正文";
    SOFT: "what is said beside it, edges of fields", "ce qui est dit à côté, bords des champs", "lo que se dice al lado, bordes de campos", "пояснения, края полей", "النص الجانبي وحواف الحقول", "旁注与输入框边缘";
    ACCENT: "links, focus, buttons", "liens, focus, boutons", "enlaces, foco, botones", "ссылки, фокус, кнопки", "الروابط والتركيز والأزرار", "链接、焦点、按钮";
    SEEN: "links that were followed", "liens déjà suivis", "enlaces ya visitados", "посещённые ссылки", "روابط سبق فتحها", "已访问的链接";
    MARK: "what a reader must not miss", "ce qu’il ne faut pas manquer", "lo que no debe pasarse por alto", "то, что нельзя пропустить", "ما يجب ألا يفوت القارئ", "读者不应错过的内容";
    LINE: "lines between rows, said by space too", "lignes entre les rangs, dites aussi par l’espace", "líneas entre filas, dichas también por el espacio", "линии между строками, видные и по отступам", "الخطوط بين الصفوف، وتفصلها المسافة أيضًا", "行间线，间距也有同样的作用";
    NO_TEXT: "no text", "pas de texte", "sin texto", "без текста", "بلا نص", "无文字";
    MADE_UP: "Every record here is made up.", "Toutes les fiches montrées ici sont inventées.", "Todas las fichas de aquí son inventadas.", "Все записи здесь вымышленные.", "كل السجلات هنا مختلَقة.", "此处的记录均为虚构。";
    NOTES: "Notes on a record", "Notes sur une fiche", "Notas sobre una ficha", "Пометки к записи", "ملاحظات على سجل", "关于记录的说明";
    FORM: "A question", "Une question", "Una pregunta", "Запрос", "سؤال", "查询";
    EMPTY: "A list without records", "Une liste sans fiches", "Una lista sin fichas", "Список без записей", "قائمة بلا سجلات", "没有记录的列表";
    LOG: "A publisher’s log", "Le journal d’un éditeur", "El registro de un editor", "Журнал издателя", "سجل ناشر الزمني", "发布者的日志";
    ERROR: "A page that is not there", "Une page qui n’existe pas", "Una página que no existe", "Страница, которой нет", "صفحة غير موجودة", "不存在的页面";
    A_NOTE: "A note: what a reader must know before using a record.", "Une note : ce qu’il faut savoir avant d’utiliser une fiche.", "Una nota: lo que hay que saber antes de usar una ficha.", "Примечание: что нужно знать, прежде чем пользоваться записью.", "ملاحظة: ما يجب معرفته قبل استخدام سجل.", "注：使用记录前应知道的事项。";
    LIST: "A list of records", "Une liste de fiches", "Una lista de fichas", "Список записей", "قائمة سجلات", "记录列表";
    PARTS_OF_RECORD: "What a record says", "Ce que dit une fiche", "Lo que dice una ficha", "Содержание записи", "ما يقوله السجل", "记录内容";
}
