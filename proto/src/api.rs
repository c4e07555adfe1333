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
    ($name:ident) => {
        pub mod $name {
            pub mod v1 {
                tonic::include_proto!(concat!("wpsx.", stringify!($name), ".v1"));
            }
        }
    };
}

package!(log);
package!(record);
package!(exchange);
package!(replication);
package!(admin);

/// Every schema as an encoded `google.protobuf.FileDescriptorSet`, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
