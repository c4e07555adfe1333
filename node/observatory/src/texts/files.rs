//! What files say of themselves.

use super::Said;

texts! {
    FILE_SOURCE: "Source", "Source", "Fuente", "Источник", "المصدر", "来源";
    FILE_PUBLISHERS_SAYS: "Each record names who published it, in which log, when, and the address at which this revision stays: the columns publisher, log_origin, publish_time and revision_address; in JSON publisher, origin, time and page. taken_back says so where the record was withdrawn or superseded since. An import reads past them.",
        "Chaque fiche nomme qui l’a publiée, dans quel journal, quand, et l’adresse où cette révision demeure : colonnes publisher, log_origin, publish_time et revision_address ; en JSON publisher, origin, time et page. taken_back le dit quand la fiche a été retirée ou remplacée depuis. Un import ne les lit pas.",
        "Cada ficha nombra quién la publicó, en qué registro, cuándo, y la dirección en la que permanece esta revisión: columnas publisher, log_origin, publish_time y revision_address; en JSON publisher, origin, time y page. taken_back lo dice si la ficha se ha retirado o reemplazado después. Una importación no las lee.",
        "Каждая запись называет, кто её опубликовал, в каком журнале, когда, и постоянный адрес этой редакции: столбцы publisher, log_origin, publish_time и revision_address; в JSON — publisher, origin, time и page. taken_back сообщает, если запись с тех пор отозвана или заменена. При импорте они не читаются.",
        "يسمّي كل سجل ناشره والسجل الزمني الذي نُشر فيه وتاريخ نشره والعنوان الدائم لهذه المراجعة: الأعمدة publisher و log_origin و publish_time و revision_address، وفي JSON ‏publisher و origin و time و page. ويبيّن taken_back إن كان السجل قد سُحب أو استُبدل منذ ذلك. ولا يقرؤها الاستيراد.",
        "每条记录注明由谁发布、在哪份日志、何时发布，以及本修订版本的永久网址：列 publisher、log_origin、publish_time 和 revision_address；在 JSON 中为 publisher、origin、time 和 page。记录此后被撤回或取代时，由 taken_back 注明。导入时不读取这些列。";
    FILE_LOG: "Log", "Journal", "Registro", "Журнал", "السجل الزمني", "日志";
    FILE_ADDRESS: "Address", "Adresse", "Dirección", "Адрес", "العنوان", "网址";
    FILE_QUESTION: "Question", "Question", "Pregunta", "Запрос", "السؤال", "查询";
    FILE_RECORDS: "Records", "Fiches", "Fichas", "Записи", "السجلات", "记录数";
    FILE_DATE: "As of", "En date du", "A fecha de", "По состоянию на", "بتاريخ", "截至";
    FILE_LICENCE: "Licence", "Licence", "Licencia", "Лицензия", "الرخصة", "许可";
    FILE_LICENCE_SAYS: "Each record says its own licence and how its source asks to be named (the fields licence and attribution). Where it says none, ask its publisher before you use more than a quotation.",
        "Chaque fiche indique sa licence et la mention que demande sa source (champs licence et attribution). Si elle n’en indique pas, demandez à son éditeur avant d’utiliser plus qu’une citation.",
        "Cada ficha indica su licencia y cómo pide su fuente que se la nombre (campos licence y attribution). Si no indica ninguna, pregunte a quien la publica antes de usar más que una cita.",
        "Каждая запись указывает свою лицензию и то, как её источник просит себя называть (поля licence и attribution). Если лицензия не указана, спросите издателя, прежде чем использовать больше, чем цитату.",
        "يذكر كل سجل رخصته وكيف يطلب مصدره أن يُسمّى (الحقلان licence و attribution). وإن لم يذكر رخصة فاسأل ناشره قبل أن تستخدم أكثر من اقتباس.",
        "每条记录注明自己的许可以及来源要求的署名方式（licence 和 attribution 字段）。如未注明，引用之外的使用请先询问其发布者。";
    FILE_METHOD: "Method", "Méthode", "Método", "Метод", "المنهج", "方法";
    FILE_METHOD_SAYS: "The records as their publishers signed them, in their newest revisions. Nothing is estimated, converted or filled in; an empty field means that nobody said anything, except in rows whose column payload says that this site does not hold the record. What was withdrawn or erased is left out.",
        "Les fiches telles que leurs éditeurs les ont signées, dans leurs révisions les plus récentes. Rien n’est estimé, converti ni complété ; un champ vide signifie que personne n’a rien dit, sauf dans les lignes dont la colonne payload dit que ce site ne détient pas la fiche. Ce qui a été retiré ou effacé n’y figure pas.",
        "Las fichas tal como las firmó quien las publica, en sus revisiones más recientes. Nada se estima, convierte ni completa; un campo vacío significa que nadie dijo nada, salvo en las filas cuya columna payload dice que este sitio no tiene la ficha. Lo retirado o borrado no figura.",
        "Записи в том виде, в каком их подписали издатели, в последних редакциях. Ничего не оценено, не пересчитано и не дополнено; пустое поле означает, что никто ничего не сообщил, кроме строк, где столбец payload говорит, что этой записи на сайте нет. Отозванное и удалённое не включено.",
        "السجلات كما وقّعها ناشروها، في أحدث مراجعاتها. لا شيء مقدَّر أو محوَّل أو مكمَّل، والحقل الفارغ يعني أن أحدًا لم يقل شيئًا، إلا في الصفوف التي يقول فيها العمود payload إن هذا الموقع لا يحفظ السجل. وما سُحب أو مُحي غير مدرج.",
        "记录为发布者所签署的最新修订版本。未作任何估算、换算或补充；空字段表示无人说明，但 payload 列注明本网站未保存该记录的行除外。已撤回或删除的内容不包括在内。";
    FILE_CITE: "How to cite", "Comment citer", "Cómo citar", "Как цитировать", "كيفية الاستشهاد", "引用方式";
    FILE_CITE_SAYS: "A single record is cited by the address of its revision; the files .bib and .ris at the record’s page hold it.",
        "Une fiche se cite par l’adresse de sa révision ; les fichiers .bib et .ris de sa page la contiennent.",
        "Una ficha se cita por la dirección de su revisión; los archivos .bib y .ris de su página la contienen.",
        "Отдельная запись цитируется по адресу её редакции; он есть в файлах .bib и .ris на её странице.",
        "يُستشهد بالسجل الواحد بعنوان مراجعته، وهو في ملفي ‎.bib و‎.ris في صفحته.",
        "单条记录以其修订版本的网址引用；记录页面的 .bib 和 .ris 文件中有此网址。";
    FILE_COLUMNS: "Columns", "Colonnes", "Columnas", "Столбцы", "الأعمدة", "列";
    FILE_COLUMNS_SAYS: "Columns have the names of the schema’s fields, and are the same for all records of a kind. A list of parts has a column for each value of a part, with | between the parts in their order: status_history.status and status_history.date belong together, place by place. A column that ends in .json holds all that a field says, where the others cannot: lists within lists, further languages. Text that a spreadsheet would run as a formula has an apostrophe before it. A record’s page is at /record/ and its record_id.",
        "Les colonnes portent les noms des champs du schéma et sont les mêmes pour toutes les fiches d’un type. Une liste a une colonne pour chaque valeur de ses éléments, séparés par | dans leur ordre : status_history.status et status_history.date se correspondent place par place. Une colonne en .json contient tout ce que dit un champ quand les autres ne le peuvent pas : listes dans des listes, autres langues. Un texte qu’un tableur exécuterait comme formule est précédé d’une apostrophe. La page d’une fiche est à /record/ suivi de son record_id.",
        "Las columnas llevan los nombres de los campos del esquema y son las mismas para todas las fichas de un tipo. Una lista tiene una columna por cada valor de sus partes, separadas por | en su orden: status_history.status y status_history.date se corresponden lugar por lugar. Una columna que termina en .json contiene todo lo que dice un campo cuando las otras no pueden: listas dentro de listas, otros idiomas. Un texto que una hoja de cálculo ejecutaría como fórmula lleva un apóstrofo delante. La página de una ficha está en /record/ y su record_id.",
        "Столбцы называются как поля схемы и одинаковы для всех записей вида. У списка по столбцу на каждое значение его частей, с | между частями по порядку: status_history.status и status_history.date соответствуют друг другу по местам. Столбец на .json содержит всё, что говорит поле, если другие этого не могут: списки в списках, другие языки. Перед текстом, который таблица выполнила бы как формулу, стоит апостроф. Страница записи — /record/ и её record_id.",
        "أسماء الأعمدة هي أسماء حقول المخطط، وهي واحدة لكل سجلات النوع. وللقائمة عمود لكل قيمة من قيم أجزائها، تفصل بينها | بترتيبها: فالعمودان status_history.status وstatus_history.date متقابلان موضعًا بموضع. والعمود المنتهي بـ ‎.json يحوي كل ما يقوله الحقل حين لا تسعه الأعمدة الأخرى: القوائم داخل القوائم واللغات الأخرى. ويسبق النصَّ الذي قد ينفّذه الجدول كصيغة فاصلةٌ عليا. وصفحة السجل عند ‎/record/ يليه record_id.",
        "列名为模式的字段名，同类记录的列相同。列表按其组成部分的每个值各有一列，各部分依次以 | 分隔：status_history.status 与 status_history.date 逐位对应。以 .json 结尾的列在其他列容纳不下时包含该字段的全部内容：列表中的列表、其他语言。电子表格会当作公式执行的文本前加撇号。记录页面位于 /record/ 加 record_id。";
    FILE_PARTS: "Rows", "Lignes", "Filas", "Строки", "الصفوف", "行";
    FILE_PARTS_SAYS: "{0}: each in a row of its own, with the record_id of its record, at {1}",
        "{0} : une ligne pour chaque élément, avec le record_id de sa fiche, à {1}",
        "{0}: una fila para cada elemento, con el record_id de su ficha, en {1}",
        "{0}: каждое значение в своей строке, с record_id его записи, — {1}",
        "{0}: لكل منها صف مستقل مع record_id سجلّه، عند {1}",
        "{0}：每项一行，附所属记录的 record_id，见 {1}";
    FILE_YEARS_SAYS: "The years of the question choose records, not values: a record that touches them stands with all its values, also those of other years.",
        "Les années de la question choisissent des fiches, et non des valeurs : une fiche qui les touche figure avec toutes ses valeurs, y compris celles d’autres années.",
        "Los años de la pregunta eligen fichas, no valores: una ficha que los toca figura con todos sus valores, también los de otros años.",
        "Годы в запросе выбирают записи, а не значения: запись, которая их касается, приводится со всеми своими значениями, в том числе за другие годы.",
        "السنوات في السؤال تختار السجلات لا القيم: فالسجل الذي يمسّها يرد بكل قيمه، بما فيها قيم سنوات أخرى.",
        "查询中的年份用于选择记录，而非数值：涉及这些年份的记录会列出其全部数值，包括其他年份的数值。";
    BOOK_TOO_LONG: "Too many records for a workbook", "Trop de fiches pour un classeur", "Demasiadas fichas para un libro de cálculo", "Слишком много записей для книги таблиц", "سجلات أكثر مما يسعه المصنّف", "记录过多，工作簿无法容纳";
    BOOK_TOO_LONG_SAYS: "A workbook holds at most {0} records here, and at most {1} MB of what they say. Ask for fewer, by country, theme or year, or take the table as CSV, which has no limit.",
        "Un classeur contient ici au plus {0} fiches, et au plus {1} Mo de leur contenu. Demandez-en moins, par pays, thème ou année, ou prenez le tableau en CSV, sans limite.",
        "Un libro admite aquí como máximo {0} fichas, y como máximo {1} MB de su contenido. Pida menos, por país, tema o año, o tome la tabla en CSV, que no tiene límite.",
        "Книга таблиц вмещает здесь не более {0} записей и не более {1} МБ их содержания. Запросите меньше — по стране, теме или году — или возьмите таблицу в CSV, у которой нет предела.",
        "يسع المصنّف هنا {0} سجلًا على الأكثر، و{1} ميغابايت من محتواها على الأكثر. اطلب أقل، حسب البلد أو الموضوع أو السنة، أو خذ الجدول بصيغة CSV التي لا حد لها.",
        "此处一个工作簿最多容纳 {0} 条记录，且内容最多 {1} MB。请按国家、主题或年份缩小范围，或使用没有限制的 CSV。";
    BOOK_COLUMNS_SAYS: "Columns have the names of the schema’s fields; there are those that these records need. A text that is longer than a cell holds goes on in the column of the same name with +1 behind it, and so on. A column that ends in .json holds all that a field says, where cells of their own cannot; a list with many parts has a sheet of its own. Text that a spreadsheet would run as a formula has an apostrophe before it. A record’s page is at /record/ and its record_id.",
        "Les colonnes portent les noms des champs du schéma ; il y a celles dont ces fiches ont besoin. Un texte plus long qu’une cellule continue dans la colonne du même nom suivie de +1, et ainsi de suite. Une colonne en .json contient tout ce que dit un champ quand des cellules ne le peuvent pas ; une liste à nombreux éléments a sa propre feuille. Un texte qu’un tableur exécuterait comme formule est précédé d’une apostrophe. La page d’une fiche est à /record/ suivi de son record_id.",
        "Las columnas llevan los nombres de los campos del esquema; están las que estas fichas necesitan. Un texto más largo que una celda sigue en la columna del mismo nombre con +1 detrás, y así sucesivamente. Una columna que termina en .json contiene todo lo que dice un campo cuando las celdas no pueden; una lista con muchas partes tiene su propia hoja. Un texto que una hoja de cálculo ejecutaría como fórmula lleva un apóstrofo delante. La página de una ficha está en /record/ y su record_id.",
        "Столбцы называются как поля схемы; здесь те, что нужны этим записям. Текст длиннее ячейки продолжается в столбце с тем же именем и +1 и так далее. Столбец на .json содержит всё, что говорит поле, если ячейки этого не вмещают; у списка из многих частей свой лист. Перед текстом, который таблица выполнила бы как формулу, стоит апостроф. Страница записи — /record/ и её record_id.",
        "أسماء الأعمدة هي أسماء حقول المخطط، وفيها ما تحتاج إليه هذه السجلات. والنص الأطول من الخلية يُستكمل في العمود الذي يحمل الاسم نفسه متبوعًا بـ ‎+1 وهكذا. والعمود المنتهي بـ ‎.json يحوي كل ما يقوله الحقل حين لا تسعه خلايا، وللقائمة الكثيرة الأجزاء ورقة خاصة بها. ويسبق النصَّ الذي قد ينفّذه الجدول كصيغة فاصلةٌ عليا. وصفحة السجل عند ‎/record/ يليه record_id.",
        "列名为模式的字段名，只列出这些记录所需的列。超过单元格容量的文本在同名加 +1 的列中继续，依此类推。以 .json 结尾的列在单元格容纳不下时包含该字段的全部内容；部分很多的列表单独成表。电子表格会当作公式执行的文本前加撇号。记录页面位于 /record/ 加 record_id。";
    CHANGES: "Changes", "Modifications", "Cambios", "Изменения", "التغييرات", "更改";
    NO_DAY: "Events without a day, which are not in this calendar", "Manifestations sans jour, absentes de ce calendrier", "Eventos sin día, que no están en este calendario", "Мероприятия без дня, которых нет в этом календаре", "فعاليات بلا يوم محدد، غير مدرجة في هذا التقويم", "没有日期、未列入本日历的活动";
    EARLIER_LEFT_OUT: "Older events are on the page of the list.", "Les manifestations plus anciennes sont sur la page de la liste.", "Los eventos más antiguos están en la página de la lista.", "Более ранние мероприятия — на странице списка.", "الفعاليات الأقدم في صفحة القائمة.", "更早的活动见列表页面。";
    OFF_ITS_DAY: "This event is not on this day any more; its new day is not known.",
        "Cette manifestation n’a plus lieu ce jour ; sa nouvelle date n’est pas connue.",
        "Este evento ya no es este día; su nueva fecha no se conoce.",
        "Это мероприятие больше не назначено на этот день; новый день неизвестен.",
        "لم تعد هذه الفعالية في هذا اليوم؛ ولا يُعرف يومها الجديد.",
        "此活动已不在这一天；新的日期尚不清楚。";
    LOCAL_TIME: "Local time", "Heure locale", "Hora local", "Местное время", "التوقيت المحلي", "当地时间";
}
