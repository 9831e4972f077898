//! Message styling: XEP-0393.

use alloc::vec::Vec;
use core::ops::Range;

use xmpp_stanza::Payload;
use xmpp_stanza::xml::Ns;

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:styling:0");

/// The body is not to be styled (XEP-0393, 7).
#[derive(Payload, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[xml(ns = NS, name = "unstyled", section = "XEP-0393, 7")]
#[non_exhaustive]
pub struct Unstyled {}

/// A line of a body (XEP-0393, 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line<'b> {
    /// In how many quotations it is, each within the other (XEP-0393, 6.1.3).
    pub quotations: usize,
    /// What kind of block it belongs to.
    pub block: Block,
    /// Its text, without the marks of quotations.
    pub text: &'b str,
    /// Where the text begins, in bytes of the body.
    pub offset: usize,
}

/// What kind of block a line belongs to (XEP-0393, 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0393 is stable")]
pub enum Block {
    /// Text that may have spans (XEP-0393, 6.1.1).
    Plain,
    /// Preformatted text (XEP-0393, 6.1.2).
    Preformatted,
    /// The line that begins or ends preformatted text. It should be shown as
    /// well (XEP-0393, 8).
    Fence,
}

/// Part of a line that has a style (XEP-0393, 6.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Span {
    /// The style.
    pub style: Style,
    /// Where it is, in bytes of the body, with the two directives around it.
    pub range: Range<usize>,
}

/// A style (XEP-0393, 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0393 is stable")]
pub enum Style {
    /// `_emphasis_`: italics (XEP-0393, 6.2.2).
    Emphasis,
    /// `*strong emphasis*`: bold (XEP-0393, 6.2.3).
    Strong,
    /// `~struck through~` (XEP-0393, 6.2.4).
    Strike,
    /// `` `preformatted` ``: monospaced (XEP-0393, 6.2.5).
    Preformatted,
}

/// The lines of a body. It takes one pass; nothing recurses over quotations.
///
/// ```
/// use xmpp_extensions::messaging::styling::{Block, Style, lines};
///
/// let body = "> > _That_ that is\n```\n*code*";
/// let lines: Vec<_> = lines(body).collect();
/// assert_eq!((lines[0].quotations, lines[0].text), (2, "_That_ that is"));
/// let spans = lines[0].spans();
/// assert_eq!((spans[0].style, &body[spans[0].range.clone()]), (Style::Emphasis, "_That_"));
/// assert_eq!(lines[1].block, Block::Fence);
/// assert_eq!(lines[2].block, Block::Preformatted);
/// assert!(lines[2].spans().is_empty());
/// ```
#[must_use]
pub const fn lines(body: &str) -> Lines<'_> {
    Lines { left: Some(body), offset: 0, preformatted: None }
}

/// The iterator of [`lines`].
#[derive(Clone, Debug)]
pub struct Lines<'b> {
    left: Option<&'b str>,
    offset: usize,
    /// Preformatted text has begun within so many quotations.
    preformatted: Option<usize>,
}

const FENCE: &str = "```";

impl<'b> Iterator for Lines<'b> {
    type Item = Line<'b>;

    fn next(&mut self) -> Option<Line<'b>> {
        let left = self.left?;
        let (line, after) = match left.split_once('\n') {
            Some((line, after)) => (line, Some(after)),
            None => (left, None),
        };
        let begin = self.offset;
        self.left = after;
        self.offset += line.len() + 1;

        let most = self.preformatted.unwrap_or(usize::MAX);
        let (mut quotations, mut text) = unquoted(line, most);
        let block = match self.preformatted {
            Some(within) if quotations == within => {
                if text == FENCE {
                    self.preformatted = None;
                    Block::Fence
                } else {
                    Block::Preformatted
                }
            }
            _ => {
                // The quotation that had preformatted text in it has ended with it.
                self.preformatted = None;
                (quotations, text) = unquoted(line, usize::MAX);
                if text.starts_with(FENCE) {
                    self.preformatted = Some(quotations);
                    Block::Fence
                } else {
                    Block::Plain
                }
            }
        };
        Some(Line { quotations, block, text, offset: begin + (line.len() - text.len()) })
    }
}

/// How many marks of quotations a line begins with, `most` at most, and what
/// follows them.
fn unquoted(line: &str, most: usize) -> (usize, &str) {
    let (mut quotations, mut text) = (0, line);
    while quotations < most
        && let Some(quoted) = text.strip_prefix('>')
    {
        quotations += 1;
        text = quoted.strip_prefix(char::is_whitespace).unwrap_or(quoted);
    }
    (quotations, text)
}

impl Line<'_> {
    /// What is styled in it, in order of where it begins. One that is within
    /// another follows that one.
    ///
    /// The time that it takes grows with the length of the line alone.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        if self.block == Block::Plain {
            parse(self.text, self.offset, &mut spans);
        }
        spans
    }
}

impl Style {
    const fn of(directive: u8) -> Option<Self> {
        Some(match directive {
            b'_' => Self::Emphasis,
            b'*' => Self::Strong,
            b'~' => Self::Strike,
            b'`' => Self::Preformatted,
            _ => return None,
        })
    }
}

/// A part of a line that is still to be parsed.
struct Part {
    range: Range<usize>,
    /// Whether it begins behind an opening directive.
    is_inner: bool,
    /// Styles whose directive does not close in what is left of it.
    unclosed: [bool; 4],
}

/// The spans of a line. A style cannot be within itself, so that at most four
/// are within each other.
fn parse(line: &str, offset: usize, spans: &mut Vec<Span>) {
    let part = |range, is_inner| Part { range, is_inner, unclosed: [false; 4] };
    // The innermost and first is on top.
    let mut left = Vec::from([part(0..line.len(), true)]);
    while let Some(mut outer) = left.pop() {
        let Some((style, open, close)) = first_span(line, &mut outer) else { continue };
        spans.push(Span { style, range: offset + open..offset + close + 1 });
        outer.range.start = close + 1;
        outer.is_inner = false;
        left.push(outer);
        if style != Style::Preformatted {
            left.push(part(open + 1..close, true));
        }
    }
}

/// The first span, by its style and its two directives.
fn first_span(line: &str, part: &mut Part) -> Option<(Style, usize, usize)> {
    let bytes = line.as_bytes();
    let end = part.range.end;
    let mut at = part.range.start;
    while at < end {
        let directive = *bytes.get(at)?;
        let Some(style) = Style::of(directive) else {
            at += 1;
            continue;
        };
        if at + 1 < end && bytes.get(at + 1) == Some(&directive) {
            // There is nothing between them: neither is valid.
            at += 2;
            continue;
        }
        let unclosed = part.unclosed.get_mut(style as usize)?;
        let first = part.is_inner && at == part.range.start;
        if !*unclosed && opens(line, at, end, first) {
            if let Some(close) = closing(line, at, end) {
                return Some((style, at, close));
            }
            *unclosed = true;
        }
        at += 1;
    }
    None
}

/// Whether a directive is where one can open: `first` in the line or behind an
/// opening one, or behind white space; and with no white space behind it.
fn opens(line: &str, at: usize, end: usize, first: bool) -> bool {
    let before = || line.get(..at).and_then(|before| before.chars().next_back());
    let behind = line.get(at + 1..end).and_then(|behind| behind.chars().next());
    (first || before().is_some_and(char::is_whitespace))
        && behind.is_some_and(|c| !c.is_whitespace())
}

/// Where the directive at `at` closes: the next one of its kind that has
/// something, and no white space, before it.
fn closing(line: &str, at: usize, end: usize) -> Option<usize> {
    let directive = line.get(at..=at)?;
    let inner = line.get(at + 1..end)?;
    let mut places = inner.match_indices(directive).map(|(close, _)| close);
    let close = places.find(|&close| {
        let before = inner.get(..close).and_then(|before| before.chars().next_back());
        before.is_some_and(|c| !c.is_whitespace())
    })?;
    Some(at + 1 + close)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    /// The spans of a body of one line, as they are written.
    fn spans(line: &str) -> Vec<(Style, &str)> {
        let line_of = lines(line).next().unwrap();
        line_of.spans().into_iter().map(|span| (span.style, &line[span.range])).collect()
    }

    /// Quotations, block and text of each line.
    fn blocks(body: &str) -> Vec<(usize, Block, &str)> {
        lines(body).map(|line| (line.quotations, line.block, line.text)).collect()
    }

    use Block::{Fence, Plain, Preformatted};
    use Style::{Emphasis, Strike, Strong};

    /// XEP-0393, 6.2: the two lists.
    #[test]
    fn the_lists_of_spans() {
        assert_eq!(spans("plain span"), []);
        assert_eq!(spans("*strong span*"), [(Strong, "*strong span*")]);
        assert_eq!(spans("plain _emphasis_ plain"), [(Emphasis, "_emphasis_")]);
        assert_eq!(
            spans("`pre` plain *strong*"),
            [(Style::Preformatted, "`pre`"), (Strong, "*strong*")]
        );
        assert_eq!(spans("*strong*plain*"), [(Strong, "*strong*")]);
        assert_eq!(spans("* plain *strong*"), [(Strong, "*strong*")]);
        for nothing in ["not strong*", "*not strong", "*not *strong", "**", "***", "****"] {
            assert_eq!(spans(nothing), [], "{nothing}");
        }
        assert!(lines("*not \n strong*").all(|line| line.spans().is_empty()));
    }

    /// XEP-0393, 6.2.1 to 6.2.5.
    #[test]
    fn the_examples_of_spans() {
        assert_eq!(spans("Two spans, both *alike in dignity*"), [(Strong, "*alike in dignity*")]);
        assert_eq!(
            spans("The full title is _Twelfth Night, or What You Will_ but"),
            [(Emphasis, "_Twelfth Night, or What You Will_")]
        );
        assert_eq!(spans("_most_ people shorten it."), [(Emphasis, "_most_")]);
        assert_eq!(spans("Everyone ~dis~likes cake."), [(Strike, "~dis~")]);
        assert_eq!(spans("This is `*monospace*`"), [(Style::Preformatted, "`*monospace*`")]);
        assert_eq!(
            spans("This is *`monospace and bold`*"),
            [(Strong, "*`monospace and bold`*"), (Style::Preformatted, "`monospace and bold`")]
        );
    }

    #[test]
    fn where_directives_open() {
        // Behind a closing directive none opens.
        assert_eq!(spans("*a*_b_"), [(Strong, "*a*")]);
        assert_eq!(
            spans("*_~a~_ b* _c_"),
            [(Strong, "*_~a~_ b*"), (Emphasis, "_~a~_"), (Strike, "~a~"), (Emphasis, "_c_")]
        );
        // A span stays within the one around it.
        assert_eq!(spans("*a _b* c_"), [(Strong, "*a _b*")]);
        assert_eq!(spans("\u{3000}*ü*"), [(Strong, "*ü*")]);
        assert_eq!(spans("*a\u{3000}*"), []);
    }

    /// XEP-0393, 6.1.2.
    #[test]
    fn preformatted_text() {
        assert_eq!(
            blocks("```ignored\n(println \"Hello, world!\")\n```\n\nThis"),
            [
                (0, Fence, "```ignored"),
                (0, Preformatted, "(println \"Hello, world!\")"),
                (0, Fence, "```"),
                (0, Plain, ""),
                (0, Plain, "This"),
            ]
        );
        assert_eq!(
            blocks("> ```\n> (println \"Hello, world!\")\n\nThe entire"),
            [
                (1, Fence, "```"),
                (1, Preformatted, "(println \"Hello, world!\")"),
                (0, Plain, ""),
                (0, Plain, "The entire"),
            ]
        );
        // Marks of quotations within it are text; a fence has nothing behind it.
        assert_eq!(
            blocks("```\n> a\n``` \n```\n>> ```\n>> > b\n> c"),
            [
                (0, Fence, "```"),
                (0, Preformatted, "> a"),
                (0, Preformatted, "``` "),
                (0, Fence, "```"),
                (2, Fence, "```"),
                (2, Preformatted, "> b"),
                (1, Plain, "c"),
            ]
        );
    }

    /// XEP-0393, 6.1.3.
    #[test]
    fn quotations() {
        assert_eq!(
            blocks("> That that is, is.\n\nSaid the old hermit of Prague."),
            [
                (1, Plain, "That that is, is."),
                (0, Plain, ""),
                (0, Plain, "Said the old hermit of Prague.")
            ]
        );
        assert_eq!(
            blocks(">> That that is, is.\n> Said the old hermit of Prague.\n\nWho?"),
            [
                (2, Plain, "That that is, is."),
                (1, Plain, "Said the old hermit of Prague."),
                (0, Plain, ""),
                (0, Plain, "Who?"),
            ]
        );
        assert_eq!(blocks(">  a\n > b\n>"), [(1, Plain, " a"), (0, Plain, " > b"), (1, Plain, "")]);
    }

    #[test]
    fn lines_are_where_they_say() {
        for body in ["", "\n", "> a\n>>b\n```\nü\n```\n", ">\u{3000}> x"] {
            let mut count = 0;
            for line in lines(body) {
                assert_eq!(&body[line.offset..line.offset + line.text.len()], line.text);
                count += 1;
            }
            assert_eq!(count, body.split('\n').count());
        }
    }

    /// What does not close is looked for once a line, not once a directive.
    #[test]
    fn the_work_is_bounded() {
        let lines = ["*a ", "*a _b_ ", "_*a ~b _c ", "*a*"].map(|piece| piece.repeat(100_000));
        for line in lines {
            assert!(spans(&line).len() <= 300_000);
        }
        let deep: String = ">".repeat(300_000);
        assert_eq!(lines_of(&deep), 300_000);
    }

    fn lines_of(body: &str) -> usize {
        lines(body).map(|line| line.quotations).sum()
    }
}
