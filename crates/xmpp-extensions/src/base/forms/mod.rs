//! Data forms: XEP-0004, with the field standardisation of XEP-0068.

mod fill;
mod layout;
mod typed;
mod validation;

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use xmpp_stanza::payload::Value;
use xmpp_stanza::xml::ns;
use xmpp_stanza::{Invalid, Payload, Rest, Rule, Word};

use super::media::Media;
pub use fill::{FillError, Filling};
pub use layout::{FieldRef, LayoutPart, LayoutText, Page, ReportedRef, Section};
pub(crate) use typed::form_fields;
pub use validation::{ListRange, Range, Regex, Validate, ValidationMethod};

/// The name of the field that says what a form is about (XEP-0068, 3.1).
pub const FORM_TYPE: &str = "FORM_TYPE";

/// A form to be filled in, one that is filled in, or a result (XEP-0004, 3).
///
/// ```
/// use xmpp_extensions::base::forms::{Form, FormKind};
///
/// let search = Form::new(FormKind::Submit)
///     .with_form_type("jabber:iq:search")
///     .with_value("last", "Capulet")
///     .with_value("x-gender", "male");
/// assert_eq!(search.form_type(), Some("jabber:iq:search"));
/// assert_eq!(search.value("last"), Some("Capulet"));
/// ```
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::DATA_FORMS, name = "x", section = "XEP-0004, 3")]
#[non_exhaustive]
pub struct Form<'a> {
    /// What the form is for. Peers that leave it out mean, as far as one can
    /// tell, [`Form`](FormKind::Form).
    #[xml(attr = "type", lenient)]
    pub kind: FormKind,
    /// A title, for people.
    #[xml(leaf)]
    pub title: Option<Cow<'a, str>>,
    /// What to do with it, for people; a paragraph each.
    #[xml(leaf)]
    pub instructions: Vec<Cow<'a, str>>,
    /// How to lay it out (XEP-0141).
    #[xml(child)]
    pub pages: Vec<Page<'a>>,
    /// The fields.
    #[xml(child)]
    pub fields: Vec<Field<'a>>,
    /// The columns of a table of results (XEP-0004, 3.4).
    #[xml(child)]
    pub reported: Option<Reported<'a>>,
    /// The rows of a table of results.
    #[xml(child)]
    pub items: Vec<Item<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a form is for (XEP-0004, 3.1).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0004 is final")]
pub enum FormKind {
    /// To be filled in.
    #[default]
    Form,
    /// Filled in.
    Submit,
    /// Not to be filled in after all.
    Cancel,
    /// Data, such as the results of a search.
    Result,
}

/// A field of a form (XEP-0004, 3.2).
///
/// Its `Debug` does not show the values: any of them can be a secret.
#[derive(Payload, Clone, Default, PartialEq)]
#[xml(ns = ns::DATA_FORMS, name = "field", section = "XEP-0004, 3.2")]
#[non_exhaustive]
pub struct Field<'a> {
    /// A label, for people.
    #[xml(attr)]
    pub label: Option<Cow<'a, str>>,
    /// What values it has. A submitted form need not say it; elsewhere
    /// [`TextSingle`](FieldKind::TextSingle) is meant if it is not there.
    #[xml(attr = "type")]
    pub kind: Option<FieldKind>,
    /// The name of the field within the form. Only a fixed one has none.
    #[xml(attr)]
    pub var: Option<Cow<'a, str>>,
    /// An explanation, for people.
    #[xml(leaf)]
    pub desc: Option<Cow<'a, str>>,
    /// Whether it has to be filled in.
    #[xml(flag)]
    pub required: bool,
    /// A picture or a sound (XEP-0221).
    #[xml(child)]
    pub media: Option<Media<'a>>,
    /// What values are valid (XEP-0122).
    #[xml(child)]
    pub validate: Option<Validate<'a>>,
    /// The values; defaults, in a form to be filled in.
    #[xml(leaf = "value")]
    pub values: Vec<Cow<'a, str>>,
    /// What there is to choose from.
    #[xml(child)]
    pub options: Vec<FieldOption<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What values a field has (XEP-0004, 3.3).
#[derive(Word, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0004 is final")]
pub enum FieldKind {
    /// Yes or no: `true`, `1`, `false` or `0`.
    Boolean,
    /// A text for people, and nothing to be filled in.
    Fixed,
    /// Not shown, and given back as it is.
    Hidden,
    /// Addresses, each once.
    JidMulti,
    /// An address.
    JidSingle,
    /// Some of the options.
    ListMulti,
    /// One of the options.
    ListSingle,
    /// Lines of text.
    TextMulti,
    /// A line of text that is not to be shown, such as a password.
    TextPrivate,
    /// A line of text.
    #[default]
    TextSingle,
}

/// Something that can be chosen (XEP-0004, 3.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = ns::DATA_FORMS, name = "option", section = "XEP-0004, 3.2")]
#[non_exhaustive]
pub struct FieldOption<'a> {
    /// A label, for people.
    #[xml(attr)]
    pub label: Option<Cow<'a, str>>,
    /// The value that it stands for.
    #[xml(leaf)]
    pub value: Cow<'a, str>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The columns of a table of results (XEP-0004, 3.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::DATA_FORMS, name = "reported", section = "XEP-0004, 3.4")]
#[non_exhaustive]
pub struct Reported<'a> {
    /// A field a column, without values.
    #[xml(child)]
    pub fields: Vec<Field<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A row of a table of results (XEP-0004, 3.4).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = ns::DATA_FORMS, name = "item", section = "XEP-0004, 3.4")]
#[non_exhaustive]
pub struct Item<'a> {
    /// A field a column.
    #[xml(child)]
    pub fields: Vec<Field<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> Form<'a> {
    /// What the form is about: the value of the field `FORM_TYPE`, which is
    /// hidden or, in a submitted form, may lack a type (XEP-0068, 3.1).
    #[must_use]
    pub fn form_type(&self) -> Option<&str> {
        let field = self.field(FORM_TYPE)?;
        let is_one = match field.kind {
            Some(kind) => kind == FieldKind::Hidden,
            None => self.kind == FormKind::Submit,
        };
        if is_one { field.value() } else { None }
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, var: &str) -> Option<&Field<'a>> {
        find(&self.fields, var)
    }

    /// The first value of the field of that name.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        self.field(var)?.value()
    }

    /// The values of the field of that name.
    pub fn values(&self, var: &str) -> impl Iterator<Item = &str> {
        self.field(var).into_iter().flat_map(|field| field.values.iter().map(AsRef::as_ref))
    }

    /// The first value of the field of that name, as a type: `None` if there
    /// is none, or if it is empty.
    ///
    /// ```
    /// # use xmpp_extensions::base::forms::{Form, FormKind};
    /// let form = Form::new(FormKind::Submit).with_value("muc#roomconfig_maxusers", "20");
    /// assert_eq!(form.get::<u32>("muc#roomconfig_maxusers")?, Some(20));
    /// assert!(form.get::<bool>("muc#roomconfig_maxusers").is_err());
    /// # Ok::<(), xmpp_stanza::Invalid>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the value breaks the rules of the type.
    pub fn get<'s, T: Value<'s>>(&'s self, var: &str) -> Result<Option<T>, Invalid> {
        self.field(var).map_or(Ok(None), Field::get)
    }

    /// Returns this value with the hidden field that says what it is about (XEP-0068, 3.1).
    #[must_use]
    pub fn with_form_type(mut self, uri: impl Into<Cow<'a, str>>) -> Self {
        let mut field = Field::of(FORM_TYPE, uri);
        field.kind = Some(FieldKind::Hidden);
        self.fields.insert(0, field);
        self
    }

    /// Returns this value with a field of that name and value.
    #[must_use]
    pub fn with_value(
        mut self,
        var: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        self.fields.push(Field::of(var, value));
        self
    }

    /// Returns this value with a field of that name and those values.
    #[must_use]
    pub fn with_list<T: Into<Cow<'a, str>>>(
        mut self,
        var: impl Into<Cow<'a, str>>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut field = Field::new().with_var(var);
        field.values.extend(values.into_iter().map(Into::into));
        self.fields.push(field);
        self
    }
}

impl<'a> Field<'a> {
    /// A field of that name and value, as in a submitted form.
    #[must_use]
    pub fn of(var: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        Self { var: Some(var.into()), values: vec![value.into()], ..Self::default() }
    }

    /// The first value.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.values.first().map(AsRef::as_ref)
    }

    /// The first value as a type: `None` if there is none, or if it is empty.
    ///
    /// # Errors
    ///
    /// If it breaks the rules of the type.
    pub fn get<'s, T: Value<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        let Some(text) = self.value() else { return Ok(None) };
        let text = if T::VERBATIM { text } else { text.trim() };
        if text.is_empty() && !T::VERBATIM {
            return Ok(None);
        }
        T::read(Cow::Borrowed(text)).map(Some).map_err(|rule| bad_value(rule, text))
    }
}

impl<'a> Item<'a> {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, var: &str) -> Option<&Field<'a>> {
        find(&self.fields, var)
    }

    /// The first value of the field of that name.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        self.field(var)?.value()
    }
}

fn find<'f, 'a>(fields: &'f [Field<'a>], var: &str) -> Option<&'f Field<'a>> {
    fields.iter().find(|field| field.var.as_deref() == Some(var))
}

fn bad_value(rule: Rule, text: &str) -> Invalid {
    Invalid::new("value", rule, "XEP-0004, 3.3").found(text)
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("var", &self.var)
            .field("kind", &self.kind)
            .field("label", &self.label)
            .field("required", &self.required)
            .field("values", &self.values.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use xmpp_stanza::xml::Element;

    #[test]
    fn form_type_is_hidden() {
        // XEP-0068, 3.1: "If the FORM_TYPE field is not hidden in a form with type
        // "form" or "result", it MUST be ignored as a context indicator."
        let form = |kind: &str, field: &str| {
            let xml = format!(
                "<x xmlns='jabber:x:data' type='{kind}'><field var='FORM_TYPE' {field}>\
                 <value>urn:example</value></field></x>"
            );
            let element = Element::parse(xml).unwrap();
            Form::parse(element.as_ref()).unwrap().form_type() == Some("urn:example")
        };
        assert!(form("form", "type='hidden'"));
        assert!(form("submit", "type='hidden'"));
        assert!(form("submit", ""));
        assert!(!form("result", ""));
        assert!(!form("form", "type='text-single'"));
    }

    #[test]
    fn values_by_type() {
        let form = Form::new(FormKind::Submit)
            .with_value("yes", "1")
            .with_value("no", " false ")
            .with_value("empty", "")
            .with_value("number", "-1");
        assert_eq!(form.get::<bool>("yes"), Ok(Some(true)));
        assert_eq!(form.get::<bool>("no"), Ok(Some(false)));
        assert_eq!(form.get::<bool>("empty"), Ok(None));
        assert_eq!(form.get::<bool>("missing"), Ok(None));
        assert_eq!(form.get::<Cow<'_, str>>("empty"), Ok(Some("".into())));
        assert!(form.get::<u8>("number").is_err());
        assert_eq!(form.get::<i8>("number"), Ok(Some(-1)));
    }

    #[test]
    fn values_are_not_shown() {
        let form = Form::new(FormKind::Submit).with_value("password", "R0m30");
        assert!(!format!("{form:?}").contains("R0m30"));
    }
}
