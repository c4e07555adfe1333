//! The words around every page.

use super::{NETWORK, Said};

/// The pages about the site, by their names in addresses.
pub(crate) const PAGES: [(&str, &Said); 4] = [
    ("method", &METHOD),
    ("network", &NETWORK),
    ("accessibility", &ACCESSIBILITY),
    ("styleguide", &STYLEGUIDE),
];

texts! {
    ABOUT_SITE: "About this site", "À propos de ce site", "Sobre este sitio", "О сайте", "عن هذا الموقع", "关于本网站";
    METHOD: "Method and sources", "Méthode et sources", "Método y fuentes", "Методика и источники", "المنهجية والمصادر", "方法与来源";
    ACCESSIBILITY: "Accessibility", "Accessibilité", "Accesibilidad", "Доступность", "إمكانية الوصول", "无障碍";
    STYLEGUIDE: "Style guide", "Guide de style", "Guía de estilo", "Руководство по стилю", "دليل التصميم", "设计指南";
    NOTICE: "Please note", "À noter", "Aviso", "Обратите внимание", "تنبيه", "请注意";
    YOU_ARE_HERE: "You are here", "Vous êtes ici", "Está aquí", "Вы здесь", "أنت هنا", "当前位置";
    PRINTED: "Printed from {0}", "Imprimé depuis {0}", "Impreso desde {0}", "Напечатано с {0}", "طُبع من {0}", "打印自 {0}";
}
