#![no_main]

wpsx_libfuzzer::drive!(tlog_proof);
