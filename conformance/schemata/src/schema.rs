//! Finds the places of mutants in a file and puts switches there.

use core::ops::Range;
use std::collections::{HashMap, HashSet};

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::edit::Edits;
use crate::mutant::{Genre, Mutant, Position};

/// A file that holds its mutants, and those of them that have no switch.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) text: String,
    pub(crate) without: Vec<(u32, &'static str)>,
}

/// Puts switches into a file. Functions that are `const` lose that word, since a switch is read
/// at run time, but not those that are named in `keep`: these have no switches.
pub(crate) fn schema(
    text: &str,
    mutants: &[&Mutant],
    keep: &HashSet<String>,
) -> syn::Result<Schema> {
    let file = syn::parse_file(text)?;
    let mut switches = Switches {
        text,
        keep,
        places: HashMap::new(),
        constant: 0,
        edits: Edits::default(),
        without: Vec::new(),
    };
    for mutant in mutants {
        switches.places.entry((mutant.genre, mutant.span.start)).or_default().push(mutant);
    }
    switches.visit_file(&file);
    let Switches { places, edits, mut without, .. } = switches;
    without.extend(places.values().flatten().map(|mutant| (mutant.id, "no such place")));
    without.sort_unstable();
    Ok(Schema { text: edits.apply(text), without })
}

/// A switch: true if the mutant of that number is on.
fn on(id: u32) -> String {
    format!("crate::__mutant({id})")
}

/// Code of a mutant, between comments by which an error of the compiler is found to be its own.
fn marked(id: u32, code: &str) -> String {
    format!("/*m{id}*/ {code} /*{id}m*/")
}

struct Switches<'a> {
    text: &'a str,
    keep: &'a HashSet<String>,
    places: HashMap<(Genre, Position), Vec<&'a Mutant>>,
    /// How many constants, or functions that stay `const`, stand around the place.
    constant: usize,
    edits: Edits,
    without: Vec<(u32, &'static str)>,
}

impl<'a> Switches<'a> {
    /// The mutants of a place. They are taken: what nobody takes has no place.
    fn at(&mut self, genre: Genre, span: Span) -> Vec<&'a Mutant> {
        let start = Position { line: span.start().line, column: span.start().column + 1 };
        let found = self.places.remove(&(genre, start)).unwrap_or_default();
        if self.constant > 0 {
            self.without.extend(found.iter().map(|mutant| (mutant.id, "in a constant")));
            return Vec::new();
        }
        found
    }

    fn text_of(&self, part: &impl Spanned) -> &'a str {
        &self.text[part.span().byte_range()]
    }

    fn refuse(&mut self, mutants: &[&Mutant], why: &'static str) {
        self.without.extend(mutants.iter().map(|mutant| (mutant.id, why)));
    }

    /// Puts what mutants are in front of the expression that they change.
    fn choose(
        &mut self,
        part: Range<usize>,
        mutants: &[&Mutant],
        code: impl Fn(&Mutant) -> String,
    ) {
        if mutants.is_empty() {
            return;
        }
        let mut before = "(".to_owned();
        for mutant in mutants {
            before +=
                &format!("if {} {{ {} }} else ", on(mutant.id), marked(mutant.id, &code(mutant)));
        }
        before += "{ ";
        self.edits.wrap(part, before, " })");
    }

    fn in_constant(&mut self, visit: impl FnOnce(&mut Self)) {
        self.constant += 1;
        visit(self);
        self.constant -= 1;
    }

    /// The signature and the body of a function.
    fn function(
        &mut self,
        signature: &syn::Signature,
        body: &syn::Block,
        visit: impl FnOnce(&mut Self),
    ) {
        let kept =
            signature.constness.is_some() && self.keep.contains(&signature.ident.to_string());
        // What stands around a function says nothing of its body.
        let around = core::mem::replace(&mut self.constant, usize::from(kept));
        if let (Some(word), false) = (&signature.constness, kept) {
            self.edits.delete(word.span().byte_range());
        }
        if let Some(first) = body.stmts.first() {
            let mutants = self.at(Genre::FnValue, first.span());
            let part = first.span().byte_range();
            if self.text_of(&signature.output).contains("impl ") {
                // The early value would have to be of the very type that the body gives.
                self.refuse(&mutants, "returns impl");
            } else {
                for mutant in mutants {
                    let code = format!("return {};", mutant.replacement);
                    let before =
                        format!("if {} {{ {} }} ", on(mutant.id), marked(mutant.id, &code));
                    self.edits.wrap(part.start..part.start, before, "");
                }
            }
        }
        visit(self);
        self.constant = around;
    }
}

/// Whether an expression is a chain with a `let` in it: only `&&` may stand there.
fn has_let(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Whether an arm takes whatever comes. Without one, a guard would leave values that no arm takes.
fn takes_the_rest(arm: &syn::Arm) -> bool {
    let any = match &arm.pat {
        syn::Pat::Wild(_) => true,
        // A constant and a variant look like a binding.
        syn::Pat::Ident(binding) => {
            binding.subpat.is_none() && binding.ident.to_string().starts_with(char::is_lowercase)
        }
        _ => false,
    };
    any && arm.guard.is_none()
}

impl<'a> Visit<'a> for Switches<'_> {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.function(&item.sig, &item.block, |this| visit::visit_item_fn(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.function(&item.sig, &item.block, |this| visit::visit_impl_item_fn(this, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        match &item.default {
            Some(body) => {
                self.function(&item.sig, body, |this| visit::visit_trait_item_fn(this, item))
            }
            None => visit::visit_trait_item_fn(self, item),
        }
    }

    fn visit_item_const(&mut self, item: &'a syn::ItemConst) {
        self.in_constant(|this| visit::visit_item_const(this, item));
    }

    fn visit_item_static(&mut self, item: &'a syn::ItemStatic) {
        self.in_constant(|this| visit::visit_item_static(this, item));
    }

    fn visit_impl_item_const(&mut self, item: &'a syn::ImplItemConst) {
        self.in_constant(|this| visit::visit_impl_item_const(this, item));
    }

    fn visit_trait_item_const(&mut self, item: &'a syn::TraitItemConst) {
        self.in_constant(|this| visit::visit_trait_item_const(this, item));
    }

    fn visit_expr_const(&mut self, item: &'a syn::ExprConst) {
        self.in_constant(|this| visit::visit_expr_const(this, item));
    }

    fn visit_type_array(&mut self, item: &'a syn::TypeArray) {
        self.visit_type(&item.elem);
        self.in_constant(|this| this.visit_expr(&item.len));
    }

    fn visit_expr_repeat(&mut self, item: &'a syn::ExprRepeat) {
        self.visit_expr(&item.expr);
        self.in_constant(|this| this.visit_expr(&item.len));
    }

    fn visit_variant(&mut self, item: &'a syn::Variant) {
        self.in_constant(|this| visit::visit_variant(this, item));
    }

    fn visit_generic_argument(&mut self, item: &'a syn::GenericArgument) {
        self.in_constant(|this| visit::visit_generic_argument(this, item));
    }

    fn visit_expr_binary(&mut self, binary: &'a syn::ExprBinary) {
        let mutants = self.at(Genre::BinaryOperator, binary.op.span());
        if has_let(&binary.left) || has_let(&binary.right) {
            self.refuse(&mutants, "a chain with let");
        } else {
            let (left, right) = (self.text_of(&binary.left), self.text_of(&binary.right));
            self.choose(binary.span().byte_range(), &mutants, |mutant| {
                format!("({left}) {} ({right})", mutant.replacement)
            });
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'a syn::ExprUnary) {
        let mutants = self.at(Genre::UnaryOperator, unary.op.span());
        let operand = self.text_of(&unary.expr);
        self.choose(unary.span().byte_range(), &mutants, |_| format!("({operand})"));
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_match(&mut self, item: &'a syn::ExprMatch) {
        if !item.arms.iter().any(takes_the_rest) {
            for arm in &item.arms {
                let mutants = self.at(Genre::MatchArm, arm.span());
                self.refuse(&mutants, "no arm for the rest");
            }
        }
        visit::visit_expr_match(self, item);
    }

    fn visit_arm(&mut self, arm: &'a syn::Arm) {
        let deleted = self.at(Genre::MatchArm, arm.span());
        match &arm.guard {
            None => {
                for mutant in deleted {
                    let end = arm.pat.span().byte_range().end;
                    self.edits.wrap(end..end, format!(" if !{}", on(mutant.id)), "");
                }
            }
            Some((_, guard)) if has_let(guard) => self.refuse(&deleted, "a guard with let"),
            Some((_, guard)) => {
                let part = guard.span().byte_range();
                for mutant in deleted {
                    self.edits.wrap(part.clone(), format!("!{} && (", on(mutant.id)), ")");
                }
                for mutant in self.at(Genre::MatchArmGuard, guard.span()) {
                    let (before, after) = match mutant.replacement.as_str() {
                        "true" => (format!("({} || (", on(mutant.id)), "))"),
                        _ => (format!("(!{} && (", on(mutant.id)), "))"),
                    };
                    self.edits.wrap(part.clone(), before, after);
                }
            }
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, item: &'a syn::ExprStruct) {
        for field in &item.fields {
            let mutants = self.at(Genre::StructField, field.span());
            let Some(rest) = &item.rest else {
                self.refuse(&mutants, "no rest");
                continue;
            };
            let (rest, name) = (self.text_of(rest), self.text_of(&field.member));
            let part = field.expr.span().byte_range();
            if field.colon_token.is_none() && !mutants.is_empty() {
                self.edits.wrap(part.start..part.start, format!("{name}: "), "");
            }
            self.choose(part, &mutants, |_| format!("({rest}).{name}"));
        }
        visit::visit_expr_struct(self, item);
    }
}
