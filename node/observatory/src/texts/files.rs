//! What files say of themselves.

use super::Said;

texts! {
    FILE_SOURCE: "Source", "Source", "Fuente", "Источник", "المصدر", "来源";
    FILE_ADDRESS: "Address", "Adresse", "Dirección", "Адрес", "العنوان", "网址";
    FILE_QUESTION: "Question", "Question", "Pregunta", "Запрос", "السؤال", "查询";
    FILE_RECORDS: "Records", "Fiches", "Fichas", "Записи", "السجلات", "记录数";
    FILE_DATE: "As of", "À la date du", "A fecha de", "По состоянию на", "حتى تاريخ", "截至";
    FILE_LICENCE: "Licence", "Licence", "Licencia", "Лицензия", "الرخصة", "许可";
    FILE_LICENCE_SAYS: "Each record says its own licence and how its source asks to be named (the fields licence and attribution). Where it says none, ask its publisher before you use more than a quotation.",
        "Chaque fiche indique sa licence et la mention que demande sa source (champs licence et attribution). Si elle n’en indique pas, demandez à son éditeur avant d’utiliser plus qu’une citation.",
        "Cada ficha indica su licencia y cómo pide su fuente que se la nombre (campos licence y attribution). Si no indica ninguna, pregunte a quien la publica antes de usar más que una cita.",
        "Каждая запись указывает свою лицензию и то, как её источник просит себя называть (поля licence и attribution). Если лицензия не указана, спросите издателя, прежде чем использовать больше, чем цитату.",
        "يذكر كل سجل رخصته وكيف يطلب مصدره أن يُسمّى (الحقلان licence و attribution). وإن لم يذكر رخصة فاسأل ناشره قبل أن تستخدم أكثر من اقتباس.",
        "每条记录注明自己的许可以及来源要求的署名方式（licence 和 attribution 字段）。如未注明，引用之外的使用请先询问其发布者。";
    FILE_METHOD: "Method", "Méthode", "Método", "Метод", "المنهج", "方法";
    FILE_METHOD_SAYS: "The records as their publishers signed them, in their newest revisions. Nothing is estimated, converted or filled in; an empty field means that nobody said anything. What was withdrawn or erased is left out.",
        "Les fiches telles que leurs éditeurs les ont signées, dans leurs révisions les plus récentes. Rien n’est estimé, converti ni complété ; un champ vide signifie que personne n’a rien dit. Ce qui a été retiré ou effacé n’y figure pas.",
        "Las fichas tal como las firmó quien las publica, en sus revisiones más recientes. Nada se estima, convierte ni completa; un campo vacío significa que nadie dijo nada. Lo retirado o borrado no figura.",
        "Записи в том виде, в каком их подписали издатели, в последних редакциях. Ничего не оценено, не пересчитано и не дополнено; пустое поле означает, что никто ничего не сообщил. Отозванное и удалённое не включено.",
        "السجلات كما وقّعها ناشروها، في أحدث مراجعاتها. لا شيء مقدَّر أو محوَّل أو مكمَّل، والحقل الفارغ يعني أن أحدًا لم يقل شيئًا. وما سُحب أو مُحي غير مدرج.",
        "记录为发布者所签署的最新修订版本。未作任何估算、换算或补充；空字段表示无人说明。已撤回或删除的内容不包括在内。";
    FILE_CITE: "How to cite", "Comment citer", "Cómo citar", "Как цитировать", "كيفية الاستشهاد", "引用方式";
    FILE_CITE_SAYS: "A single record is cited by the address of its revision; the files .bib and .ris at the record’s page hold it.",
        "Une fiche se cite par l’adresse de sa révision ; les fichiers .bib et .ris de sa page la contiennent.",
        "Una ficha se cita por la dirección de su revisión; los archivos .bib y .ris de su página la contienen.",
        "Отдельная запись цитируется по адресу её редакции; он есть в файлах .bib и .ris на её странице.",
        "يُستشهد بالسجل الواحد بعنوان مراجعته، وهو في ملفي ‎.bib و‎.ris في صفحته.",
        "单条记录以其修订版本的网址引用；记录页面的 .bib 和 .ris 文件中有此网址。";
    FILE_COLUMNS: "Columns", "Colonnes", "Columnas", "Столбцы", "الأعمدة", "列";
    FILE_COLUMNS_SAYS: "Columns have the names of the schema’s fields, and are the same for all records of a kind. A column that ends in .json holds all that a field says, where the others cannot: lists of parts, further languages. Text that a spreadsheet would run as a formula has an apostrophe before it. A record’s page is at /record/ and its record_id.",
        "Les colonnes portent les noms des champs du schéma et sont les mêmes pour toutes les fiches d’un type. Une colonne en .json contient tout ce que dit un champ quand les autres ne le peuvent pas : listes, autres langues. Un texte qu’un tableur exécuterait comme formule est précédé d’une apostrophe. La page d’une fiche est à /record/ suivi de son record_id.",
        "Las columnas llevan los nombres de los campos del esquema y son las mismas para todas las fichas de un tipo. Una columna que termina en .json contiene todo lo que dice un campo cuando las otras no pueden: listas, otros idiomas. Un texto que una hoja de cálculo ejecutaría como fórmula lleva un apóstrofo delante. La página de una ficha está en /record/ y su record_id.",
        "Столбцы называются как поля схемы и одинаковы для всех записей вида. Столбец на .json содержит всё, что говорит поле, если другие этого не могут: списки, другие языки. Перед текстом, который таблица выполнила бы как формулу, стоит апостроф. Страница записи — /record/ и её record_id.",
        "أسماء الأعمدة هي أسماء حقول المخطط، وهي واحدة لكل سجلات النوع. والعمود المنتهي بـ ‎.json يحوي كل ما يقوله الحقل حين لا تسعه الأعمدة الأخرى: القوائم واللغات الأخرى. ويسبق النصَّ الذي قد ينفّذه الجدول كصيغة فاصلةٌ عليا. وصفحة السجل عند ‎/record/ يليه record_id.",
        "列名为模式的字段名，同类记录的列相同。以 .json 结尾的列在其他列容纳不下时包含该字段的全部内容：列表、其他语言。电子表格会当作公式执行的文本前加撇号。记录页面位于 /record/ 加 record_id。";
    BOOK_TOO_LONG: "Too many records for a workbook", "Trop de fiches pour un classeur", "Demasiadas fichas para un libro de cálculo", "Слишком много записей для книги таблиц", "سجلات أكثر مما يسعه المصنّف", "记录过多，工作簿无法容纳";
    BOOK_TOO_LONG_SAYS: "A sheet holds 1,048,575 records. Ask for fewer, by country, theme or year, or take the table as CSV, which has no limit.",
        "Une feuille contient 1 048 575 fiches. Demandez-en moins, par pays, thème ou année, ou prenez le tableau en CSV, sans limite.",
        "Una hoja admite 1 048 575 fichas. Pida menos, por país, tema o año, o tome la tabla en CSV, que no tiene límite.",
        "Лист вмещает 1 048 575 записей. Запросите меньше — по стране, теме или году — или возьмите таблицу в CSV, у которой нет предела.",
        "تسع الورقة 1,048,575 سجلًا. اطلب أقل، حسب البلد أو الموضوع أو السنة، أو خذ الجدول بصيغة CSV التي لا حد لها.",
        "一张工作表最多容纳 1,048,575 条记录。请按国家、主题或年份缩小范围，或使用没有限制的 CSV。";
    CHANGES: "Changes", "Modifications", "Cambios", "Изменения", "التغييرات", "更改";
    NO_DAY: "Events without a day, which are not in this calendar", "Manifestations sans jour, absentes de ce calendrier", "Eventos sin día, que no están en este calendario", "Мероприятия без дня, которых нет в этом календаре", "فعاليات بلا يوم محدد، غير مدرجة في هذا التقويم", "没有日期、未列入本日历的活动";
    EARLIER_LEFT_OUT: "Older events are on the page of the list.", "Les manifestations plus anciennes sont sur la page de la liste.", "Los eventos más antiguos están en la página de la lista.", "Более ранние мероприятия — на странице списка.", "الفعاليات الأقدم في صفحة القائمة.", "更早的活动见列表页面。";
    LOCAL_TIME: "Local time", "Heure locale", "Hora local", "Местное время", "التوقيت المحلي", "当地时间";
}
