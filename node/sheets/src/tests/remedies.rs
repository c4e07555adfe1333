//! Whatever stops an import says what to do about it. `BadRow` cannot be made without; here
//! none is found to be empty.

use super::*;

/// Files that are wrong in all ways that rows, cells and documents can be: their names, and
/// a sign that stands in the sentence.
const WRONG: &[(&str, &str, &str)] = &[
    ("x.csv", "", "the file is empty"),
    ("x.csv", "external_id,kind,title.en\n", "holds no rows"),
    ("x.csv", "a,b,a\n1,2,3\n", "names it twice"),
    (
        "x.csv",
        "external_id,kind,,title.en\na,law,x,T\n",
        "has no name in the header row",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,law\n",
        "2 cells where the header row has 3",
    ),
    (
        "x.csv",
        "external_id,kind,titel.en\na,law,T\n",
        "has no field \"titel\"",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,title.EN\na,law,T,T\n",
        "names the same field",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,law,\"T\n",
        "never closed",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,law,\"T\" x\n",
        "behind the quote",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,tale,T\n",
        "there is no kind",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,,T\n",
        "is missing; known are",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,kind-57,T\n",
        "needs newer software",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,law,T\na,law,T\n",
        "stands in line 2 too",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\n,law,T\n",
        "is missing; a second import",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,law,\n",
        "is missing; fill",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,note.en\na,law,T,a@b.example\n",
        "looks like an e-mail",
    ),
    (
        "x.csv",
        "record_id,kind,title.en\nx,law,T\n",
        "is no record's id",
    ),
    (
        "x.csv",
        "record_id,revision,external_id,kind,title.en\n,x,a,law,T\n",
        "is no revision",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,countries\na,law,T,Nowhere\n",
        "is no ISO",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,adopted\na,law,T,soon\n",
        "is no date",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,adopted\na,law,T,03/04/2017\n",
        "may mean",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,note.en,note.en.kind\na,law,T,N,orignal\n",
        "is none of",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,sources.0.url\na,law,T,example\n",
        "is no http or https address",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,edition.order\na,national-action-plan,T,1.5\n",
        "is no whole number",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,budget.amounts\na,national-action-plan,T,5\n",
        "is no amount",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,period.start,period.end\na,national-action-plan,T,2020,2018\n",
        "before it starts",
    ),
    (
        "x.csv",
        "external_id,kind,title.en\na,law,\u{1}T\n",
        "holds a control character",
    ),
    (
        "x.csv",
        "external_id,kind,title.en,budget.json\na,national-action-plan,T,{\n",
        "in JSON",
    ),
    ("x.csv", "PK\u{3}\u{4}", "is a workbook"),
    ("x.xlsx", "external_id", "workbook"),
    ("x.json", "", "the file is empty"),
    ("x.json", "{", "EOF"),
    ("x.json", "[1]", "expected a map"),
    ("x.json", "{\"records\": 5}", "expected a sequence"),
    (
        "x.json",
        "{\"external_id\":\"a\",\"external_id\":\"a\",\"law\":{}}",
        "twice",
    ),
    (
        "x.json",
        "{\"external_id\":\"a\",\"lore\":{}}",
        "unrecognized field",
    ),
    ("x.json", "{\"external_id\":\"a\",\"law\":{}}", "is missing"),
    (
        "x.json",
        "{\"law\":{},\"title\":[{\"language\":\"en\",\"text\":\"T\"}]}",
        "is missing",
    ),
    ("x.jsonl", "{\"external_id\":\"a\"", "EOF"),
    ("x.jsonl", "5", "expected a map"),
];

#[test]
fn every_fault_says_what_to_do() {
    for (file, text, sign) in WRONG {
        let options = Options {
            workbooks: Workbooks::Here,
            ..Options::default()
        };
        let error = import_with(file, text.as_bytes(), &options).unwrap_err();
        let told = error.to_string();
        let ImportErrors::Rows { bad, .. } = error else {
            panic!("{text}: {told}");
        };
        assert!(told.contains(sign), "{text:?}: {told}");
        for bad in bad {
            assert!(!bad.remedy.trim().is_empty(), "{text:?}: {told}");
            assert!(!bad.reason.trim().is_empty(), "{text:?}: {told}");
        }
    }
}
