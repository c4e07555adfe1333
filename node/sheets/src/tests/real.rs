//! The data files of the project, each through its mapping.

use std::collections::{BTreeMap, BTreeSet};

use wpsx_proto::api::record::v1::{self as api, record::Body};

use super::*;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

pub(super) fn data(file: &str) -> Imported {
    match read(&folder().join(file), &Options::default()) {
        Ok(imported) => imported,
        Err(error) => panic!("{error}"),
    }
}

fn records(imported: &Imported) -> Vec<api::Record> {
    let read = |draft: &Draft| match Record::read(draft.kind, &draft.payload) {
        RecordReading::Readable(record) => {
            record.check().unwrap();
            record.message().clone()
        }
        other => panic!("{other:?}"),
    };
    imported.drafts.iter().map(read).collect()
}

/// The rows of a file by the names of its columns.
fn rows(file: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder().join(file)).unwrap();
    let rows = reader.deserialize();
    rows.map(Result::unwrap).collect()
}

fn series(record: &api::Record) -> &api::Series {
    match &record.body {
        Some(Body::Series(series)) => series,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_data_file_goes_in_with_as_many_records_as_it_has() {
    for (file, count) in [
        ("nap_editions.csv", 213),
        ("regional_action_plans.csv", 8),
        ("seed_records.json", 134),
        ("series.csv", 39),
        ("targets.csv", 3),
        ("peacekeeping_indicators.csv", 1),
        ("observations.csv", 6099),
        ("peacekeeping_country_mission_year.csv", 140),
        ("peacekeeping_snippets.csv", 10),
        ("peacekeeping_global_points.csv", 1),
        ("wps_resolutions.csv", 18),
        ("organisations.csv", 39),
        ("initiatives.csv", 24),
        ("wpsha_compact_points.csv", 8),
        ("nap_counts_over_time.csv", 22),
        ("network_timeline.csv", 8),
    ] {
        let imported = data(file);
        assert_eq!(
            (imported.drafts.len(), imported.skipped),
            (count, 0),
            "{file}"
        );
        let again = data(file);
        assert_eq!(
            imported.drafts, again.drafts,
            "{file}: the same rows, other bytes"
        );
        for draft in &imported.drafts {
            assert!(draft.payload.len() <= 256 << 10, "{}", draft.external_id);
        }
        records(&imported);
    }
}

#[test]
fn none_of_the_134_seed_records_is_lost_and_each_keeps_its_kind_and_section() {
    let text = std::fs::read_to_string(folder().join("seed_records.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let imported = data("seed_records.json");
    let records = records(&imported);
    let seeds = file["records"].as_array().unwrap();
    assert_eq!(seeds.len(), 134);
    for (seed, record) in seeds.iter().zip(&records) {
        let id = seed["id"].as_str().unwrap();
        assert_eq!(record.external_id, id);
        assert_eq!(record.source_kind, seed["kind"].as_str().unwrap(), "{id}");
        assert_eq!(
            record.source_section,
            seed["section"].as_str().unwrap(),
            "{id}"
        );
        assert_eq!(
            record.title[0].text,
            seed["title"].as_str().unwrap(),
            "{id}"
        );
        // Every value of the seed stands somewhere in the record.
        let record = Record::new(record.clone()).unwrap();
        let shown = said(&lines(&record));
        let mut values = Vec::new();
        leaves(seed, &mut values);
        for value in values {
            let value = value.to_string();
            assert!(
                shown.contains(&said(&value)),
                "{id} lost {value:?}:\n{shown}"
            );
        }
    }
}

/// Text as it can be found again where it became a code or a name of a list.
fn said(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.collect::<String>().to_lowercase()
}

fn leaves(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(values) => values.iter().for_each(|v| leaves(v, into)),
        serde_json::Value::Object(values) => values.values().for_each(|v| leaves(v, into)),
        serde_json::Value::String(text) => into.extend(text.split("; ").map(str::to_owned)),
        other => into.push(other.to_string()),
    }
}

#[test]
fn each_seed_kind_maps_to_the_kind_that_its_mapping_says() {
    let mut kinds: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let imported = data("seed_records.json");
    for (draft, record) in imported.drafts.iter().zip(records(&imported)) {
        let kind = Kind::known()
            .find(|kind| kind.number() == draft.kind)
            .unwrap();
        let of = kinds.entry(record.source_kind).or_default();
        *of.entry(kind.to_string()).or_default() += 1;
    }
    let told: Vec<String> = kinds
        .iter()
        .map(|(seed, kinds)| format!("{seed} {kinds:?}"))
        .collect();
    assert_eq!(
        told,
        [
            r#"action_point {"decision": 15}"#,
            r#"commitment {"commitment": 4}"#,
            r#"decision {"decision": 1}"#,
            r#"document {"document": 2}"#,
            r#"event {"event": 8}"#,
            r#"event_session {"event": 3}"#,
            r#"finding {"finding": 7}"#,
            r#"good_practice {"good-practice": 15}"#,
            r#"initiative {"initiative": 4}"#,
            r#"knowledge_product {"document": 4}"#,
            r#"law {"law": 1}"#,
            r#"nap_update {"claim": 13}"#,
            r#"network {"organisation": 2}"#,
            r#"organisation {"organisation": 11}"#,
            r#"policy {"policy": 11}"#,
            r#"proposal {"finding": 5}"#,
            r#"recommendation {"finding": 12}"#,
            r#"regional_action_plan {"regional-action-plan": 2}"#,
            r#"relation {"finding": 1}"#,
            r#"statement {"document": 3}"#,
            r#"statistic {"printed-count": 4}"#,
            r#"task {"decision": 2}"#,
            r#"theme {"finding": 4}"#,
        ]
    );
}

#[test]
fn what_a_country_said_of_its_plan_is_a_claim_about_the_plans_record() {
    let plans: HashSet<String> = data("nap_editions.csv")
        .drafts
        .into_iter()
        .map(|draft| draft.external_id)
        .collect();
    let imported = data("seed_records.json");
    let claim = lines(&record(&imported, "seed-070"));
    for line in [
        "about.external_id = nap-esp-2",
        "claims.field = status_history",
        "claims.value = adopted",
        "made = 2017-09-21",
    ] {
        assert!(claim.contains(line), "{line}:\n{claim}");
    }
    let about: Vec<String> = records(&imported)
        .into_iter()
        .filter_map(|record| match record.body {
            Some(Body::Claim(claim)) => Some(claim.about?.external_id),
            _ => None,
        })
        .collect();
    assert_eq!(about.len(), 13);
    let known = about.iter().filter(|id| plans.contains(*id)).count();
    // South Africa's and Slovenia's are there too; one that is not is legal, and shown.
    assert!(known >= 12, "{about:?}");
}

#[test]
fn what_was_not_written_or_launched_yet_when_somebody_told_of_it_was_issued_on_no_day_that_is_known()
 {
    let imported = data("seed_records.json");
    for (id, date, issued) in [
        ("seed-044", "by 2017-09-21", None),
        ("seed-082", "planned 2017", Some("planned 2017")),
        ("seed-099", "planned 2017-10", Some("planned 2017-10")),
    ] {
        let lines = lines(&record(&imported, id));
        assert!(lines.contains(&format!("date = {date}")), "{id}: {lines}");
        match issued {
            Some(issued) => assert!(
                lines.contains(&format!("issued = {issued}")),
                "{id}: {lines}"
            ),
            None => assert!(!lines.contains("issued"), "{id}: {lines}"),
        }
    }
    let lines = lines(&record(&imported, "seed-006"));
    assert!(lines.contains("issued = 2017-10-17"), "{lines}");
}

#[test]
fn the_32157_observations_stand_in_their_series_as_printed() {
    let mut printed: BTreeSet<[String; 7]> = BTreeSet::new();
    let (rows, mut nones) = (rows("observations.csv"), 0);
    assert_eq!(rows.len(), 32_157);
    for row in &rows {
        let sex = match row["sex"].as_str() {
            "bothsex" => "both",
            "u" => "unknown",
            "x" => "unspecified",
            sex => sex,
        };
        let sex = sex.to_owned();
        let [area, mut flag] = ["area_name", "flag"].map(|column| row[column].trim().to_owned());
        let [period, mut value, nature] = ["period", "value", "nature"].map(|c| row[c].clone());
        if value == "N" {
            nones += 1;
            (value, flag) = (flag, value);
        }
        printed.insert([
            row["series"].clone(),
            area,
            period,
            sex,
            value,
            nature,
            flag,
        ]);
    }
    let (mut held, mut count, mut flagged) = (BTreeSet::new(), 0, 0);
    for record in records(&data("observations.csv")) {
        let series = series(&record);
        for observation in &series.observations {
            count += 1;
            flagged += usize::from(!observation.flag.is_empty());
            let o = observation.clone();
            let (code, area) = (
                series.indicator_code.clone(),
                series.area_name[0].text.clone(),
            );
            let period = if o.note.is_empty() { o.period } else { o.note };
            held.insert([code, area, period, o.sex, o.value, o.nature, o.flag]);
        }
    }
    assert_eq!((count, flagged), (32_157, 405 + nones));
    assert_eq!(held, printed);
}

#[test]
fn the_meanings_of_flags_stand_on_the_indicators_that_use_them() {
    let mut with_flags = 0;
    let mut codes = BTreeSet::new();
    for record in records(&data("series.csv")) {
        let Some(Body::Indicator(indicator)) = record.body else {
            panic!("{}", record.external_id)
        };
        codes.insert(record.external_id);
        if indicator.code.starts_with("WPSI:") {
            with_flags += 1;
            assert_eq!(indicator.flags.len(), 36);
            assert_eq!(indicator.flags[1].flag, "b");
            assert_eq!(indicator.flags[1].r#type, "other-year");
        } else {
            assert!(indicator.flags.is_empty());
        }
    }
    assert_eq!(with_flags, 15);
    for record in records(&data("observations.csv")) {
        let about = series(&record).indicator.clone().unwrap().external_id;
        assert!(codes.contains(&about), "{about} is no indicator");
    }
}

#[test]
fn targets_stand_on_their_indicator_and_the_points_beside_it() {
    let imported = data("targets.csv");
    let share = lines(&record(&imported, "indicator-share-of-women"));
    for line in [
        "targets.0.id = tgt-01",
        "targets.0.personnel_type = troops",
        "targets.0.by = 2028",
        "targets.0.value = 15",
        "targets.0.unit = percent",
    ] {
        assert!(share.contains(line), "{line}:\n{share}");
    }
    let doubled = lines(&record(
        &imported,
        "indicator-number-of-women-in-military-and-police-contingents",
    ));
    assert!(
        doubled.contains("note.en = double relative to 2015"),
        "{doubled}"
    );
    let targets: usize = records(&imported)
        .into_iter()
        .map(|record| match record.body {
            Some(Body::Indicator(indicator)) => indicator.targets.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(targets, 10);
    let points = records(&data("peacekeeping_global_points.csv"));
    let points = series(&points[0]);
    assert_eq!(points.observations.len(), 11);
    assert_eq!(
        points.indicator.as_ref().unwrap().external_id,
        "indicator-share-of-women"
    );
}

#[test]
fn the_6215_peacekeeping_rows_are_series_and_sums_that_rounding_moved_are_remarks() {
    let imported = data("peacekeeping_country_mission_year.csv");
    let [remark] = imported.remarks.as_slice() else {
        panic!("{:?}", imported.remarks)
    };
    assert_eq!((remark.about, remark.count), (About::Sum, 900));
    let records = records(&imported);
    let all: usize = records.iter().map(|r| series(r).observations.len()).sum();
    assert_eq!(all, 3 * 6215);
    let partial = records.iter().flat_map(|r| &series(r).observations);
    let partial = partial
        .filter(|o| o.completeness == "partial-in-source")
        .count();
    assert_eq!(partial, 3 * 861);
}

/// Files that were derived from others are not imported: they check what was.
#[test]
fn the_sums_by_year_and_the_rank_agree_with_the_series_by_mission() {
    let records = records(&data("peacekeeping_country_mission_year.csv"));
    let mut sums: BTreeMap<(String, String), [u64; 4]> = BTreeMap::new();
    for record in &records {
        for o in &series(record).observations {
            let at = ["female", "male", "both"]
                .iter()
                .position(|sex| *sex == o.sex);
            let key = (record.countries[0].clone(), o.period.clone());
            let sum = sums.entry(key).or_default();
            sum[at.unwrap()] += o.value.parse::<u64>().unwrap();
            sum[3] += u64::from(o.sex == "both");
        }
    }
    let years = rows("peacekeeping_country_year.csv");
    assert_eq!(years.len(), sums.len());
    for row in years {
        let derived = ["female", "male", "total", "missions"].map(|c| row[c].parse().unwrap());
        let key = (row["iso3"].clone(), row["year"].clone());
        assert_eq!(sums.get(&key), Some(&derived), "{key:?}");
    }
    let rank = rows("peacekeeping_rank_2021-01.csv");
    assert_eq!(rank.len(), 122);
    let missing: Vec<&str> = rank
        .iter()
        .map(|row| row["iso3"].as_str())
        .filter(|iso3| {
            let has = |year: &str| sums.contains_key(&((*iso3).to_owned(), year.to_owned()));
            !has("2020") && !has("2021")
        })
        .collect();
    // The rank is of one day, the series of the months that their source has.
    assert_eq!(missing, ["PNG", "QAT"]);
}

#[test]
fn donors_are_countries_or_bodies() {
    let imported = data("initiatives.csv");
    let both = lines(&record(&imported, "ini-001"));
    assert!(
        both.contains("donors.0.country = ISL\ndonors.1.country = NOR\n"),
        "{both}"
    );
    let body = lines(&record(&imported, "ini-005"));
    assert!(body.contains("donors.acronym = EU\n"), "{body}");
    let money = lines(&record(&imported, "ini-010"));
    assert!(money.contains("amounts.value = 2000000\n"), "{money}");
    let many = record(&imported, "ini-019");
    assert_eq!(many.message().countries, ["CHL", "COL", "MEX"]);
    for record in records(&imported) {
        let Some(Body::Initiative(initiative)) = record.body else {
            panic!("{}", record.external_id)
        };
        assert!(!initiative.donors.is_empty() && !initiative.recipients.is_empty());
    }
}

#[test]
fn printed_counts_stand_as_printed() {
    let counts = records(&data("nap_counts_over_time.csv"));
    let count = |record: &api::Record| match &record.body {
        Some(Body::PrintedCount(count)) => count.clone(),
        other => panic!("{other:?}"),
    };
    let just = counts.iter().map(count).find(|c| c.value == "just over 60");
    let just = just.unwrap();
    assert_eq!((&*just.at_least, &*just.at_most), ("60", ""));
    let undated = counts.iter().map(count).filter(|c| c.as_of.is_none());
    assert_eq!(undated.count(), 4);
    let compact = records(&data("wpsha_compact_points.csv"));
    assert!(
        compact
            .iter()
            .map(count)
            .any(|c| c.value == "1550000000" && c.unit == "USD")
    );
}

#[test]
fn a_list_of_laws_and_policies_and_a_plans_monitoring_go_in_from_made_up_files() {
    let read = |file: &str, text: &str| import(file, text.as_bytes()).unwrap();
    let laws = read(
        "laws.csv",
        "country,kind,number,date,title_fr,source\n\
         COD,law,15/013,2015-08-01,La loi inventée sur la parité,made up\n\
         COD,law,15/013,2015-08-01,Loi inventée (autre titre),made up\n\
         COD,policy,,,La stratégie inventée,made up\n",
    );
    let kinds: Vec<u32> = laws.drafts.iter().map(|draft| draft.kind).collect();
    let [law, policy] = ["law", "policy"].map(|kind| kind.parse::<Kind>().unwrap().number());
    assert_eq!(kinds, [law, law, policy]);
    let first = lines(&record(&laws, &laws.drafts[0].external_id));
    assert!(first.contains("adopted = 2015-08-01\n") && first.contains("number = 15/013\n"));
    let indicators = read(
        "indicators.csv",
        "seq,indicator_fr,disaggregated,source\n1,Un indicateur inventé,no,M1\n2,Un autre,yes,M1\n",
    );
    let ids: Vec<&str> = indicators.drafts.iter().map(|d| &*d.external_id).collect();
    assert_eq!(ids, ["indicator-m1-1", "indicator-m1-2"]);
    let values = read(
        "values.csv",
        "year,indicator_fr,category_fr,province,sex,value,source\n\
         2021,Nombre de femmes,Généraux,,female,8,M1\n\
         2021,Nombre de femmes,Généraux,,male,120,M1\n\
         2021,Nombre de femmes,Juges,Ituri,female,,M1\n",
    );
    assert_eq!(values.drafts.len(), 2);
    let whole = lines(&record(&values, "series-m1-nombre-de-femmes-m1"));
    assert!(
        whole.contains("observations.0.breakdown = Généraux\n"),
        "{whole}"
    );
    let province = lines(&record(&values, "series-m1-nombre-de-femmes-ituri"));
    assert!(province.contains("place.name.fr = Ituri\n"), "{province}");
}

#[test]
fn the_titles_of_plans_that_an_import_words_are_in_six_languages_and_none_is_a_translation() {
    let plans = records(&data("nap_editions.csv"));
    for plan in &plans {
        let languages: Vec<&str> = plan.title.iter().map(|it| it.language.as_str()).collect();
        assert_eq!(languages, ["en", "fr", "es", "ru", "ar", "zh"]);
        for title in &plan.title {
            assert_eq!(title.kind, api::TextKind::Descriptive as i32, "{title:?}");
        }
    }
    let kenya = plans.iter().find(|plan| plan.external_id == "nap-ken-2");
    let titles: Vec<&str> = kenya
        .unwrap()
        .title
        .iter()
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(
        titles[..3],
        [
            "Kenya: national action plan on women, peace and security, edition 2",
            "Kenya\u{a0}: plan d’action national pour les femmes, la paix et la sécurité, édition 2",
            "Kenya: plan de acción nacional sobre las mujeres, la paz y la seguridad, edición 2",
        ]
    );
    assert!(titles[3].starts_with("Кения: ") && titles[5].starts_with("肯尼亚："));
    // What the source words stays in its language.
    for plan in records(&data("regional_action_plans.csv")) {
        assert_eq!(plan.title.len(), 1, "{:?}", plan.title);
    }
}

#[test]
fn a_table_that_is_written_record_by_record_has_no_json_and_comes_back_as_it_went() {
    let mut drafts: BTreeMap<u32, Vec<Draft>> = BTreeMap::new();
    for file in [
        "nap_editions.csv",
        "regional_action_plans.csv",
        "seed_records.json",
        "targets.csv",
        "observations.csv",
        "wps_resolutions.csv",
        "initiatives.csv",
        "wpsha_compact_points.csv",
    ] {
        for draft in data(file).drafts.into_iter().take(300) {
            drafts.entry(draft.kind).or_default().push(draft);
        }
    }
    for (kind, drafts) in drafts {
        let kind = Kind::new(kind);
        let mut table = FixedTable::of(kind).unwrap();
        let mut text = table.header().unwrap();
        for draft in &drafts {
            let row = Row {
                kind: draft.kind,
                payload: draft.payload.clone(),
                ..Row::default()
            };
            table.row(&row, &mut text).unwrap();
        }
        let mut reader = csv::Reader::from_reader(&text[3..]);
        let header = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for row in rows {
            let cells = header.iter().zip(&row);
            let json = cells.filter(|(name, cell)| name.ends_with(".json") && !cell.is_empty());
            // Nothing else has lists in lists of which a part has several.
            let json: Vec<_> = json.filter(|(name, _)| *name != "targets.json").collect();
            assert_eq!(json, [], "{kind}");
        }
        let options = Options {
            kind: Some(kind),
            ..Options::default()
        };
        let back = import_with("x.csv", &text, &options).unwrap();
        assert_eq!(back.drafts.len(), drafts.len(), "{kind}");
        for (back, draft) in back.drafts.iter().zip(&drafts) {
            let said = |draft: &Draft| match Record::read(draft.kind, &draft.payload) {
                RecordReading::Readable(record) => {
                    // The languages of a text have no order.
                    let lines = record.to_lines().into_iter().collect::<BTreeSet<_>>();
                    format!("{lines:#?}")
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(said(back), said(draft), "{kind}");
        }
    }
}
