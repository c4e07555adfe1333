//! How a reader is told to check a proof elsewhere, and where an entry stands.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::{
    LANGUAGES, PLAN,
    record::{has, part, with},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_names_the_programs_of_others_and_leads_to_what_they_check() -> Result<()> {
    let (node, site, ids) = with(&[PLAN]).await?;
    let (id, key) = (&ids[0], node.own()?.key());
    for language in LANGUAGES {
        let page = site.get(&format!("/{language}/record/{id}")).await?.text;
        let steps = format!("href=\"/{language}/method#check\"");
        let command = format!("python3 verify_proof.py record-{id}-1.tlog-proof {key}");
        has(part(&page, "id=\"proof\""), &[&command, &steps]);
        let method = site.get(&format!("/{language}/method")).await?.text;
        let check = part(&method, "<section id=\"check\">");
        ensure!(
            check.matches("<ol class=\"steps\"><li>").count() == 1,
            "{check}"
        );
        has(
            check,
            &[
                "wpsx check-proof",
                "tests/interop",
                "verify_proof.py",
                "verify_tlog.py",
                "https://pkg.go.dev/filippo.io/torchwood",
                "https://c2sp.org/tlog-proof",
                "https://c2sp.org/signed-note",
                "https://c2sp.org/tlog-checkpoint",
                "https://c2sp.org/tlog-cosignature",
                "https://c2sp.org/tlog-tiles",
                "https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1",
            ],
        );
    }
    Ok(())
}

#[test]
fn what_the_pages_name_of_the_source_is_there() -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for program in ["verify_proof.py", "verify_tlog.py"] {
        ensure!(here.join("interop").join(program).is_file(), "{program}");
    }
    let spec = std::fs::read_to_string(here.join("../proto/SPEC.md"))?;
    let (_, told) = spec
        .split_once("### 4.5 ")
        .context("it has a section 4.5")?;
    ensure!(told.starts_with("Proof files"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_counted_from_one_everywhere_and_says_its_index_in_the_proof() -> Result<()> {
    let other =
        r#"{"external_id": "law", "law": {}, "title": [{"language": "en", "text": "A law"}]}"#;
    let (node, site, ids) = with(&[PLAN, other]).await?;
    let first = site.get(&format!("/en/record/{}", ids[0])).await?.text;
    has(
        part(&first, "id=\"proof\""),
        &[
            "<dt>Entry number in the log</dt><dd><bdi>1</bdi> <span class=\"mark\">(of 2 in all)</span>",
            "In the proof: index 0, counted from 0",
        ],
    );
    let proof = site
        .get(&format!("/en/record/{}.tlog-proof", ids[0]))
        .await?;
    has(&proof.text, &["\nindex 0\n"]);
    node.typed(&["erase", &ids[1], "--reason", "legal", "--yes"])
        .await?;
    node.node().records().index().settled(&node.own()?).await?;
    // The entry that erases it is the third.
    let gone = site.get(&format!("/en/record/{}", ids[1])).await?.text;
    has(
        &gone,
        &[
            "<dt>Entry number in the log</dt><dd><bdi>3</bdi>",
            "In the proof: index 2, counted from 0",
            "href=\"/en/method#check\"",
        ],
    );
    let proof = site
        .get(&format!("/en/record/{}.tlog-proof", ids[1]))
        .await?;
    has(&proof.text, &["\nindex 2\n"]);
    Ok(())
}
