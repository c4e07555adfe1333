//! Compresses the data of the demo, so that the program does not grow by all of it.

use std::{env, error::Error, fs, path::PathBuf};

/// As [`zstd`] takes it; more costs the build seconds and saves a few kilobytes.
const LEVEL: i32 = 12;

#[expect(clippy::disallowed_methods, reason = "cargo says so where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../data");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for entry in fs::read_dir("../data")? {
        let path = entry?.path();
        let is_data = path
            .extension()
            .is_some_and(|extension| extension == "csv" || extension == "json");
        let Some(name) = path.file_name().filter(|_| is_data) else {
            continue;
        };
        let packed = zstd::bulk::compress(&fs::read(&path)?, LEVEL)?;
        fs::write(out.join(format!("{}.zst", name.to_string_lossy())), packed)?;
    }
    Ok(())
}
