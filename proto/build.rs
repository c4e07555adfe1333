//! Compiles the schemas with protox, so that no `protoc` has to be installed.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const SCHEMAS: [&str; 5] = [
    "wpsx/log/v1/log.proto",
    "wpsx/record/v1/record.proto",
    "wpsx/exchange/v1/exchange_service.proto",
    "wpsx/replication/v1/replication_service.proto",
    "wpsx/admin/v1/admin_service.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=wpsx");
    let descriptors = protox::compile(SCHEMAS, ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .bytes(".")
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
