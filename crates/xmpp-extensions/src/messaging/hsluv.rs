//! The colour space HSLuv, revision 4: hue in degrees, saturation and lightness
//! from 0 to 100. It is CIELUV with the chroma measured by what a screen can
//! show at that hue and lightness.

use libm::{atan2, cbrt, cos, hypot, pow, sin};

/// XYZ to linear sRGB; one row each for red, green and blue.
const TO_RGB: [[f64; 3]; 3] = [
    [3.240_969_941_904_521, -1.537_383_177_570_093, -0.498_610_760_293_003],
    [-0.969_243_636_280_87, 1.875_967_501_507_72, 0.041_555_057_407_175],
    [0.055_630_079_696_993, -0.203_976_958_888_976, 1.056_971_514_242_878],
];

/// Linear sRGB to XYZ.
const TO_XYZ: [[f64; 3]; 3] = [
    [0.412_390_799_265_959, 0.357_584_339_383_878, 0.180_480_788_401_834],
    [0.212_639_005_871_510, 0.715_168_678_767_756, 0.072_192_315_360_733],
    [0.019_330_818_715_591, 0.119_194_779_794_626, 0.950_532_152_249_660],
];

/// The white of D65 in CIELUV.
const WHITE: (f64, f64) = (0.197_830_006_642_836, 0.468_319_994_938_791);
/// Between the two parts of the curve of CIE's lightness: (29/3)³ and (6/29)³.
const KAPPA: f64 = 903.296_296_296_296;
const EPSILON: f64 = 0.008_856_451_679_035;

pub(super) fn to_rgb([hue, saturation, lightness]: [f64; 3]) -> [f64; 3] {
    if lightness > 99.999_999 {
        return [1.0; 3];
    }
    if lightness < 0.000_001 {
        return [0.0; 3];
    }
    let chroma = most_chroma(lightness, hue) * saturation / 100.0;
    let (u, v) = (chroma * cos(hue.to_radians()), chroma * sin(hue.to_radians()));
    let (u, v) = (u / (13.0 * lightness) + WHITE.0, v / (13.0 * lightness) + WHITE.1);
    let y = if lightness > 8.0 { pow((lightness + 16.0) / 116.0, 3.0) } else { lightness / KAPPA };
    let x = y * 9.0 * u / (4.0 * v);
    let z = y * (12.0 - 3.0 * u - 20.0 * v) / (4.0 * v);
    times(&TO_RGB, [x, y, z]).map(|linear| {
        if linear > 0.003_130_8 { 1.055 * pow(linear, 1.0 / 2.4) - 0.055 } else { 12.92 * linear }
    })
}

pub(super) fn from_rgb(rgb: [f64; 3]) -> [f64; 3] {
    let linear =
        rgb.map(
            |value| {
                if value > 0.040_45 { pow((value + 0.055) / 1.055, 2.4) } else { value / 12.92 }
            },
        );
    let [x, y, z] = times(&TO_XYZ, linear);
    let lightness = if y > EPSILON { 116.0 * cbrt(y) - 16.0 } else { y * KAPPA };
    let sum = x + 15.0 * y + 3.0 * z;
    if lightness < 0.000_001 || sum <= 0.0 {
        return [0.0; 3];
    }
    let u = 13.0 * lightness * (4.0 * x / sum - WHITE.0);
    let v = 13.0 * lightness * (9.0 * y / sum - WHITE.1);
    let hue = atan2(v, u).to_degrees();
    let hue = if hue < 0.0 { hue + 360.0 } else { hue };
    let most = if lightness > 99.999_999 { 0.0 } else { most_chroma(lightness, hue) };
    let saturation = if most > 0.0 { hypot(u, v) / most * 100.0 } else { 0.0 };
    [hue, saturation, lightness]
}

fn times(matrix: &[[f64; 3]; 3], [a, b, c]: [f64; 3]) -> [f64; 3] {
    matrix.map(|[x, y, z]| x * a + y * b + z * c)
}

/// The chroma at which the first of red, green and blue gets 0 or 1, in the
/// direction of that hue: where a ray meets the first of six lines.
fn most_chroma(lightness: f64, hue: f64) -> f64 {
    let (sine, cosine) = (sin(hue.to_radians()), cos(hue.to_radians()));
    let cube = pow(lightness + 16.0, 3.0) / 1_560_896.0;
    let y = if cube > EPSILON { cube } else { lightness / KAPPA };
    let mut most = f64::MAX;
    for [a, b, c] in TO_RGB {
        for end in [0.0, 1.0] {
            let below = (632_260.0 * c - 126_452.0 * b) * y + 126_452.0 * end;
            let slope = (284_517.0 * a - 94_839.0 * c) * y / below;
            let upper = (838_422.0 * c + 769_860.0 * b + 731_718.0 * a) * lightness * y;
            let intercept = (upper - 769_860.0 * end * lightness) / below;
            let length = intercept / (sine - slope * cosine);
            if length >= 0.0 && length < most {
                most = length;
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        // The first two are dark: there the curve of sRGB is a line.
        let steps = || [0.01, 0.03].into_iter().chain((0..=8).map(|step| f64::from(step) / 8.0));
        for rgb in steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| [r, g, b])))
        {
            let again = to_rgb(from_rgb(rgb));
            for (a, b) in rgb.into_iter().zip(again) {
                assert!((a - b).abs() < 1e-6, "{rgb:?} {again:?}");
            }
        }
    }

    /// Of the corners of what a screen can show, hue and lightness in CIELUV.
    #[test]
    fn the_corners() {
        for (rgb, hue, lightness) in [
            ([1.0, 0.0, 0.0], 12.177, 53.237),
            ([1.0, 1.0, 0.0], 85.874, 97.139),
            ([0.0, 1.0, 0.0], 127.715, 87.735),
            ([0.0, 1.0, 1.0], 192.177, 91.113),
            ([0.0, 0.0, 1.0], 265.874, 32.301),
            ([1.0, 0.0, 1.0], 307.715, 60.323),
        ] {
            let [h, s, l] = from_rgb(rgb);
            assert!((h - hue).abs() < 0.01 && (l - lightness).abs() < 0.01, "{rgb:?}: {h} {l}");
            assert!((s - 100.0).abs() < 1e-4, "{rgb:?}: {s}");
        }
        assert_eq!((from_rgb([0.0; 3]), to_rgb([12.0, 100.0, 0.0])), ([0.0; 3], [0.0; 3]));
        assert_eq!((from_rgb([1.0; 3])[1], to_rgb([12.0, 100.0, 100.0])), (0.0, [1.0; 3]));
        let [_, s, l] = from_rgb([0.5; 3]);
        assert!(s < 0.01 && (l - 53.389).abs() < 0.01, "{s} {l}");
    }

    /// The chroma is measured by what a screen can show: where a colour has none or all of red,
    /// green or blue, there is no more of it, however dark or light it is.
    #[test]
    fn the_edge_is_full() {
        let steps = || [0.0, 0.01, 0.03, 0.05, 0.1, 0.3, 0.5, 0.7, 0.95, 1.0].into_iter();
        for rgb in steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| [r, g, b])))
        {
            let [r, g, b] = rgb;
            if r == g && g == b {
                continue;
            }
            let [hue, saturation, lightness] = from_rgb(rgb);
            assert!((0.0..360.0).contains(&hue) && (0.0..100.0).contains(&lightness), "{rgb:?}");
            let is_edge = rgb.iter().any(|value| *value == 0.0 || *value == 1.0);
            let is_full = (saturation - 100.0).abs() < 1e-3;
            assert_eq!(is_full, is_edge, "{rgb:?}: {saturation}");
            assert!(saturation < 100.001, "{rgb:?}: {saturation}");
            // Half of it is within.
            let half = to_rgb([hue, saturation / 2.0, lightness]);
            assert!(half.iter().all(|value| *value > 0.0 && *value < 1.0), "{rgb:?}: {half:?}");
        }
    }
}
