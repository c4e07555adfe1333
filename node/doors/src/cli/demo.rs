//! `wpsx demo`: starts the demo and prints what it came to.

use std::collections::BTreeMap;

use wpsx_cli::{DemoArgs, Failure, Global, Output};
use wpsx_domain::NodeError;

use crate::{
    app::Root,
    demo::{Demo, Report, Shown},
};

/// `wpsx demo`
///
/// # Errors
/// A node could not be made, or the federation did not converge.
pub(super) async fn demo(
    root: Root,
    global: &Global,
    args: &DemoArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let failed = |error: NodeError| Failure::because("the demo failed", &error);
    let stories = !out.is_json();
    if stories {
        out.say("Four nodes start on this machine, publish real records, and exchange them.")?;
    }
    let demo = Demo::start(root, global.named_data_dir(), args.records)
        .await
        .map_err(failed)?;
    let report = demo
        .converge(Shown { progress: stories })
        .await
        .map_err(failed)?;
    if out.is_json() {
        let report = serde_json::to_value(&report)
            .map_err(|error| Failure::because("the report cannot be written", &error))?;
        out.document(&report)?;
    } else {
        let (header, rows) = report.table();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        out.table(&header, &rows)?;
        out.say(report.sentence())?;
        out.say(counts(
            "The secretariat's node holds, by kind:",
            &report.kinds,
        ))?;
        let kenya = demo.of_country("KEN").await.map_err(failed)?;
        out.say(counts("It answers: what is there of Kenya?", &kenya))?;
        out.say(example(&demo.example().map_err(failed)?))?;
    }
    let converged = report.converged;
    if !args.once {
        if stories {
            out.say(stay_up(&demo, &report))?;
        }
        // Without signals there is nothing to wait for; the nodes are stopped at once.
        let _ = tokio::signal::ctrl_c().await;
    }
    demo.stop().await.map_err(failed)?;
    if converged {
        return Ok(());
    }
    Err(
        Failure::failed("the four nodes did not come to hold and verify the same records")
            .remedy("run the demo again; wpsx --data-dir DIR/eu status of a kept store shows why"),
    )
}

/// A line for each kind.
fn counts(heading: &str, kinds: &BTreeMap<String, u64>) -> String {
    let mut text = format!("\n{heading}\n");
    for (kind, count) in kinds {
        text.push_str(&format!("  {count:>6}  {kind}\n"));
    }
    text
}

/// What the secretariat answers to a question about three countries.
fn example(found: &[[String; 3]]) -> String {
    let mut text = String::from(
        "\nThe secretariat's node answers: national action plans of Albania, France and Kenya\n",
    );
    for [countries, title, origin] in found {
        text.push_str(&format!("  {countries}  {title}  ({origin})\n"));
    }
    text
}

fn stay_up(demo: &Demo, report: &Report) -> String {
    let mut text = String::from("The nodes stay up until Ctrl-C.\n");
    for (node, shown) in demo.nodes().zip(&report.nodes) {
        text.push_str(&format!(
            "  {:16} https://{}  http://{}/mirror/  wpsx --data-dir {} status\n",
            shown.name,
            shown.listen,
            shown.http,
            node.dir().display()
        ));
    }
    if let Some(secretariat) = report.nodes.iter().find(|node| node.name == "secretariat") {
        text.push_str(&format!(
            "\nAll of it on pages, at the secretariat's node: http://{}/\n",
            secretariat.http
        ));
    }
    text
}
