//! The flags, width and precision of one verb.

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`: field names
    pub(super) plus_v: bool,
    /// `%#v`: Go syntax
    pub(super) sharp_v: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

impl Flags {
    /// `%v` takes `+` and `#` for itself: they don't reach the values.
    pub(super) fn for_v(mut self) -> Self {
        self.sharp_v = std::mem::take(&mut self.sharp);
        self.plus_v = std::mem::take(&mut self.plus);
        self
    }
}
