#![no_main]

wpsx_libfuzzer::drive!(backup);
