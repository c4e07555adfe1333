//! The messages and services of the schemas, as generated.
//!
//! They carry bytes that nobody has checked. The rest of this crate turns them
//! into types that have been.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "generated from the schemas, which carry the documentation"
)]

macro_rules! package {
    ($name:ident, $package:tt) => {
        pub mod $name {
            pub mod v1 {
                tonic::include_proto!($package);
            }
        }
    };
}

package!(log, "wpsx.log.v1");
package!(record, "wpsx.record.v1");
package!(exchange, "wpsx.exchange.v1");
package!(replication, "wpsx.replication.v1");
package!(admin, "wpsx.admin.v1");

/// Every schema as an encoded `google.protobuf.FileDescriptorSet`, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
