//! The words of what was not understood in an address.

use super::Said;

texts! {
    MISREAD: "Part of this address was not understood. What is shown answers the rest:",
        "Une partie de cette adresse n’a pas été comprise. Ce qui est affiché répond au reste :",
        "Una parte de esta dirección no se entendió. Lo que se muestra responde al resto:",
        "Часть этого адреса не понята. Показан ответ на остальное:",
        "جزء من هذا العنوان لم يُفهم. والمعروض إجابة عن الباقي:",
        "此地址中有一部分无法理解，以下内容只回答其余部分：";
    MISREAD_FILE: "This file was not made, because a part of its address was not understood; it would hold something else than was asked for:",
        "Ce fichier n’a pas été produit, car une partie de son adresse n’a pas été comprise ; il contiendrait autre chose que ce qui est demandé :",
        "Este archivo no se creó porque una parte de su dirección no se entendió; contendría algo distinto de lo pedido:",
        "Файл не создан, потому что часть его адреса не понята; в нём было бы не то, что запрошено:",
        "لم يُنشأ هذا الملف لأن جزءًا من عنوانه لم يُفهم، ولو أُنشئ لاحتوى غير ما طُلب:",
        "由于地址中有一部分无法理解，未生成此文件；否则其内容会与所求不同：";
    PAGE_EXPLAINS: "The page with this question, and what can be asked instead:",
        "La page de cette question, et ce que l’on peut demander à la place :",
        "La página de esta pregunta, y lo que se puede pedir en su lugar:",
        "Страница с этим вопросом и тем, что можно спросить вместо него:",
        "صفحة هذا السؤال، وما يمكن طلبه بدلًا منه:",
        "此问题的页面及可改问的内容：";
    MISREAD_BACKWARDS: "{0}: {1} comes before the first year. The years are taken the other way round.",
        "{0} : {1} vient avant la première année. Les années sont prises dans l’autre sens.",
        "{0}: {1} es anterior al primer año. Los años se toman al revés.",
        "{0}: {1} раньше первого года. Годы взяты в обратном порядке.",
        "{0}: {1} يسبق السنة الأولى. أُخذت السنتان بالترتيب المعاكس.",
        "{0}：{1}早于起始年份，已将两个年份对调。";
    MISREAD_NAME: "{0}: nothing can be asked by this name.",
        "{0} : rien ne peut être demandé sous ce nom.",
        "{0}: no se puede preguntar nada con este nombre.",
        "{0}: по этому имени ничего нельзя спросить.",
        "{0}: لا يمكن طلب شيء بهذا الاسم.",
        "{0}：不能以此名称查询。";
    MISREAD_YEAR: "{0}: {1} is no year. A year is written with four digits, such as 2018.",
        "{0} : {1} n’est pas une année. Une année s’écrit en quatre chiffres, par exemple 2018.",
        "{0}: {1} no es un año. Un año se escribe con cuatro cifras, por ejemplo 2018.",
        "{0}: {1} — не год. Год пишется четырьмя цифрами, например 2018.",
        "{0}: {1} ليس سنة. تُكتب السنة بأربعة أرقام، مثل 2018.",
        "{0}：{1}不是年份。年份以四位数字书写，例如2018。";
    MISREAD_DAY: "{0}: {1} is no day. A day is written as year, month and day, such as 2026-11-26.",
        "{0} : {1} n’est pas un jour. Un jour s’écrit année, mois et jour, par exemple 2026-11-26.",
        "{0}: {1} no es un día. Un día se escribe con año, mes y día, por ejemplo 2026-11-26.",
        "{0}: {1} — не день. День пишется как год, месяц и число, например 2026-11-26.",
        "{0}: {1} ليس يومًا. يُكتب اليوم بالسنة والشهر واليوم، مثل 2026-11-26.",
        "{0}：{1}不是日期。日期以年、月、日书写，例如2026-11-26。";
    MISREAD_ORDER: "{0}: {1} is no order. There are {2}.",
        "{0} : {1} n’est pas un ordre. Il y a {2}.",
        "{0}: {1} no es un orden. Existen {2}.",
        "{0}: {1} — не порядок. Возможны {2}.",
        "{0}: {1} ليس ترتيبًا. المتاح: {2}.",
        "{0}：{1}不是排序方式。可用的有{2}。";
    MISREAD_RECORD: "{0}: {1} is no record. A record is named by its id, 32 digits and letters from a to f.",
        "{0} : {1} n’est pas une fiche. Une fiche se désigne par son identifiant, 32 chiffres et lettres de a à f.",
        "{0}: {1} no es una ficha. Una ficha se nombra por su identificador, 32 cifras y letras de la a a la f.",
        "{0}: {1} — не запись. Запись называют по её идентификатору: 32 цифры и буквы от a до f.",
        "{0}: {1} ليس سجلًا. يُسمّى السجل بمعرّفه، وهو 32 رقمًا وحرفًا من a إلى f.",
        "{0}：{1}不是记录。记录以其标识符表示，即32个数字和a至f的字母。";
    MISREAD_TWICE: "{0} can be asked for once; {1} is left out.",
        "{0} ne peut être demandé qu’une fois ; {1} n’est pas pris en compte.",
        "{0} solo se puede pedir una vez; {1} no se tiene en cuenta.",
        "{0} можно указать один раз; {1} не учтено.",
        "يمكن طلب {0} مرة واحدة فقط؛ ولم يؤخذ {1} في الحسبان.",
        "{0}只能指定一次；{1}已被忽略。";
    MISREAD_MANY: "{0}: too many values. One question has at most {1} of each sort and {2} in all; whoever needs more takes the whole list as a file.",
        "{0} : trop de valeurs. Une question en a au plus {1} de chaque sorte et {2} en tout ; pour davantage, prenez la liste entière en fichier.",
        "{0}: demasiados valores. Una pregunta tiene como máximo {1} de cada clase y {2} en total; quien necesite más puede tomar la lista entera como archivo.",
        "{0}: слишком много значений. В одном вопросе не более {1} каждого вида и {2} всего; кому нужно больше, берёт весь список файлом.",
        "{0}: قيم كثيرة جدًا. للسؤال الواحد {1} من كل نوع و{2} في المجموع على الأكثر؛ ومن يحتاج إلى أكثر يأخذ القائمة كلها في ملف.",
        "{0}：值过多。一个查询中每类最多{1}个，总共最多{2}个；如需更多，请下载整个列表文件。";
    POSSIBLE: "Possible are: {0}.",
        "Sont possibles : {0}.",
        "Son posibles: {0}.",
        "Возможны: {0}.",
        "الممكن: {0}.",
        "可用的有：{0}。";
}
