//! Compiles the schemas with protox, so that no `protoc` has to be installed.

use std::{env, error::Error, fs, path::PathBuf};

use protox::Compiler;

const SCHEMAS: [&str; 6] = [
    "wpsx/log/v1/log.proto",
    "wpsx/record/v1/record.proto",
    "wpsx/exchange/v1/exchange_service.proto",
    "wpsx/replication/v1/replication_service.proto",
    "wpsx/admin/v1/admin_service.proto",
    "wpsx/admin/v1/batch_service.proto",
];

#[expect(clippy::disallowed_methods, reason = "cargo says so where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=wpsx");
    println!("cargo::rerun-if-changed=buf");
    let mut compiler = Compiler::new(["."])?;
    compiler.include_imports(true).open_files(SCHEMAS)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Encoded by the compiler itself: the generated descriptor types would drop
    // the field rules, which are options of our own.
    fs::write(
        out.join("descriptors.bin"),
        compiler.encode_file_descriptor_set(),
    )?;
    let mut descriptors = compiler.file_descriptor_set();
    // Options alone are of these types, and they are read as the descriptors have them.
    descriptors
        .file
        .retain(|file| file.package() != "buf.validate");
    tonic_prost_build::configure()
        .bytes(".")
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
