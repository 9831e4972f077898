//! Consistent colour generation: XEP-0392.

use alloc::vec::Vec;

use sha1::{Digest as _, Sha1};

use super::hsluv;

/// A hue, in degrees, from 0 to less than 360.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Hue(f64);

/// A colour of a screen: red, green and blue, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rgb {
    /// Red.
    pub red: f64,
    /// Green.
    pub green: f64,
    /// Blue.
    pub blue: f64,
}

impl Hue {
    /// The hue of a text, such as a nickname or an address in its prepared form
    /// (XEP-0392, 5.1 and 6.2).
    ///
    /// ```
    /// use xmpp_extensions::messaging::colours::Hue;
    ///
    /// let [red, green, blue] = Hue::of("Romeo").to_rgb(100.0, 50.0).to_bytes();
    /// assert_eq!((red, green, blue), (221, 0, 175));
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Self {
        let [low, high, ..]: [u8; 20] = Sha1::digest(text.as_bytes()).into();
        Self(f64::from(u16::from_le_bytes([low, high])) / 65_536.0 * 360.0)
    }

    /// In degrees.
    #[must_use]
    pub const fn degrees(self) -> f64 {
        self.0
    }

    /// The colour, with this saturation and lightness of HSLuv, from 0 to 100
    /// (XEP-0392, 5.2). Others are clipped.
    #[must_use]
    pub fn to_rgb(self, saturation: f64, lightness: f64) -> Rgb {
        let clip = |value: f64| if value > 0.0 { value.min(100.0) } else { 0.0 };
        let [red, green, blue] = hsluv::to_rgb([self.0, clip(saturation), clip(lightness)]);
        Rgb::new(red, green, blue)
    }
}

impl Rgb {
    /// From red, green and blue, each from 0 to 1. Others are clipped.
    #[must_use]
    pub fn new(red: f64, green: f64, blue: f64) -> Self {
        let clip = |value: f64| if value > 0.0 { value.min(1.0) } else { 0.0 };
        Self { red: clip(red), green: clip(green), blue: clip(blue) }
    }

    /// The three, each from 0 to 255.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 3] {
        // They are within 0 and 1.
        [self.red, self.green, self.blue].map(|value| (value * 255.0 + 0.5) as u8)
    }
}

/// A set of colours that hues are mapped to, where a screen or a design has no
/// others (XEP-0392, 5.3).
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// By hue, in whole degrees; with the lightness.
    colours: Vec<(u16, f64, Rgb)>,
}

impl Palette {
    /// Made of these colours. Greys are left out; of colours of one hue, that
    /// with the lightness nearest to 73.2 is taken.
    #[must_use]
    pub fn new(colours: impl IntoIterator<Item = Rgb>) -> Self {
        let mut by_hue: Vec<(u16, f64, Rgb)> = Vec::new();
        for colour in colours {
            let Rgb { red, green, blue } = colour;
            if red == green && green == blue {
                continue;
            }
            let [hue, _, lightness] = hsluv::from_rgb([red, green, blue]);
            // From 0 to 360, so that it fits.
            let hue = (hue + 0.5) as u16;
            match by_hue.binary_search_by_key(&hue, |(hue, ..)| *hue) {
                Ok(at) => {
                    if let Some(entry) = by_hue.get_mut(at)
                        && (entry.1 - 73.2).abs() > (lightness - 73.2).abs()
                    {
                        *entry = (hue, lightness, colour);
                    }
                }
                Err(at) => by_hue.insert(at, (hue, lightness, colour)),
            }
        }
        Self { colours: by_hue }
    }

    /// The colour of the nearest hue, and that hue in whole degrees (XEP-0392,
    /// 5.4). `None` if the palette has no colours.
    #[must_use]
    pub fn nearest(&self, hue: Hue) -> Option<(u16, Rgb)> {
        let alpha = hue.0;
        let rounded = (alpha + 0.5) as u16;
        let distance = |beta: u16| {
            if beta == rounded {
                return -1.0;
            }
            let apart = (alpha - f64::from(beta)).abs() % 360.0;
            apart.min(360.0 - apart)
        };
        let nearest = self
            .colours
            .iter()
            .map(|&(beta, _, colour)| (distance(beta), beta, colour))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        nearest.map(|(_, beta, colour)| (beta, colour))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XEP-0392, 13.1.
    const VECTORS: [(&str, f64, [f64; 3]); 5] = [
        ("Romeo", 327.255_249, [0.865, 0.000, 0.686]),
        ("juliet@capulet.lit", 209.410_400, [0.000, 0.515, 0.573]),
        ("😺", 331.199_341, [0.872, 0.000, 0.659]),
        ("council", 359.994_507, [0.918, 0.000, 0.394]),
        ("Board", 171.430_664, [0.000, 0.527, 0.457]),
    ];

    #[test]
    fn hues_and_colours() {
        for (text, angle, [red, green, blue]) in VECTORS {
            let hue = Hue::of(text);
            assert!((hue.degrees() - angle).abs() < 1e-6, "{text}: {hue:?}");
            let rgb = hue.to_rgb(100.0, 50.0);
            let near = |a: f64, b: f64| (a - b).abs() < 0.000_501;
            assert!(
                near(rgb.red, red) && near(rgb.green, green) && near(rgb.blue, blue),
                "{text}: {rgb:?}"
            );
        }
    }

    /// XEP-0392, 13.2.
    #[test]
    fn the_palette_of_216_colours() {
        let steps = || (0..6).map(|step| f64::from(step) / 5.0);
        let palette = Palette::new(
            steps()
                .flat_map(|r| steps().flat_map(move |g| steps().map(move |b| Rgb::new(r, g, b)))),
        );
        for (text, best, [red, green, blue]) in [
            ("Romeo", 327, [1.000, 0.000, 0.800]),
            ("juliet@capulet.lit", 226, [0.000, 0.800, 1.000]),
            ("😺", 331, [1.000, 0.400, 0.800]),
            ("council", 359, [0.800, 0.200, 0.400]),
            ("Board", 161, [0.000, 1.000, 0.800]),
        ] {
            let (hue, rgb) = palette.nearest(Hue::of(text)).unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 0.000_501;
            assert!(
                near(rgb.red, red) && near(rgb.green, green) && near(rgb.blue, blue),
                "{text}: {hue} {rgb:?}"
            );
            assert_eq!(hue, best, "{text}");
        }
        assert_eq!(Palette::new([Rgb::new(0.5, 0.5, 0.5)]).nearest(Hue::of("x")), None);
    }

    /// XEP-0392, 5.4: nearest on the circle, either way round.
    #[test]
    fn of_a_palette_the_nearest_hue() {
        let hues = [10.0, 30.0, 350.0];
        let palette = Palette::new(hues.map(|degrees| Hue(degrees).to_rgb(100.0, 50.0)));
        for (hue, nearest) in [(5.0, 10), (16.0, 10), (24.0, 30), (200.0, 350), (359.0, 350)] {
            assert_eq!(palette.nearest(Hue(hue)).map(|(hue, _)| hue), Some(nearest), "{hue}");
        }
    }

    #[test]
    fn what_is_no_number_is_clipped() {
        let black = Hue::of("x").to_rgb(f64::NAN, f64::NEG_INFINITY);
        assert_eq!(black.to_bytes(), [0, 0, 0]);
        assert_eq!(Hue::of("x").to_rgb(50.0, 1e300).to_bytes(), [255, 255, 255]);
    }
}
