//! Exact numbers: the fraction of a threshold, and the rational number of a result.

use std::{fmt, str::FromStr};

use num_bigint::{BigInt, BigUint};
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use serde::{Deserialize, Serialize, de};

use crate::error::TallyError;

/// A fraction between 0 and 1, such as 2/3, in its lowest terms. In JSON it is a string: `"2/3"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: u32,
    denominator: u32,
}

impl Fraction {
    /// One half.
    pub const HALF: Self = Self { numerator: 1, denominator: 2 };

    /// A fraction of the whole.
    ///
    /// # Errors
    /// [`TallyError::Fraction`] when the denominator is 0 or the fraction is above 1.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, TallyError> {
        if denominator == 0 || numerator > denominator {
            return Err(TallyError::Fraction { text: format!("{numerator}/{denominator}") });
        }
        let common = numerator.gcd(&denominator);
        Ok(Self { numerator: numerator / common, denominator: denominator / common })
    }

    /// The part above the line.
    pub fn numerator(self) -> u32 {
        self.numerator
    }

    /// The part below the line.
    pub fn denominator(self) -> u32 {
        self.denominator
    }

    /// The smallest whole number that is at least this fraction of `base`.
    pub fn at_least(self, base: u64) -> u64 {
        self.of(base, false)
    }

    /// The smallest whole number that is more than this fraction of `base`; at most `u64::MAX`.
    pub fn more_than(self, base: u64) -> u64 {
        self.of(base, true)
    }

    /// Whether `part` is exactly this fraction of `base`.
    pub fn is_exactly(self, part: u64, base: u64) -> bool {
        u128::from(part) * u128::from(self.denominator) == u128::from(base) * u128::from(self.numerator)
    }

    fn of(self, base: u64, beyond: bool) -> u64 {
        let (numerator, denominator) = (u128::from(self.numerator), u128::from(self.denominator));
        let product = u128::from(base) * numerator;
        let part = if beyond { product / denominator + 1 } else { product.div_ceil(denominator) };
        u64::try_from(part).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl FromStr for Fraction {
    type Err = TallyError;

    fn from_str(text: &str) -> Result<Self, TallyError> {
        let wrong = || TallyError::Fraction { text: text.chars().take(40).collect() };
        let (numerator, denominator) = text.split_once('/').ok_or_else(wrong)?;
        let number = |part: &str| part.parse().map_err(|_| wrong());
        Self::new(number(numerator)?, number(denominator)?)
    }
}

/// An exact number of a result, of any size. In JSON it is a string: `"7"`, `"-3/4"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Exact(BigRational);

impl Exact {
    /// `numerator` / `denominator`; 0 when the denominator is 0.
    pub(crate) fn ratio(numerator: BigUint, denominator: BigUint) -> Self {
        if denominator.is_zero() {
            return Self::default();
        }
        Self(BigRational::new(numerator.into(), denominator.into()))
    }

    /// Whether the number is whole.
    pub fn is_whole(&self) -> bool {
        self.0.is_integer()
    }

    /// The number as a whole one, when it is one and fits.
    pub fn to_u64(&self) -> Option<u64> {
        self.0.is_integer().then(|| self.0.to_integer().to_u64()).flatten()
    }

    /// The number cut off (never rounded up) after `places` decimal places: `"128.57"`. This is for showing only.
    pub fn decimal(&self, places: u32) -> String {
        let scaled = (&self.0 * BigRational::from(BigInt::from(10).pow(places))).to_integer();
        let (sign, digits) = (if scaled.is_negative() { "-" } else { "" }, scaled.abs().to_string());
        let places = places as usize;
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }
}

impl From<u64> for Exact {
    fn from(whole: u64) -> Self {
        Self(BigRational::from(BigInt::from(whole)))
    }
}

impl From<BigRational> for Exact {
    fn from(value: BigRational) -> Self {
        Self(value)
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Exact {
    type Err = TallyError;

    fn from_str(text: &str) -> Result<Self, TallyError> {
        let value = BigRational::from_str(text);
        value.map(Self).map_err(|_| TallyError::Number { text: text.chars().take(40).collect() })
    }
}

/// A number that stands as a string in JSON.
macro_rules! as_string {
    ($number:ty) => {
        impl Serialize for $number {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $number {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

as_string!(Fraction);
as_string!(Exact);
