//! What files, tables and people call a value.

macro_rules! names {
    ($type:ident { $($variant:ident $name:literal $label:literal),* $(,)? }) => {
        impl $type {
            /// Every one, as they stand in the table.
            pub const ALL: &[$type] = &[$($type::$variant),*];

            /// The name in files and tables.
            pub const fn name(self) -> &'static str {
                match self { $($type::$variant => $name,)* }
            }

            /// What people read.
            pub const fn label(self) -> &'static str {
                match self { $($type::$variant => $label,)* }
            }

            pub fn from_name(name: &str) -> Option<$type> {
                match name { $($name => Some($type::$variant),)* _ => None }
            }
        }
    };
}
pub(super) use names;
