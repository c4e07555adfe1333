//! What people call the forms of files.

use super::Said;

texts! {
    CSV: "Spreadsheet (CSV)", "Tableur (CSV)", "Hoja de cálculo (CSV)", "Таблица (CSV)", "جدول بيانات (CSV)", "电子表格 (CSV)";
    XLSX: "Excel workbook", "Classeur Excel", "Libro de Excel", "Книга Excel", "مصنّف Excel", "Excel 工作簿";
    JSON_LINES: "JSON Lines", "JSON Lines", "JSON Lines", "JSON Lines", "JSON Lines", "JSON Lines";
    JSON: "JSON", "JSON", "JSON", "JSON", "JSON", "JSON";
    ATOM: "Feed (Atom)", "Fil d’actualité (Atom)", "Canal de novedades (Atom)", "Лента изменений (Atom)", "موجز التحديثات (Atom)", "订阅源 (Atom)";
    CALENDAR: "Calendar of those with a day (iCalendar)", "Calendrier des manifestations datées (iCalendar)", "Calendario de las que tienen día (iCalendar)", "Календарь тех, у которых известен день (iCalendar)", "تقويم ما له يوم محدد (iCalendar)", "有确定日期者的日历 (iCalendar)";
    README: "About these files", "À propos de ces fichiers", "Sobre estos archivos", "Об этих файлах", "عن هذه الملفات", "文件说明";
    JSON_LD: "Linked data (JSON-LD)", "Données liées (JSON-LD)", "Datos enlazados (JSON-LD)", "Связанные данные (JSON-LD)", "بيانات مترابطة (JSON-LD)", "关联数据 (JSON-LD)";
    PROOF: "Proof (tlog-proof)", "Preuve (tlog-proof)", "Prueba (tlog-proof)", "Доказательство (tlog-proof)", "الإثبات (tlog-proof)", "证明 (tlog-proof)";
    BIBTEX: "Citation (BibTeX)", "Référence (BibTeX)", "Cita (BibTeX)", "Ссылка для цитирования (BibTeX)", "استشهاد (BibTeX)", "引文 (BibTeX)";
    RIS: "Citation (RIS)", "Référence (RIS)", "Cita (RIS)", "Ссылка для цитирования (RIS)", "استشهاد (RIS)", "引文 (RIS)";
}
