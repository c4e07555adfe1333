pub(crate) mod bits;
pub(crate) mod keys;
pub(crate) mod offsets;
pub(crate) mod order;
pub(crate) mod row;
pub(crate) mod set;
