//! Whether a country has a plan now: what is said of its plans together. `{0}` is a plan, or when.
//! What ends without a stop goes on: as of when, or how its period stands beside that.

use super::Said;

texts! {
    NATIONAL_PLAN: "A national action plan", "Un plan d’action national", "Un plan de acción nacional", "Национальный план", "خطة عمل وطنية", "一项国家行动计划";
    NATIONAL_PLAN_FOR: "A national action plan for {0}", "Un plan d’action national pour {0}", "Un plan de acción nacional para {0}", "Национальный план на {0}", "خطة عمل وطنية للفترة {0}", "一项{0}国家行动计划";
    IN_BRACKETS: " ({0})", " ({0})", " ({0})", " ({0})", " ({0})", "（{0}）";
    FROM_TO: "{0}–{1}", "{0}–{1}", "{0}–{1}", "{0}–{1}", "من {0} إلى {1}", "{0}–{1}";
    PLAN_UNTIL: "By its period, a national action plan is in place now: {0}.", "D’après sa période, un plan d’action national est en cours : {0}.", "Según su período, hay ahora un plan de acción nacional: {0}.", "Судя по сроку, сейчас действует национальный план, конец срока: {0}.", "بحسب فترتها، توجد خطة عمل وطنية الآن: {0}.", "按期限，目前有一项国家行动计划：{0}。";
    PLAN_OPEN: "A national action plan is in place now, without a fixed end.", "Un plan d’action national est en cours, sans fin fixée.", "Hay ahora un plan de acción nacional, sin fin fijado.", "Сейчас действует национальный план без установленного срока окончания.", "توجد خطة عمل وطنية الآن، بلا نهاية محددة.", "目前有一项国家行动计划，没有固定的结束日期。";
    PLAN_IN_USE: "{0} is stated to be in use", "{0} est indiqué comme en vigueur", "{0} consta como vigente", "{0}, как указано, действует", "ذُكر أن {0} سارية", "据称{0}仍在使用";
    PLAN_TAKEN_IN_USE: "{0} is taken to be in use", "{0} est considéré comme en vigueur", "{0} se considera vigente", "{0} считается действующим", "تُعدّ {0} سارية", "{0}被视为仍在使用";
    PLAN_WITHOUT_END: "{0} is stated to have no fixed end", "{0} est indiqué comme sans fin fixée", "{0} consta sin fin fijado", "{0}, как указано, не имеет установленного срока окончания", "ذُكر أن {0} بلا نهاية محددة", "据称{0}没有固定的结束日期";
    BUT: ", but {0}", ", mais {0}", ", pero {0}", ", но {0}", "، لكن {0}", "，但{0}";
    BUT_UNTIL_UNKNOWN: ", but until when is not known here", ", mais on ignore ici jusqu’à quand", ", pero aquí no se sabe hasta cuándo", ", но до какого времени, здесь неизвестно", "، ولا يُعرف هنا حتى متى", "，但此处不知至何时为止";
    PLAN_SUSPENDED: "{0} is suspended", "{0} est suspendu", "{0} está suspendido", "{0} приостановлен", "هناك {0} معلّقة", "{0}已中止";
    PLAN_WITHDRAWN: "{0} was withdrawn", "{0} a été retiré", "{0} fue retirado", "{0} отозван", "هناك {0} مسحوبة", "{0}已撤回";
    PLAN_SUPERSEDED: "{0} was superseded", "{0} a été remplacé", "{0} fue sustituido", "{0} заменён другим", "حلّت خطة أخرى محل {0}", "{0}已被取代";
    PLAN_ENDED: "No national action plan known here covers today: the latest period ended {0}.", "Aucun plan d’action national connu ici ne couvre aujourd’hui : la dernière période s’est achevée {0}.", "Ningún plan de acción nacional conocido aquí abarca el día de hoy: el último período terminó {0}.", "Ни один известный здесь национальный план не охватывает сегодняшний день, последний срок истёк: {0}.", "لا تشمل اليوم أي خطة عمل وطنية معروفة هنا: انتهت آخر فترة {0}.", "此处已知的国家行动计划均不涵盖今天：最后的期限已于{0}结束。";
    PLAN_OVER: "No national action plan known here covers today: the latest is over", "Aucun plan d’action national connu ici ne couvre aujourd’hui : le dernier est achevé", "Ningún plan de acción nacional conocido aquí abarca el día de hoy: el último ha concluido", "Ни один известный здесь национальный план не охватывает сегодняшний день, последний завершён", "لا تشمل اليوم أي خطة عمل وطنية معروفة هنا: انتهت آخرها", "此处已知的国家行动计划均不涵盖今天：最近一项已结束";
    PLAN_UNCLEAR: "Whether a national action plan is in place now cannot be told: no period that is known here says so.", "On ne peut dire si un plan d’action national est en cours : aucune période connue ici ne l’indique.", "No se puede decir si hay ahora un plan de acción nacional: ningún período conocido aquí lo indica.", "Нельзя сказать, действует ли сейчас национальный план: ни один известный здесь срок об этом не говорит.", "لا يمكن القول إن كانت توجد خطة عمل وطنية الآن: لا فترة معروفة هنا تبيّن ذلك.", "无法判断目前是否有国家行动计划：此处已知的期限均未说明。";
    PLAN_BEGINS: "A national action plan begins {0}.", "Un plan d’action national commence {0}.", "Un plan de acción nacional comienza {0}.", "Национальный план начинает действовать: {0}.", "تبدأ خطة عمل وطنية {0}.", "一项国家行动计划将于{0}开始。";
    PLAN_PREPARED: "{0} is being prepared, as far as is known here.", "{0} est en préparation, d’après ce qui est connu ici.", "{0} está en preparación, según lo que se conoce aquí.", "{0} готовится, насколько здесь известно.", "هناك {0} قيد الإعداد، بحسب ما هو معروف هنا.", "据此处所知，{0}正在编制。";
    PLAN_WAS_PREPARED: "{0} was being prepared; whether it was adopted is not known here.", "{0} était en préparation, mais on ignore ici s’il a été adopté.", "{0} estuvo en preparación, pero aquí no se sabe si se adoptó.", "{0} готовился, но принят ли он, здесь неизвестно.", "كانت {0} قيد الإعداد، ولا يُعرف هنا هل اعتُمدت.", "{0}曾在编制中，此处不知其是否已通过。";
}
