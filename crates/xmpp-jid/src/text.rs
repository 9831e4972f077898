//! What all types here have in common: they are prepared text, so that
//! comparison, order and hash are those of the string.

macro_rules! text_traits {
    ([$($l:lifetime)?] $T:ty) => {
        impl<$($l)?> fmt::Display for $T {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl<$($l)?> fmt::Debug for $T {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }
        impl<$($l)?> AsRef<str> for $T {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
        impl<$($l)?> PartialEq for $T {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }
        impl<$($l)?> Eq for $T {}
        impl<$($l)?> PartialOrd for $T {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl<$($l)?> Ord for $T {
            fn cmp(&self, other: &Self) -> Ordering {
                self.as_str().cmp(other.as_str())
            }
        }
        impl<$($l)?> Hash for $T {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }
        impl<$($l)?> PartialEq<str> for $T {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }
        impl<$($l)?> PartialEq<&str> for $T {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }
    };
}
pub(crate) use text_traits;

macro_rules! cross_eq {
    ([$($l:lifetime)?] $A:ty, $B:ty) => {
        impl<$($l)?> PartialEq<$B> for $A {
            fn eq(&self, other: &$B) -> bool {
                self.as_str() == other.as_str()
            }
        }
        impl<$($l)?> PartialEq<$A> for $B {
            fn eq(&self, other: &$A) -> bool {
                self.as_str() == other.as_str()
            }
        }
    };
}
pub(crate) use cross_eq;
