//! `wpsx supersede`: a record that was kept for others passes to their own publisher.

use wpsx_proto::api::admin::v1::SupersedeRequest;

use super::{
    access::Desk,
    args::SupersedeArgs,
    failure::Failure,
    output::Output,
    publishing::{bytes_of, published_json, request_id},
    records::meant,
};

/// `wpsx supersede`
pub(super) async fn supersede(
    args: &SupersedeArgs,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let (origin, by) = &args.by;
    let by = meant(desk, by).await?;
    let request = SupersedeRequest {
        record_id: bytes_of(meant(desk, &args.record).await?),
        origin: origin.clone(),
        by: bytes_of(by),
        request_id: request_id()?,
    };
    let answer = desk.admin.supersede(request).await?.into_inner();
    let record = answer.record.unwrap_or_default();
    if out.is_json() {
        return Ok(out.document(&published_json(&record))?);
    }
    let (old, new) = (hex::encode(&record.record_id), by);
    if record.unchanged {
        return Ok(out.say(format!(
            "nothing to do: {old} was handed over with entry {}\nNext: wpsx get {new}",
            record.index
        ))?);
    }
    out.say(format!(
        "handed {old} over with entry {}\n\
         {new} of {origin} counts in its place, here at once and at peers when they pull.\n\
         Next: wpsx get {new}",
        record.index
    ))?;
    Ok(())
}
