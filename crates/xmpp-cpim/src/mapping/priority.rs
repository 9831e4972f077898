use crate::pidf::Priority;

/// The PIDF priority of an XMPP priority: RFC 3922 §5.1.7. `None` below zero,
/// which is not mapped (`3922-5.1.7-03`).
///
/// 0 is 0, 127 is 1, and what lies between is `floor(1000 * p / 127)`
/// thousandths: all different, and every figure of the RFC's text.
///
/// ```
/// use xmpp_cpim::mapping::{priority_from_pidf, priority_to_pidf};
///
/// let priority = priority_to_pidf(13).unwrap();
/// assert_eq!(priority.to_string(), "0.102");
/// assert_eq!(priority_from_pidf(priority), 13);
/// ```
#[must_use]
pub fn priority_to_pidf(priority: i8) -> Option<Priority> {
    let priority = u16::try_from(priority).ok()?;
    Priority::from_thousandths((u32::from(priority) * 1000 / 127) as u16)
}

/// The XMPP priority of a PIDF priority: RFC 3922 §5.2.13. Never below zero
/// (`3922-5.2.13-03`); undoes [`priority_to_pidf`].
///
/// 0 is 0, 1 is 127, and what lies between is `ceil(127 * x)`, at most 126.
#[must_use]
pub fn priority_from_pidf(priority: Priority) -> i8 {
    match u32::from(priority.thousandths()) {
        0 => 0,
        1000 => 127,
        thousandths => (thousandths * 127).div_ceil(1000).min(126) as i8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thousandths(priority: i8) -> u16 {
        priority_to_pidf(priority).unwrap().thousandths()
    }

    // 3922-5.1.7-04
    #[test]
    fn the_figures_of_the_text_to_pidf() {
        for (priority, expected) in [(0, 0), (1, 7), (2, 15), (13, 102), (126, 992), (127, 1000)] {
            assert_eq!(thousandths(priority), expected);
        }
        assert!((0..127).all(|priority| thousandths(priority) < thousandths(priority + 1)));
    }

    // 3922-5.1.7-03
    #[test]
    fn below_zero_is_not_mapped() {
        assert!((-128..0).all(|priority| priority_to_pidf(priority).is_none()));
    }

    // 3922-5.2.13-03, 3922-5.2.13-04
    #[test]
    fn the_figures_of_the_text_from_pidf() {
        let from =
            |thousandths| priority_from_pidf(Priority::from_thousandths(thousandths).unwrap());
        for (range, expected) in
            [(0..=0, 0), (1..=7, 1), (8..=15, 2), (992..=999, 126), (1000..=1000, 127)]
        {
            for thousandths in range {
                assert_eq!(from(thousandths), expected, "{thousandths}");
            }
        }
        assert!((0..1000).all(|x| (0..=from(x + 1)).contains(&from(x))));
    }

    #[test]
    fn each_comes_back() {
        for priority in 0..=127 {
            assert_eq!(priority_from_pidf(priority_to_pidf(priority).unwrap()), priority);
        }
    }
}
