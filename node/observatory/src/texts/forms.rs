//! The words of forms that an address does not have.

use super::Said;

texts! {
    OTHER_FORMS: "This page is not there in that form. It is there as:",
        "Cette page n’existe pas sous cette forme. Elle existe en :",
        "Esta página no existe en ese formato. Existe como:",
        "В этом виде страницы нет. Она есть в виде:",
        "هذه الصفحة غير متاحة بهذا الشكل. وهي متاحة بالأشكال الآتية:",
        "此页面没有这种格式。可用的格式有：";
    NO_FILES: "This page is there as a page alone. All records are there as files:",
        "Cette page n’existe pas sous forme de fichier. Toutes les fiches existent en fichiers :",
        "Esta página existe solo como página. Todas las fichas están como archivos:",
        "Эта страница есть только как страница. Все записи есть в виде файлов:",
        "لا تتوفر هذه الصفحة في ملف. وكل السجلات متاحة في ملفات:",
        "此页面仅以网页形式提供。全部记录可作为文件下载：";
    THE_PAGE: "The page itself", "La page elle-même", "La página misma", "Сама страница", "الصفحة نفسها", "该网页";
}
