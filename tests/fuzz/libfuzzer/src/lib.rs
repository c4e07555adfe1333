//! Programs that libFuzzer drives, one for each decoder: a program that holds only what
//! it feeds is many times faster than one for all.

pub use libfuzzer_sys;
pub use wpsx_fuzz;

/// The program that feeds the decoder of this name, after a look at its seeds.
#[macro_export]
macro_rules! drive {
    ($decoder:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(
            init: {
                $crate::wpsx_fuzz::check_seeds(
                    stringify!($decoder),
                    $crate::wpsx_fuzz::$decoder,
                );
            },
            |bytes: &[u8]| {
                $crate::wpsx_fuzz::$decoder(bytes);
            }
        );
    };
}
